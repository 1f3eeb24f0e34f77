"""A sample of a file's records: head, middle and tail, or all of a small file."""

from dataclasses import dataclass
from pathlib import Path

from workbench.data.blocks import to_line_feeds
from workbench.data.file_kind import check_readable, unreadable
from workbench.data.records import scan_records
from workbench.errors import UserError

PIECE = 1 << 17
_LONGEST_LINE = 1 << 25
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, eq=False)
class Sample:
    """Text of parts of a file, UTF-8 with line feeds.

    Attributes:
        head: From the beginning on, whole lines.
        body: Whole lines of the middle; empty for a small file.
        tail: The last lines; empty for a small file.
        whole: True where ``head`` is all of the file.
    """

    head: bytes
    body: bytes
    tail: bytes
    whole: bool

    @property
    def last(self) -> bytes:
        """The part that ends with the file."""
        return self.head if self.whole else self.tail


def take_sample(path: Path, encoding: str, piece: int = PIECE) -> Sample:
    """Read head, middle and tail of a file.

    Args:
        path: A regular file.
        encoding: Python's name of the codec.
        piece: Bytes of middle and tail; the head is twice as long.

    Raises:
        UserError: Where it cannot be read.
    """
    size = check_readable(path)
    name = encoding.lower().replace("_", "-")
    unit = 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1
    try:
        with path.open("rb") as file:
            if size <= 4 * piece:
                return Sample(_to_the_end(file.read(), encoding), b"", b"", True)
            raw = file.read(2 * piece)
            while raw.count(b"\n") < 3 and raw.count(b"\r") < 3 and len(raw) < _LONGEST_LINE:
                more = file.read(len(raw))  # very long lines
                if not more:
                    return Sample(_to_the_end(raw, encoding), b"", b"", True)
                raw += more
            marked = raw[:4] if unit > 1 and not name.endswith(("le", "be")) else b""
            parts = []
            for place in (size // 2, max(size - piece, len(raw))):
                file.seek(place // unit * unit)
                parts.append(file.read(piece if place < size - piece else -1))
    except OSError as error:
        raise unreadable(path, error) from None
    mark = marked[:unit]
    body = to_line_feeds(mark + parts[0], encoding)
    tail = _to_the_end(mark + parts[1], encoding)
    head = to_line_feeds(raw[: len(raw) // unit * unit], encoding)
    if b"\n" not in head:
        raise UserError(
            f"{path.name} begins with a line of more than {len(head):,} bytes: it is no table of "
            "rows.",
            "Choose a file with one row a line, or open it as a text by naming it .txt.",
        )
    return Sample(
        head[: head.rfind(b"\n") + 1], _whole_lines(body), tail[tail.find(b"\n") + 1 :], False
    )


def _to_the_end(raw: bytes, encoding: str) -> bytes:
    """The end of a file, without the sign that ended files in old systems."""
    return to_line_feeds(raw, encoding).rstrip(b"\x1a")


def _whole_lines(text: bytes) -> bytes:
    return text[text.find(b"\n") + 1 : text.rfind(b"\n") + 1]


def records_of(text: bytes, separator: str, most: int = 0) -> tuple[list[bytes], list[int]]:
    """Records of a text without their line breaks, and the lines each takes.

    Args:
        text: UTF-8 with line feeds, from the beginning of a record on.
        separator: As in ``scan_records``.
        most: How many records at the most; 0 for all.
    """
    found = scan_records(text, separator, final=True)
    for place in reversed(found.unclosed):
        text = text[:place] + text[place + 1 :]
    if found.unclosed:
        found = scan_records(text, separator, final=True)
    rows = len(found.ends) if not most else min(most, len(found.ends))
    records = [text[found.starts[row] : found.ends[row]].removesuffix(b"\n") for row in range(rows)]
    return records, [int(lines) for lines in found.lines[:rows]]
