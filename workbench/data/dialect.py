"""How a table file is laid out: separator, lines above the table, header, units, last rows."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from workbench.data.cells import parse_objects
from workbench.data.findings import Finding
from workbench.data.records import NO_SEPARATOR, scan_records
from workbench.data.sample import Sample, records_of
from workbench.errors import UserError
from workbench.specs import ReadingSpec

MOST_COLUMNS = 20_000
SEPARATOR_NAMES = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks",
    NO_SEPARATOR: "none: one column",
}  # fmt: skip
_HEAD_ROWS, _OTHER_ROWS, _CELLS, _FEWEST = 200, 80, 20_000, 8
_ONE_COLUMN = 0.6  # a table has mostly more
_BLANKS = 0.5  # blanks stand inside dates and texts
_MOST_UNITS, _MOST_LAST = 2, 20
_SIGNS = (b"#", b"%", b"//")  # of comments
_TYPED = re.compile(
    r"[-+−(]?\s*[$€£¥]?\s*[-+]?"
    r"(?:\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*[%$€£¥)]?-?"
    r"|\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?\.?(?:[T ,]+\d{1,2}[:.]\d{2}[^,;\t|]{0,24})?"
    r"|\d{1,2}[-. ][^\W\d_]{3,9}\.?[-. ]\d{2,4}|\d{1,2}:\d{2}(?::\d{2})?.{0,6}"
    r"|[-+]?(?:inf|infinity|nan)",
    re.IGNORECASE,
)
_LAST_WORDS = re.compile(
    r"(?:total|sum|summe|gesamt|subtotal|mean|average|mittelwert|durchschnitt|moyenne|somme|media|"
    r"итого|합계|合計|合计|source|quelle|note|notes|hinweis|copyright|©|\*|#)(?:\W.*|$)",
    re.IGNORECASE,
)


Rows = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """Layout of a table file.

    Attributes:
        separator: One character; a space stands for any run of blanks; ``none``: one column.
        columns: Columns of the table.
        skip_rows: Lines above the table.
        header: Whether the first row names the columns.
        unit_rows: Rows between the header and the data, such as units.
        last_rows: Rows below the data, such as totals.
        lines_above: Lines above the first row of data.
        names: What the header says, one per column; empty where it has none.
        findings: What was decided, and why.
    """

    separator: str
    columns: int
    skip_rows: int
    header: bool
    unit_rows: int
    last_rows: int
    lines_above: int
    names: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class _Trial:
    """The sample parsed with one separator."""

    separator: str
    score: float
    columns: int
    same: int
    rows: int


def find_dialect(sample: Sample, reading: ReadingSpec) -> Dialect:
    """Decide the layout; what ``reading`` says already is taken as it is.

    Args:
        sample: Head, middle and tail of the file.
        reading: ``auto`` and −1 are found out.

    Raises:
        UserError: Where no line holds anything, or the table is too wide.
    """
    markers = frozenset(reading.missing_markers) | {""}
    if not sample.head.strip():
        raise UserError("The file holds no rows, only empty lines.", "Choose another file.")
    separator, why = _separator(sample, reading, markers)
    _check_width(_first_counts(sample, separator))
    lines = _Lines(sample, separator)
    columns = lines.columns
    _check_width([columns])
    findings = [Finding("separator", SEPARATOR_NAMES.get(separator, repr(separator)), why)]
    first = lines.first_row(reading.skip_rows)
    skip = sum(lines.taken[:first]) if reading.skip_rows < 0 else reading.skip_rows
    if skip and reading.skip_rows < 0:
        start = lines.records[0].decode(errors="replace")[:60]
        findings.append(
            Finding("lines above the table", f"{skip:,} left out", f"they begin with {start!r}")
        )
    rows = lines.cells(first, 60)
    header, reason, sure = _has_header(rows, columns, markers)
    if reading.header != "auto":
        header, reason, sure = reading.header == "yes", "as chosen", True
    findings.append(
        Finding("header", "yes" if header else "no", reason, "info" if sure else "doubt")
    )
    names = lines.names(rows) if header else ()
    body = rows[1:] if header else rows
    units = reading.unit_rows if reading.unit_rows >= 0 else _unit_rows(body, markers, header)
    if units:
        shown = ", ".join(cell for cell in body[0] if cell)[:80]
        findings.append(
            Finding("rows of units", f"{units} left out", f"below the header stands {shown}")
        )
    last = reading.last_rows
    if last < 0:
        last, shown = _last_rows(lines, sample, markers, first + header + units)
        if last:
            findings.append(Finding("rows below the data", f"{last} left out", shown, "doubt"))
    above = skip + sum(lines.taken[first : first + header + units])
    return Dialect(separator, columns, skip, header, units, last, above, names, tuple(findings))


def _first_counts(sample: Sample, separator: str) -> list[int]:
    """Cells of the first lines, without cutting them out: there may be a million of them."""
    counts = scan_records(sample.head, separator, final=True).counts[:_HEAD_ROWS]
    return [int(count) for count in counts]


def _check_width(counts: list[int]) -> None:
    columns = Counter(counts).most_common(1)[0][0]
    if columns > MOST_COLUMNS:
        raise UserError(
            f"The table has {columns:,} columns; up to {MOST_COLUMNS:,} can be opened.",
            "Keep the columns you need, or exchange rows and columns.",
        )


def is_typed(cell: str) -> bool:
    """Whether a cell looks like a number, a date or a time."""
    return _TYPED.fullmatch(cell.strip()) is not None


class _Lines:
    """The records of a sample, cut by a separator."""

    def __init__(self, sample: Sample, separator: str) -> None:
        self.separator = separator
        self.records, self.taken = records_of(sample.head, separator)
        self.signed = [record.lstrip().startswith(_SIGNS) for record in self.records[:200]]
        for index, signed in enumerate(self.signed):
            if signed:
                self.records[index] = self.records[index].lstrip(b" #%/")
        others = [records_of(part, separator)[0] for part in (sample.body, sample.tail) if part]
        self.tail = records_of(sample.last, separator)[0]
        every = [*self.records, *(record for part in others for record in part)]
        counts = _counts(every, separator)
        self.counts = counts[: len(self.records)]
        filled = [int(count) for count, record in zip(counts, every, strict=True) if record.strip()]
        self.columns, self.named = self._width(filled)

    def _width(self, counts: list[int]) -> tuple[int, int]:
        """Columns of the table, and cells of its header."""
        usual, _ = Counter(counts).most_common(1)[0]
        most = max(counts)
        for index, count in enumerate(self.counts[:60]):
            if not self.records[index].strip():
                continue
            if count == most > usual and self._is_full(index):
                return count, count  # rows may leave out empty cells at their end
            if count == usual:
                return usual, usual
            if count == usual - 1 > 0 and self._is_full(index) and self._follows(index, usual):
                return usual, count  # names of rows without a name, or a separator at each end
        return usual, usual

    def _is_full(self, index: int) -> bool:
        cells = _cells(self.records[index : index + 1], self.separator, int(self.counts[index]))
        return all(cells[0]) and not any(map(is_typed, cells[0][:50]))

    def _follows(self, index: int, usual: int) -> bool:
        following = range(index + 1, min(index + 20, len(self.records)))
        after = [int(self.counts[place]) for place in following if self.records[place].strip()]
        if len(after) < 2 or any(count != usual for count in after):
            return False
        below = next(record for record in self.records[index + 1 :] if record.strip())
        return any(map(is_typed, _cells([below], self.separator, usual)[0]))

    def first_row(self, skip_lines: int) -> int:
        """Index of the record the table begins with."""
        if skip_lines >= 0:
            done = np.concatenate(([0], np.cumsum(self.taken)))
            index = int(np.searchsorted(done, skip_lines))
            while index < len(self.records) - 1 and not self.records[index].strip():
                index += 1
            return min(index, len(self.records) - 1)
        for index, record in enumerate(self.records):
            text = record.strip()
            if not text or re.fullmatch(rb'"?sep=.{1,2}"?', text, re.IGNORECASE):
                continue
            if index < 200 and self.signed[index] and not self._names_after_sign(index):
                continue
            wide = self.counts[index] in (self.columns, self.named)
            if wide and not self._mostly_empty(index):
                return index
        return next(i for i, record in enumerate(self.records) if record.strip())

    def _names_after_sign(self, index: int) -> bool:
        """A header behind a comment sign: as many names as the next row has cells."""
        following = index + 1
        return (
            self.columns > 1
            and self.counts[index] == self.columns
            and following < 200
            and following < len(self.records)
            and not self.signed[following]
        )

    def _mostly_empty(self, index: int) -> bool:
        if self.columns < 3:
            return False
        row, *following = _cells(self.records[index : index + 4], self.separator, self.columns)
        filled = sum(map(bool, row))
        below = max((sum(map(bool, other)) for other in following), default=0)
        return filled * 2 < self.columns and below > 2 * filled

    def cells(self, first: int, most: int) -> Rows:
        """Cells of the rows from ``first`` on, blank ones left out."""
        chosen = [
            index for index in range(first, len(self.records)) if self.records[index].strip()
        ][:most]
        chosen = [i for i in chosen if self.counts[i] <= self.columns or i == first]
        return _cells([self.records[index] for index in chosen], self.separator, self.columns)

    def names(self, rows: Rows) -> tuple[str, ...]:
        """What the header says."""
        cells = [re.sub(r"\s+", " ", cell).strip() for cell in rows[0]]
        if self.named < self.columns:
            last_empty = not any(row[-1] for row in rows[1:])
            cells = cells[: self.named]
            cells = [*cells, ""] if last_empty else ["row", *cells]
        return tuple(cells)


def _counts(records: list[bytes], separator: str) -> np.ndarray:
    """Cells of each record."""
    if not records:
        return np.empty(0, dtype=np.int64)
    return np.concatenate(
        [scan_records(record, separator, final=True).counts[:1] if record else [1]
         for record in records]
        if any(b"\n" in record for record in records)
        else [_one_line_counts(records, separator)]
    )  # fmt: skip


def _one_line_counts(records: list[bytes], separator: str) -> np.ndarray:
    counts = scan_records(b"\n".join(records) + b"\n", separator, final=True).counts
    return counts if len(counts) == len(records) else np.ones(len(records), dtype=np.int64)


def _cells(records: list[bytes], separator: str, columns: int) -> Rows:
    """Cells as text; what stands beyond the columns is left out."""
    if not records:
        return []
    widest = max(columns, int(_counts(records, separator).max()))
    rows = parse_objects(b"\n".join(records) + b"\n", separator, widest)
    return [[cell.strip() for cell in row[:columns]] for row in rows]


# ---------------------------------------------------------------------- separator


def _separator(sample: Sample, reading: ReadingSpec, markers: frozenset[str]) -> tuple[str, str]:
    if reading.separator != "auto":
        return reading.separator, "as chosen"
    told = re.match(rb'"?sep=(.)"?\r?\n', sample.head, re.IGNORECASE)
    if told:
        return told[1].decode(errors="replace"), "the first line says so"
    trials = [
        trial for sign in SEPARATOR_NAMES if (trial := _try(sample, sign, markers)) is not None
    ]
    best = max(trials, key=lambda trial: (trial.score, trial.columns))
    rows = "row" if best.rows == 1 else "rows"
    number = f"{best.columns:,} column" + ("s" if best.columns > 1 else "")
    return (
        best.separator,
        f"{best.same:,} of {best.rows:,} sampled {rows} then have {number}",
    )


def _try(sample: Sample, separator: str, markers: frozenset[str]) -> _Trial | None:
    """Parse the sample with a separator: equal rows of numbers and dates are a good sign."""
    records: list[bytes] = []
    for part, most in (
        (sample.head, _HEAD_ROWS), (sample.body, _OTHER_ROWS), (sample.tail, _OTHER_ROWS),
    ):  # fmt: skip
        records += [r for r in records_of(part, separator, most)[0] if r.strip()] if part else []
    counts = _counts(records, separator)
    columns, same = Counter(counts.tolist()).most_common(1)[0]
    if separator != NO_SEPARATOR and columns == 1:
        return None
    if columns > MOST_COLUMNS:  # as good as any table; it is refused where nothing is better
        return _Trial(separator, (same / len(records)) ** 3, int(columns), int(same), len(records))
    rows = [record for record, count in zip(records, counts, strict=True) if count == columns]
    rows = rows[:: max(min(len(rows) * columns // _CELLS, len(rows) // _FEWEST), 1)]
    each = max(_CELLS // len(rows), 1)
    values = [cell for row in _cells(rows, separator, columns) for cell in row[:each]]
    filled = [cell for cell in values if cell not in markers]
    typed = sum(map(is_typed, filled)) / max(len(filled), 1)
    share = same / len(records)
    if columns > 2 and typed > 0.8:  # rows may leave out empty cells at their end
        near = (counts >= max(counts.max() // 2, 2)) & (counts <= counts[0])
        share = max(share, 0.9 * float(near.mean()))
    score = share**3 * (0.3 + typed)
    if separator == NO_SEPARATOR:
        score *= _ONE_COLUMN if typed < 0.9 else 0.95
        if typed >= 0.9 and len(records) > 2 and not is_typed(records[0].decode(errors="replace")):
            score *= 1.2 if b"," not in records[0] else 1.0
    if separator == " ":
        score *= _BLANKS
    return _Trial(separator, score, int(columns), int(same), len(records))


# ---------------------------------------------------------------------- header and other rows


def _has_header(rows: Rows, columns: int, markers: frozenset[str]) -> tuple[bool, str, bool]:
    """Whether the first row names the columns, why, and whether that is sure."""
    first, rest = rows[0], rows[1:]
    if not rest:
        named = not any(map(is_typed, first))
        return named, "there is only one row", False
    if first in ([str(n) for n in range(columns)], [str(n + 1) for n in range(columns)]) and (
        columns > 1 and (first[0] == "0" or not _all_whole(rest))
    ):
        return True, f"the first row numbers the columns from {first[0]}", True
    below = [_typed_share(rest, number, markers) for number in range(columns)]
    names = sum(
        share > 0.8 and cell not in markers and not is_typed(cell)
        for cell, share in zip(first, below, strict=True)
    )
    values = sum(share > 0.8 and is_typed(cell) for cell, share in zip(first, below, strict=True))
    if names > values:
        return True, f"the first row has no values where {names:,} columns have them below", True
    if values and _counts_up(first):
        return True, "the first row counts up, such as years", False
    if values:
        return False, f"the first row has values in {values:,} columns, as the rows below", True
    different = len(set(first)) == len(first) and all(first)
    repeats = any(cell == row[n] for n, cell in enumerate(first) for row in rest)
    named = different and not repeats
    reason = "differ from each other and from all below" if named else "stand below as well"
    return named, f"all columns hold text; the cells of the first row {reason}", False


def _typed_share(rows: Rows, column: int, markers: frozenset[str]) -> float:
    filled = [row[column] for row in rows if row[column] not in markers]
    return sum(map(is_typed, filled)) / len(filled) if filled else 0.0


def _all_whole(rows: Rows) -> bool:
    return all(re.fullmatch(r"-?\d*", cell) for row in rows for cell in row)


def _counts_up(cells: list[str]) -> bool:
    """Text first, then whole numbers that count up by one."""
    numbers = [int(cell) for cell in cells[1:] if cell.isdecimal()]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return not is_typed(cells[0]) and len(numbers) == len(cells) - 1 > 1 and steps == {1}


def _unit_rows(body: Rows, markers: frozenset[str], header: bool) -> int:
    """Rows right below the header that name units: text where all others have numbers."""
    if not header or len(body) < 5:
        return 0
    rest = body[_MOST_UNITS:]
    valued = [n for n in range(len(body[0])) if _typed_share(rest, n, markers) > 0.8]
    if not valued:
        return 0
    for number in range(_MOST_UNITS):
        row = [body[number][n] for n in valued]
        texts = [cell for cell in row if cell not in markers]
        if any(map(is_typed, texts)) or len(texts) * 2 < len(valued):
            return number
    return _MOST_UNITS


def _last_rows(
    lines: _Lines, sample: Sample, markers: frozenset[str], first: int
) -> tuple[int, str]:
    """Rows at the end that are not data: totals, sources."""
    after = lines.tail[first:] if sample.whole else lines.tail
    records = [record for record in after if record.strip()]
    if len(records) < 8 or lines.columns < 2:
        return 0, ""
    recent = records[-60:]
    counts = _counts(recent, lines.separator)
    cells = _cells(recent, lines.separator, lines.columns)
    typed_first = _typed_share(cells[: -min(_MOST_LAST, len(cells) // 2)], 0, markers) > 0.95
    found = 0
    for back in range(1, min(_MOST_LAST, len(recent) // 2) + 1):
        start = cells[-back][0]
        alone = counts[-back] < lines.columns and counts[-back] <= max(lines.columns // 3, 1)
        strange = typed_first and start not in markers and not is_typed(start)
        if not (strange or (_LAST_WORDS.fullmatch(start) and typed_first) or (
            alone and not is_typed(start) and start not in markers
        )):  # fmt: skip
            break
        found = back
    shown = recent[-found].decode(errors="replace")[:60] if found else ""
    return found, f"they begin with {shown!r}"
