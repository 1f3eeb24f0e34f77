"""Reading a table file in blocks of whole records, in UTF-8 with line feeds.

One pass over the file does everything that needs all bytes: fingerprint, encoding, zero bytes,
lines, and the number of cells of every row. Rows that are too long are set aside with their line
numbers; nothing is ever shifted.
"""

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.data.encoding import Utf8Check, unfinished_bytes
from workbench.data.file_kind import check_readable, unreadable
from workbench.data.records import Bools, Ints, Records, scan_records
from workbench.errors import UserError

BLOCK = 1 << 22
_LONGEST_OPEN = 1 << 24  # a quoted cell is not longer
_LISTED = 200
_UTF8 = ("utf-8", "utf-8-sig", "ascii", "utf8")


@dataclass(frozen=True)
class Layout:
    """What has to be known to cut a file into records.

    Attributes:
        encoding: Python's name of the codec.
        separator: One character, a space for any run of blanks, or ``none``.
        columns: Cells of a full row.
        lines_above: Lines before the first row of data.
        rows_below: Rows at the end that are not data.
    """

    encoding: str
    separator: str
    columns: int
    lines_above: int = 0
    rows_below: int = 0


@dataclass(frozen=True, eq=False)
class Block:
    """A stretch of whole rows.

    Attributes:
        data: UTF-8, each row ended by a line feed.
        rows: Rows in it.
        line_numbers: Line of the file each row starts in, from 1 ``(rows,)``.
        zero_led: Numbers of the columns in which a cell starts with 0 and another digit.
    """

    data: bytes
    rows: int
    line_numbers: Ints
    zero_led: frozenset[int]


@dataclass
class RowReport:
    """What was noticed while reading.

    Attributes:
        long_rows: Rows with more cells than the table has columns; left out.
        long_lines: The first of their lines.
        short_rows: Rows with fewer; what is missing at their end is a missing value.
        short_lines: The first of their lines.
        shortest: Cells of the shortest of them.
        blank_lines: Empty lines.
        zero_bytes: NUL bytes, taken out.
        damaged: Byte sequences the encoding does not allow, read as U+FFFD.
        unclosed_lines: Lines with a quotation mark that is never closed; it is left out.
        rows: Rows given on.
    """

    long_rows: int = 0
    long_lines: list[int] = field(default_factory=list)
    short_rows: int = 0
    short_lines: list[int] = field(default_factory=list)
    shortest: int = 1 << 30
    blank_lines: int = 0
    zero_bytes: int = 0
    damaged: int = 0
    unclosed_lines: list[int] = field(default_factory=list)
    rows: int = 0


