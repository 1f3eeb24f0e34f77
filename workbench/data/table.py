"""Reading tables: what a file holds, decided by rules that say why.

pandas' C engine is the only parser; encoding, layout, number and date style are decided before it
and written into the ``ReadingSpec`` and ``ColumnSpec``, so that a reload gives the same frame.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.data.column_roles import suggest_roles
from workbench.data.date_style import convert, find_date_style, find_parts
from workbench.data.dialect import Dialect, find_dialect
from workbench.data.findings import Cancelled, Finding
from workbench.data.number_style import find_sentinels, find_style, to_numbers
from workbench.data.table_encoding import table_encoding
from workbench.errors import UserError
from workbench.experiment import ColumnSpec, ReadingSpec, TableSpec, TimeSpec

MOST_COLUMNS = 20_000
_CHUNK_ROWS = 100_000
_SAMPLE_LINES = 200
_EXTRA = 4  # columns kept beyond the table's, to see rows that are too long
_NO_SEPARATOR = "\x01"  # a sign that stands in no text: everything is one column


@dataclass(frozen=True, eq=False)
class TableSource:
    """What a table file turned out to hold.

    Attributes:
        path: The file.
        frame: float64 numbers, datetime64 dates, str text; rows in the order of the file.
        reading: Resolved: nothing is ``auto``.
        columns: Suggested kind and role of each column.
        time: Date columns and their format.
        findings: What was found, doubted and mended.
        fingerprint: SHA-256 of the file, hexadecimal; empty for a preview.
        rows: Rows of the frame.
        complete: False where only the head was read.
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


