"""The repairs of a table: rows sorted by time, repeats merged, gaps and missing values filled.

All of it works on the rows of all series at once: one flat axis of N rows, series after series,
with the position where each begins (``offsets``).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.findings import Finding
from workbench.data.frequency import DAY, Dates, Frequency, Ints, infer_frequency
from workbench.data.time_axis import SortedAxis, choose_frequency, series_codes, sort_axis
from workbench.errors import UserError
from workbench.specs import TimeSpec

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_PIECE = 1 << 20

MOST_INSERTED = 20
"""Rows put in, at most, for each row of the file (and never refused below a million)."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Rows in their final order: N of them, series after series.

    Attributes:
        names: Names of the series; ``("",)`` where there is one.
        offsets: int64 ``(S+1,)``: series ``s`` holds rows ``offsets[s] … offsets[s+1]``.
        time: datetime64[us] or, without dates, int64 row numbers within the series ``(N,)``.
        inserted: bool ``(N,)``: rows that were not in the file.
        usable: bool ``(N,)``: False where no window may touch (the place of a cut).
        frequency: The step, or None where there is none.
        source: int64 ``(R,)``: rows of the file that are used; the same object as ``position``
            where every row stays at its place.
        position: int64 ``(R,)``, ascending: where each of them goes; several may share a place.
        average: Whether rows that share a place are averaged (otherwise the first counts).
        findings: What was done.
    """

    names: tuple[str, ...]
    offsets: Ints
    time: NDArray[np.generic]
    inserted: Bools
    usable: Bools
    frequency: Frequency | None
    source: Ints
    position: Ints
    average: bool
    findings: tuple[Finding, ...]

    @property
    def series_of(self) -> Ints:
        """Which series each row belongs to, int64 ``(N,)``."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.offsets))

    def first_source(self) -> Ints:
        """The file's row at each place, int64 ``(N,)``; −1 where a row was put in."""
        if self.source is self.position:
            return self.source
        rows = np.full(len(self.time), -1, dtype=np.int64)
        rows[self.position[::-1]] = self.source[::-1]
        return rows

    def numbers(self, column: Floats) -> Floats:
        """Bring a column of the file onto the timeline.

        Args:
            column: float64 ``(T,)``, NaN where missing.

        Returns:
            float64 ``(N,)``; NaN where missing or put in.
        """
        if self.source is self.position:  # no row was moved
            return column
        alone = not (np.diff(self.position) == 0).any()  # ascending: equals stand together
        if not self.average or alone:
            rows = self.first_source()
            return np.where(rows >= 0, column[rows], np.nan)
        given = column[self.source]
        known = np.isfinite(given)
        size = len(self.time)
        sums = np.bincount(self.position, np.where(known, given, 0.0), minlength=size)
        counts = np.bincount(self.position, known, minlength=size)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(counts > 0, sums / counts, np.nan))


def lay_timeline(
    dates: pd.Series | None, series_id: pd.Series | None, time: TimeSpec, rows: int
) -> Timeline:
    """Sort, merge repeated dates and make room for missing ones, as ``time`` says.

    Args:
        dates: datetime64 ``(T,)``; None numbers the rows.
        series_id: Column that tells series apart, or None.
        time: What to do.
        rows: Rows T of the file.

    Raises:
        UserError: Where the frequency is unknown, no row has a date, or filling the gaps would
            make more rows than is reasonable.
    """
    if dates is None:
        return _numbered(series_id, rows)
    if series_id is None and time.frequency in ("", "auto"):
        even = _even(dates)
        if even is not None:
            return even
    axis = sort_axis(dates, series_id)
    if len(axis.rows) == 0:
        raise UserError(
            f"None of the {rows:,} rows has a date.",
            "Choose another date column, or none (data.table.time.columns=[]) to number the rows.",
        )
    findings = []
    if axis.undated:
        findings.append(
            Finding("dates", f"{axis.undated:,} rows without a date", "left out", "repaired")
        )
    if axis.order != "ascending":
        if not time.sort:
            return _unsorted(dates, series_id, axis, rows)
        findings.append(
            Finding("dates", "rows sorted by date", f"they were {_ORDER[axis.order]}", "repaired")
        )
    return _regular(axis, time, findings)


_ORDER = {"descending": "newest first", "unsorted": "not in order"}


