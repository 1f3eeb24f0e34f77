"""Which encoding a file is in, and reading it as UTF-8 whatever it was.

The order is fixed: byte order mark, strict UTF-8 over the whole file, UTF-16 by the pattern of its
zero bytes, then the legacy code pages in order of how plausibly they read. Only the last guesses,
and it says so. Everything works on chunks, so that a file of any size is looked at whole.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.data.code_pages import CODE_PAGES, foreign_pieces, label_of, rank_code_pages
from workbench.data.file_kind import check_kind, check_readable, unreadable
from workbench.data.findings import Cancelled
from workbench.errors import UserError

CHUNK = 1 << 22
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CLOSE_CALL = 0.35  # nats per byte between the first and the second code page
_BINARY_SHARE = 0.02
_BAD_SEQUENCES = 0.02
_SHOWN = 16  # characters of an example of how an encoding reads


@dataclass(frozen=True)
class Candidate:
    """An encoding to choose from.

    Attributes:
        name: Python's name of the codec.
        reads: How something of the file beyond ASCII reads in it; empty where nothing is.
        fits: False where it cannot read all that was looked at.
    """

    name: str
    reads: str = ""
    fits: bool = True

    @property
    def label(self) -> str:
        """The encoding as shown to a person."""
        return label_of(self.name)


@dataclass(frozen=True)
class EncodingFound:
    """What was decided about the encoding of a file.

    Attributes:
        name: Python's name of the codec, lower case.
        why: One line, with counts.
        sure: False where it is the likeliest of several.
        candidates: What there is to choose from, the likeliest first; ``name`` is among them.
        damaged: Byte sequences that the encoding does not allow; they are read as U+FFFD.
    """

    name: str
    why: str
    sure: bool
    candidates: tuple[Candidate, ...]
    damaged: int = 0

    @property
    def label(self) -> str:
        """The encoding as shown to a person."""
        return label_of(self.name)


def find_encoding(
    path: Path,
    *,
    whole: bool = True,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> EncodingFound:
    """Decide the encoding of a file.

    Args:
        path: A regular file.
        whole: Look at all of it; False looks at head, middle and tail only (for a preview).
        progress: Told the share looked at, 0…1.
        cancelled: Asked between chunks.

    Raises:
        UserError: Where it cannot be read, is empty, or is of a kind that is no text.
        Cancelled: Where ``cancelled()`` said True.
    """
    size = check_readable(path)
    head = read_head(path)
    if not head:
        raise UserError(f"{path.name} is empty (0 bytes).", "Choose a file with data in it.")
    marked = by_mark_or_zeros(head)
    if marked is not None:
        return marked
    check_kind(path, head)
    check_not_binary(path, head)
    chunks = _chunks(path, size) if whole else _places(path, size)
    return _from_chunks(chunks, progress, cancelled)


def read_head(path: Path, size: int = 1 << 16) -> bytes:
    """The first bytes of a file.

    Raises:
        UserError: Where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise unreadable(path, error) from None


def by_mark_or_zeros(head: bytes) -> EncodingFound | None:
    """The encoding told by a byte order mark, or UTF-16 and UTF-32 told by their zero bytes."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _sure(name, "it starts with a byte order mark")
    even, odd = head[::2].count(0), head[1::2].count(0)
    zeros = even + odd
    if zeros * 50 < len(head) or b"\x00\x00\x00\x00" in head:
        return None
    if zeros > len(head) * 0.6:
        name = "utf-32-le" if head[3::4].count(0) > head[::4].count(0) else "utf-32-be"
    elif min(even, odd) * 10 <= zeros:
        name = "utf-16-le" if odd > even else "utf-16-be"
    else:
        return None
    line_end = "\n".encode(name)
    if head.count(b"\n") >= 2 * max(head.count(line_end), 1):
        return None  # lines end in one byte: a plain text with zero bytes in it
    text = head[: len(head) // 4 * 4].decode(name, "replace")
    odd_signs = sum(not (sign.isprintable() or sign.isspace()) for sign in text)
    if odd_signs > len(text) * _BINARY_SHARE:
        return None
    return _sure(name, f"zero bytes stand in every second place ({zeros:,} of {len(head):,})")


def check_not_binary(path: Path, head: bytes) -> None:
    """Refuse a file that is neither text nor of any kind known by its first bytes.

    Raises:
        UserError: Where control characters make up more than a trace of the head.
    """
    control = sum(head.count(byte) for byte in (*range(1, 9), *range(14, 26), 28, 29, 30, 31))
    if (control + head.count(0)) > max(len(head) * _BINARY_SHARE, 4):
        raise UserError(
            f"{path.name} is a binary file, not a text: {control + head.count(0):,} of its first "
            f"{len(head):,} bytes are control characters.",
            "Export the data as CSV or plain text and open that.",
        )


def guess_code_page(data: bytes) -> EncodingFound:
    """The likeliest encoding of bytes known not to be valid UTF-8.

    Args:
        data: Some or all of the file's bytes, those beyond ASCII among them.
    """
    return _guess(foreign_pieces(data), *_count_utf8(data))


def _from_chunks(
    chunks: Iterator[tuple[bytes, float]],
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> EncodingFound:
    """Strict UTF-8 over all chunks, else a guess from what is not."""
    check = Utf8Check()
    pieces: set[bytes] = set()
    size = 0
    for chunk, share in chunks:
        if cancelled and cancelled():
            raise Cancelled
        check.feed(chunk)
        if not chunk.isascii() and size < 8000:
            found = foreign_pieces(_whole_lines(chunk, first=check.chunks == 1)) - pieces
            pieces |= found
            size += sum(map(len, found))
        if progress:
            progress(share)
    check.finish()
    if check.bad == 0:
        beyond = f"; {check.good:,} characters are beyond ASCII" if check.good else "; all ASCII"
        return _sure("utf-8", f"every byte is valid UTF-8{beyond}")
    return _guess(pieces, check.good, check.bad)


def _whole_lines(chunk: bytes, *, first: bool) -> bytes:
    """A chunk without the lines it cuts, and their characters, where it holds others."""
    start = 0 if first else chunk.find(b"\n") + 1
    end = chunk.rfind(b"\n") + 1
    return chunk[start:end] if b"\n" in chunk else chunk


def _telling(piece: bytes) -> tuple[int, int, bytes]:
    """How much a piece shows of an encoding: some foreign characters, and little else."""
    return min(sum(byte > 127 for byte in piece), 4), -len(piece), piece


class Utf8Check:
    """Counts valid and invalid UTF-8 sequences in a stream of chunks.

    Attributes:
        good: Characters beyond ASCII that are valid.
        bad: Byte sequences that are not.
        chunks: How many chunks were looked at.
    """

    def __init__(self) -> None:
        self.chunks = 0
        self.good = 0
        self.bad = 0
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next chunk."""
        self.chunks += 1
        if not self._rest and chunk.isascii():
            return
        data = self._rest + chunk
        keep = unfinished_bytes(data)
        self._rest = data[len(data) - keep :] if keep else b""
        self._count(data[: len(data) - keep])

    def finish(self) -> None:
        """Count what was left open at the end."""
        self._count(self._rest)
        self._rest = b""

    def _count(self, data: bytes) -> None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            good, bad = _count_utf8(data)
            self.good += good
            self.bad += bad
        else:
            self.good += len(text) - sum(map(len, text.encode("ascii", "ignore").splitlines(True)))


