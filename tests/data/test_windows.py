"""Windows and parts: no target inside its own input, no training step outside training."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workbench.data.frequency import parse_frequency
from workbench.data.windows import Axis, split_rows, suggest_windows, window_starts
from workbench.errors import UserError
from workbench.specs import SplitSpec, WindowSpec


def _axis(*lengths, frequency=None, starts=None):
    starts = starts or [0] * len(lengths)
    order = np.concatenate([np.arange(n) + s for n, s in zip(lengths, starts, strict=True)])
    if frequency:
        frequency = parse_frequency(frequency)
        order = (order * frequency.seconds * 1e6).astype(np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return Axis(offsets, order, frequency is not None, frequency)


def _ranges(parts):
    return {part: ranges.tolist() for part, ranges in parts.items()}


def test_fractions_of_one_series():
    parts = split_rows(_axis(144), SplitSpec())
    assert _ranges(parts) == {"train": [[0, 115]], "validation": [[115, 130]], "test": [[130, 144]]}


def test_the_months_of_the_ett_benchmark():
    split = SplitSpec(unit="months", train=12, validation=4, test=4)
    parts = split_rows(_axis(17_420, frequency="h"), split)
    assert _ranges(parts) == {
        "train": [[0, 8640]], "validation": [[8640, 11_520]], "test": [[11_520, 14_400]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("alias", "rows"), [("D", 360), ("15min", 34_560), ("MS", 12), ("W-MON", 51), ("B", 257)]
)
def test_twelve_months_in_rows(alias, rows):
    split = SplitSpec(unit="months", train=12, validation=1, test=1)
    parts = split_rows(_axis(60_000, frequency=alias), split)
    assert parts["train"].tolist() == [[0, rows]]


def test_a_gap_is_left_out_between_parts():
    split = SplitSpec(unit="rows", train=50, validation=20, test=10, gap=5)
    parts = split_rows(_axis(100), split)
    assert _ranges(parts) == {"train": [[0, 50]], "validation": [[55, 75]], "test": [[80, 90]]}


def test_no_test_part():
    split = SplitSpec(train=0.8, validation=0.2, test=0)
    parts = split_rows(_axis(100), split)
    assert parts["test"].tolist() == [[100, 100]]


def test_several_series_are_cut_at_the_same_moment():
    parts = split_rows(_axis(100, 50, starts=[0, 50], frequency="D"), SplitSpec())
    moments = [parts["train"][0, 1], parts["train"][1, 1] + 50]
    assert moments[0] == moments[1]
    assert parts["test"][:, 1].tolist() == [100, 50]


def test_a_series_that_begins_late_has_no_training_rows():
    parts = split_rows(_axis(1000, 20, starts=[0, 980], frequency="h"), SplitSpec())
    assert parts["train"][1].tolist() == [0, 0]
    assert parts["test"][1].tolist() == [0, 20]


def test_several_series_by_months_and_rows():
    split = SplitSpec(unit="months", train=2, validation=1, test=1)
    axis = _axis(200, 150, starts=[0, 50], frequency="D")
    assert split_rows(axis, split)["train"].tolist() == [[0, 60], [0, 10]]
    split = SplitSpec(unit="rows", train=60, validation=30, test=30, gap=3)
    parts = split_rows(axis, split)
    assert parts["train"].tolist() == [[0, 60], [0, 10]]
    assert parts["validation"].tolist() == [[63, 93], [13, 43]]


def test_more_than_there_is():
    with pytest.raises(UserError, match=r"asks for 14,400 rows .*; the series has 900"):
        split_rows(
            _axis(900, frequency="h"), SplitSpec(unit="months", train=12, validation=4, test=4)
        )
    with pytest.raises(UserError, match="asks for 110 rows; the series has 100"):
        split_rows(_axis(100), SplitSpec(unit="rows", train=80, validation=20, test=10))


def test_months_without_dates():
    with pytest.raises(UserError, match="no dates"):
        split_rows(_axis(100), SplitSpec(unit="months", train=1, validation=1, test=1))


# ---------------------------------------------------------------------- windows


def test_counts_of_the_ett_benchmark():
    parts = split_rows(
        _axis(17_420, frequency="h"), SplitSpec(unit="months", train=12, validation=4, test=4)
    )
    starts = window_starts(parts, [np.ones(17_420, bool)], WindowSpec(window=96, horizon=24))
    assert {part: len(found) for part, found in starts.items()} == {
        "train": 8521, "validation": 2857, "test": 2857,
    }  # fmt: skip
    assert starts["test"].dtype == np.int64
    assert starts["test"][0].tolist() == [0, 11_520 - 96]


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=3),
    window=st.integers(1, 12),
    horizon=st.integers(1, 8),
    stride=st.integers(1, 5),
    gap=st.integers(0, 4),
    blocked=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 59)), max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_windows_against_a_plain_account(lengths, window, horizon, stride, gap, blocked):
    """Step by step: which windows may be there, and what each may hold."""
    parts = split_rows(_axis(*lengths), SplitSpec(train=0.6, validation=0.2, test=0.2, gap=gap))
    usable = [
        np.array([(series, row) not in blocked for row in range(length)])
        for series, length in enumerate(lengths)
    ]
    spec = WindowSpec(window=window, horizon=horizon, stride=stride)
    starts = window_starts(parts, usable, spec)
    for part in ("train", "validation", "test"):
        wanted = []
        for series, length in enumerate(lengths):
            begin, end = parts[part][series]
            firsts = range(begin, length, stride) if part == "train" else range(length)
            for first in firsts:
                inputs = range(first, first + window)
                targets = range(first + window, first + window + horizon)
                assert max(inputs) < min(targets)  # y(t) is never among its own inputs
                if targets[-1] >= length or not all(begin <= row < end for row in targets):
                    continue
                if part == "train" and inputs[0] < begin:
                    continue
                if all(usable[series][row] for row in (*inputs, *targets)):
                    wanted.append([series, first])
        assert starts[part].tolist() == wanted


@given(rows=st.integers(20, 300), window=st.integers(1, 30), horizon=st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_no_step_to_be_forecast_later_is_touched_by_training(rows, window, horizon):
    parts = split_rows(_axis(rows), SplitSpec())
    spec = WindowSpec(window=window, horizon=horizon)
    starts = window_starts(parts, [np.ones(rows, bool)], spec)
    assume(len(starts["train"]))
    touched = starts["train"][:, 1].max() + window + horizon
    assert touched <= parts["train"][0, 1]
    for part in ("validation", "test"):
        if len(starts[part]):
            assert starts[part][:, 1].min() + window >= parts["train"][0, 1]


def test_a_window_without_a_measured_target_is_left_out():
    measured = np.ones(30, bool)
    measured[10:20] = False
    parts = {"train": np.array([[0, 30]])}
    spec = WindowSpec(window=4, horizon=3)
    starts = window_starts(parts, [np.ones(30, bool)], spec, [measured])
    expected = [i for i in range(24) if measured[i + 4 : i + 7].any()]
    assert starts["train"][:, 1].tolist() == expected


# ---------------------------------------------------------------------- suggestions


@pytest.mark.parametrize(
    ("rows", "season", "alias", "window", "horizon"),
    [
        (17_420, 24, "h", 96, 24),
        (17_420, 168, "h", 336, 24),
        (144, 12, "MS", 48, 12),
        (36, None, "MS", 12, 3),
        (3650, 365, "D", 56, 14),
        (2000, 5, "B", 40, 10),
        (500, None, None, 48, 12),
        (79, None, "YS", 20, 5),
    ],
)
def test_suggested_windows(rows, season, alias, window, horizon):
    frequency = None if alias is None else parse_frequency(alias)
    found = suggest_windows(rows, season, frequency)
    assert (found.window, found.horizon) == (window, horizon)


@given(
    rows=st.integers(8, 5000),
    season=st.one_of(st.none(), st.integers(2, 400)),
    alias=st.sampled_from(["s", "min", "15min", "h", "D", "B", "W-MON", "MS", "QS", "YS", None]),
)
@settings(max_examples=300, deadline=None)
def test_what_is_suggested_always_trains(rows, season, alias):
    frequency = None if alias is None else parse_frequency(alias)
    spec = suggest_windows(rows, season, frequency)
    starts = window_starts(split_rows(_axis(rows), SplitSpec()), [np.ones(rows, bool)], spec)
    assert len(starts["train"]) >= 1
    assert len(starts["validation"]) >= 1
    assert spec.stride == 1
