"""Columns of a table on its repaired time axis, with faults and parts, to be drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.findings import Cancelled
from workbench.data.repair import Floats, Timeline, mark_missing
from workbench.data.table_overview import TableOverview, is_number
from workbench.data.windows import MONTH_S, PARTS
from workbench.specs import ColumnSpec, SplitSpec, TableSpec

OFFERED = 2000
"""Columns offered to be drawn, at most."""

TOGETHER = 4
"""Targets drawn together, at most."""


@dataclass(frozen=True, eq=False)
class ChartSeries:
    """One series, to be drawn.

    Attributes:
        name: Its id; empty where there is one only.
        time: datetime64[us] or int64 row numbers ``(T,)``, in the order a model sees.
        columns: Name → float64 ``(T,)``, NaN where the file has no value.
        gaps: Date of the last row before and the first after each missing stretch.
        repeated: Dates that stand several times.
        cuts: Row after the last of training, validation and test part; None without parts.
        rows_per_month: Rows in 30 days.
    """

    name: str
    time: NDArray[np.generic]
    columns: dict[str, Floats]
    gaps: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]
    repeated: tuple[pd.Timestamp, ...]
    cuts: tuple[int, int, int] | None
    rows_per_month: float


def offered_columns(frame: pd.DataFrame, columns: Sequence[ColumnSpec]) -> tuple[str, ...]:
    """Columns of numbers that can be drawn: targets first, then those used, then the rest."""
    rank = {"target": 0, "input": 1, "known_future": 2}
    numbers = []
    for item in columns[:OFFERED]:
        if item.role != "date" and item.name in frame.columns and is_number(frame[item.name]):
            numbers.append(item)
    return tuple(item.name for item in sorted(numbers, key=lambda item: rank.get(item.role, 3)))


def chart_series(
    overview: TableOverview,
    frame: pd.DataFrame,
    table: TableSpec,
    chosen: tuple[Sequence[str], int],
    cancelled: Callable[[], bool] | None = None,
) -> ChartSeries | None:
    """Bring columns of one series onto its time axis.

    Args:
        overview: With its timeline.
        frame: The table it was made from.
        table: For sentinels.
        chosen: Names of the columns and index of the series.
        cancelled: Asked between columns.

    Returns:
        None where there is no timeline.

    Raises:
        Cancelled: Where ``cancelled`` said True.
    """
    timeline = overview.timeline
    if timeline is None or len(timeline.names) == 0:
        return None
    names, series = chosen
    series = min(max(series, 0), len(timeline.names) - 1)
    rows = slice(int(timeline.offsets[series]), int(timeline.offsets[series + 1]))
    specs = {item.name: item for item in table.columns}
    columns = {}
    for name in names:
        if cancelled is not None and cancelled():
            raise Cancelled
        if name in frame.columns and is_number(frame[name]):
            columns[name] = _measured(timeline, frame[name], specs.get(name))[rows]
    return ChartSeries(
        name=timeline.names[series],
        time=timeline.time[rows],
        columns=columns,
        gaps=_gaps(overview, timeline.names[series]),
        repeated=_repeated(overview, timeline.names[series]),
        cuts=_cuts(overview, series),
        rows_per_month=_rows_per_month(timeline),
    )


def _measured(timeline: Timeline, cells: pd.Series, spec: ColumnSpec | None) -> Floats:
    numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return timeline.numbers(mark_missing(numbers, spec.sentinels if spec else ()))


def _gaps(overview: TableOverview, name: str) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
    found = () if overview.time is None else overview.time.gaps
    return tuple((item.start, item.end) for item in found if item.series == name)


def _repeated(overview: TableOverview, name: str) -> tuple[pd.Timestamp, ...]:
    found = () if overview.time is None else overview.time.duplicates
    return tuple(item.date for item in found if item.series == name)


def _cuts(overview: TableOverview, series: int) -> tuple[int, int, int] | None:
    if overview.prepared is None:
        return None
    train, validation, test = (int(overview.prepared.splits[part][series][1]) for part in PARTS)
    return train, max(train, validation), max(train, validation, test)


def _rows_per_month(timeline: Timeline) -> float:
    if timeline.frequency is None or timeline.frequency.seconds <= 0:
        return 1.0
    return MONTH_S / timeline.frequency.seconds


def split_sizes(
    overview: TableOverview, split: SplitSpec, series: int, sizes: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Sizes of the parts for the experiment, from those of the series that was dragged.

    Several series are cut at common moments, so that shares of one series are not shares of all.

    Args:
        overview: With its timeline.
        split: The split as it is.
        series: Index of the series that was dragged.
        sizes: Its sizes in the unit of the split.
    """
    timeline = overview.timeline
    if split.unit != "fraction" or timeline is None or len(timeline.names) < 2:
        return sizes
    rows = slice(int(timeline.offsets[series]), int(timeline.offsets[series + 1]))
    own = np.asarray(timeline.time[rows]).astype(np.int64)
    pooled = np.sort(np.asarray(timeline.time).astype(np.int64))
    ends = []
    for share in np.cumsum(sizes):
        place = round(float(share) * len(own))
        if place >= len(own):
            ends.append(1.0)
        else:
            ends.append(float(np.searchsorted(pooled, own[place])) / len(pooled))
    train, validation, test = (round(end, 4) for end in ends)
    return train, round(validation - train, 4), round(max(test - validation, 0.0), 4)
