"""One series as a picture needs it: places on the axis, columns, faults, parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.views.plots.axes import seconds

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class SeriesPicture:
    """A series over dates or row numbers, ascending.

    Attributes:
        x: Seconds since 1970, or row numbers, ``(T,)``.
        dated: Whether ``x`` is seconds.
        step_s: Step in seconds; 0 where there are no dates.
        columns: Name → float64 ``(T,)``.
        units: Name → unit; may lack names.
        gaps: Begin and end of missing stretches on the axis ``(n, 2)``.
        repeated: Places of repeated dates ``(k,)``.
        breaks: Rows before which the line is not drawn through (the row after a gap).
    """

    x: np.ndarray
    dated: bool = False
    step_s: float = 0.0
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    gaps: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    repeated: np.ndarray = field(default_factory=lambda: np.empty(0))
    breaks: np.ndarray = field(default_factory=lambda: np.empty(0, np.intp))

    def __len__(self) -> int:
        return len(self.x)

    def line(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Places and values of a column, with NaN put in at each gap so that it is not bridged."""
        if not len(self.breaks):
            return self.x, self.columns[name]
        return (
            np.insert(self.x, self.breaks, self.x[self.breaks]),
            np.insert(self.columns[name], self.breaks, np.nan),
        )

    def missing(self) -> np.ndarray:
        """Places where any column has no value."""
        bad = np.zeros(len(self.x), bool)
        for values in self.columns.values():
            bad |= ~np.isfinite(values)
        return self.x[bad]


def picture_of(
    time: np.ndarray,
    columns: Mapping[str, np.ndarray],
    units: Mapping[str, str] | None = None,
    gaps: Sequence[tuple[object, object]] = (),
    repeated: Sequence[object] = (),
) -> SeriesPicture:
    """Bring a series into ascending order and its faults onto its axis.

    Args:
        time: datetime64 or numbers ``(T,)``, in any order; rows without a date are left out.
        columns: Name → values ``(T,)``.
        units: Name → unit.
        gaps: Date (or number) of the last row before and of the first row after each gap.
        repeated: Dates (or numbers) that stand several times.

    Raises:
        ValueError: Where a column is not as long as the time axis.
    """
    time = np.asarray(time)
    for name, values in columns.items():
        if len(values) != len(time):
            raise ValueError(f"column {name!r} has {len(values)} rows, the time axis {len(time)}")
    dated = time.dtype.kind == "M"
    x = seconds(time) if dated else time.astype(float)
    keep = np.flatnonzero(np.isfinite(x))
    if len(keep) > 1 and (np.diff(x[keep]) < 0).any():
        keep = keep[np.argsort(x[keep], kind="stable")]
    x = x[keep]
    steps = np.diff(x)
    steps = steps[steps > 0]
    bounds = np.array([[_place(a, dated), _place(b, dated)] for a, b in gaps]).reshape(-1, 2)
    breaks = np.searchsorted(x, bounds[:, 1]) if len(bounds) else np.empty(0, np.intp)
    return SeriesPicture(
        x=x,
        dated=dated,
        step_s=float(np.median(steps)) if dated and len(steps) else 0.0,
        columns={name: np.asarray(values, float)[keep] for name, values in columns.items()},
        units=dict(units or {}),
        gaps=bounds,
        repeated=np.array([_place(date, dated) for date in repeated], float),
        breaks=np.unique(breaks[(breaks > 0) & (breaks < len(x))]),
    )


def _place(value: object, dated: bool) -> float:
    if not dated:
        return float(value)
    return float(seconds(np.array([value], "datetime64[us]"))[0])


@dataclass(frozen=True)
class Parts:
    """Where training, validation and test part lie in the rows of the series shown.

    Attributes:
        cuts: Row after the last of each part, rising.
        gap: Rows left out between two parts.
        unit: ``fraction``, ``rows`` or ``months``: what sizes are given in.
        rows_per_month: Rows of a month of 30 days.
    """

    cuts: tuple[int, int, int]
    gap: int = 0
    unit: str = "fraction"
    rows_per_month: float = 1.0

    def spans(self) -> tuple[tuple[int, int], ...]:
        """First row and row after the last of each part."""
        first, second, third = self.cuts
        return (
            (0, first),
            (min(first + self.gap, second), second),
            (min(second + self.gap, third), third),
        )

    def moved(self, which: int, row: int, rows: int) -> "Parts":
        """The same with the end of one part elsewhere; training and validation keep a row."""
        low = (1, self.cuts[0] + self.gap + 1, self.cuts[1])[which]
        high = (self.cuts[1] - self.gap - 1, self.cuts[2], rows)[which]
        cuts = list(self.cuts)
        cuts[which] = min(max(row, low), max(low, high))
        return Parts(tuple(cuts), self.gap, self.unit, self.rows_per_month)

    def sizes(self, rows: int) -> tuple[float, float, float]:
        """Sizes of the three parts in their unit, as an experiment writes them."""
        if self.unit == "fraction":
            shares = [round(cut / rows, 4) for cut in self.cuts]
            return (
                shares[0],
                round(shares[1] - shares[0], 4),
                round(max(0.0, shares[2] - shares[1]), 4),
            )
        counts = [float(max(0, last - first)) for first, last in self.spans()]
        if self.unit == "months":
            counts = [round(count / self.rows_per_month, 2) for count in counts]
        return counts[0], counts[1], counts[2]
