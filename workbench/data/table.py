"""Reading tables: what a file holds, decided by rules that say why.

pandas' C engine is the only parser. What stands before it decides encoding, layout, and number and
date style of each column, from a sample first; then all rows are read, and a column whose rows
contradict the sample is looked at again with all its cells. What was decided is written into the
``ReadingSpec``, the ``ColumnSpec`` and the ``TimeSpec``, so that a reload gives the same frame.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.data.blocks import Layout, zero_led
from workbench.data.cells import parse_mixed, parse_text
from workbench.data.code_pages import label_of
from workbench.data.column_roles import suggest_roles
from workbench.data.columns import ColumnPlan, examine_column
from workbench.data.date_columns import find_date_columns
from workbench.data.dialect import Dialect, find_dialect
from workbench.data.encoding import Candidate, EncodingFound, find_encoding, read_head
from workbench.data.file_kind import check_kind, check_readable
from workbench.data.findings import Finding
from workbench.data.records import scan_records
from workbench.data.sample import Sample, take_sample
from workbench.data.table_findings import (
    column_findings,
    layout_findings,
    row_findings,
    sentinel_findings,
    told_together,
)
from workbench.data.table_reading import ReadColumns, Reading, read_columns, read_text, settle
from workbench.errors import UserError
from workbench.specs import ColumnSpec, ReadingSpec, TableSpec, TimeSpec

Progress = Callable[[float], None] | None
Cancel = Callable[[], bool] | None

_LOOKED_AT_WHOLE = 1 << 22
"""Bytes up to which the encoding is decided by the whole file before it is read."""

_FIRST_PASS = 0.8
_SAMPLE_CELLS = 100_000
_EXAMINED_COLUMNS = 300
"""Columns up to which every one is examined cell by cell; of more, those the parser cannot read."""


@dataclass(frozen=True, eq=False)
class TableSource:
    """What a table file turned out to hold.

    Attributes:
        path: The file.
        frame: float64 numbers, datetime64[us] dates, str text; rows in the order of the file. From
            500 MB on float32 numbers and categorical text.
        reading: Resolved; ``auto`` is left only for marks that differ between columns.
        columns: Suggested kind and role of each column.
        time: Date columns and their format.
        findings: What was found, doubted and mended.
        fingerprint: SHA-256 of the file, hexadecimal; empty for a preview.
        rows: Rows of the frame.
        complete: False where only the head was read.
        encodings: Encodings to choose from, the likeliest first.
    """

    path: Path
    frame: pd.DataFrame
    reading: ReadingSpec
    columns: tuple[ColumnSpec, ...]
    time: TimeSpec
    findings: tuple[Finding, ...]
    fingerprint: str
    rows: int
    complete: bool = True
    encodings: tuple[Candidate, ...] = ()


@dataclass(frozen=True, eq=False)
class _Opened:
    """A file whose encoding and layout are decided."""

    path: Path
    reading: ReadingSpec
    encoding: EncodingFound
    sample: Sample
    dialect: Dialect
    names: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def layout(self) -> Layout:
        return Layout(
            self.reading.encoding, self.dialect.separator, self.dialect.columns,
            self.dialect.lines_above, self.dialect.last_rows,
        )  # fmt: skip


def open_table(
    path: str | Path,
    reading: ReadingSpec | None = None,
    *,
    progress: Progress = None,
    cancelled: Cancel = None,
) -> TableSource:
    """Read a whole table, finding out how it is written.

    Args:
        path: A file of delimited text.
        reading: What is known already; the rest is found out.
        progress: Told the share read, 0…1.
        cancelled: Asked again and again; True gives up.

    Raises:
        UserError: Where it cannot be read as a table.
        Cancelled: Where ``cancelled()`` said True.
    """
    file = Path(path)
    wanted = reading or ReadingSpec()
    size = check_readable(file)
    opened = _open(file, wanted, whole=size <= _LOOKED_AT_WHOLE)
    read = _read_all(opened, size, progress, cancelled)
    if read.report.damaged and wanted.encoding == "auto" and opened.encoding.name == "utf-8":
        found = find_encoding(file, cancelled=cancelled)
        if found.name != "utf-8":
            opened = _open(file, wanted, whole=True, encoding=found)
            read = _read_all(opened, size, progress, cancelled)
    if progress:
        progress(1.0)
    return _described(opened, read, complete=True)


def preview_table(
    path: str | Path, reading: ReadingSpec | None = None, rows: int = 200
) -> TableSource:
    """Read the head of a table, judging by head, middle and tail how it is written.

    Raises:
        UserError: Where it cannot be read as a table.
    """
    file = Path(path)
    check_readable(file)
    opened = _open(file, reading or ReadingSpec(), whole=False)
    text, number = _sample_text(opened)
    plans = _plans(opened, text)
    source = Reading(file, opened.layout, opened.reading, 0)
    described = _described(opened, read_text(source, plans, text, number), complete=False)
    frame = described.frame.head(rows)
    return replace(described, frame=frame, rows=len(frame))


def load_table(
    path: str | Path,
    table: TableSpec,
    *,
    progress: Progress = None,
    cancelled: Cancel = None,
) -> pd.DataFrame:
    """Read a table exactly as a resolved description says.

    Returns:
        All columns of the description that the file has, in its order.

    Raises:
        UserError: Where the file is gone or no longer fits the description.
        Cancelled: Where ``cancelled()`` said True.
    """
    file = Path(path)
    if not table.columns:
        return open_table(file, table.reading, progress=progress, cancelled=cancelled).frame
    size = check_readable(file)
    opened = _open(file, table.reading, whole=size <= _LOOKED_AT_WHOLE)
    known = {column.name: column for column in table.columns}
    absent = [c.name for c in table.columns if c.role != "ignored" and c.name not in opened.names]
    if absent:
        raise UserError(
            f"{file.name} has no column {absent[0]!r}; "
            f"it has {', '.join(map(repr, opened.names[:8]))}.",
            "Choose the file the experiment was made for, or set up its columns anew.",
        )
    plans = [_plan_of(name, known.get(name), table.time) for name in opened.names]
    source = Reading(file, opened.layout, opened.reading, size, progress, cancelled)
    read = read_columns(source, plans)
    if not read.report.rows:
        raise UserError(f"{file.name} has no rows any more.", "Choose a file with data in it.")
    _check_targets(file, read, known)
    frame = read.frame()
    return frame[[name for name in opened.names if name in known]]


def _check_targets(file: Path, read: ReadColumns, known: dict[str, ColumnSpec]) -> None:
    for store in read.stores:
        column = known.get(store.plan.name)
        if column is None or column.role != "target":
            continue
        if store.missing + sum(store.odd.values()) >= read.report.rows:
            shown = ", ".join(repr(cell) for cell, _ in store.odd.most_common(3)) or "nothing"
            raise UserError(
                f"Column {column.name!r} of {file.name} holds no numbers: its cells hold {shown}.",
                "Choose another target, or other decimal and thousands marks.",
            )


def _plan_of(name: str, column: ColumnSpec | None, time: TimeSpec) -> ColumnPlan:
    """How a column is read by its description."""
    if column is None:
        return ColumnPlan(name, "text", plain=False)
    if column.kind == "date" and name in time.columns and time.format != "auto":
        return ColumnPlan(name, "date", form=time.format, plain=False)
    if column.kind == "number":
        return ColumnPlan(name, "number", column.decimal, column.thousands, has_fraction=True)
    return ColumnPlan(name, "text", plain=False)


# ---------------------------------------------------------------------- finding out


def _open(
    file: Path, reading: ReadingSpec, *, whole: bool, encoding: EncodingFound | None = None
) -> _Opened:
    """Decide encoding and layout."""
    found = encoding
    if found is None and reading.encoding == "auto":
        found = find_encoding(file, whole=whole)
    elif found is None:
        head = read_head(file)
        if not head:
            raise UserError(f"{file.name} is empty (0 bytes).", "Choose a file with data in it.")
        check_kind(file, head)
        found = _chosen_encoding(file, reading.encoding)
    sample = take_sample(file, found.name)
    dialect = find_dialect(sample, reading)
    resolved = reading.model_copy(
        update={
            "encoding": found.name,
            "separator": dialect.separator,
            "header": "yes" if dialect.header else "no",
            "skip_rows": dialect.skip_rows,
            "unit_rows": dialect.unit_rows,
            "last_rows": dialect.last_rows,
        }
    )
    names, findings = _different(dialect)
    level = "info" if found.sure else "doubt"
    first = Finding("encoding", label_of(found.name), found.why, level)
    return _Opened(
        file, resolved, found, sample, dialect, names, (first, *dialect.findings, *findings)
    )


def _chosen_encoding(file: Path, name: str) -> EncodingFound:
    """An encoding that was asked for, with the others that might be meant."""
    try:
        others = find_encoding(file, whole=False).candidates
    except UserError:
        others = ()
    if name not in (other.name for other in others):
        others = (Candidate(name), *others)
    return EncodingFound(name, "as chosen", True, others)


def _different(dialect: Dialect) -> tuple[tuple[str, ...], list[Finding]]:
    """Names that differ from each other; what was changed is said."""
    given = dialect.names or ("",) * dialect.columns
    taken: set[str] = set(given)
    used: set[str] = set()
    result, changed, empty = [], [], 0
    for position, name in enumerate(given, start=1):
        fresh, number = name or f"column {position}", 2
        while fresh in used or (fresh != name and fresh in taken):
            fresh = f"{name or 'column'} ({number})"
            number += 1
        used.add(fresh)
        empty += not name
        if name and fresh != name:
            changed.append(f"{name!r} is now {fresh!r}")
        result.append(fresh)
    findings = []
    if changed:
        shown = "; ".join(changed[:4]) + (" …" if len(changed) > 4 else "")
        findings.append(
            Finding("header", f"{len(changed):,} repeated names made different", shown, "doubt")
        )
    if dialect.names and empty:
        findings.append(
            Finding("header", f"{empty:,} columns without a name", "named by their place", "doubt")
        )
    return tuple(result), findings


def _read_all(opened: _Opened, size: int, progress: Progress, cancelled: Cancel) -> ReadColumns:
    plans = _plans(opened, _sample_text(opened)[0])
    reading = Reading(opened.path, opened.layout, opened.reading, size, progress, cancelled)
    read = read_columns(reading, plans, _FIRST_PASS)
    if not read.report.rows:
        raise UserError(
            f"{opened.path.name} has a header but no rows.", "Choose a file with data in it."
        )
    hint = _hint(plans, opened.dialect.separator)
    return settle(reading, read, hint, _FIRST_PASS, whole=opened.sample.whole)


def _plans(opened: _Opened, text: bytes) -> list[ColumnPlan]:
    """How each column seems to be written, by the sample's rows."""
    layout = opened.layout
    cells = parse_text(text, layout.separator, layout.columns)
    plain = _plain_columns(opened, text)
    plans: list[ColumnPlan] = []
    for number, name in enumerate(opened.names):
        if number in plain:
            plans.append(ColumnPlan(name, "number", has_fraction=True))
        else:
            plans.append(examine_column(name, cells[number], opened.reading, place=number))
    hint = _hint(plans, layout.separator)
    for number, plan in enumerate(plans):
        if hint and plan.kind == "number" and plan.doubt:
            plans[number] = examine_column(
                plan.name, cells[number], opened.reading, place=number, hint=hint
            )
    return plans