def open_table(
    path: str | Path,
    reading: ReadingSpec | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TableSource:
    """Read a whole table, finding out how it is written.

    Raises:
        UserError: Where it cannot be read as a table.
        Cancelled: Where ``cancelled()`` said True.
    """
    file = Path(path)
    return _examine(file, reading or ReadingSpec(), None, progress, cancelled)


def preview_table(
    path: str | Path, reading: ReadingSpec | None = None, rows: int = 200
) -> TableSource:
    """Read the head of a table, finding out how it is written.

    Raises:
        UserError: Where it cannot be read as a table.
    """
    return _examine(Path(path), reading or ReadingSpec(), rows, None, None)


def load_table(
    path: str | Path,
    table: TableSpec,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Read a table exactly as a resolved description says.

    Raises:
        UserError: Where the file is gone or lacks a column.
    """
    file = Path(path)
    raw, _, _ = _read(file, table.reading, None, progress, cancelled)
    if not table.columns:
        return _typed(raw, _suggest(raw, table.reading)[0], table.reading, table.time)
    used = [item for item in table.columns if item.role != "ignored"]
    absent = [item.name for item in used if item.name not in raw.columns]
    if absent:
        raise UserError(
            f"{file.name} has no column {absent[0]!r}.",
            f"It has: {', '.join(map(str, list(raw.columns)[:8]))}.",
        )
    known = tuple(item for item in table.columns if item.name in raw.columns)
    return _typed(raw, known, table.reading, table.time)


# ---------------------------------------------------------------------- reading


def _examine(
    file: Path,
    reading: ReadingSpec,
    rows: int | None,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> TableSource:
    raw, dialect, notes = _read(file, reading, rows, progress, cancelled)
    resolved = reading.model_copy(
        update={
            "encoding": notes["encoding"],
            "separator": dialect.separator or "none",
            "header": "yes" if dialect.header else "no",
            "skip_rows": dialect.skip_rows,
        }
    )
    columns, time, findings = _suggest(raw, resolved)
    frame = _typed(raw, columns, resolved, time)
    findings = [*notes["findings"], *dialect.findings, *findings]
    findings += _sentinel_findings(frame, columns)
    return TableSource(
        path=file,
        frame=frame,
        reading=resolved,
        columns=columns,
        time=time,
        findings=tuple(findings),
        fingerprint="" if rows is not None else _fingerprint(file, cancelled),
        rows=len(frame),
        complete=rows is None,
    )


def _read(
    file: Path,
    reading: ReadingSpec,
    rows: int | None,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[pd.DataFrame, Dialect, dict[str, Any]]:
    """Read cells as text: the frame, the layout, and what was noticed."""
    encoding, why = table_encoding(file, reading.encoding)
    size = file.stat().st_size
    lines = _sample_lines(file, encoding)
    dialect = find_dialect(lines, reading, _markers(reading))
    if dialect.columns > MOST_COLUMNS:
        raise UserError(
            f"{file.name} has {dialect.columns:,} columns; up to {MOST_COLUMNS:,} can be opened.",
            "Keep the columns you need, or exchange rows and columns.",
        )
    findings = [Finding("encoding", encoding, why)]
    parts: list[pd.DataFrame] = []
    read = 0
    try:
        with file.open("rb") as opened:
            for chunk in _chunks(opened, dialect, encoding, rows):
                if cancelled and cancelled():
                    raise Cancelled
                parts.append(chunk)
                read += len(chunk)
                if progress and size:
                    progress(min(opened.tell() / size, 1.0))
                if rows is not None and read >= rows:
                    break
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
        raise UserError(
            f"{file.name} cannot be read as a table: {str(error).strip()}.",
            "Look at that line in a text editor, or choose encoding and separator by hand.",
        ) from None
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from None
    if file.stat().st_size != size:
        raise UserError(f"{file.name} changed while it was read.", "Open it again.")
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    frame = _named(frame, dialect, findings)
    if frame.empty:
        raise UserError(f"{file.name} has a header but no rows.", "Choose a file with data in it.")
    return frame, dialect, {"encoding": encoding, "findings": findings}


def _chunks(opened: Any, dialect: Dialect, encoding: str, rows: int | None) -> Any:
    wide = list(range(dialect.columns + (_EXTRA if dialect.columns > 1 else 0)))
    separator = {"": _NO_SEPARATOR, " ": r"\s+"}.get(dialect.separator, dialect.separator)
    return pd.read_csv(
        opened,
        sep=separator,
        encoding=encoding,
        header=None,
        names=wide,
        skiprows=dialect.skip_rows,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        chunksize=min(rows + 1, _CHUNK_ROWS) if rows else _CHUNK_ROWS,
        skip_blank_lines=True,
        engine="c",
    )


def _named(frame: pd.DataFrame, dialect: Dialect, findings: list[Finding]) -> pd.DataFrame:
    """Take off the header and rows that are too long; name the columns."""
    frame = frame.fillna("")
    extra = frame.iloc[:, dialect.columns :]
    long_rows = np.asarray((extra != "").any(axis=1), dtype=bool)
    if long_rows.any():
        numbers = np.flatnonzero(long_rows) + 1 + dialect.skip_rows
        shown = ", ".join(f"{number:,}" for number in numbers[:8])
        findings.append(
            Finding(
                "rows", f"{int(long_rows.sum()):,} left out",
                f"they have more cells than the table has columns: lines {shown}", "doubt",
            )
        )  # fmt: skip
    frame = frame.loc[~long_rows].iloc[:, : dialect.columns]
    if dialect.header and len(frame):
        names = [str(name).strip().lstrip("\ufeff") for name in frame.iloc[0]]
        frame = frame.iloc[1:]
    else:
        names = [f"column {number + 1}" for number in range(dialect.columns)]
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index(_different(names, findings))
    return frame


def _different(names: list[str], findings: list[Finding]) -> list[str]:
    """Names that differ from each other; what was changed is said."""
    seen: dict[str, int] = {}
    result, changed = [], []
    for position, given in enumerate(names, start=1):
        name = given or f"column {position}"
        fresh = name
        while fresh in seen:
            seen[name] += 1
            fresh = f"{name} ({seen[name]})"
        seen.setdefault(fresh, 1)
        if fresh != given and given:
            changed.append(fresh)
        result.append(fresh)
    if changed:
        findings.append(
            Finding(
                "header", f"{len(changed)} renamed", f"named twice: {changed[0]}", "doubt"
            )
        )
    return result


def _sample_lines(file: Path, encoding: str) -> list[str]:
    """Lines of head, middle and tail."""
    size = file.stat().st_size
    block = 1 << 17
    with file.open("rb") as opened:
        if size <= 3 * block or encoding.startswith(("utf-16", "utf-32")):
            text = opened.read(1 << 22).decode(encoding, "replace")
            return _some(text.splitlines())
        head = opened.read(block)
        if head.count(b"\n") < 2:  # very long lines
            head += opened.read(1 << 24)
        found = head.decode(encoding, "replace").splitlines()[:_SAMPLE_LINES]
        found = found[: -1 if len(found) > 2 else None]
        for place in (size // 2, size - block):
            opened.seek(place)
            found += opened.read(block).decode(encoding, "replace").splitlines()[1:-1][:100]
    return found


def _some(lines: list[str]) -> list[str]:
    if len(lines) <= 2 * _SAMPLE_LINES:
        return lines
    middle = len(lines) // 2
    return lines[:_SAMPLE_LINES] + lines[middle : middle + 100] + lines[-100:]


def _fingerprint(file: Path, cancelled: Callable[[], bool] | None) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 22):
            if cancelled and cancelled():
                raise Cancelled
            digest.update(block)
    return digest.hexdigest()


# ---------------------------------------------------------------------- kinds and roles


def _markers(reading: ReadingSpec) -> frozenset[str]:
    return frozenset(reading.missing_markers)


def _suggest(
    raw: pd.DataFrame, reading: ReadingSpec
) -> tuple[tuple[ColumnSpec, ...], TimeSpec, list[Finding]]:
    """Kind, style and role of each column."""
    findings: list[Finding] = []
    dates: dict[str, str] = {}
    columns: list[ColumnSpec] = []
    for name in raw.columns:
        columns.append(_column(str(name), raw[name], reading, dates, findings))
    parts = find_parts([str(name) for name in raw.columns])
    chosen = tuple(dates)[:1] or parts
    time = TimeSpec(columns=chosen, format=dates.get(chosen[0], "auto") if chosen else "auto")
    if not chosen:
        findings.append(Finding("dates", "none", "rows are numbered", "doubt"))
    elif len(chosen) > 1:
        findings.append(Finding("dates", " + ".join(chosen), "columns that make a date together"))
    return suggest_roles(columns, raw, chosen, findings), time, findings


def _column(
    name: str,
    cells: pd.Series,
    reading: ReadingSpec,
    dates: dict[str, str],
    findings: list[Finding],
) -> ColumnSpec:
    given = cells[~cells.str.strip().isin(reading.missing_markers)]
    style = find_style(given, reading.decimal, reading.thousands)
    yearly = name.strip().lower() in ("date", "time", "year", "jahr", "datum") or style is None
    date = find_date_style(given, reading.date_order) if yearly or _eight_digits(given) else None
    if date is not None and len(given) == len(cells) and not _is_part(name, cells):
        dates[name] = date.format
        level = "doubt" if date.ambiguous else "info"
        findings.append(Finding(f"dates in {name}", date.format, date.why, level))
        return ColumnSpec(name=name, role="date", kind="date")
    if style is not None:
        if style.odd:
            odd = ", ".join(f"{key!r} × {count}" for key, count in list(style.odd.items())[:4])
            findings.append(
                Finding(
                    f"column {name}", "cells that are no numbers", f"missing: {odd}", "doubt"
                )
            )
        return ColumnSpec(
            name=name, kind="number", decimal=style.decimal, thousands=style.thousands
        )
    few = given.nunique() <= 20
    return ColumnSpec(name=name, kind="category" if few and len(given) else "text")


def _is_part(name: str, cells: pd.Series) -> bool:
    """A year that repeats is part of a date, not a date."""
    return name.strip().lower() == "year" and cells.nunique() < len(cells)


def _eight_digits(given: pd.Series) -> bool:
    return len(given) > 0 and bool(given.str.fullmatch(r"(19|20)\d{6}").all())


def _typed(
    raw: pd.DataFrame, columns: tuple[ColumnSpec, ...], reading: ReadingSpec, time: TimeSpec
) -> pd.DataFrame:
    """The frame with each column in its kind; columns of no known kind stay text."""
    typed: dict[str, pd.Series] = {}
    for spec in columns:
        cells = raw[spec.name]
        missing = cells.str.strip().isin(reading.missing_markers)
        if spec.kind == "number":
            typed[spec.name] = to_numbers(cells.mask(missing), spec.decimal, spec.thousands)
        elif spec.kind == "date" and spec.name in time.columns and len(time.columns) == 1:
            form = time.format
            if form == "auto":
                found = find_date_style(cells[~missing], reading.date_order)
                form = found.format if found else "ISO8601"
            dates = convert(cells, form)
            typed[spec.name] = cells if dates.isna().any() else dates
        else:
            typed[spec.name] = cells.mask(missing)
    return pd.DataFrame(typed)


def _sentinel_findings(frame: pd.DataFrame, columns: tuple[ColumnSpec, ...]) -> list[Finding]:
    found = []
    for spec in columns:
        if spec.kind != "number":
            continue
        for value in find_sentinels(frame[spec.name]):
            count = int((frame[spec.name] == value).sum())
            found.append(
                Finding(
                    f"column {spec.name}", f"{value:g} may mean 'no value'",
                    f"{count:,} cells hold it, far from all others", "doubt",
                    f"data.table.columns.{spec.name}.sentinels=[{value}]",
                )
            )  # fmt: skip
    return found
