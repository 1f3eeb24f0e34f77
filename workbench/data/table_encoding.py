"""Which encoding a table file is in, without holding the file in memory."""

import codecs
import re
import stat
from pathlib import Path

from charset_normalizer import from_bytes

from workbench.errors import UserError

_BLOCK = 1 << 20
_MAGIC = {
    b"\x89PNG": "a PNG picture", b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Excel file",
    b"\x1f\x8b": "gzip-compressed", b"PAR1": "a Parquet file",
    b"SQLite format": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Excel file", b"<!DOCTYPE": "a web page", b"<html": "a web page",
    b"\xff\xd8\xff": "a JPEG picture",
}  # fmt: skip
_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_WESTERN = frozenset("àâäáãåæçéèêëíîïñóôöõøœúùûüýßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØÚÙÛÜ°²³µ€§«»º ")
_OTHERS = ("cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman")
_ASIAN = ("cp949", "shift_jis", "gb18030", "big5")


def table_encoding(file: Path, wanted: str = "auto") -> tuple[str, str]:
    """Find the encoding of a file that should be a table.

    Returns:
        Its name, and why.

    Raises:
        UserError: Where it is empty, gone, no regular file, or of another kind.
    """
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UserError(f"{file} is not a regular file.", "Choose a CSV file.")
        with file.open("rb") as opened:
            head = opened.read(_BLOCK)
            if not head:
                raise UserError(f"{file.name} is empty.", "Choose a file with a table in it.")
            _refuse_other_kinds(file, head)
            if wanted != "auto":
                return wanted, "as chosen"
            return _decide(file, head)
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from None


def _refuse_other_kinds(file: Path, head: bytes) -> None:
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise UserError(f"{file.name} is {name}, not a CSV file.", "Export the table as CSV.")
    if head.lstrip()[:1] in (b"{", b"["):
        raise UserError(f"{file.name} is JSON, not a CSV file.", "Export the table as CSV.")


def _decide(file: Path, head: bytes) -> tuple[str, str]:
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                       (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if head.startswith(mark):
            return name, "it starts with a byte order mark"
    zeros = head[:4096].count(0)
    if zeros > len(head[:4096]) // 4:
        even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
        return ("utf-16-le" if odd > even else "utf-16-be"), "every second byte is zero"
    if zeros:
        raise UserError(
            f"{file.name} holds NUL bytes: it is damaged or no text.", "Export the table again."
        )
    strange = _first_not_utf8(file)
    if strange is None:
        return "utf-8", "every byte of the file is valid UTF-8"
    return _code_page(strange)


def _first_not_utf8(file: Path) -> bytes | None:
    """None where the whole file is UTF-8; else a piece of it around the first other bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return block
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return b"\xff"
    return None


def _code_page(sample: bytes) -> tuple[str, str]:
    """The likeliest code page of a piece that is not UTF-8."""
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    for name in _ASIAN:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        foreign = [char for char in text if ord(char) > 127]
        together = sum(len(run) for run in _RUN.findall(text))
        if together < 0.5 * len(foreign):  # words are not written in single foreign letters
            continue
        if foreign and sum(_common(char) for char in foreign) > 0.95 * len(foreign):
            return name, "not UTF-8; all other characters are common in this code page"
    western = [byte for byte in sample if byte > 127]
    usual = sum(chr(byte) in _WESTERN for byte in western) > 0.8 * len(western)
    guess = None if usual else from_bytes(sample).best()
    name = guess.encoding if guess and guess.encoding in _OTHERS else "cp1252"
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        name = "latin-1"
    return name, "not UTF-8; the likeliest code page, please look"


def _common(char: str) -> bool:
    """Whether a character is usual in Korean, Japanese or Chinese text."""
    code = ord(char)
    return 0xAC00 <= code <= 0xD7A3 or 0x3040 <= code <= 0x30FF or 0x4E00 <= code <= 0x9FFF
