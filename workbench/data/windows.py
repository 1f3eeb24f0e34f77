"""Windows and parts of series: pure index arithmetic, no data is touched."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.data.frequency import Frequency, Ints
from workbench.errors import UserError
from workbench.specs import SplitSpec, WindowSpec

PARTS = ("train", "validation", "test")

MONTH_S = 30 * 86_400
"""A month of the split, in seconds (the convention of the ETT benchmark)."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What splitting needs to know of the rows of all series.

    Attributes:
        offsets: int64 ``(S+1,)``: series ``s`` holds rows ``offsets[s] … offsets[s+1]``.
        order: int64 ``(N,)``, ascending within a series: microseconds or row numbers.
        dated: Whether ``order`` is microseconds.
        frequency: The step, or None.
    """

    offsets: Ints
    order: Ints
    dated: bool
    frequency: Frequency | None


def split_rows(axis: Axis, split: SplitSpec) -> dict[str, Ints]:
    """First and last row of each part in each series.

    Several series are cut at the same moment, so that no series' future helps another's past.

    Args:
        axis: The rows.
        split: Sizes of the parts.

    Returns:
        For ``train``, ``validation`` and ``test``: int64 ``(S, 2)``, first row and the row after
        the last, counted within the series.

    Raises:
        UserError: Where the parts do not fit the rows, or months are asked for without dates.
    """
    cuts = _row_cuts(axis, split) if len(axis.offsets) == 2 else _common_cuts(axis, split)
    lengths = np.diff(axis.offsets)
    first = np.zeros_like(lengths)
    parts = {}
    for part, cut in zip(PARTS, cuts, strict=True):
        end = np.minimum(cut, lengths)
        parts[part] = np.stack((np.minimum(first, end), end), axis=1)
        first = np.minimum(cut + split.gap, lengths)
    return parts


def whole_as_test(axis: Axis) -> dict[str, Ints]:
    """Parts as from ``split_rows`` where every row is judged and none trained on."""
    lengths = np.diff(axis.offsets)
    none = np.zeros((len(lengths), 2), dtype=np.int64)
    whole = np.stack((np.zeros_like(lengths), lengths), axis=1)
    return {"train": none, "validation": none, "test": whole}


def _shares(split: SplitSpec) -> tuple[float, float, float]:
    train, both = split.train, split.train + split.validation
    every = both + split.test
    return train, both, 1.0 if every > 1 - 1e-9 else every


def _row_cuts(axis: Axis, split: SplitSpec) -> list[Ints]:
    """Last rows of the parts of the only series."""
    rows = len(axis.order)
    if split.unit == "fraction":
        return [np.array([round(rows * share)], dtype=np.int64) for share in _shares(split)]
    per = 1.0 if split.unit == "rows" else _rows_per_month(axis)
    sizes = [round(size * per) for size in (split.train, split.validation, split.test)]
    wanted = sum(sizes) + split.gap * sum(size > 0 for size in sizes[1:])
    if wanted > rows:
        given = "rows" if split.unit == "rows" else f"rows ({split.unit} of 30 days)"
        raise UserError(
            f"The split asks for {wanted:,} {given}; the series has {rows:,}.",
            "Lower data.split.train, validation or test, or set data.split.unit to fraction.",
        )
    ends = np.cumsum(sizes) + split.gap * np.arange(3)
    return [np.array([end], dtype=np.int64) for end in ends]


def _rows_per_month(axis: Axis) -> float:
    if axis.frequency is not None and axis.frequency.unit == "month":
        return 1.0 / axis.frequency.count
    if axis.frequency is not None:
        return MONTH_S / axis.frequency.seconds
    if axis.dated and len(axis.order) > 1:
        step = float(np.median(np.diff(axis.order))) / 1e6
        if step > 0:
            return MONTH_S / step
    raise UserError(
        "The split is by months, but the rows have no dates.",
        "Choose a date column (data.table.time.columns), or set data.split.unit to fraction or "
        "rows.",
    )


def _common_cuts(axis: Axis, split: SplitSpec) -> list[Ints]:
    """Last rows of the parts of each series, cut at moments common to all."""
    pooled = np.sort(axis.order)
    rows = len(pooled)
    moments: list[int] = []
    if split.unit == "fraction":
        for share in _shares(split):
            place = round(rows * share)
            moments.append(int(pooled[place]) if place < rows else int(pooled[-1]) + 1)
    else:
        ends = np.cumsum((split.train, split.validation, split.test))
        step = _common_step(axis) if axis.dated else 1.0
        size = step * _rows_per_month(axis) if split.unit == "months" else step
        gaps = split.gap * np.arange(3) * step
        moments = [int(pooled[0]) + round(end) for end in (ends * size + gaps).tolist()]
        if moments[1] > pooled[-1]:
            raise UserError(
                f"The split asks for {split.train:g} and {split.validation:g} {split.unit}; "
                "all series end before that.",
                "Lower data.split.train or validation, or set data.split.unit to fraction.",
            )
    starts, ends_ = axis.offsets[:-1], axis.offsets[1:]
    cuts = []
    for moment in moments:
        before = np.concatenate(([0], np.cumsum(axis.order < moment)))
        cuts.append((before[ends_] - before[starts]).astype(np.int64))
    return cuts


def _common_step(axis: Axis) -> float:
    """Microseconds of a step."""
    if axis.frequency is not None:
        return axis.frequency.seconds * 1e6
    steps = np.diff(axis.order)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 1.0


def window_starts(
    parts: dict[str, Ints],
    usable: list[NDArray[np.bool_]],
    windows: WindowSpec,
    scored: list[NDArray[np.bool_]] | None = None,
) -> dict[str, Ints]:
    """All windows of each part.

    A window belongs to the part that holds all steps of its horizon. Training windows lie wholly
    in the training part; the inputs of validation and test windows may reach back into earlier
    parts, as they are known at forecast time. The stride is for training only.

    Args:
        parts: As from ``split_rows``.
        usable: For each series, bool ``(T,)``; no window touches a row that is False.
        windows: Window W, horizon H and stride.
        scored: For each series, bool ``(T,)``: rows with a target that was measured; a window
            without any in its horizon is left out. None: all.

    Returns:
        For each part int64 ``(N, 2)``: series and first step. The inputs are steps
        ``first … first+W−1``, the targets ``first+W … first+W+H−1``.
    """
    found: dict[str, Ints] = {}
    for part, ranges in parts.items():
        stride = windows.stride if part == "train" else 1
        lists = []
        for series, (start, end) in enumerate(ranges):
            low = int(start) if part == "train" else max(int(start) - windows.window, 0)
            firsts = np.arange(low, int(end) - windows.window - windows.horizon + 1, stride)
            firsts = firsts[_free(firsts, usable[series], windows)]
            if scored is not None:
                firsts = firsts[_measured(firsts, scored[series], windows)]
            lists.append(np.stack((np.full(len(firsts), series), firsts), axis=1))
        found[part] = np.concatenate(lists or [np.empty((0, 2))]).astype(np.int64)
    return found


def _free(firsts: Ints, usable: NDArray[np.bool_], windows: WindowSpec) -> NDArray[np.bool_]:
    if usable.all():
        return np.ones(len(firsts), dtype=bool)
    blocked = np.concatenate(([0], np.cumsum(~usable)))
    return np.asarray(blocked[firsts + windows.window + windows.horizon] == blocked[firsts])


def _measured(firsts: Ints, scored: NDArray[np.bool_], windows: WindowSpec) -> NDArray[np.bool_]:
    if scored.all():
        return np.ones(len(firsts), dtype=bool)
    counted = np.concatenate(([0], np.cumsum(scored)))
    begin = firsts + windows.window
    return np.asarray(counted[begin + windows.horizon] > counted[begin])


_HORIZONS = (
    # longest step in seconds, steps to forecast
    (1.5, 60),       # seconds: a minute
    (90, 60),        # minutes: an hour
    (660, 36),       # up to 10 minutes: six hours
    (1900, 48),      # quarter and half hours: half a day to a day
    (7300, 24),      # hours: a day
    (50_000, 14),    # parts of a day
    (130_000, 14),   # days: two weeks
    (700_000, 8),    # weeks: two months
    (2_800_000, 12),  # months: a year
    (8_000_000, 4),  # quarters: a year
    (float("inf"), 5),  # years
)  # fmt: skip


_LONGEST_WINDOW = 400
"""Longer windows train slowly; the place in a year is told by the calendar inputs instead."""


def suggest_windows(rows: int, season: int | None, frequency: Frequency | None) -> WindowSpec:
    """Window, horizon and stride that suit a series and fit a split of 80/10/10 %.

    Args:
        rows: Rows of a typical series.
        season: Its season in steps, or None.
        frequency: Its step, or None.

    Returns:
        A horizon usual for the step (24 hours, 12 months, 10 business days …) and a window of four
        horizons, or two seasons where that is longer and not a year of days; both shrink with
        short series so that training has at least as many windows as a window has steps.
    """
    horizon = season or 12
    if frequency is not None:
        horizon = next(count for longest, count in _HORIZONS if frequency.seconds <= longest)
        if frequency.unit == "business":
            horizon = 10
    horizon = max(1, min(horizon, rows // 10))
    window = 4 * horizon
    if season is not None and 2 * season <= _LONGEST_WINDOW:
        window = max(window, 2 * season)
    room = max(1, (int(0.8 * rows) - horizon) // 2)
    if window > room:
        window = room
        if season is not None and season <= room:
            window = room // season * season
    return WindowSpec(window=window, horizon=horizon, stride=max(1, rows // 200_000))
