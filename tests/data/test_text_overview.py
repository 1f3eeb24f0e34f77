"""What the Data page shows of a text."""

from pathlib import Path

import pytest

from workbench.data.findings import Cancelled
from workbench.data.text import TextSource
from workbench.data.text_overview import (
    LINE_STEP,
    line_counts,
    look_at_text,
    sample_at,
    split_changes,
)
from workbench.experiment import Experiment
from workbench.specs import SplitSpec


def source(text: str) -> TextSource:
    return TextSource(Path("a.txt"), text, "utf-8", (Path("a.txt"),), (), "", text.count("\n"))


def experiment(symbols: str = "character", **values: object) -> Experiment:
    given = {"data.text.symbols": symbols, "training.bptt_length": 8, "training.batch_size": 2}
    return Experiment().with_values(given | {f"training.{k}": v for k, v in values.items()})


TEXT = "The cat sat on the mat.\nIt was 床前明月光 and 😀.\n" * 40


def test_sentence_says_lines_symbols_split() -> None:
    overview = look_at_text(experiment(), source(TEXT))
    assert overview.problem is None
    assert overview.vocabulary is not None
    size = overview.vocabulary.size
    assert overview.sentence == f"80 lines, {size} symbols, 80/10/10 split"
    first, last = overview.spans["train"]
    assert overview.samples == (last - first - 1) // 8


def test_character_samples_follow_each_other() -> None:
    job, overview = experiment(), look_at_text(experiment(), source(TEXT))
    for number in (0, 1, overview.samples - 1):
        sample = sample_at(overview, TEXT, job, number)
        assert sample is not None
        assert (sample.start, sample.end - sample.start) == (8 * number, 8)
        assert sample.target_end == sample.end + 1
        assert sample.target_end <= overview.spans["train"][1]


@pytest.mark.parametrize("number", [0, 3, 1000])
def test_word_samples_are_whole_words(number: int) -> None:
    job = experiment("word")
    overview = look_at_text(job, source(TEXT))
    sample = sample_at(overview, TEXT, job, number)
    assert sample is not None
    given = TEXT[sample.start : sample.end].replace("\n", " \n ").split(" ")
    assert len([word for word in given if word]) == 8
    assert TEXT[sample.end : sample.target_end].split() or "\n" in TEXT[sample.end :]
    assert sample.start == 0 or TEXT[sample.start - 1].isspace()


def test_subword_sample_lies_in_the_text() -> None:
    job = experiment("subword").with_value("data.text.vocabulary_size", 300)
    overview = look_at_text(job, source(TEXT))
    sample = sample_at(overview, TEXT, job, 2)
    assert sample is not None
    assert 0 < sample.start < sample.end < sample.target_end
    assert overview.vocabulary is not None
    assert len(overview.vocabulary.encode(TEXT[sample.start : sample.end])) == 8


def test_too_short_a_text_says_what_to_do() -> None:
    overview = look_at_text(experiment(batch_size=64), source("abc def\n" * 3))
    assert overview.problem is not None
    assert "batch" in overview.problem.found
    assert overview.problem.why


def test_cancelling_ends_it() -> None:
    with pytest.raises(Cancelled):
        look_at_text(experiment(), source(TEXT), lambda: True)


def test_lines_are_counted_in_steps() -> None:
    text = "ab\n" * LINE_STEP
    counts = line_counts(text)
    assert len(counts) == 4
    assert counts[2] == text.count("\n", 0, 2 * LINE_STEP)
    assert line_counts("").tolist() == [0]


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.1), (0.33333, 0.33333, 0.33334), (0.9, 0.1, 0.0)])
def test_dragged_split_is_always_valid(shares: tuple[float, float, float]) -> None:
    changes = split_changes(SplitSpec(unit="months", train=12, validation=4, test=4), shares)
    split = Experiment().with_values(changes).data.split
    assert split.unit == "fraction"
    assert split.train == pytest.approx(shares[0], abs=1e-4)