class BlockReader:
    """Iterates over the blocks of a file once.

    Attributes:
        report: What was noticed so far.
        share: Share of the file read so far, 0…1.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        block_bytes: int = BLOCK,
    ) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            path: A regular file.
            layout: How it is laid out.
            block_bytes: Bytes read at a time.
        """
        self.report = RowReport()
        self.share = 0.0
        self._path = path
        self._layout = layout
        self._block_bytes = block_bytes
        self._digest = hashlib.sha256()
        self._line = 1
        self._above = layout.lines_above
        self._held: list[tuple[bytes, int]] = []
        self._blanks: list[int] = []

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes read so far, hexadecimal."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks in order.

        Raises:
            UserError: Where the file cannot be read, or changes meanwhile.
        """
        rest = b""
        for data, final in self._decoded():
            joined = rest + data if rest else data
            if final:
                joined = joined.rstrip(b"\x1a")  # the end of a file in old systems
            joined = self._skip_above(joined, final)
            records = scan_records(joined, self._layout.separator, final=final)
            if records.unclosed or len(joined) - records.end > _LONGEST_OPEN:
                joined, records = self._drop_open_marks(joined, records, final)
            rest = joined[records.end :]
            yield from self._blocks(joined, records, final)

    def _blocks(self, data: bytes, records: Records, final: bool) -> Iterator[Block]:
        """The rows of a piece of text, without blank, long and last ones."""
        numbers = self._line + np.cumsum(records.lines) - records.lines
        self._line += int(records.lines.sum())
        piece = data[: records.end]
        if len(records.ends) and not piece.endswith(b"\n"):
            piece += b"\n"
        codes = zero_led(piece, records)
        drop = self._blank(piece, records)
        kept_of_long = self._ragged(piece, records, numbers, drop)
        if drop.any() or kept_of_long:
            ends = records.ends.copy()
            ends[-1:] = len(piece)
            rows = np.flatnonzero(~drop)
            piece = b"".join(
                kept_of_long.get(int(row)) or piece[records.starts[row] : ends[row]] for row in rows
            )
            numbers = numbers[rows]
        if self._layout.columns == 1 and len(numbers):
            piece = b"\n" * len(self._blanks) + piece
            numbers = np.concatenate((self._blanks, numbers)).astype(np.int64)
            self._blanks = []
        if self._layout.columns == 1 and drop.any():
            first = int(self._line - records.lines.sum())
            line_numbers = first + np.cumsum(records.lines) - records.lines
            self._blanks += [int(line) for line in line_numbers[drop]]
        yield from self._without_last(piece, numbers, codes, final)

    def _without_last(
        self, data: bytes, numbers: Ints, codes: frozenset[int], final: bool
    ) -> Iterator[Block]:
        """Hold back the rows that may be the last of the file."""
        below = self._layout.rows_below
        if below:
            held = b"".join(piece for piece, _ in self._held)
            numbers = np.concatenate(([line for _, line in self._held], numbers)).astype(np.int64)
            data = held + data
            records = scan_records(data, self._layout.separator, final=True)
            keep = max(len(records.ends) - below, 0)
            cut = int(records.ends[keep - 1]) if keep else 0
            edges = [cut, *(int(place) for place in records.ends[keep:])]
            self._held = [] if final else [
                (data[edges[row] : edges[row + 1]], int(numbers[keep + row]))
                for row in range(len(edges) - 1)
            ]  # fmt: skip
            data, numbers = data[:cut], numbers[:keep]
        if len(numbers):
            self.report.rows += len(numbers)
            yield Block(data, len(numbers), numbers, codes)

    def _blank(self, data: bytes, records: Records) -> Bools:
        """Lines to leave out because nothing stands in them.

        In a table of one column they are missing values, save those at the end: they are held
        back until a line with something in it follows.
        """
        array = np.frombuffer(data, dtype=np.uint8)
        blank = np.zeros(len(records.starts), dtype=bool)
        if self._layout.separator == " ":
            blank = np.asarray(records.counts == 0, dtype=bool)
        elif len(blank):
            first = array[records.starts]
            blank = np.asarray(first == 10, dtype=bool)
            led = (first == 32) | ((first == 9) & (self._layout.separator != "\t"))
            for row in np.flatnonzero(led):
                blank[row] = not data[records.starts[row] : records.ends[row]].strip()
        if self._layout.columns == 1:
            filled = np.flatnonzero(~blank)
            blank[: filled[-1] + 1 if len(filled) else 0] = False
        else:
            self.report.blank_lines += int(blank.sum())
        return blank

    def _ragged(
        self, data: bytes, records: Records, numbers: Ints, drop: Bools
    ) -> dict[int, bytes]:
        """Mark the rows with too many cells to be dropped; those only padded are cut to size."""
        wide = self._layout.columns
        short = (records.counts < wide) & ~drop
        if short.any():
            self.report.short_rows += int(short.sum())
            self.report.shortest = min(self.report.shortest, int(records.counts[short].min()))
            room = _LISTED - len(self.report.short_lines)
            self.report.short_lines += [int(line) for line in numbers[short][: max(room, 0)]]
        kept: dict[int, bytes] = {}
        separator = self._layout.separator.encode()
        for row in np.flatnonzero(records.counts > wide):
            cut = records.cell_start(int(row), wide)
            if not data[cut : records.ends[row]].replace(separator, b"").strip(b' "\t\n'):
                kept[int(row)] = data[records.starts[row] : cut - len(separator)] + b"\n"
                continue
            drop[row] = True
            self.report.long_rows += 1
            if len(self.report.long_lines) < _LISTED:
                self.report.long_lines.append(int(numbers[row]))
        return kept

    # ------------------------------------------------------------------ bytes to text

    def _decoded(self) -> Iterator[tuple[bytes, bool]]:
        """UTF-8 with line feeds, and whether it is the last."""
        size = check_readable(self._path)
        decode = _Decoder(self._layout.encoding, self.report)
        try:
            with self._path.open("rb") as file:
                before = os.fstat(file.fileno())
                done = 0
                while True:
                    raw = file.read(self._block_bytes)
                    self._digest.update(raw)
                    done += len(raw)
                    self.share = min(done / max(size, 1), 1.0)
                    yield decode.feed(raw, final=not raw), not raw
                    if not raw:
                        break
                after = self._path.stat()
        except OSError as error:
            raise unreadable(self._path, error) from None
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if done != before.st_size or not same:
            raise UserError(
                f"{self._path.name} changed while it was read.",
                "Wait until the program that writes it is done, then open it again.",
            )

    def _skip_above(self, data: bytes, final: bool) -> bytes:
        """Take off the lines above the rows of data."""
        while self._above:
            end = data.find(b"\n")
            if end < 0 and not final:
                return data
            self._above -= 1
            self._line += 1
            data = data[end + 1 :] if end >= 0 else b""
        return data

    def _drop_open_marks(self, data: bytes, records: Records, final: bool) -> tuple[bytes, Records]:
        """Leave out quotation marks that are never closed, and look again."""
        places = list(records.unclosed)
        if not places:
            place = data.find(b'"', records.end)
            places = [place] if place >= 0 else []
        for place in places:
            self.report.unclosed_lines.append(self._line + data.count(b"\n", 0, place))
        for place in reversed(places):
            data = data[:place] + data[place + 1 :]
        return data, scan_records(data, self._layout.separator, final=final)


class _Decoder:
    """Bytes in any encoding to UTF-8 with line feeds and without zero bytes."""

    def __init__(self, encoding: str, report: RowReport) -> None:
        self._report = report
        self._plain = encoding.lower().replace("_", "-") in _UTF8
        self._check = Utf8Check()
        self._marked = encoding.lower().replace("_", "-") in ("utf-8", "utf-8-sig")
        self._rest = b""
        self._return = False
        self._incremental = None if self._plain else _decoder(encoding)

    def feed(self, raw: bytes, *, final: bool) -> bytes:
        """The next piece."""
        data = self._utf8(raw, final) if self._plain else self._recode(raw, final)
        if b"\x00" in data:
            self._report.zero_bytes += data.count(0)
            data = data.replace(b"\x00", b"")
        return self._line_feeds(data, final)

    def _utf8(self, raw: bytes, final: bool) -> bytes:
        data = self._rest + raw
        self._rest = b""
        if self._marked and data:
            self._marked = False
            data = data.removeprefix(codecs.BOM_UTF8)
        if data.isascii():
            return data
        keep = 0 if final else unfinished_bytes(data)
        data, self._rest = data[: len(data) - keep], data[len(data) - keep :] if keep else b""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
            self._report.damaged += text.count("\ufffd") - data.count("\ufffd".encode())
            return text.encode("utf-8")
        return data

    def _recode(self, raw: bytes, final: bool) -> bytes:
        assert self._incremental is not None
        text = self._incremental.decode(raw, final)
        self._report.damaged += text.count("\ufffd")
        return text.encode("utf-8", "replace")

    def _line_feeds(self, data: bytes, final: bool) -> bytes:
        if self._return:
            data = b"\r" + data
            self._return = False
        if b"\r" not in data:
            return data
        if data.endswith(b"\r") and not final:
            self._return = True
            data = data[:-1]
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def to_line_feeds(raw: bytes, encoding: str) -> bytes:
    """Bytes in any encoding as UTF-8 with line feeds; what cannot be decoded becomes U+FFFD."""
    return _Decoder(encoding, RowReport()).feed(raw, final=True)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)("replace")
    except LookupError:
        raise UserError(
            f"There is no encoding named {encoding!r}.", "Choose one of the list."
        ) from None


def zero_led(data: bytes, records: Records) -> frozenset[int]:
    """Columns with a cell that starts with 0 and another digit, as codes do."""
    array = np.frombuffer(data, dtype=np.uint8)
    found: set[int] = set()
    for starts in (records.starts, records.inner):
        places = starts[starts + 2 < len(array)]
        signs = array[places]
        places = np.concatenate((places[signs == 48], places[signs == 34] + 1))
        following = array[np.minimum(places + 1, len(array) - 1)]
        digits = (array[places] == 48) & (following >= 48) & (following <= 57)
        found |= set(np.unique(records.columns_of(places[digits])).tolist())
    return frozenset(found)