def unfinished_bytes(data: bytes) -> int:
    """Bytes at the end that may be the beginning of a character."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:
            return 0
        if byte >= 0xC0:
            need = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < need else 0
    return 0


def _count_utf8(data: bytes) -> tuple[int, int]:
    """Valid characters beyond ASCII, and invalid sequences."""
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return max(beyond - replaced, 0), replaced


def _guess(pieces: set[bytes], good: int, bad: int) -> EncodingFound:
    ranked = rank_code_pages(pieces)
    names = [name for _, name in ranked]
    everything = _candidates(names, pieces)
    if good and bad <= max(3, good * _BAD_SEQUENCES):
        why = (
            f"{bad:,} byte sequences are not valid UTF-8 and are read as \ufffd; "
            f"{good:,} others are"
        )
        return EncodingFound("utf-8", why, False, (Candidate("utf-8"), *everything), bad)
    if not names:
        why = "not UTF-8, and no code page fits all of it"
        return EncodingFound("iso-8859-1", why, False, everything)
    best = names[0]
    close = _same_scale(ranked, pieces)
    why = f"not UTF-8 ({bad:,} sequences); it reads most plausibly as {label_of(best)}"
    if close:
        why += f", or as {label_of(close)}"
    utf_8 = Candidate("utf-8", fits=False)
    return EncodingFound(best, why, not close, (*everything, utf_8))


def _candidates(names: list[str], pieces: set[bytes]) -> tuple[Candidate, ...]:
    """The code pages in order of plausibility, those that cannot read the pieces behind."""
    shown = max(pieces, key=_telling, default=b"")
    fitting = [Candidate(name, shown.decode(name, "replace").strip()[:_SHOWN]) for name in names]
    others = [Candidate(page.name, fits=False) for page in CODE_PAGES if page.name not in names]
    return (*fitting, *others)


def _same_scale(ranked: list[tuple[float, str]], pieces: set[bytes]) -> str:
    """The next page that is about as plausible and reads other characters; or nothing."""
    joined = b"\n".join(sorted(pieces))
    best = joined.decode(ranked[0][1], "replace")
    for cost, name in ranked[1:]:
        if cost > ranked[0][0] + _CLOSE_CALL:
            return ""
        if joined.decode(name, "replace") != best:
            return name
    return ""


def _sure(name: str, why: str) -> EncodingFound:
    names = dict.fromkeys((name, "utf-8", *(page.name for page in CODE_PAGES)))
    return EncodingFound(name, why, True, tuple(map(Candidate, names)))


def _chunks(path: Path, size: int) -> Iterator[tuple[bytes, float]]:
    try:
        with path.open("rb") as file:
            done = 0
            while chunk := file.read(CHUNK):
                done += len(chunk)
                yield chunk, min(done / max(size, 1), 1.0)
    except OSError as error:
        raise unreadable(path, error) from None


def _places(path: Path, size: int, block: int = 1 << 17) -> Iterator[tuple[bytes, float]]:
    """Whole lines of head, middle and tail."""
    try:
        with path.open("rb") as file:
            for place in sorted({0, max(size // 2 - block // 2, 0), max(size - block, 0)}):
                file.seek(place)
                chunk = file.read(block)
                if place:
                    chunk = chunk[chunk.find(b"\n") + 1 :]
                if place + block < size:
                    chunk = chunk[: chunk.rfind(b"\n") + 1]
                yield chunk, 1.0
    except OSError as error:
        raise unreadable(path, error) from None
