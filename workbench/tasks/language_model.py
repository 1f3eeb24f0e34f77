"""Language modelling: the next symbol of a text, with the state carried from batch to batch."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from workbench.data.findings import Watch
from workbench.data.text import TextSource, open_text
from workbench.data.vocabulary import (
    Vocabulary,
    build_vocabulary,
    split_text,
    vocabulary_from_json,
)
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.models.language import LanguageModel
from workbench.models.replay import Change
from workbench.models.stepper import Stepper
from workbench.tasks.base import Batch, Preview, PreviewRequest, Probe, State

IGNORED = -100
"""Target that is no target (torch's convention)."""

PROBE_SYMBOLS = 80

_ALONE = Watch()


class LanguageModelTask:
    """A text, encoded and cut into parallel streams.

    The training part is cut into ``batch_size`` streams of equal length; batch ``index`` of a pass
    holds the next ``bptt_length`` symbols of every stream, and the state is carried from one to
    the next. What does not fill a whole row of streams is left out of training (less than one
    stream's step).

    Args:
        experiment: The job.
        source: The text.
        vocabulary: As stored with a checkpoint; None fits it on the training part.
        whole: Whether the whole text is one part, ``test``, to judge a trained model on.
        watch: Told how far it is, and asked whether to go on.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where the text is too short.
    """

    name = "language_model"
    metric = "nats"
    throughput_unit = "symbols/s"
    carries_state = True

    def __init__(
        self,
        experiment: Experiment,
        source: TextSource,
        vocabulary: Vocabulary | None = None,
        *,
        whole: bool = False,
        watch: Watch = _ALONE,
    ) -> None:
        self.experiment = experiment
        self._text = source.text
        if whole:
            self._spans = {"train": (0, 0), "validation": (0, 0), "test": (0, len(source.text))}
        else:
            self._spans = source.spans or split_text(source.text, experiment.data.split)
        first, last = self._spans["train"]
        self.vocabulary = vocabulary or build_vocabulary(
            source.text[first:last], experiment.data.text, watch
        )
        self._ids = {
            part: torch.from_numpy(
                self.vocabulary.encode(source.text[start:end], watch).astype(np.int32)
            )
            for part, (start, end) in self._spans.items()
        }
        self._device = torch.device("cpu")
        self._streams: dict[str, tuple[Tensor, Tensor]] = {}
        if whole:
            _check_judged("text", len(self._ids["test"]))
        else:
            self._check_sizes()
            self._streams["train"] = self._cut("train", experiment.training.batch_size)
        self.message = self._describe(source)

    def _check_sizes(self) -> None:
        training = self.experiment.training
        have = len(self._ids["train"])
        need = training.batch_size * 2 + 1
        if have < need:
            raise UserError(
                f"The training part has {have:,} symbols; batch size {training.batch_size} needs "
                f"at least {need:,}.",
                f"Lower training.batch_size to {max((have - 1) // 2, 1)} or use a longer text.",
            )
        _check_judged("validation part", len(self._ids["validation"]))

    def _describe(self, source: TextSource) -> str:
        split = self.experiment.data.split
        shares = "/".join(
            f"{100 * share:g}" for share in (split.train, split.validation, split.test)
        )
        total = sum(len(ids) for ids in self._ids.values())
        sort = {"character": "characters", "word": "words", "subword": "sub-words"}
        return (
            f"{source.lines:,} lines, {total:,} {sort[self.experiment.data.text.symbols]}, "
            f"{self.vocabulary.size:,} symbols, {shares} split"
        )

    def _cut(self, part: str, streams: int) -> tuple[Tensor, Tensor]:
        """Cut a part into streams: inputs and targets ``(S, N)``, padded when evaluating."""
        ids = self._ids[part]
        if part == "train":
            length = (len(ids) - 1) // streams
            inputs = ids[: streams * length].view(streams, length)
            return inputs, ids[1 : streams * length + 1].view(streams, length)
        length = math.ceil((len(ids) - 1) / streams)
        padded_inputs = torch.zeros(streams * length, dtype=torch.int32)
        padded_targets = torch.full((streams * length,), IGNORED, dtype=torch.int32)
        padded_inputs[: len(ids) - 1] = ids[:-1]
        padded_targets[: len(ids) - 1] = ids[1:]
        return padded_inputs.view(streams, length), padded_targets.view(streams, length)

    def build_model(self, generator: torch.Generator) -> LanguageModel:
        """A ``LanguageModel`` of the vocabulary's size."""
        return LanguageModel(self.experiment.model, self.vocabulary.size, generator)

    def to(self, device: torch.device) -> None:
        """Keep the encoded text on ``device``."""
        self._device = device
        self._streams = {
            part: (inputs.to(device), targets.to(device))
            for part, (inputs, targets) in self._streams.items()
        }

    def batches(self, part: str) -> int:
        """Stretches of ``bptt_length`` symbols in one pass."""
        return math.ceil(self._part(part)[0].shape[1] / self.experiment.training.bptt_length)

    def batch(self, part: str, epoch: int, index: int) -> Batch:
        """The next stretch of every stream: inputs and targets ``(S, T)`` int64."""
        inputs, targets = self._part(part)
        length = self.experiment.training.bptt_length
        stretch = slice(index * length, (index + 1) * length)
        given = inputs[:, stretch].long()
        return Batch((given,), targets[:, stretch].long(), given.numel())

    def _part(self, part: str) -> tuple[Tensor, Tensor]:
        if part not in self._streams:
            # few long streams: each one's first symbols are judged without what stood before them
            streams = max(1, min(self.experiment.training.batch_size, len(self._ids[part]) // 2000))
            inputs, targets = self._cut(part, streams)
            self._streams[part] = (inputs.to(self._device), targets.to(self._device))
        return self._streams[part]

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy in nats per symbol (or summed over time, averaged over the batch)."""
        mean = functional.cross_entropy(
            output.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED
        )
        return mean * targets.shape[1] if self.experiment.training.loss_sum_over_time else mean

    def reported_loss(self, loss: float, batch: Batch) -> float:
        """The loss as drawn: nats per symbol, whatever the training loss sums over."""
        if self.experiment.training.loss_sum_over_time:
            return loss / batch.targets.shape[1]
        return loss

    @property
    def most_splits(self) -> int:
        """One stream at a time."""
        return self.experiment.training.batch_size

    @torch.no_grad()
    def evaluate(
        self, model: SequenceModel, part: str, cancelled: Callable[[], bool], splits: int = 1
    ) -> dict[str, float]:
        """Cross-entropy per symbol (``nats``, ``bits``), ``perplexity`` and ``accuracy``."""
        total, right, count = 0.0, 0, 0
        for targets, logits in self._pass(model, part, cancelled, splits):
            flat = targets.flatten()
            total += float(
                functional.cross_entropy(logits, flat, ignore_index=IGNORED, reduction="sum")
            )
            real = flat != IGNORED
            right += int((logits.argmax(dim=-1)[real] == flat[real]).sum())
            count += int(real.sum())
        if count == 0 or cancelled():
            return {}
        nats = total / count
        return {
            "nats": nats,
            "bits": nats / math.log(2),
            "perplexity": math.exp(min(nats, 700.0)),
            "accuracy": right / count,
        }

    def _pass(
        self, model: SequenceModel, part: str, cancelled: Callable[[], bool], splits: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Targets ``(S, T)`` and logits ``(S·T, V)``, a share of the streams after the other."""
        if len(self._ids[part]) < 2:
            return
        streams = self._part(part)[0].shape[0]
        size = math.ceil(streams / splits)
        for first in range(0, streams, size):
            rows = slice(first, first + size)
            state: State | None = None
            for index in range(self.batches(part)):
                if cancelled():
                    return
                batch = self.batch(part, 0, index)
                output, state = model(*(given[rows] for given in batch.inputs), state=state)
                yield batch.targets[rows], output.flatten(0, 1).float()

    def baselines(self, part: str) -> dict[str, float]:
        """Nats per symbol of symbol frequencies and of symbol pairs, counted on the training part.

        Pairs are interpolated with frequencies by Witten-Bell weights (Witten and Bell 1991); where
        the training text is not at hand there are only the frequencies the vocabulary knows.
        """
        train = self._ids["train"].numpy()
        held = self._ids[part].numpy()
        if len(held) < 2:
            return {}
        size = self.vocabulary.size
        counts = np.array(self.vocabulary.counts) + 1.0
        single = counts / counts.sum()
        frequencies = {"symbol frequencies": float(-np.log(single[held[1:]]).mean())}
        if len(train) == 0:
            return frequencies
        pairs = train[:-1].astype(np.int64) * size + train[1:]
        codes, pair_counts = np.unique(pairs, return_counts=True)
        followers = np.bincount(codes // size, minlength=size)
        seen = np.bincount(train[:-1], minlength=size)
        wanted = held[:-1].astype(np.int64) * size + held[1:]
        place = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
        found = np.where(codes[place] == wanted, pair_counts[place], 0)
        before = held[:-1]
        kinds = followers[before]
        both = (found + kinds * single[held[1:]]) / np.maximum(seen[before] + kinds, 1)
        both = np.where(seen[before] + kinds == 0, single[held[1:]], both)
        return frequencies | {"pairs of symbols": float(-np.log(both).mean())}

    def preview(
        self, model: SequenceModel, request: PreviewRequest, generator: torch.Generator
    ) -> Preview:
        """Text written by the model after the prompt."""
        assert isinstance(model, LanguageModel)
        chosen = self.experiment.preview
        prompt = request.prompt if request.prompt is not None else chosen.prompt
        prompt = self.vocabulary.opening(prompt or self.default_prompt())
        temperature = request.temperature or chosen.temperature
        length = request.length or chosen.length
        ids, probabilities = [], []
        for symbol, probability in write(model, self.encode_prompt(prompt), temperature, generator):
            ids.append(symbol)
            probabilities.append(probability)
            if len(ids) == length:
                break
        return Preview(
            "sampled",
            {
                "prompt": prompt,
                "symbols": tuple(self.vocabulary.pieces(ids)),
                "probability": tuple(probabilities),
                "temperature": temperature,
            },
        )

    def default_prompt(self) -> str:
        """Whole words from the first full line of the validation part, about 24 characters."""
        start, end = self._spans["validation"]
        held = self._text[start : min(start + 10_000, end)]
        line = held.find("\n") + 1
        words = held[line : line + 200].lstrip() or held
        return words[:25].rpartition(" ")[0].rstrip() or words[:24]

    def encode_prompt(self, text: str) -> Tensor:
        """Symbols of a text ``(1, T)`` int64 on the device, T ≥ 1."""
        ids = self.vocabulary.encode(text)
        if len(ids) == 0:
            ids = self._ids["train"][:1].numpy()
        return torch.from_numpy(ids.astype(np.int64))[None].to(self._device)

    def probe(self) -> Probe:
        """The pinned sentence, or a stretch of the validation part."""
        text = self.experiment.preview.probe
        if text:
            ids = self.encode_prompt(text)[:, :1000]
        else:
            start, end = self._spans["validation"]
            held = self._text[start:end]
            line = held.find("\n", 0, 2000) + 1
            ids = self.encode_prompt(held[line : line + 2000])[:, :PROBE_SYMBOLS]
        labels = list(self.vocabulary.pieces(ids[0].tolist()))
        return Probe((ids,), tuple(labels))

    def stretch(self, part: str, first: int, count: int) -> Probe:
        """``count`` symbols of a part from its symbol ``first`` on (fewer at its end)."""
        ids = self._ids[part][first : first + count]
        if not len(ids):
            raise UserError(
                f"The {part} part has {len(self._ids[part]):,} symbols; there is none from "
                f"{first:,} on.",
                "Begin earlier, or choose another part.",
            )
        given = ids.long()[None].to(self._device)
        return Probe((given,), tuple(self.vocabulary.pieces(ids.tolist())))

    def part_symbols(self, part: str) -> np.ndarray:
        """All symbols of a part, int32 ``(N,)``; not to be changed."""
        return self._ids[part].numpy()

    def doubts(self) -> tuple[str, ...]:
        """None: the parts of a text follow each other."""
        return ()

    def codec_json(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"vocabulary": self.vocabulary.to_json()}


def _check_judged(what: str, symbols: int) -> None:
    if symbols < 2:
        raise UserError(
            f"The {what} has {symbols} symbols; it needs at least 2.",
            "Make data.split.validation larger or use a longer text.",
        )


def prepare_language_model(
    experiment: Experiment,
    watch: Watch = _ALONE,
    codec: dict[str, Any] | None = None,
    whole: bool = False,
) -> LanguageModelTask:
    """Read the text of an experiment and prepare the task.

    Args:
        experiment: The job.
        watch: Told how far it is, and asked whether to go on.
        codec: As stored with a checkpoint; None fits the vocabulary anew.
        whole: Whether the whole text is one part, ``test``.

    Raises:
        UserError: Where the text cannot be read or is too short.
    """
    source = open_text(
        Path(experiment.data.path), experiment.data.text, watch.progress, watch.cancelled
    )
    vocabulary = vocabulary_from_json(codec["vocabulary"]) if codec else None
    encoding = Watch(cancelled=watch.cancelled)  # the share told is that of reading
    return LanguageModelTask(experiment, source, vocabulary, whole=whole, watch=encoding)


def write(
    model: LanguageModel,
    prompt: Tensor,
    temperature: float,
    generator: torch.Generator,
    change: Change | None = None,
) -> Iterator[tuple[int, float]]:
    """Write symbol after symbol, without end.

    Args:
        model: The language model; read once at the start.
        prompt: int64 ``(1, T)``, T ≥ 1.
        temperature: > 0; divides the logits.
        generator: CPU generator the symbols are drawn from.
        change: Changes the state after each step, of the prompt's too; None changes nothing.

    Yields:
        The symbol and its probability under the model (at temperature 1).
    """
    stepper = Stepper(model)
    stepper.change = change
    logits = stepper.read(prompt)[0]
    while True:
        plain = torch.softmax(logits.float(), dim=-1)
        chances = torch.softmax(logits.float() / temperature, dim=-1).cpu()
        symbol = int(torch.multinomial(chances, 1, generator=generator))
        yield symbol, float(plain[symbol])
        logits = stepper.step(torch.tensor([symbol], device=prompt.device))[0]
