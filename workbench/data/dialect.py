"""How a table file is laid out: separator, lines above the table, header."""

import csv
import re
from collections import Counter
from dataclasses import dataclass

from workbench.data.findings import Finding
from workbench.errors import UserError
from workbench.experiment import ReadingSpec

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}
_TYPED = re.compile(
    r"[-+−]?[\d.,'\u00a0\u202f ]*\d%?([eE][-+]?\d+)?|\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?.*|\d+:\d+.*"
)
_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")


@dataclass(frozen=True)
class Dialect:
    """Layout of a table file.

    Attributes:
        separator: One character; a space stands for any run of blanks; empty: one column.
        skip_rows: Lines above the table.
        header: Whether the first row names the columns.
        columns: Columns of the table.
        findings: What was decided, and why.
    """

    separator: str
    skip_rows: int
    header: bool
    columns: int
    findings: tuple[Finding, ...]


def find_dialect(lines: list[str], reading: ReadingSpec, markers: frozenset[str]) -> Dialect:
    """Decide the layout from sample lines (head, middle and tail of the file, head first).

    Raises:
        UserError: Where no line holds anything.
    """
    given = [line for line in lines if line.strip()]
    if not given:
        raise UserError("The file holds no rows.", "Choose a file with a table in it.")
    if reading.separator != "auto":
        separator = "" if reading.separator == "none" else reading.separator
        why = "as chosen"
    else:
        separator, why = _best_separator(given, markers)
    rows = [split_line(line, separator) for line in lines]
    columns = _count_columns(rows)
    skip = reading.skip_rows if reading.skip_rows >= 0 else _lines_above(rows, columns)
    body = [row + [""] * (columns - len(row)) for row in rows[skip:] if 0 < len(row) <= columns]
    header = _has_header(body, markers) if reading.header == "auto" else reading.header == "yes"
    name = _SEPARATORS.get(separator, "none: one column")
    findings = [Finding("separator", name, why)]
    if skip and reading.skip_rows < 0:
        findings.append(
            Finding("rows above the table", f"{skip}", "they have other columns than the table")
        )
    if reading.header == "auto":
        reason = "its first row is of other kinds than the rows below" if header else "no names"
        findings.append(Finding("header", "yes" if header else "no", reason))
    return Dialect(separator, skip, header, columns, tuple(findings))


def split_line(line: str, separator: str) -> list[str]:
    """The cells of one line."""
    if not separator:
        return [line.strip().strip('"')]
    if separator == " ":
        return line.split()
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell beyond the reader's limit
        cells = line.split(separator)
    return [cell.strip() for cell in cells]


def is_typed(cell: str, markers: frozenset[str]) -> bool:
    """Whether a cell looks like a number, a date, or nothing."""
    return cell in markers or _TYPED.fullmatch(cell) is not None


def _best_separator(lines: list[str], markers: frozenset[str]) -> tuple[str, str]:
    """Parse the sample with every separator; the best has equal, typed rows."""
    scores: dict[str, tuple[float, int, int]] = {}
    for separator in (*_SEPARATORS, ""):
        rows = [split_line(line, separator) for line in lines]
        columns, same = Counter(map(len, rows)).most_common(1)[0]
        if columns == 1 and separator:
            continue
        cells = [cell for row in rows if len(row) == columns for cell in row]
        typed = sum(is_typed(cell, markers) for cell in cells) / max(len(cells), 1)
        share = same / len(rows)
        score = share * (0.3 + typed) * (0.55 if columns == 1 else 1.0)
        if separator == " ":
            score *= 0.5  # blanks stand inside dates and texts
        scores[separator] = (score, columns, same)
    best = max(scores, key=lambda key: (scores[key][0], scores[key][1]))
    _, columns, same = scores[best]
    return best, f"{same:,} of {len(lines):,} sampled rows then have {columns:,} columns"


def _count_columns(rows: list[list[str]]) -> int:
    """The commonest count; or the first row's where all longer rows agree with it.

    Some writers leave out empty cells at the end of a row, but never of the header.
    """
    counts = Counter(len(row) for row in rows if any(row))
    usual = counts.most_common(1)[0][0]
    first = next(row for row in rows if any(row))
    return len(first) if all(first) and len(first) == max(counts) > usual else usual


def _lines_above(rows: list[list[str]], columns: int) -> int:
    """Lines before the first row with the table's columns."""
    for index, row in enumerate(rows):
        if len(row) == columns and (columns == 1 or sum(map(bool, row)) > columns // 2):
            return index
    return 0


def _has_header(rows: list[list[str]], markers: frozenset[str]) -> bool:
    if len(rows) < 2:
        return True
    first, rest = rows[0], rows[1:200]
    if first == [str(number) for number in range(len(first))] and len(first) > 1:
        return True  # columns numbered from 0
    if len(set(first)) == len(first) and all(first) and not any(_value(c, markers) for c in first):
        return True
    changed = 0
    for index, cell in enumerate(first):
        below = [row[index] for row in rest]
        typed_below = sum(is_typed(value, markers) for value in below) > 0.8 * len(below)
        changed += typed_below and not is_typed(cell, markers)
    return changed > 0 and not any(_DATE_LIKE.fullmatch(cell) for cell in first)


def _value(cell: str, markers: frozenset[str]) -> bool:
    return cell not in markers and is_typed(cell, markers)
