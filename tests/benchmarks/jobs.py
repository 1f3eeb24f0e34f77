"""The three jobs speed is measured on, as experiments on made-up data and as bare torch loops."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from workbench.experiment import Experiment


@dataclass(frozen=True)
class Job:
    """One job.

    Attributes:
        name: What it is.
        experiment: For the program.
        bare: Makes a function that runs one step of the plainest torch loop of the same job.
    """

    name: str
    experiment: Experiment
    bare: Callable[[], Callable[[], float]]


def make_jobs(folder: Path, precision: str) -> list[Job]:
    """Write made-up data to ``folder`` and describe jobs A, B and C on it."""
    return [_characters(folder, precision), _words(folder, precision), _series(folder, precision)]


def _characters(folder: Path, precision: str) -> Job:
    random = np.random.default_rng(1)
    alphabet = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;:!?'-\n123"))
    path = folder / "characters.txt"
    path.write_text("".join(alphabet[random.integers(0, len(alphabet), 600_000)]), encoding="utf-8")
    experiment = Experiment.from_dict(
        {
            "name": "A characters", "task": "language_model", "data": {"path": str(path)},
            "model": {"num_layers": 2, "hidden_size": 256, "embedding_size": 128},
            "training": {"batch_size": 64, "bptt_length": 64, "precision": precision, "epochs": 50},
        }
    )  # fmt: skip
    return Job("A: characters, LSTM 2×256, 64×64", experiment, lambda: _bare_text(experiment, 65))


def _words(folder: Path, precision: str) -> Job:
    random = np.random.default_rng(2)
    words = np.array([f"w{number}" for number in range(9_998)])
    drawn = np.concatenate([words, words[random.integers(0, len(words), 300_000)]])
    lines = [" ".join(drawn[start : start + 20]) for start in range(0, len(drawn), 20)]
    path = folder / "words.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    experiment = Experiment.from_dict(
        {
            "name": "B words", "task": "language_model",
            "data": {"path": str(path), "text": {"symbols": "word"}},
            "model": {"num_layers": 2, "hidden_size": 200, "embedding_size": 200},
            "training": {
                "batch_size": 20, "bptt_length": 20, "optimizer": "sgd", "learning_rate": 1.0,
                "clip_norm": 5.0, "precision": precision, "epochs": 50,
            },
        }
    )  # fmt: skip
    return Job("B: words, LSTM 2×200, 20×20", experiment, lambda: _bare_text(experiment, 10_000))


def _series(folder: Path, precision: str) -> Job:
    random = np.random.default_rng(3)
    hours = np.arange("2020-01-01", "2021-02-01", dtype="datetime64[h]")
    values = np.sin(np.arange(len(hours))[:, None] * 2 * np.pi / 24) + random.normal(
        0, 0.3, (len(hours), 7)
    )
    names = [f"c{number}" for number in range(7)]
    rows = [
        f"{str(hour).replace('T', ' ')}:00:00," + ",".join(f"{value:.4f}" for value in row)
        for hour, row in zip(hours, values, strict=True)
    ]
    path = folder / "series.csv"
    path.write_text("date," + ",".join(names) + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    columns = [{"name": "date", "role": "date", "kind": "date"}]
    columns += [{"name": name, "role": "target", "kind": "number"} for name in names]
    experiment = Experiment.from_dict(
        {
            "name": "C series", "task": "forecast",
            "data": {
                "path": str(path),
                "table": {
                    "columns": columns, "time": {"columns": ["date"]},
                    "windows": {"window": 96, "horizon": 24},
                },
            },
            "model": {
                "num_layers": 1, "hidden_size": 64, "calendar": False,
                "instance_norm": "none", "linear_shortcut": False,
            },
            "training": {
                "batch_size": 32, "learning_rate": 1e-3, "precision": precision, "epochs": 500,
                "patience": 0,
            },
        }
    )  # fmt: skip
    return Job("C: series, 7 columns, 96 → 24, LSTM 1×64", experiment, _bare_series)


class _BareText(nn.Module):
    def __init__(self, vocabulary: int, embedding: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)


def _bare_text(experiment: Experiment, vocabulary: int) -> Callable[[], float]:
    training, spec = experiment.training, experiment.model
    rows, length = training.batch_size, training.bptt_length
    model = _BareText(vocabulary, spec.embedding_size, spec.hidden_size, spec.num_layers)
    optimizer: torch.optim.Optimizer
    if training.optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    ids = torch.randint(0, vocabulary, (rows, 100 * length + 1))
    state = None
    position = 0

    def step() -> float:
        nonlocal state, position
        start = position % 100 * length
        position += 1
        given, target = ids[:, start : start + length], ids[:, start + 1 : start + length + 1]
        output, state = model.lstm(model.embedding(given), state)
        state = tuple(part.detach() for part in state)
        loss = functional.cross_entropy(model.head(output).flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), training.clip_norm)
        optimizer.step()
        return loss.item()

    return step


def _bare_series() -> Callable[[], float]:
    lstm = nn.LSTM(7, 64, batch_first=True)
    head = nn.Linear(64, 24 * 7)
    parameters = [*lstm.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    values = torch.randn(8000, 7)
    offsets = torch.arange(120)
    order = iter(())

    def starts() -> Iterator[torch.Tensor]:
        while True:
            yield from torch.randperm(7800).split(32)[:-1]

    order = starts()

    def step() -> float:
        windows = values[next(order)[:, None] + offsets]
        output, _ = lstm(windows[:, :96])
        loss = functional.mse_loss(head(output[:, -1]).view(-1, 24, 7), windows[:, 96:])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    return step