def _even(dates: pd.Series) -> Timeline | None:
    """Rows with one step throughout, which need no repair: large tables mostly are."""
    values = dates.to_numpy(dtype="datetime64[us]")
    if len(values) < 3 or np.isnat(values).any():
        return None
    step = values[1] - values[0]
    if not 0 < step.astype(np.int64) < 27 * DAY:
        return None
    for start in range(0, len(values) - 1, _PIECE):
        piece = values[start : start + _PIECE + 1]
        if (np.diff(piece) != step).any():
            return None
    frequency = infer_frequency(values[:_PIECE], np.zeros(min(len(values), _PIECE), dtype=np.int64))
    size = len(values)
    rows = np.arange(size)
    return Timeline(
        ("",), np.array([0, size]), values, np.zeros(size, dtype=bool), np.ones(size, dtype=bool),
        frequency, rows, rows, False, (),
    )  # fmt: skip


def _offsets(codes: Ints, series: int) -> Ints:
    counts = np.bincount(codes, minlength=series)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def _numbered(series_id: pd.Series | None, rows: int) -> Timeline:
    codes, names = series_codes(series_id, rows)
    order = np.argsort(codes, kind="stable")
    offsets = _offsets(codes, len(names))
    numbers = np.arange(rows) - np.repeat(offsets[:-1], np.diff(offsets))
    return _plain(names, offsets, numbers, order, ())


def _unsorted(
    dates: pd.Series, series_id: pd.Series | None, axis: SortedAxis, rows: int
) -> Timeline:
    """Rows as they stand in the file, because sorting was forbidden."""
    codes, names = series_codes(series_id, rows)
    order = np.argsort(codes, kind="stable")
    order = order[np.isin(order, axis.rows)]
    finding = Finding(
        "dates",
        f"kept in the order of the file, which is {_ORDER[axis.order]}",
        "windows then run against time; repeats and gaps are not looked at",
        "doubt",
        "data.table.time.sort=true",
    )
    times = dates.to_numpy(dtype="datetime64[us]")[order]
    return _plain(names, _offsets(codes[order], len(names)), times, order, (finding,))


def _plain(
    names: tuple[str, ...],
    offsets: Ints,
    times: NDArray[np.generic],
    source: Ints,
    findings: tuple[Finding, ...],
) -> Timeline:
    size = len(source)
    return Timeline(
        names, offsets, times, np.zeros(size, dtype=bool), np.ones(size, dtype=bool), None,
        source, np.arange(size), False, findings,
    )  # fmt: skip


def _regular(axis: SortedAxis, time: TimeSpec, findings: list[Finding]) -> Timeline:
    frequency = choose_frequency(axis, time)
    dates, origins, coarser = axis.dates, axis.origins(), False
    if frequency is not None and time.frequency not in ("", "auto"):
        coarser = _is_coarser(axis, frequency)
        if coarser:  # rows are gathered into whole hours, days, months …
            origins = frequency.floor(origins)
            dates = frequency.floor(dates)
    ticks = _ticks(axis, dates, origins, frequency)
    group = _groups(axis.codes, ticks, time.duplicates)
    merged = int(len(group) - 1 - group[-1])
    if merged:
        findings.append(
            Finding("repeated dates", f"{merged:,} rows merged", f"{time.duplicates} kept"
                    if time.duplicates != "mean" else "mean taken", "repaired")
        )  # fmt: skip
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.append(first[1:], len(group)) - 1
    shown = last if time.duplicates == "last" else first
    steps = _room(axis, ticks[first], axis.codes[first], time, frequency)
    place = np.arange(len(first)) + np.concatenate(([0], np.cumsum(steps)))
    size = int(place[-1]) + 1
    inserted = np.ones(size, dtype=bool)
    inserted[place] = False
    source, position = axis.rows, place[group]
    if time.duplicates in ("first", "last"):
        source, position = axis.rows[shown], place
    before = np.cumsum(~inserted) - 1  # the row that stands before each place
    times = _times(frequency, dates, origins, (first, ticks[first], before, place, inserted))
    if steps.sum():
        done = "cut" if time.gaps == "cut" else "put in"
        count = int((steps > 0).sum()) if time.gaps == "cut" else int(steps.sum())
        noun = "gaps" if time.gaps == "cut" else "missing rows"
        findings.append(Finding("missing dates", f"{count:,} {noun} {done}", time.gaps, "repaired"))
    return Timeline(
        names=axis.names,
        offsets=_offsets(axis.codes[first][before], len(axis.names)),
        time=times,
        inserted=inserted,
        usable=~inserted if time.gaps == "cut" else np.ones(size, dtype=bool),
        frequency=frequency,
        source=source,
        position=position,
        average=time.duplicates == "mean",
        findings=tuple(findings),
    )


def _is_coarser(axis: SortedAxis, frequency: Frequency) -> bool:
    steps = np.diff(axis.dates).astype(np.int64)[np.diff(axis.codes) == 0]
    steps = steps[steps > 0]
    return len(steps) > 0 and frequency.seconds * 1e6 > 1.5 * float(np.median(steps))


