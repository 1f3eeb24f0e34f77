"""The Penn Treebank template against a plain torch loop of the same recipe.

``python -m tests.benchmarks.bench_penn_treebank [--data DIR] [--epochs 3] [--precision float32]``

The recipe (Zaremba, Sutskever and Vinyals 2014, small): LSTM 2×200 without dropout, uniform ±0.1,
SGD at rate 1 with gradients clipped at 5, loss summed over 20 steps and averaged over 20 streams.
After 13 epochs it lands at 115.9 test perplexity. Prints the validation perplexity of both after
each epoch, the seconds of CPU time both took for it on one thread (training and validation; the
program's first with reading and warming up), and the test perplexity after the last. Epochs take
turns.
"""

import argparse
import math
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from workbench.engine import events
from workbench.engine.trainer import train
from workbench.experiment import Experiment
from workbench.paths import resources_folder

STREAMS, STEPS, UNITS, SCALE, RATE, CLIP = 20, 20, 200, 0.1, 1.0, 5.0
PARTS = ("train", "valid", "test")


class PlainLoop:
    """The recipe as one would write it by hand: files to ids, slices as batches, torch modules."""

    def __init__(self, folder: Path, seed: int) -> None:
        torch.manual_seed(seed)
        words = {part: self._read(folder / f"ptb.{part}.txt") for part in PARTS}
        ids = {word: number for number, word in enumerate(sorted(set(words["train"])))}
        self.data = {part: np.array([ids[word] for word in words[part]]) for part in PARTS}
        self.embedding = nn.Embedding(len(ids), UNITS)
        self.lstm = nn.LSTM(UNITS, UNITS, 2)
        self.head = nn.Linear(UNITS, len(ids))
        self.modules = nn.ModuleList([self.embedding, self.lstm, self.head])
        for parameter in self.modules.parameters():
            nn.init.uniform_(parameter, -SCALE, SCALE)
        self.optimizer = torch.optim.SGD(self.modules.parameters(), lr=RATE)

    @staticmethod
    def _read(path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").replace("\n", " <eos> ").split()

    def _batches(self, part: str, streams: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        ids = torch.from_numpy(self.data[part])
        length = (len(ids) - 1) // streams
        inputs = ids[: length * streams].view(streams, length).T
        targets = ids[1 : length * streams + 1].view(streams, length).T
        for first in range(0, length, STEPS):
            yield inputs[first : first + STEPS], targets[first : first + STEPS]

    def train_epoch(self, epoch: int) -> float:
        """Train for an epoch (from 1); returns the mean loss in nats."""
        self.optimizer.param_groups[0]["lr"] = RATE * 0.5 ** max(0, epoch - 4)
        state, total, count = None, 0.0, 0
        for inputs, targets in self._batches("train", STREAMS):
            output, state = self.lstm(self.embedding(inputs), state)
            state = tuple(part.detach() for part in state)
            logits = self.head(output).flatten(0, 1)
            loss = nn.functional.cross_entropy(logits, targets.flatten())
            self.optimizer.zero_grad()
            torch.autograd.backward(loss * len(inputs))
            nn.utils.clip_grad_norm_(self.modules.parameters(), CLIP)
            self.optimizer.step()
            total, count = total + loss.item() * targets.numel(), count + targets.numel()
        return total / count

    @torch.no_grad()
    def perplexity(self, part: str) -> float:
        """Perplexity of a part, read as one stream with the state carried."""
        state, total, count = None, 0.0, 0
        for inputs, targets in self._batches(part, 1):
            output, state = self.lstm(self.embedding(inputs), state)
            logits = self.head(output).flatten(0, 1)
            total += nn.functional.cross_entropy(logits, targets.flatten(), reduction="sum").item()
            count += targets.numel()
        return math.exp(total / count)


def program(arguments: argparse.Namespace, root: Path) -> Iterator[events.Event]:
    """The events of the template's run."""
    template = resources_folder() / "templates" / "ptb-small.toml"
    experiment = Experiment.from_toml(template.read_text(encoding="utf-8")).with_values(
        {
            "data.path": str(arguments.data),
            "training.epochs": arguments.epochs,
            "training.threads": 1,
            "training.precision": arguments.precision,
        }
    )
    return train(experiment, runs_root=root)


def main() -> None:
    """Measure and print a line an epoch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = Path(os.environ.get("WORKBENCH_DATA", "../shared/data")) / "ptb"
    parser.add_argument("--data", type=Path, default=usual, help="folder with ptb.train.txt …")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument(
        "--precision", default="float32", help="of the program; the bare is float32"
    )
    arguments = parser.parse_args()
    arguments.data = arguments.data.resolve()
    with tempfile.TemporaryDirectory() as folder:
        stream = program(arguments, Path(folder))
        loop: PlainLoop | None = None
        spent = 0.0
        print(
            f"{'epoch':>5} {'program':>9} {'bare':>9} {'s':>7} {'bare s':>7}  validation perplexity"
        )
        while True:
            began = time.process_time()
            event = next(stream, None)
            spent += time.process_time() - began
            if event is None:
                break
            if isinstance(event, events.RunEnded):
                if "test" not in event.metrics:
                    raise SystemExit(f"{event.reason} {event.todo}\n{event.details}")
                tested = event.metrics["test"]["perplexity"]
                bare = loop.perplexity("test") if loop else math.nan
                print(f"test perplexity: program {tested:.2f}, bare {bare:.2f}")
            if not isinstance(event, events.EpochDone):
                continue
            torch.set_num_threads(1)
            loop = loop or PlainLoop(arguments.data, seed=1)
            began = time.process_time()
            loop.train_epoch(event.epoch)
            valid = loop.perplexity("valid")
            took = time.process_time() - began
            print(
                f"{event.epoch:5} {event.metrics['perplexity']:9.2f} {valid:9.2f} "
                f"{spent:7.1f} {took:7.1f}", flush=True,
            )  # fmt: skip
            spent = 0.0


if __name__ == "__main__":
    main()
