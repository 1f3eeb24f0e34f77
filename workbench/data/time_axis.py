"""What a column of dates turned out to be: order, step, repeats and gaps, with their repairs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.findings import Finding
from workbench.data.frequency import Dates, Frequency, Ints, infer_frequency, parse_frequency
from workbench.specs import TimeSpec

LISTED = 1000
"""Repeats and gaps listed one by one, at most; the counts are always of all."""

FIELD = "data.table.time"

_KEEP = {"keep": "all are kept", "first": "the first is kept", "last": "the last is kept",
         "mean": "their mean is taken"}  # fmt: skip
_FILL = {
    "leave": "left as they are: rows count as neighbours",
    "interpolate": "rows are put in and filled by a straight line between neighbours",
    "forward": "rows are put in and filled with the last value",
    "zero": "rows are put in and filled with zero",
    "cut": "cut there: no window crosses a gap",
}


@dataclass(frozen=True)
class Repair:
    """One way to mend a fault, applied by one click.

    Attributes:
        label: What the button says.
        assignment: What it sets, for ``Experiment.with_text_values``.
    """

    label: str
    assignment: str


REPAIRS: dict[str, tuple[Repair, ...]] = {
    "order": (Repair("Sort by date", f"{FIELD}.sort=true"),),
    "duplicates": (
        Repair("Take the mean", f"{FIELD}.duplicates=mean"),
        Repair("Keep the first", f"{FIELD}.duplicates=first"),
        Repair("Keep the last", f"{FIELD}.duplicates=last"),
        Repair("Keep all", f"{FIELD}.duplicates=keep"),
    ),
    "gaps": (
        Repair("Fill by a straight line", f"{FIELD}.gaps=interpolate"),
        Repair("Fill with the last value", f"{FIELD}.gaps=forward"),
        Repair("Fill with zero", f"{FIELD}.gaps=zero"),
        Repair("Cut at the gaps", f"{FIELD}.gaps=cut"),
        Repair("Leave them", f"{FIELD}.gaps=leave"),
    ),
}
"""Every repair of a kind of fault, the recommended one first."""


@dataclass(frozen=True)
class Duplicate:
    """One date that stands several times in one series."""

    series: str
    date: pd.Timestamp
    count: int


@dataclass(frozen=True)
class Gap:
    """Steps missing between two neighbouring rows of one series.

    Attributes:
        series: Name of the series; empty where there is one only.
        start: Date of the last row before the gap.
        end: Date of the first row after it.
        missing: Steps without a row.
    """

    series: str
    start: pd.Timestamp
    end: pd.Timestamp
    missing: int


@dataclass(frozen=True)
class TimeReport:
    """The time axis as it stands in the file, before any repair.

    Attributes:
        order: ``ascending``, ``descending`` or ``unsorted`` (within each series).
        frequency: Pandas alias of the step, or empty where no step is regular.
        step_words: The step in words (``hour``), or empty.
        start: Earliest date, or None where there is none.
        end: Latest date.
        series: Names of the series, in order of first appearance.
        duplicates: Repeated dates, at most ``LISTED``.
        duplicate_rows: Rows beyond the first of their date, of all.
        gaps: Missing stretches, at most ``LISTED``, in order of series and date.
        missing_steps: Steps missing in all gaps.
        off_grid: Rows whose date lies beside the regular grid.
        undated: Rows without a date.
        findings: The same in sentences, each with its recommended repair.
    """

    order: str
    frequency: str
    step_words: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    series: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]
    duplicate_rows: int
    gaps: tuple[Gap, ...]
    missing_steps: int
    off_grid: int
    undated: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class SortedAxis:
    """Rows with a date, sorted by series and date (ties in file order).

    Attributes:
        names: Names of the series.
        rows: int64 ``(N,)``: row of the file.
        codes: int64 ``(N,)``: index of the series, ascending.
        dates: datetime64[us] ``(N,)``.
        order: Of the file, before sorting.
        undated: Rows without a date, left out.
    """

    names: tuple[str, ...]
    rows: Ints
    codes: Ints
    dates: Dates
    order: str
    undated: int

    def origins(self) -> Dates:
        """The first date of each row's series ``(N,)``."""
        firsts = np.searchsorted(self.codes, np.arange(len(self.names)))
        return self.dates[np.minimum(firsts, max(len(self.dates) - 1, 0))][self.codes]


def series_codes(series_id: pd.Series | None, rows: int) -> tuple[Ints, tuple[str, ...]]:
    """Number the series in order of first appearance.

    Args:
        series_id: The column that tells series apart ``(T,)``, or None for one series.
        rows: Rows T.

    Returns:
        int64 codes ``(T,)`` and the names; an empty cell is a series of its own, ``(empty)``.
    """
    if series_id is None:
        return np.zeros(rows, dtype=np.int64), ("",)
    codes, values = pd.factorize(series_id, use_na_sentinel=True)
    names = tuple(_id_text(value) for value in values)
    codes = codes.astype(np.int64)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(names), codes)
        names = (*names, "(empty)")
    return codes, names