def _ticks(axis: SortedAxis, dates: Dates, origins: Dates, frequency: Frequency | None) -> Ints:
    if frequency is not None:
        return frequency.ticks(dates, origins)
    return (dates - origins).astype(np.int64)  # equal only where dates are


def _groups(codes: Ints, ticks: Ints, duplicates: str) -> Ints:
    if duplicates == "keep":
        return np.arange(len(codes))
    differs = (np.diff(codes) != 0) | (np.diff(ticks) != 0)
    return np.concatenate(([0], np.cumsum(differs))).astype(np.int64)


def _room(
    axis: SortedAxis, ticks: Ints, codes: Ints, time: TimeSpec, frequency: Frequency | None
) -> Ints:
    """Rows to put in after each row but the last, int64 ``(G−1,)``."""
    if frequency is None or time.gaps == "leave":
        return np.zeros(len(ticks) - 1, dtype=np.int64)
    missing = np.where(np.diff(codes) == 0, np.maximum(np.diff(ticks) - 1, 0), 0)
    if time.gaps == "cut":
        return np.minimum(missing, 1)
    total = int(missing.sum())
    if total > max(MOST_INSERTED * len(axis.rows), 1_000_000):
        raise UserError(
            f"Filling the gaps would put {total:,} rows between {len(axis.rows):,} "
            f"(one every {frequency.words}).",
            "Set data.table.time.gaps to cut or leave, or data.table.time.frequency to a longer "
            "step.",
        )
    return missing


def _times(
    frequency: Frequency | None,
    dates: Dates,
    origins: Dates,
    laid: tuple[Ints, Ints, Ints, Ints, Bools],
) -> Dates:
    first, ticks, before, place, inserted = laid
    times = dates[first][before]
    if frequency is not None and inserted.any():
        since = np.arange(len(before)) - place[before]
        holes = np.flatnonzero(inserted)
        times[holes] = frequency.dates(
            ticks[before[holes]] + since[holes], origins[first][before[holes]]
        )
    return times


# ---------------------------------------------------------------------- missing values


def mark_missing(column: Floats, sentinels: tuple[float, ...]) -> Floats:
    """Replace sentinels and infinities by NaN; float64 ``(T,)``, the column itself if none."""
    bad = np.isinf(column)
    if sentinels:
        bad |= np.isin(column, np.asarray(sentinels, dtype=np.float64))
    return np.where(bad, np.nan, column) if bad.any() else column


def neighbours(known: Bools, offsets: Ints) -> tuple[Ints, Ints]:
    """The nearest known row at or before, and at or after, each row, within its series.

    Args:
        known: bool ``(N,)``.
        offsets: int64 ``(S+1,)``.

    Returns:
        Two int64 arrays ``(N,)``; −1 and N where there is none.
    """
    size = len(known)
    rows = np.arange(size)
    starts = np.repeat(offsets[:-1], np.diff(offsets))
    ends = np.repeat(offsets[1:], np.diff(offsets))
    before = np.maximum.accumulate(np.where(known, rows, -1))
    after = np.minimum.accumulate(np.where(known, rows, size)[::-1])[::-1]
    return np.where(before >= starts, before, -1), np.where(after < ends, after, size)


def fill(values: Floats, offsets: Ints, policy: str, mean: float = 0.0) -> Floats:
    """Fill the missing values of one column, each series for itself.

    Args:
        values: float64 ``(N,)``, NaN where missing.
        offsets: int64 ``(S+1,)``: where each series begins.
        policy: ``interpolate`` (a straight line; at the ends the nearest value), ``forward`` (the
            last value; before the first, that one), ``zero`` or ``mean``; ``cut`` fills like
            ``forward`` what no window will touch.
        mean: What ``mean`` puts in, and what a series without any value gets (0 for ``zero``).

    Returns:
        float64 ``(N,)`` without NaN.
    """
    known = np.isfinite(values)
    if known.all():
        return values
    if policy == "zero":
        return np.where(known, values, 0.0)
    if policy == "mean":
        return np.where(known, values, mean)
    before, after = neighbours(known, offsets)
    size = len(values)
    left = np.where(before >= 0, before, after)
    right = np.where(after < size, after, before)
    none = (before < 0) & (after >= size)
    left, right = np.where(none, 0, left), np.where(none, 0, right)
    if policy == "interpolate":
        width = np.maximum(right - left, 1)
        share = np.clip((np.arange(size) - left) / width, 0.0, 1.0)
        line = values[left] + (values[right] - values[left]) * share
    else:
        line = values[left]
    return np.where(known, values, np.where(none, mean, line))
