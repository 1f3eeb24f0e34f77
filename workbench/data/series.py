"""From a table to series ready for windows: repaired, split, with the codec fitted on training."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.calendar_features import calendar_features
from workbench.data.findings import Finding, Watch
from workbench.data.frequency import Frequency, Ints
from workbench.data.repair import Bools, Timeline
from workbench.data.series_codec import Channel, SeriesCodec
from workbench.data.series_columns import TimedColumns
from workbench.data.series_fit import fit_codec
from workbench.data.training_season import table_timeline, timeline_axis, training_season
from workbench.data.windows import split_rows, whole_as_test
from workbench.errors import UserError
from workbench.specs import SplitSpec, TableSpec

__all__ = ["Channel", "PreparedSeries", "Series", "SeriesCodec", "prepare_series"]


_ALONE = Watch()


@dataclass(frozen=True, eq=False)
class Series:
    """One series, in the user's units.

    Attributes:
        name: Its id; empty where there is one series only.
        time: datetime64[us], or int64 row numbers, ``(T,)``.
        values: float64 ``(T, C)``: channels in the codec's order, missing ones filled; in single
            precision a counter beyond ten million would lose what changes.
        known: float32 ``(T, K)``: known-future channels (scaled) and calendar.
        usable: bool ``(T,)``: False where no window may touch.
        observed: bool ``(T, M)``: targets that were measured, or are zero where nothing was
            counted (policy ``zero``); what was made up otherwise is an input, never a truth.
    """

    name: str
    time: NDArray[np.generic]
    values: NDArray[np.float64]
    known: NDArray[np.float32]
    usable: Bools
    observed: Bools


@dataclass(frozen=True, eq=False)
class PreparedSeries:
    """All series of a table, ready for windows.

    Attributes:
        series: The S series.
        codec: Fitted on the training part (or given).
        splits: For each part int64 ``(S, 2)``: first row and the row after the last, by series.
        findings: What was done and doubted.
        season: Steps after which the targets repeat, found on the training part, or None.
        frequency: Step of the time axis, or None.
    """

    series: tuple[Series, ...]
    codec: SeriesCodec
    splits: dict[str, Ints]
    findings: tuple[Finding, ...]
    season: int | None
    frequency: Frequency | None


def prepare_series(
    frame: pd.DataFrame,
    table: TableSpec,
    split: SplitSpec | None,
    *,
    calendar: bool,
    codec: SeriesCodec | None = None,
    watch: Watch = _ALONE,
) -> PreparedSeries:
    """Repair the time axis, fill missing values, split, fit the codec on the training part.

    Args:
        frame: The table in file order, as from ``load_table``.
        table: Roles, policies and repairs.
        split: The parts; None makes all rows the test part, to judge a trained model on.
        calendar: Whether calendar features of the dates are made.
        codec: One already fitted (to evaluate other data); None fits one.
        watch: Told how far it is, and asked whether to go on.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where there is no target, a column is missing or of the wrong kind, a target
            has no value, or parts and frequency do not fit the rows.
    """
    _check_columns(frame, table)
    timeline = table_timeline(frame, table)
    watch.step(0.2)
    axis = timeline_axis(timeline)
    splits = whole_as_test(axis) if split is None else split_rows(axis, split)
    train = _rows_of(splits["train"], timeline)
    columns = TimedColumns(frame, table, timeline, codec)
    watch.step(0.4)
    doubts: tuple[Finding, ...] = ()
    if codec is None:
        codec, doubts = fit_codec(columns, train, calendar=calendar)
        watch.step(0.5)
    values = np.empty((len(timeline.time), len(codec.channels)))
    for place, channel in enumerate(codec.channels):
        watch.step(0.5 + 0.3 * place / len(codec.channels))
        values[:, place] = columns.filled(channel, train)
    targets = list(codec.target_indices)
    observed = np.stack([columns.counts_as_truth(codec.channels[place]) for place in targets], 1)
    watch.step(0.8)
    known = _known(columns, codec, train)
    watch.step(0.9)
    return PreparedSeries(
        series=tuple(
            Series(
                name,
                timeline.time[start:end],
                values[start:end],
                known[start:end],
                columns.usable[start:end],
                observed[start:end],
            )
            for name, start, end in zip(
                timeline.names, timeline.offsets[:-1], timeline.offsets[1:], strict=True
            )
        ),
        codec=codec,
        splits=splits,
        findings=(*timeline.findings, *columns.findings, *doubts),
        season=training_season(
            timeline,
            splits["train"],
            [partial(columns.truth, codec.channels[place].column) for place in targets],
        ),
        frequency=timeline.frequency,
    )


def _check_columns(frame: pd.DataFrame, table: TableSpec) -> None:
    used = [item for item in table.columns if item.role != "ignored"]
    absent = [item.name for item in used if item.name not in frame.columns]
    if absent:
        raise UserError(
            f"The table has no column {absent[0]!r}; it has "
            f"{', '.join(map(str, frame.columns[:20]))}.",
            "Open the file again, so that its columns are found anew.",
        )
    targets = [item for item in used if item.role == "target"]
    if not targets:
        raise UserError(
            "No column is a target: there is nothing to forecast.",
            "Give at least one column of numbers the role target "
            "(data.table.columns.NAME.role=target).",
        )
    if len(frame) == 0:
        raise UserError("The table has no rows.", "Choose another file.")
    for item in targets:
        if item.kind != "number":
            raise UserError(
                f"The target {item.name!r} is of kind {item.kind}; a forecast needs numbers.",
                "Choose another target, or set its kind to number if its cells are numbers.",
            )


def _rows_of(part: Ints, timeline: Timeline) -> Bools:
    """Rows of a part over all series, bool ``(N,)``."""
    marks = np.zeros(len(timeline.time) + 1, dtype=np.int64)
    np.add.at(marks, timeline.offsets[:-1] + part[:, 0], 1)
    np.add.at(marks, timeline.offsets[:-1] + part[:, 1], -1)
    return np.asarray(np.cumsum(marks[:-1]) > 0)


def _known(columns: TimedColumns, codec: SeriesCodec, train: Bools) -> NDArray[np.float32]:
    time = columns.timeline.time
    width = len(codec.known) + 2 * len(codec.calendar)
    known = np.empty((len(time), width), dtype=np.float32)
    for place, channel in enumerate(codec.known):
        known[:, place] = channel.scaler.encode(columns.filled(channel, train))
    if codec.calendar:
        if time.dtype.kind != "M":
            raise UserError(
                "The model was trained with calendar inputs; these rows have no dates.",
                "Use a file with a date column.",
            )
        known[:, len(codec.known) :] = calendar_features(time.astype("M8[us]"), codec.calendar)
    return known
