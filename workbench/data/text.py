"""Reading texts: one file, or a folder of them."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.data.code_pages import label_of
from workbench.data.findings import Cancelled, Finding
from workbench.data.text_encoding import decode_text
from workbench.errors import UserError
from workbench.specs import TextSpec

_PARTS = {
    "train": re.compile(r"(?<![a-z])train(ing)?(?![a-z])", re.IGNORECASE),
    "validation": re.compile(r"(?<![a-z])(valid(ation)?|val|dev)(?![a-z])", re.IGNORECASE),
    "test": re.compile(r"(?<![a-z])test(?![a-z])", re.IGNORECASE),
}
_BLOCK = 1 << 22


@dataclass(frozen=True, eq=False)
class TextSource:
    """What a text turned out to hold.

    Attributes:
        path: The file or folder.
        text: All of it; line breaks as they stand in the file, files of a folder one after another.
        encoding: Encoding of the (first) file.
        files: The files read, in order.
        findings: What was found and doubted.
        fingerprint: SHA-256 of all bytes, hexadecimal.
        lines: Lines in it.
        spans: Parts that come from files of their own (train, valid, test): first code point and
            the one after the last; None where the text is split by position.
    """

    path: Path
    text: str
    encoding: str
    files: tuple[Path, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    lines: int
    spans: dict[str, tuple[int, int]] | None = None


def open_text(
    path: str | Path,
    spec: TextSpec,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TextSource:
    """Read a text file or all text files of a folder.

    Args:
        path: File or folder.
        spec: Its encoding may be fixed there.
        progress: Told the share read, 0…1.
        cancelled: Asked while reading.

    Raises:
        UserError: Where there is nothing readable, or it is no text.
        Cancelled: Where ``cancelled()`` said True.
    """
    place = Path(path)
    findings: list[Finding] = []
    files, parts = _choose_files(place, findings)
    total = sum(_size(file) for file in files) or 1
    digest = hashlib.sha256()
    texts: list[str] = []
    encoding, done = "", 0
    for file in files:
        data = bytearray()
        for block in _blocks(file):
            if cancelled and cancelled():
                raise Cancelled
            data += block
            done += len(block)
            if progress:
                progress(min(done / total, 1.0))
        digest.update(data)
        text, used, why = decode_text(bytes(data), spec.encoding, file)
        encoding = encoding or used
        texts.append(text)
        if len(files) == 1 or used != encoding:
            findings.append(Finding("encoding", label_of(used), why))
    spans = _spans(texts, parts)
    text = "".join(texts)
    if not text.strip():
        raise UserError(f"{place.name} holds no text.", "Choose a file with something in it.")
    findings += _doubts(text)
    return TextSource(
        path=place,
        text=text,
        encoding=encoding,
        files=tuple(files),
        findings=tuple(findings),
        fingerprint=digest.hexdigest(),
        lines=text.count("\n") + (not text.endswith("\n")),
        spans=spans,
    )


def text_files(path: Path) -> list[Path]:
    """The files that ``open_text`` reads of a path, in order.

    Raises:
        UserError: Where a folder holds no text.
    """
    return _choose_files(path, [])[0]


def _choose_files(place: Path, findings: list[Finding]) -> tuple[list[Path], list[str] | None]:
    """The files to read, and which part each is where a folder holds parts."""
    if not place.is_dir():
        return [place], None
    files = sorted(
        file
        for file in place.rglob("*")
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(place).parts)
    )
    texts = [file for file in files if _looks_like_text(file)]
    if not texts:
        raise UserError(
            f"The folder ‘{place.name}’ holds no text file.",
            "Choose a folder with .txt files in it.",
        )
    chosen = _parts(texts)
    if chosen:
        names = ", ".join(file.name for file, _ in chosen)
        findings.append(
            Finding("split", "by file", f"{names} are training, validation and test part.")
        )
        return [file for file, _ in chosen], [part for _, part in chosen]
    findings.append(Finding("files", f"{len(texts):,} text files", "read in order of their names"))
    if len(texts) < len(files):
        left = len(files) - len(texts)
        findings.append(Finding("files", f"{left:,} left out", "they are no text", "doubt"))
    return texts, None


def _parts(files: list[Path]) -> list[tuple[Path, str]]:
    """Files that are alike but for ``train``, ``valid`` and ``test`` in their names.

    Several such sets (``ptb.train`` and ``ptb.char.train``) leave the one with the most parts, then
    the one with the shortest names.
    """
    sets: dict[str, dict[str, Path]] = {}
    for file in files:
        for part, pattern in _PARTS.items():
            if pattern.search(file.stem):
                sets.setdefault(pattern.sub("*", file.stem), {}).setdefault(part, file)
    whole = [found for found in sets.values() if {"train", "validation"} <= found.keys()]
    if not whole:
        return []
    best = max(whole, key=lambda found: (len(found), -len(found["train"].name)))
    return [(best[part], part) for part in _PARTS if part in best]


def _spans(texts: list[str], parts: list[str] | None) -> dict[str, tuple[int, int]] | None:
    if parts is None:
        return None
    spans, start = {}, 0
    for part, text in zip(parts, texts, strict=True):
        spans[part] = (start, start + len(text))
        start += len(text)
    spans.setdefault("test", (start, start))
    return spans


def _looks_like_text(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(4096)
    except OSError:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(head) and b"\0" not in head and not head.startswith((b"%PDF", b"\x1f\x8b"))


def _size(file: Path) -> int:
    try:
        if not file.is_file():
            raise UserError(f"{file} is not a file.", "Choose a text file or a folder.")
        return file.stat().st_size
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from None


def _blocks(file: Path) -> Iterator[bytes]:
    before = _size(file)
    if before == 0:
        raise UserError(f"{file.name} is empty.", "Choose a file with some text.")
    read = 0
    try:
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK):
                read += len(block)
                yield block
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from None
    if read != before or _size(file) != before:
        raise UserError(
            f"{file.name} changed while it was read.", "Open it again when nothing writes to it."
        )


def _doubts(text: str) -> list[Finding]:
    found = []
    returns = text.count("\r\n")
    if returns:
        found.append(
            Finding("line ends", "CR LF", f"{returns:,} lines end in two characters", "doubt")
        )
    replaced = text.count("\ufffd")
    if replaced:
        why = f"{replaced:,} replacement characters: the text was damaged before"
        found.append(Finding("characters", "U+FFFD", why, "doubt"))
    return found
