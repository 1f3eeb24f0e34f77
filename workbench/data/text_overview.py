"""What a text amounts to as it is set up now: all that the Data page shows of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.data.findings import Finding, Watch
from workbench.data.graphemes import boundary_at
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import SplitSpec

if TYPE_CHECKING:
    from workbench.data.text import TextSource
    from workbench.data.vocabulary import Vocabulary

LINE_STEP = 65_536
"""Line breaks are counted up to every so many code points."""

PARTS = ("train", "validation", "test")

_NAMES = {"character": "character", "word": "word", "subword": "sub-word"}
_TOKEN = re.compile(r"[^\s]+|\n")


@dataclass(frozen=True)
class Sample:
    """One training sample: code points ``start … end`` go in, ``end … target_end`` come next."""

    start: int
    end: int
    target_end: int


@dataclass(frozen=True, eq=False)
class TextOverview:
    """A text seen through an experiment.

    Attributes:
        sentence: One sentence: lines, symbols, split.
        spans: For each part the first code point and the one after the last.
        line_counts: int64: line breaks before code point ``k · LINE_STEP``.
        vocabulary: Fitted on the training part; None where ``problem`` says why not.
        summary: One sentence on the vocabulary.
        samples: Training samples of ``bptt_length`` symbols.
        findings: What was found and doubted.
        problem: Why it cannot be trained on as it is; None where it can.
    """

    sentence: str
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    line_counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    vocabulary: "Vocabulary | None" = None
    summary: str = ""
    samples: int = 0
    findings: tuple[Finding, ...] = ()
    problem: Finding | None = None


def count_text(number: int, noun: str) -> str:
    """A count with its noun, grouped by thin spaces: ``3 412 lines``, ``1 line``."""
    grouped = f"{number:,}".replace(",", "\u202f")
    return f"{grouped} {noun}" if number == 1 else f"{grouped} {noun}s"


def percent_text(share: float) -> str:
    """Per cent to one place after the point, which is left out where it is 0: ``10``, ``12.5``."""
    return f"{100 * share:.1f}".removesuffix(".0")


def line_counts(text: str) -> NDArray[np.int64]:
    """Line breaks before every ``LINE_STEP``-th code point, int64 ``(N,)``."""
    steps = range(0, len(text) - LINE_STEP + 1, LINE_STEP)
    counts = [text.count("\n", start, start + LINE_STEP) for start in steps]
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int64)


def look_at_text(
    experiment: Experiment, source: "TextSource", cancelled: Callable[[], bool] | None = None
) -> TextOverview:
    """Split a text and build its vocabulary.

    Nothing a user can mend is raised: it stands in ``problem``.

    Raises:
        Cancelled: Where ``cancelled`` said True.
    """
    from workbench.data.vocabulary import build_vocabulary, split_text

    watch = Watch(cancelled=cancelled)
    text, data = source.text, experiment.data
    counts = line_counts(text)
    watch.step(0.1)
    try:
        spans = source.spans or split_text(text, data.split)
        first, last = spans["train"]
        vocabulary = build_vocabulary(text[first:last], data.text, watch)
    except UserError as error:
        problem = Finding("training", error.what, error.todo, "problem")
        sentence = f"{count_text(source.lines, 'line')}, {count_text(len(text), 'character')}"
        return TextOverview(sentence, line_counts=counts, findings=source.findings, problem=problem)
    watch.step(0.9)
    symbols = sum(vocabulary.counts)
    length = experiment.training.bptt_length
    return TextOverview(
        sentence=_sentence(source, spans, vocabulary),
        spans=spans,
        line_counts=counts,
        vocabulary=vocabulary,
        summary=_summary(vocabulary, symbols, data.text.symbols),
        samples=max(0, (symbols - 1) // length),
        findings=source.findings,
        problem=_too_short(symbols, experiment),
    )


def _sentence(
    source: "TextSource", spans: dict[str, tuple[int, int]], vocabulary: "Vocabulary"
) -> str:
    total = max(len(source.text), 1)
    shares = [(last - first) / total for first, last in (spans[part] for part in PARTS)]
    shown = "/".join(percent_text(share) for share in shares if share > 0)
    files = f"{count_text(len(source.files), 'file')}, " if len(source.files) > 1 else ""
    lines = count_text(source.lines, "line")
    return f"{files}{lines}, {count_text(vocabulary.size, 'symbol')}, {shown} split"


def _summary(vocabulary: "Vocabulary", symbols: int, sort: str) -> str:
    once = sum(1 for count in vocabulary.counts if count == 1)
    given = count_text(symbols, _NAMES[sort])
    text = f"{count_text(vocabulary.size, 'symbol')} for {given} of the training part"
    return f"{text}; {count_text(once, 'symbol')} seen once" if once else text


def _too_short(symbols: int, experiment: Experiment) -> Finding | None:
    need = experiment.training.batch_size * 2 + 1
    if symbols >= need:
        return None
    return Finding(
        "training",
        f"The training part has {symbols:,} symbols; a batch of "
        f"{experiment.training.batch_size} needs at least {need:,}.",
        "Lower the batch size or use a longer text.",
        "problem",
    )


def sample_at(
    overview: TextOverview, text: str, experiment: Experiment, number: int
) -> Sample | None:
    """The place of a training sample in the text.

    Args:
        overview: With spans and vocabulary.
        text: The text it was made from.
        experiment: For the kind of symbols and the length of a sample.
        number: 0 … ``overview.samples`` − 1.

    Returns:
        Its input stretch and the symbol that follows it; None where there is none.
    """
    if overview.vocabulary is None or overview.samples == 0 or "train" not in overview.spans:
        return None
    first, last = overview.spans["train"]
    number = min(max(number, 0), overview.samples - 1)
    length = experiment.training.bptt_length
    sort = experiment.data.text.symbols
    if sort == "character":
        start, end = (
            min(boundary_at(text, first + place * length), last) for place in (number, number + 1)
        )
        return Sample(start, end, min(boundary_at(text, end + 1), last))
    each = (last - first) / overview.samples
    vocabulary = overview.vocabulary
    for back in range(8):  # near the end there may be too few symbols left: begin earlier
        start = _word_start(text, max(first, int(first + each * (number - back / 2))), last)
        if sort == "word":
            sample = _word_sample(text, (start, last), length)
        else:
            sample = _piece_sample(text, (start, last), vocabulary, length)
        if sample is not None or start == first:
            return sample
    return None


_SPACE = re.compile(r"\s")


def _word_start(text: str, place: int, last: int) -> int:
    """The place, or where the next word begins if it lies within one."""
    place = min(boundary_at(text, place), last)
    if place == 0 or text[place - 1].isspace():
        return place
    space = _SPACE.search(text, place, last)
    return space.end() if space is not None else place


def _word_sample(text: str, span: tuple[int, int], length: int) -> Sample | None:
    """``length`` words and line breaks and the one after them; None where there are fewer."""
    begin, ends = -1, list[int]()
    for found in _TOKEN.finditer(text, *span):
        begin = found.start() if begin < 0 else begin
        ends.append(found.end())
        if len(ends) > length:
            if text[max(begin - 1, 0) : begin + 1] == "\r\n":
                begin -= 1
            return Sample(begin, ends[-2], ends[-1])
    return None


def _piece_sample(
    text: str, span: tuple[int, int], vocabulary: "Vocabulary", length: int
) -> Sample | None:
    """``length`` sub-words and the one after them; None where there are fewer."""
    start, last = span
    ids = vocabulary.encode(text[start : min(start + 24 * length, last)])
    if len(ids) <= length:
        return None
    end = start + len(vocabulary.decode(ids[:length]))
    target = start + len(vocabulary.decode(ids[: length + 1]))
    return Sample(start, min(end, last), min(target, last))


def split_shares(spans: dict[str, tuple[int, int]], total: int) -> tuple[float, float, float]:
    """Shares of the three parts in a whole of ``total`` code points, for a bar."""
    ends = [spans.get(part, (0, 0)) for part in PARTS]
    train, validation, test = ((last - first) / max(total, 1) for first, last in ends)
    return train, validation, test


def split_changes(split: SplitSpec, shares: tuple[float, float, float]) -> dict[str, object]:
    """Dotted assignments that give the split these shares, in a form that always fits."""
    train, validation, test = (round(share, 4) for share in shares)
    test = min(test, round(1 - train - validation, 4))
    changes: dict[str, object] = {
        "data.split.train": train,
        "data.split.validation": validation,
        "data.split.test": max(test, 0.0),
    }
    if split.unit != "fraction":
        changes["data.split.unit"] = "fraction"
    return changes