def _id_text(value: object) -> str:
    """A number that is whole is written so: series 15100, not 15100.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def sort_axis(dates: pd.Series, series_id: pd.Series | None = None) -> SortedAxis:
    """Sort the rows that have a date by series and date, ties in file order."""
    values = dates.to_numpy(dtype="datetime64[us]")
    codes, names = series_codes(series_id, len(values))
    dated = ~np.isnat(values)
    rows = np.flatnonzero(dated)
    in_file = np.argsort(codes[rows], kind="stable")
    within = np.diff(codes[rows][in_file]) == 0
    steps = np.diff(values[rows][in_file]).astype(np.int64)[within]
    if not (steps < 0).any():
        order, place = "ascending", in_file
    else:
        order = "unsorted" if (steps > 0).any() else "descending"
        place = np.lexsort((values[rows], codes[rows]))
    return SortedAxis(
        names, rows[place], codes[rows][place], values[rows][place], order, int((~dated).sum())
    )


def choose_frequency(axis: SortedAxis, time: TimeSpec) -> Frequency | None:
    """The frequency asked for, or inferred where it is ``auto``; None where steps are irregular."""
    if time.frequency not in ("", "auto"):
        return parse_frequency(time.frequency)
    return infer_frequency(axis.dates, axis.codes)


def examine_time(
    dates: pd.Series, series_id: pd.Series | None = None, time: TimeSpec | None = None
) -> TimeReport:
    """Examine a time axis.

    Args:
        dates: datetime64 ``(T,)`` in file order, NaT where a row has no date.
        series_id: Column that tells series apart ``(T,)``, or None.
        time: The repairs chosen so far, so that findings say what happens; None takes the defaults.

    Returns:
        The report; nothing is changed.
    """
    time = time or TimeSpec()
    axis = sort_axis(dates, series_id)
    frequency = choose_frequency(axis, time)
    gaps, missing = _gaps(axis, frequency)
    duplicates, extra = _duplicates(axis)
    off_grid = 0
    if frequency is not None and len(axis.dates):
        off_grid = int(frequency.off_grid(axis.dates, axis.origins()).sum())
    report = TimeReport(
        order=axis.order,
        frequency=frequency.alias if frequency else "",
        step_words=frequency.words if frequency else "",
        start=pd.Timestamp(axis.dates.min()) if len(axis.dates) else None,
        end=pd.Timestamp(axis.dates.max()) if len(axis.dates) else None,
        series=axis.names,
        duplicates=duplicates,
        duplicate_rows=extra,
        gaps=gaps,
        missing_steps=missing,
        off_grid=off_grid,
        undated=axis.undated,
        findings=(),
    )
    findings = _findings(report, axis, time)
    return TimeReport(**{**report.__dict__, "findings": findings})


def _gaps(axis: SortedAxis, frequency: Frequency | None) -> tuple[tuple[Gap, ...], int]:
    if frequency is None or len(axis.dates) < 2:
        return (), 0
    ticks = frequency.ticks(axis.dates, axis.origins())
    missing = np.where(np.diff(axis.codes) == 0, np.diff(ticks) - 1, 0)
    places = np.flatnonzero(missing > 0)
    listed = tuple(
        Gap(
            axis.names[axis.codes[place]],
            pd.Timestamp(axis.dates[place]),
            pd.Timestamp(axis.dates[place + 1]),
            int(missing[place]),
        )
        for place in places[:LISTED]
    )
    return listed, int(missing[places].sum())


def _duplicates(axis: SortedAxis) -> tuple[tuple[Duplicate, ...], int]:
    if len(axis.dates) < 2:
        return (), 0
    same = (np.diff(axis.codes) == 0) & (np.diff(axis.dates).astype(np.int64) == 0)
    if not same.any():
        return (), 0
    first = np.flatnonzero(np.concatenate(([True], ~same)))
    counts = np.diff(np.append(first, len(axis.dates)))
    several = np.flatnonzero(counts > 1)
    listed = tuple(
        Duplicate(
            axis.names[axis.codes[first[item]]], pd.Timestamp(axis.dates[first[item]]),
            int(counts[item]),
        )
        for item in several[:LISTED]
    )  # fmt: skip
    return listed, int(same.sum())


def _findings(report: TimeReport, axis: SortedAxis, time: TimeSpec) -> tuple[Finding, ...]:
    found = []
    if report.undated:
        found.append(
            Finding(
                "dates",
                f"{_rows(report.undated)} without a date",
                f"of {report.undated + len(axis.rows):,}; they are left out",
                "doubt",
            )
        )
    if report.start is None:
        return tuple(found)
    found.append(_about_order(report, time))
    found.append(_about_step(report, axis))
    if report.duplicate_rows:
        found.append(_about_duplicates(report, time))
    if report.missing_steps:
        found.append(_about_gaps(report, axis, time))
    if report.off_grid and report.frequency:
        found.append(
            Finding(
                "frequency",
                f"{_rows(report.off_grid)} beside the grid of one {report.step_words}",
                f"of {len(axis.rows):,}; each counts for the step nearest to it",
                "doubt",
            )
        )
    return tuple(found)


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def date_text(date: pd.Timestamp) -> str:
    """A date as ISO text, without a time of day where it is midnight."""
    if date == date.normalize():
        return date.strftime("%Y-%m-%d")
    exact = date.second or date.microsecond
    return date.isoformat(sep=" ", timespec="auto" if exact else "minutes")


def _about_order(report: TimeReport, time: TimeSpec) -> Finding:
    assert report.start is not None
    assert report.end is not None
    span = f"{date_text(report.start)} to {date_text(report.end)}"
    if report.order == "ascending":
        return Finding("dates", "ascending", span)
    what = {"descending": "newest first", "unsorted": "not in order"}[report.order]
    if time.sort:
        return Finding("dates", what, f"{span}; rows are sorted by date", "repaired")
    return Finding(
        "dates", what, f"{span}; forecasting needs ascending dates", "doubt",
        REPAIRS["order"][0].assignment,
    )  # fmt: skip


def _about_step(report: TimeReport, axis: SortedAxis) -> Finding:
    within = np.diff(axis.codes) == 0
    steps = np.diff(axis.dates).astype(np.int64)[within] / 1e6
    steps = steps[steps > 0]
    if report.frequency:
        series = f" in {len(report.series):,} series" if len(report.series) > 1 else ""
        return Finding(
            "frequency",
            f"one {report.step_words} ({report.frequency})",
            f"the step of most rows{series}",
        )
    if len(steps) == 0:
        return Finding("frequency", "none", "there is one date only", "doubt")
    low, middle, high = np.quantile(steps, (0.0, 0.5, 1.0))
    return Finding(
        "frequency",
        "irregular",
        f"steps from {span_text(low)} to {span_text(high)}, half below {span_text(middle)}; "
        "rows count as neighbours unless a frequency such as h or D is set",
        "doubt",
    )


def span_text(seconds: float) -> str:
    """A length of time in its largest fitting unit: ``90 s`` is ``1.5 min``."""
    for name, size in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.3g} s"


def _about_duplicates(report: TimeReport, time: TimeSpec) -> Finding:
    first = report.duplicates[0]
    where = f" in series {first.series}" if first.series else ""
    why = (
        f"the first is {date_text(first.date)}{where}, {first.count} times; "
        f"{_KEEP[time.duplicates]}"
    )
    what = f"{_rows(report.duplicate_rows)} repeat a date"
    if report.duplicate_rows == 1:
        what = "1 row repeats a date"
    if time.duplicates == "keep":
        return Finding("repeated dates", what, why, "doubt", REPAIRS["duplicates"][0].assignment)
    return Finding("repeated dates", what, why, "repaired")


def _about_gaps(report: TimeReport, axis: SortedAxis, time: TimeSpec) -> Finding:
    longest = max(report.gaps, key=lambda gap: gap.missing)
    steps = f"{report.missing_steps:,} step{'s' if report.missing_steps > 1 else ''} missing"
    more = "+" if len(report.gaps) == LISTED else ""
    count = f"{len(report.gaps):,}{more} gap{'s' if len(report.gaps) > 1 else ''}"
    why = (
        f"the longest from {date_text(longest.start)} to {date_text(longest.end)} "
        f"({longest.missing:,}); {_FILL[time.gaps]}"
    )
    what = f"{steps} in {count}"
    days = _days_never_seen(axis, report.frequency)
    if days:
        why += f"; there is never a row on {days}"
    if report.missing_steps > len(axis.rows) // 4 and time.gaps in ("interpolate", "forward"):
        why += "; that is much to make up"
        better = "leave" if days else "cut"
        return Finding("missing dates", what, why, "doubt", f"{FIELD}.gaps={better}")
    if time.gaps == "leave":
        return Finding("missing dates", what, why, "doubt", REPAIRS["gaps"][0].assignment)
    return Finding("missing dates", what, why, "repaired")


def _days_never_seen(axis: SortedAxis, frequency: str) -> str:
    """Names of weekdays without any row, where rows are days or finer and weeks are many."""
    days: NDArray[np.int64] = axis.dates.astype("M8[D]").astype(np.int64)
    if frequency[-1:] in ("", "S", "E") or frequency.startswith(("W", "B")):
        return ""
    if days.max() - days.min() < 28:
        return ""
    seen = np.bincount((days + 3) % 7, minlength=7)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    never = [name for name, count in zip(names, seen, strict=True) if count == 0]
    return " or ".join(never) if len(never) <= 2 else ""
