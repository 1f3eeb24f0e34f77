"""What a table amounts to as it is set up now: all that the Data page shows of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.data.findings import Cancelled, Finding, Watch
from workbench.data.frequency import Ints
from workbench.data.leakage import check_leakage
from workbench.data.repair import Timeline, lay_timeline
from workbench.data.series import PreparedSeries, prepare_series
from workbench.data.text_overview import count_text
from workbench.data.time_axis import TimeReport, date_text, examine_time
from workbench.data.training_season import table_dates
from workbench.data.windows import window_starts
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, TableSpec

DESCRIBED = 2000
"""Columns whose values are put into words; of the others only missing cells are counted."""


@dataclass(frozen=True)
class ColumnFacts:
    """One column in short.

    Attributes:
        values: Its range, or its commonest texts.
        missing: Cells without a value, sentinels among them.
    """

    values: str
    missing: int


@dataclass(frozen=True, eq=False)
class TableOverview:
    """A table seen through an experiment.

    Attributes:
        sentence: One sentence: rows, step, span, target.
        time: The time axis as it stands in the file; None without dates.
        timeline: Rows in their final order; None where they cannot be laid out.
        prepared: The series ready for windows; None where ``problem`` says why not.
        starts: For each part int64 ``(N, 2)``: series and first step of every window.
        findings: Of the time axis and of the preparation.
        leakage: What leaks between the parts.
        problem: Why it cannot be trained on as it is; None where it can.
    """

    sentence: str
    time: TimeReport | None = None
    timeline: Timeline | None = None
    prepared: PreparedSeries | None = None
    starts: dict[str, Ints] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    leakage: tuple[Finding, ...] = ()
    problem: Finding | None = None


def describe_columns(
    frame: pd.DataFrame,
    columns: tuple[ColumnSpec, ...],
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, ColumnFacts]:
    """Range, texts and missing cells of every column, by name.

    Args:
        frame: The table.
        columns: Their sentinels count as missing.
        cancelled: Asked between columns.

    Raises:
        Cancelled: Where ``cancelled`` said True.
    """
    missing = frame.isna().sum()
    specs = {item.name: item for item in columns}
    found = {}
    for place, name in enumerate(frame.columns):
        if cancelled is not None and place % 64 == 0 and cancelled():
            raise Cancelled
        absent, words = int(missing.iloc[place]), ""
        if place < DESCRIBED:
            values = frame.iloc[:, place]
            spec = specs.get(name)
            if spec is not None and spec.sentinels and is_number(values):
                marked = values.isin(spec.sentinels)
                absent += int(marked.sum())
                values = values[~marked]
            words = _describe_values(values)
        found[str(name)] = ColumnFacts(words, absent)
    return found


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers."""
    return pd.api.types.is_numeric_dtype(values.dtype)


def _describe_values(values: pd.Series) -> str:
    known = values.dropna()
    if len(known) == 0:
        return "empty"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return f"{date_text(known.min())} … {date_text(known.max())}"
    if is_number(values):
        low, high = float(known.min()), float(known.max())
        words = f"always {low:.6g}" if low == high else f"{low:.6g} … {high:.6g}"
        return words.replace("-", "−").replace("e−", "e-")
    counts = known.iloc[:200_000].value_counts()
    common = ", ".join(str(text)[:40] for text in counts.index[:3])
    return common if len(counts) <= 3 else f"{len(counts):,} texts: {common} …"


def look_at_table(
    experiment: Experiment,
    frame: pd.DataFrame,
    cancelled: Callable[[], bool] | None = None,
) -> TableOverview:
    """Examine the time axis, repair, split, cut windows and check for leaks.

    Nothing a user can mend is raised: it stands in ``problem``, with as much of the rest as there
    is.

    Raises:
        Cancelled: Where ``cancelled`` said True.
    """
    table = experiment.data.table
    values: dict[str, Any] = {}
    try:
        dates = table_dates(frame, table)
        ids = next((item.name for item in table.columns if item.role == "series_id"), None)
        series_id = None if ids is None else frame[ids]
        if dates is not None:
            values["time"] = examine_time(dates, series_id, table.time)
        _stop(cancelled)
        values["timeline"] = lay_timeline(dates, series_id, table.time, len(frame))
        _stop(cancelled)
        prepared = prepare_series(
            frame,
            table,
            experiment.data.split,
            calendar=experiment.model.calendar,
            watch=Watch(cancelled=cancelled),
        )
        values["prepared"] = prepared
        _stop(cancelled)
        values["starts"] = _starts(prepared, table)
        values["problem"] = _too_few(prepared, values["starts"], table)
        values["leakage"] = tuple(check_leakage(experiment, prepared))
    except UserError as error:
        values["problem"] = Finding("training", error.what, error.todo, "problem")
    except KeyError as error:
        name = error.args[0] if error.args else ""
        values["problem"] = Finding(
            "training", f"The table has no column {name!r}.", "Read the file again.", "problem"
        )
    values["findings"] = _all_findings(values.get("time"), values.get("prepared"))
    return TableOverview(_sentence(frame, table, values), **values)


def _stop(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled


def _starts(prepared: PreparedSeries, table: TableSpec) -> dict[str, Ints]:
    return window_starts(
        prepared.splits,
        [series.usable for series in prepared.series],
        table.windows,
        [np.asarray(series.observed.any(axis=1)) for series in prepared.series],
    )


def _too_few(prepared: PreparedSeries, starts: dict[str, Ints], table: TableSpec) -> Finding | None:
    windows = table.windows
    for part in ("train", "validation"):
        if len(starts[part]):
            continue
        name = {"train": "training", "validation": "validation"}[part]
        rows = max((int(end - first) for first, end in prepared.splits[part]), default=0)
        need = windows.window + windows.horizon if part == "train" else windows.horizon
        return Finding(
            "windows",
            f"No window fits into the {name} part: it has {rows:,} rows, "
            f"{need:,} in one stretch are needed.",
            "Make the window or the horizon shorter, or the part longer.",
            "problem",
        )
    return None


def _all_findings(time: TimeReport | None, prepared: PreparedSeries | None) -> tuple[Finding, ...]:
    """Of time axis and preparation; what both say is said once, by the time axis."""
    first = () if time is None else time.findings
    subjects = {item.subject for item in first}
    rest = () if prepared is None else prepared.findings
    return (*first, *(item for item in rest if item.subject not in subjects))


def _each(step: str) -> str:
    """``an hour``, ``a day``, ``every 4 hours``."""
    if step[:1].isdigit():
        return f"every {step}"
    return f"{'an' if step == 'hour' else 'a'} {step}"


def _sentence(frame: pd.DataFrame, table: TableSpec, values: dict[str, Any]) -> str:
    time: TimeReport | None = values.get("time")
    rows, columns = len(frame), len(frame.columns)
    parts = [f"{count_text(rows, 'row')}, {count_text(columns, 'column')}"]
    if time is not None and time.start is not None and time.end is not None:
        step = f"one {_each(time.step_words)}, " if time.step_words else ""
        parts.append(f"{step}{date_text(time.start)} to {date_text(time.end)}")
    elif time is None:
        parts.append("no dates: rows are numbered")
    series = time.series if time is not None else ()
    if len(series) > 1:
        parts.append(count_text(len(series), "series").removesuffix("s"))
    targets = [item.name for item in table.columns if item.role == "target"]
    if targets:
        more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
        shown = ", ".join(targets[:3]) + more
        parts.append(f"to forecast: {shown}")
    return "; ".join(parts)
