"""What people see as one character is never cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.graphemes import boundary_at, clusters
from workbench.data.text import TextSource
from workbench.data.text_overview import look_at_text, sample_at
from workbench.data.vocabulary import split_text
from workbench.experiment import Experiment
from workbench.specs import SplitSpec

FAMILY = "👨‍👩‍👧‍👦"
PIECES = [
    "a", "é", "e\u0301", FAMILY, "🇩🇪", "👍🏽", "1️⃣", "\r\n", "\n", " ", "中",
    "ש\u05c1\u05bc", "مَ", "ก็", "न\u093f", "क\u094dष", "한", "\u1112\u1161\u11ab",
]  # fmt: skip


def _boundaries(text: str) -> set[int]:
    return {0, len(text), *(end for _, end in clusters(text))}


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40), place=st.integers(-3, 300))
def test_a_place_moves_to_the_next_boundary(pieces: list[str], place: int):
    text = "".join(pieces)
    found = boundary_at(text, place)
    every = _boundaries(text)
    assert found == min((end for end in every if end >= place), default=len(text))


@pytest.mark.parametrize("count", [30, 31, 200, 301])
def test_a_long_row_of_flags_is_cut_between_flags(count: int):
    text = "🇩🇪🇫🇷" * count
    for place in range(2 * count, 2 * count + 9):
        assert boundary_at(text, place) == place + place % 2


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=40, max_size=200),
    train=st.floats(0.3, 0.8),
    gap=st.integers(0, 5),
)
def test_no_split_cuts_a_character(pieces: list[str], train: float, gap: int):
    text = "".join(pieces)
    split = SplitSpec(train=train, validation=0.1, test=0.1, gap=gap)
    every = _boundaries(text)
    for first, last in split_text(text, split).values():
        assert {first, last} <= every


@pytest.mark.parametrize("symbols", ["character", "word"])
def test_no_sample_cuts_a_character(symbols: str, tmp_path):
    text = "".join(f"{piece} " if n % 5 == 0 else piece for n, piece in enumerate(PIECES * 40))
    source = TextSource(tmp_path, text, "utf-8", (tmp_path,), (), "", text.count("\n") + 1)
    experiment = Experiment.from_dict(
        {"data": {"text": {"symbols": symbols}}, "training": {"bptt_length": 7, "batch_size": 2}}
    )
    overview = look_at_text(experiment, source)
    every = _boundaries(text)
    assert overview.samples > 10
    before = None
    for number in range(overview.samples):
        sample = sample_at(overview, text, experiment, number)
        assert sample is not None
        assert {sample.start, sample.end, sample.target_end} <= every
        assert sample.start < sample.end < sample.target_end
        if symbols == "character" and before is not None:
            assert sample.start == before.end
        before = sample
