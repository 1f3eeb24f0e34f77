"""Selecting units by a stretch and finding it again."""

import numpy as np
import pytest

from workbench.analysis import matching
from workbench.analysis.matching import find_matches, selected_units
from workbench.data.findings import Cancelled, Watch

ROWS = """
00110000
11110000
00011000
01110111
00110010
"""
"""One unit a line: on at some of eight steps."""


def values(text: str = ROWS) -> np.ndarray:
    return np.array([[float(sign) for sign in line] for line in text.split()]).T


def test_units_on_exactly_there() -> None:
    assert selected_units(values(), 2, 4).tolist() == [0, 4]
    assert selected_units(values(), 2, 4, beside=(0, 0)).tolist() == [0, 1, 3, 4]
    assert selected_units(values(), 2, 4, beside=(2, 1)).tolist() == [0, 4]
    assert selected_units(values(), 0, 4).tolist() == [1]  # nothing stands before it
    assert selected_units(values(), 2, 4, threshold=1.5).tolist() == []


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_planted_stretches_are_found_first(kind: type) -> None:
    generator = np.random.default_rng(0)
    states = generator.uniform(-1, 0.2, (20_000, 40)).astype(kind)
    units = np.array([3, 17, 29, 31])
    for start in (100, 5_000, 19_000):
        states[start : start + 4, units] = 0.9
    states[12_000:12_005, units[:3]] = 0.9  # one unit is missing
    found = find_matches(states, units)
    assert found.starts[:3].tolist() == [100, 5_000, 19_000]
    assert found.lengths[:3].tolist() == [4, 4, 4]
    assert found.jaccard[:3].tolist() == [1.0, 1.0, 1.0]
    assert found.starts[3] == 12_000
    assert found.jaccard[3] == 0.75
    assert found.full_lengths.tolist() == [4, 4, 4]
    assert found.counts[5_001] == 4


@pytest.mark.parametrize("beside", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_ranks_against_the_definition(
    beside: tuple[int, int], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_AT_ONCE", at_once)
    generator = np.random.default_rng(1)
    states = generator.uniform(-1, 1, (600, 12)).astype(np.float32)
    units = np.array([1, 4])
    states[100:230, :6] = 0.9  # much longer than the others
    states[100:200, 7] = 0.9  # on at its begin only
    states[[99, 230], :5] = -0.9
    found = find_matches(states, units, 0.2, beside)
    assert 130 in found.lengths
    for start, length, common, union in zip(
        found.starts, found.lengths, found.common, found.union, strict=True
    ):
        on = states >= 0.2
        exact = on[start : start + length].all(axis=0)
        if beside[0] and start:
            exact &= ~on[start - 1]
        if beside[1] and start + length < 600:
            exact &= ~on[start + length]
        active = set(np.flatnonzero(exact).tolist())
        assert (common, union) == (len(active & {1, 4}), len(active | {1, 4}))
    order = list(zip(-found.common, found.union, -found.lengths, strict=True))
    assert order == sorted(order)


def test_no_units_match_nothing_and_it_can_be_given_up() -> None:
    assert len(find_matches(np.zeros((10, 3)), np.empty(0, int)).starts) == 0
    with pytest.raises(Cancelled):
        find_matches(np.zeros((10, 3)), np.array([1]), watch=Watch(None, lambda: True))


def test_no_match_goes_on_across_windows() -> None:
    states = np.full((40, 3), -0.5, np.float32)
    states[8:12, 0] = 0.9  # over the edge between the first two windows
    states[25:29, 0] = 0.9
    whole = find_matches(states, np.array([0]))
    assert sorted(whole.starts.tolist()) == [8, 25]
    cut = find_matches(states, np.array([0]), window=10)
    found = sorted(zip(cut.starts.tolist(), cut.lengths.tolist(), strict=True))
    assert found == [(8, 2), (10, 2), (25, 4)]
    assert cut.common.tolist() == [1, 1, 1]