def _hint(plans: list[ColumnPlan], separator: str) -> str:
    """The decimal mark of the columns that leave no doubt."""
    sure = [p.decimal for p in plans if p.kind == "number" and p.has_fraction and not p.doubt]
    if sure:
        return max(set(sure), key=sure.count)
    return "." if separator == "," else ""


def _plain_columns(opened: _Opened, text: bytes) -> set[int]:
    """Of a very wide table, the columns that need no examination."""
    layout = opened.layout
    if layout.columns <= _EXAMINED_COLUMNS:
        return set()
    frame = parse_mixed(
        text, layout.separator, layout.columns, texts=[], decimal=".",
        missing=opened.reading.missing_markers,
    )  # fmt: skip
    codes = zero_led(text, scan_records(text, layout.separator, final=True))
    numbers = [n for n in range(2, layout.columns) if frame[n].dtype.kind in "iuf"]
    return {
        number
        for number in numbers
        if number not in codes and np.nanmax(frame[number].to_numpy(), initial=0.0) < 1e7
    }


def _sample_text(opened: _Opened) -> tuple[bytes, int]:
    """The sample's rows of data, the first ones first, and how many they are."""
    layout, sample = opened.layout, opened.sample
    place = 0
    for _ in range(layout.lines_above):
        place = sample.head.find(b"\n", place) + 1 or len(sample.head)
    most = max(_SAMPLE_CELLS // layout.columns, 20)
    below = layout.rows_below
    rows = _rows(sample.head[place:], layout, below if sample.whole else 0)
    if not sample.whole:
        others = (_rows(sample.body, layout, 0), _rows(sample.tail, layout, below))
        rows = rows[:most] + [row for part in others for row in part[: most // 2]]
    elif len(rows) > 2 * most:
        rows = rows[:most] + rows[most :: len(rows) // most]
    if not rows:
        raise UserError(
            f"{opened.path.name} has a header but no rows.", "Choose a file with data in it."
        )
    return b"".join(rows), len(rows)


def _rows(text: bytes, layout: Layout, below: int) -> list[bytes]:
    """Rows of data of a piece of text, each with its line break; long ones left out."""
    found = scan_records(text, layout.separator, final=True)
    for place in reversed(found.unclosed):
        text = text[:place] + text[place + 1 :]
    if found.unclosed:
        found = scan_records(text, layout.separator, final=True)
    rows = []
    for start, end, count in zip(found.starts, found.ends, found.counts, strict=True):
        row = text[start:end]
        if count <= layout.columns and (row.strip() or layout.columns == 1):
            rows.append(row if row.endswith(b"\n") else row + b"\n")
    while rows and not rows[-1].strip():
        rows.pop()
    return rows[: len(rows) - below] if below else rows


# ---------------------------------------------------------------------- describing


def _described(opened: _Opened, read: ReadColumns, *, complete: bool) -> TableSource:
    plans = read.plans
    rows = read.report.rows
    filled = [store.missing < rows for store in read.stores]
    first_empty = len(filled) - (filled[::-1].index(True) if any(filled) else len(filled))
    findings = [*opened.findings, *row_findings(read.report, first_empty)]
    findings += column_findings(read.stores, rows)
    frame = read.frame()
    time, notes = find_date_columns([_over_all_rows(plan, rows) for plan in plans], frame)
    findings += notes
    specs = [plan.spec() for plan in plans]
    columns = suggest_roles(specs, frame, time.columns, findings)
    findings += [*layout_findings(columns, rows), *sentinel_findings(frame, columns)]
    return TableSource(
        path=opened.path,
        frame=frame,
        reading=opened.reading.model_copy(update=_common_marks(plans, time)),
        columns=columns,
        time=time,
        findings=told_together(findings),
        fingerprint=read.fingerprint,
        rows=len(frame),
        complete=complete,
        encodings=opened.encoding.candidates,
    )


def _over_all_rows(plan: ColumnPlan, rows: int) -> ColumnPlan:
    """The reason of a date, with the rows of the table instead of those of the sample."""
    if plan.kind == "date" and plan.why.endswith("different dates fit") and not plan.odd_total:
        start = plan.why.partition(":")[0] + ": " if ":" in plan.why else ""
        return replace(plan, why=f"{start}all {rows:,} rows fit")
    return plan


def _common_marks(plans: list[ColumnPlan], time: TimeSpec) -> dict[str, str]:
    """Marks that hold for the whole table; those that differ between columns are left out."""
    numbers = [plan for plan in plans if plan.kind == "number"]
    decimals = {plan.decimal for plan in numbers if plan.has_fraction}
    groups = {plan.thousands for plan in numbers if plan.thousands != "none"}
    orders = [plan.order for plan in plans if plan.name in time.columns and plan.order]
    marks = {"date_order": orders[0] if orders else "ymd"}
    if len(decimals) <= 1:
        marks["decimal"] = next(iter(decimals), ",") if decimals or "." in groups else "."
    if len(groups) <= 1 and not (groups & decimals):
        marks["thousands"] = next(iter(groups), "none")
    return marks
