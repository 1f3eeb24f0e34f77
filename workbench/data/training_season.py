"""The season of a table's targets, seen in the training part: one rule for all who ask.

The windows that are suggested for a file, the naive forecast of the task and the charts all take it
from here.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from workbench.data.date_style import parse_dates
from workbench.data.frequency import Frequency, Ints
from workbench.data.repair import Floats, Timeline, lay_timeline
from workbench.data.season import LONGEST, find_season
from workbench.data.series_columns import TimedColumns
from workbench.data.windows import Axis, split_rows
from workbench.specs import ColumnSpec, SplitSpec, TableSpec

_SERIES = 5
"""Series looked at, the longest ones."""


def training_season(
    timeline: Timeline, train: Ints, targets: Sequence[Callable[[], Floats]]
) -> int | None:
    """The commonest season of the longest series, seen in their training parts.

    Args:
        timeline: The N rows.
        train: int64 ``(S, 2)``: first training row of each series and the row after the last.
        targets: For each target what gives its values, float64 ``(N,)``, NaN where not measured;
            called one after the other, so that one only is in memory.

    Returns:
        The season in steps, or None.
    """
    lengths = train[:, 1] - train[:, 0]
    longest = np.argsort(-lengths, kind="stable")[:_SERIES]
    ends = timeline.offsets[longest] + train[longest, 1]
    starts = ends - np.minimum(lengths[longest], LONGEST)
    parts: list[list[Floats]] = [[] for _ in longest]
    for target in targets:
        values = target()
        for part, start, end in zip(parts, starts, ends, strict=True):
            part.append(values[start:end].copy())
    found = [find_season(np.stack(part, axis=1), timeline.frequency) for part in parts if part]
    seasons, counts = np.unique([season for season in found if season], return_counts=True)
    return int(seasons[counts.argmax()]) if len(seasons) else None


def season_of_table(
    frame: pd.DataFrame, table: TableSpec, split: SplitSpec
) -> tuple[int | None, Frequency | None]:
    """Season and step of a table without preparing all of it.

    Args:
        frame: The table in file order.
        table: Roles and repairs.
        split: What the training part is.

    Raises:
        UserError: Where the rows cannot be laid out or split.
    """
    timeline = table_timeline(frame, table)
    train = split_rows(timeline_axis(timeline), split)["train"]

    def values_of(item: ColumnSpec) -> Floats:
        alone = table.model_copy(update={"columns": (item,)})
        return TimedColumns(frame, alone, timeline, None).truth(item.name)

    targets = [item for item in table.columns if item.role == "target"]
    season = training_season(timeline, train, [partial(values_of, item) for item in targets])
    return season, timeline.frequency


def table_dates(frame: pd.DataFrame, table: TableSpec) -> pd.Series | None:
    """The dates of a table's rows, or None where rows are numbered.

    Raises:
        UserError: Where they cannot be read.
    """
    time = table.time
    if not time.columns:
        named = tuple(item.name for item in table.columns if item.role == "date")
        time = time.model_copy(update={"columns": named})
    return parse_dates(frame, time) if time.columns else None


def table_timeline(frame: pd.DataFrame, table: TableSpec) -> Timeline:
    """The rows of a table in their final order.

    Raises:
        UserError: Where they cannot be laid out.
    """
    ids = next((item.name for item in table.columns if item.role == "series_id"), None)
    dates = table_dates(frame, table)
    return lay_timeline(dates, None if ids is None else frame[ids], table.time, len(frame))


def timeline_axis(timeline: Timeline) -> Axis:
    """What splitting needs; row numbers where dates do not ascend (sorting was forbidden)."""
    dated = timeline.time.dtype.kind == "M"
    order = timeline.time.astype("M8[us]").astype(np.int64) if dated else timeline.time
    steps = np.diff(order).astype(np.int64)
    steps[timeline.offsets[1:-1] - 1] = 0
    if (steps < 0).any():
        starts = np.repeat(timeline.offsets[:-1], np.diff(timeline.offsets))
        return Axis(timeline.offsets, np.arange(len(order)) - starts, False, None)
    return Axis(timeline.offsets, order.astype(np.int64), dated, timeline.frequency)
