"""The report on a table file: one line for each thing found, doubted or mended."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.data.blocks import RowReport
from workbench.data.columns import ColumnPlan, ColumnStore
from workbench.data.findings import Finding
from workbench.data.number_style import find_sentinels
from workbench.specs import ColumnSpec

_LISTED = 8
_WIDE = 24
_ALIKE = 12  # findings of one kind, above which they are told together


def row_findings(report: RowReport, first_empty: int) -> list[Finding]:
    """What was noticed of the rows.

    Args:
        report: Of the whole reading.
        first_empty: Columns from this number on hold nothing anywhere.
    """
    found = []
    if report.long_rows:
        found.append(
            Finding(
                "rows", f"{report.long_rows:,} left out: more cells than the table has columns",
                f"lines {_numbers(report.long_lines, report.long_rows)}", "doubt",
            )
        )  # fmt: skip
    if report.short_rows:
        found.append(
            Finding(
                "rows", f"{report.short_rows:,} with fewer cells than the table has columns",
                f"what is not there is a missing value; lines "
                f"{_numbers(report.short_lines, report.short_rows)}",
                "info" if report.shortest >= first_empty else "doubt",
            )
        )  # fmt: skip
    if report.unclosed_lines:
        found.append(
            Finding(
                "quotation marks", f"{len(report.unclosed_lines):,} never closed, left out",
                f"lines {_numbers(report.unclosed_lines, len(report.unclosed_lines))}", "doubt",
            )
        )  # fmt: skip
    if report.zero_bytes:
        found.append(
            Finding(
                "NUL bytes", f"{report.zero_bytes:,} left out",
                "they stand in no text; the file may be damaged", "doubt",
            )
        )  # fmt: skip
    if report.damaged:
        found.append(
            Finding(
                "encoding", f"{report.damaged:,} bytes cannot be read and are shown as \ufffd",
                "another encoding may fit, or the file is damaged", "doubt",
            )
        )  # fmt: skip
    if report.blank_lines:
        found.append(Finding("rows", f"{report.blank_lines:,} empty lines passed over", "no cells"))
    return found


def column_findings(stores: Sequence[ColumnStore], rows: int) -> list[Finding]:
    """What was noticed of the cells of each column."""
    found = []
    for store in stores:
        found += _of_column(store, rows)
    return found


def _of_column(store: ColumnStore, rows: int) -> list[Finding]:
    plan = store.plan
    subject = f"column {plan.name}"
    found = []
    odd = sum(store.odd.values())
    if odd:
        shown = ", ".join(f"{cell!r} × {count:,}" for cell, count in store.odd.most_common(4))
        kind = "dates" if plan.kind == "date" else "numbers"
        found.append(
            Finding(
                subject, f"{odd:,} cells are no {kind} and count as missing",
                f"{shown}; lines {_numbers(store.odd_lines, odd)}", "doubt",
            )
        )  # fmt: skip
    if plan.doubt:
        found.append(Finding(subject, "written in two possible ways", plan.doubt, "doubt"))
    if plan.kind == "number":
        style = _style_words(plan)
        if style:
            found.append(Finding(subject, style, plan.why or "all its numbers fit"))
        if 0 < store.missing < rows:
            found.append(
                Finding(
                    subject, f"{store.missing:,} of {rows:,} cells hold no value",
                    "they are filled as set for the column",
                )
            )  # fmt: skip
    elif plan.why and plan.kind != "date":
        found.append(Finding(subject, "text", plan.why, "doubt"))
    return found


def _style_words(plan: ColumnPlan) -> str:
    words = []
    if plan.decimal == ",":
        words.append("decimal comma")
    if plan.thousands != "none":
        names = {",": "comma", ".": "point", " ": "blank", "'": "apostrophe"}
        words.append(f"{names[plan.thousands]} between thousands")
    return ", ".join(words) or plan.why


def layout_findings(columns: Sequence[ColumnSpec], rows: int) -> list[Finding]:
    """A table that seems to hold one series a row."""
    numbers = [column for column in columns if column.role == "target"]
    dated = any(column.role == "date" for column in columns)
    if dated or len(numbers) < _WIDE or len(numbers) < rows / 20:
        return []
    counted = [int(found[1]) for c in numbers if (found := re.fullmatch(r"\D*(\d+)", c.name))]
    if len(counted) < len(numbers) * 0.9 or counted != sorted(counted):
        return []
    return [
        Finding(
            "layout", f"this looks like one series a row: {rows:,} series, {len(numbers):,} steps",
            "each row is taken as a step in time here; exchange rows and columns in a "
            "spreadsheet if each row is a series", "doubt",
        )
    ]  # fmt: skip


def sentinel_findings(frame: pd.DataFrame, columns: Sequence[ColumnSpec]) -> list[Finding]:
    """Numbers that may mean 'no value': suggested, never applied."""
    found = []
    for column in columns:
        if column.kind != "number" or column.role in ("ignored", "date", "series_id"):
            continue
        values = frame[column.name].to_numpy()
        if values.dtype.kind != "f":
            continue
        sentinels = find_sentinels(values)
        if not sentinels:
            continue
        marks = ", ".join(f"{value:g}" for value, _ in sentinels)
        counts = ", ".join(f"{count:,} × {value:g}" for value, count in sentinels)
        listed = ", ".join(repr(value) for value, _ in sentinels)
        found.append(
            Finding(
                f"column {column.name}", f"{marks} may mean 'no value'",
                f"{counts}, far from all other numbers of the column", "doubt",
                f"data.table.columns.{column.name}.sentinels=[{listed}]",
            )
        )  # fmt: skip
    return found


def told_together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings on many columns alike as one line."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.subject.startswith("column ") and not finding.repair:
            kinds.setdefault((_without_numbers(finding.found), finding.level), []).append(finding)
    many = {key: alike for key, alike in kinds.items() if len(alike) > _ALIKE}
    result, told = [], set()
    for finding in findings:
        key = (_without_numbers(finding.found), finding.level)
        if key not in many or finding.repair:
            result.append(finding)
        elif key not in told:
            told.add(key)
            names = [item.subject.removeprefix("column ") for item in many[key]]
            result.append(
                Finding(
                    f"{len(names):,} columns", finding.found,
                    f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED:,} more", key[1],
                )
            )  # fmt: skip
    return tuple(result)


def _without_numbers(text: str) -> str:
    return "".join("#" if sign.isdigit() else sign for sign in text).replace(",", "")


def _numbers(lines: Sequence[int], total: int) -> str:
    shown = ", ".join(f"{line:,}" for line in np.asarray(lines[:_LISTED]).tolist())
    more = total - min(len(lines), _LISTED)
    return f"{shown} and {more:,} more" if more > 0 else shown
