"""Which units are on exactly in a stretch, and where else the same units are on together.

Shapes: T steps of what is shown, N steps that are searched, H units, n selected units.

Source:
    Strobelt, Gehrmann, Pfister and Rush (2018), LSTMVis.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.findings import Watch

Floats = NDArray[np.floating[Any]]

THRESHOLD = 0.3
"""Value from which on a unit counts as on."""

_CANDIDATES = 1_000
_SHOWN = 50
_SHORTEST = 2
_BLOCK = 100_000
_AT_ONCE = 10_000


def selected_units(
    values: Floats, first: int, last: int, threshold: float = THRESHOLD,
    beside: tuple[int, int] = (1, 0),
) -> NDArray[np.intp]:  # fmt: skip
    """Units that are on in exactly these steps.

    Args:
        values: ``(T, H)``.
        first: First step of the stretch.
        last: Step behind its end.
        threshold: A unit is on where its value is at least this.
        beside: Steps before and behind the stretch at which a unit must be off.

    Returns:
        Their numbers ``(n,)``; a side that lies outside the sequence asks for nothing.
    """
    on = np.asarray(values) >= threshold
    chosen = on[first:last].all(axis=0)
    before, behind = on[max(0, first - beside[0]) : first], on[last : last + beside[1]]
    return np.flatnonzero(chosen & ~before.any(axis=0) & ~behind.any(axis=0))


@dataclass(frozen=True, eq=False)
class Matches:
    """Stretches in which the selected units are on together, the best first.

    Attributes:
        starts: First steps ``(M,)``.
        lengths: Steps ``(M,)``.
        common: Selected units that are on exactly there ``(M,)``.
        union: Selected units and units that are on exactly there, together ``(M,)``.
        all_lengths: Length of every candidate.
        full_lengths: Length of those with all selected units.
        counts: For each step searched how many of the selected units are on, ``(N,)``.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    common: NDArray[np.int64]
    union: NDArray[np.int64]
    all_lengths: NDArray[np.int64]
    full_lengths: NDArray[np.int64]
    counts: NDArray[np.uint8]

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Common units by all units that are on in either, 0…1 ``(M,)``."""
        return np.asarray(self.common / np.maximum(self.union, 1))


def find_matches(
    states: Floats,
    units: NDArray[np.integer[Any]],
    threshold: float = THRESHOLD,
    beside: tuple[int, int] = (1, 0),
    watch: Watch | None = None,
    window: int = 0,
) -> Matches:
    """Search stretches like the one the units were selected by.

    Args:
        states: ``(N, H)``, may be memory-mapped half precision.
        units: Selected units ``(n,)``, at most 255 of them count.
        threshold: A unit is on where its value is at least this.
        beside: 0 where a side asks for nothing, else units must be off at the step beside it.
        watch: Told how far it is.
        window: Steps after which the states begin anew, so that no stretch goes on across; N is a
            multiple of it. 0 where they go on throughout.

    Raises:
        Cancelled: Where ``watch`` says so.
    """
    looked = watch or Watch()
    searched = np.asarray(states)
    chosen = np.asarray(units)[:255]
    counts = _counts(searched, chosen, threshold, looked)
    starts, lengths = _candidates(_spaced(counts, window), len(chosen), beside)
    if window:
        starts = starts - starts // (window + 1)
    selected, rated = set(chosen.tolist()), []
    for place, stretch in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        looked.step(0.5 + 0.5 * place / len(starts))
        first = stretch[0] // window * window if window else 0
        own = searched[first : first + window] if window else searched
        active = _exactly_on(own, (stretch[0] - first, stretch[1]), threshold, beside)
        rated.append((len(selected & active), len(selected | active)))
    common = np.array([item[0] for item in rated], dtype=np.int64)
    union = np.array([item[1] for item in rated], dtype=np.int64)
    order = np.lexsort((-lengths, union, -common))
    full = lengths[common == len(chosen)]
    best = order[:_SHOWN]
    return Matches(
        starts[best], lengths[best], common[best], union[best], lengths, full, counts
    )  # fmt: skip


def _counts(
    states: Floats, units: NDArray[np.integer[Any]], threshold: float, watch: Watch
) -> NDArray[np.uint8]:
    """How many of the units are on at every step, a block after the other."""
    counts = np.zeros(len(states), dtype=np.uint8)
    limit = np.asarray(threshold).astype(states.dtype)
    for first in range(0, len(states), _BLOCK):
        watch.step(0.5 * first / len(states))
        part = states[first : first + _BLOCK]
        kept = counts[first : first + _BLOCK]
        for unit in units.tolist():
            kept += part[:, unit] >= limit
    return counts


def _spaced(counts: NDArray[np.uint8], window: int) -> NDArray[np.uint8]:
    """A step with nothing on behind every window, so that no run goes on across."""
    if not window:
        return counts
    rows = counts.reshape(-1, window)
    return np.concatenate((rows, np.zeros((len(rows), 1), np.uint8)), axis=1).ravel()


def _candidates(
    counts: NDArray[np.uint8], wanted: int, beside: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Longest runs of steps with enough units on; fewer are asked for until some are found."""
    nothing = np.empty(0, dtype=np.int64)
    if not wanted:
        return nothing, nothing
    starts, lengths = nothing, nothing
    for need in range(wanted, 0, -1):
        inside = np.flatnonzero(np.diff(np.concatenate(([0], counts >= need, [0]))))
        runs = inside.reshape(-1, 2)
        long = runs[:, 1] - runs[:, 0] >= _SHORTEST
        starts = runs[long, 0]
        lengths = runs[long, 1] - starts
        if len(starts) >= _SHOWN or need <= max(1, wanted // 2):
            break
    if len(starts) <= _CANDIDATES:
        return starts, lengths
    padded = np.concatenate(([0], counts.astype(np.int64), [0]))
    drop = np.zeros(len(starts), dtype=np.int64)
    if beside[0]:  # units that come on right at the start, and go off right behind the end
        drop += padded[starts + 1] - padded[starts]
    if beside[1]:
        drop += padded[starts + lengths] - padded[starts + lengths + 1]
    best = np.lexsort((-lengths, -drop))[:_CANDIDATES]
    best.sort()
    return starts[best], lengths[best]


def _exactly_on(
    states: Floats, stretch: tuple[int, int], threshold: float, beside: tuple[int, int]
) -> set[int]:
    """Units that are on in all steps of a stretch and off at the sides that are asked for.

    Of a long stretch a part is read after the other, and only of the units that are left.
    """
    first, last = stretch[0], sum(stretch)
    sides = (min(beside[0], 1), min(beside[1], 1))
    low, high = max(0, first - sides[0]), min(first + _AT_ONCE, last)
    whole = high == last
    part = states[low : high + sides[1] if whole else high]
    left = selected_units(part, first - low, high - low, threshold, (sides[0], sides[1] * whole))
    if not whole and sides[1]:
        left = left[~(states[last : last + 1, left] >= threshold).any(axis=0)]
    for start in range(high, last, _AT_ONCE):
        if not len(left):
            break
        rest = states[start : min(start + _AT_ONCE, last)]
        left = left[(rest[:, left] >= threshold).all(axis=0)]
    return set(left.tolist())
