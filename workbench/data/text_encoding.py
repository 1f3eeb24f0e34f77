"""Which encoding a text file is in.

The order is fixed: byte order mark, strict UTF-8 over the whole file, UTF-16 by its zero bytes,
then the likeliest code page. Only the last step guesses, and it says so.
"""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from workbench.errors import UserError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(data: bytes, encoding: str, file: Path) -> tuple[str, str, str]:
    """Decode the bytes of a text file.

    Args:
        data: All bytes.
        encoding: Name of an encoding, or ``auto``.
        file: For messages.

    Returns:
        The text, the encoding used, and why it was taken.

    Raises:
        UserError: Where the bytes are no text, or not in the encoding asked for.
    """
    if encoding != "auto":
        return _decode(data, encoding, file), encoding, "as chosen"
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode(data, name, file), name, "it starts with a byte order mark"
    zeros = data[:4096].count(0)
    if zeros > len(data[:4096]) // 4:
        name = "utf-16-le" if data[1:4096:2].count(0) > data[:4096:2].count(0) else "utf-16-be"
        return _decode(data, name, file), name, "every second byte is zero"
    if zeros:
        raise UserError(
            f"{file.name} is not a text: it holds NUL bytes.", "Choose a plain text file."
        )
    try:
        return data.decode("utf-8"), "utf-8", "every byte of it is valid UTF-8"
    except UnicodeDecodeError as error:
        if _is_surrogate(data, error.start):
            line = data[: error.start].count(b"\n") + 1
            raise UserError(
                f"{file.name} holds half of a character (a lone surrogate) in line {line:,}.",
                "Save the file as UTF-8 with a text editor, or remove that character.",
            ) from None
    guess = from_bytes(data[:200_000]).best()
    if guess is None:
        raise UserError(
            f"{file.name} is not a text in any encoding known here.", "Choose a plain text file."
        )
    name = guess.encoding
    try:
        return data.decode(name), name, "not UTF-8; the likeliest code page, please look"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1", "not UTF-8; no code page fits all of it"


def _decode(data: bytes, encoding: str, file: Path) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UserError(
            f"{file.name} cannot be read as {encoding}: {error}.", "Choose another encoding."
        ) from None


def _is_surrogate(data: bytes, start: int) -> bool:
    """Whether the bytes at ``start`` are a UTF-16 surrogate written as UTF-8."""
    return data[start : start + 1] == b"\xed" and 0xA0 <= data[start + 1 : start + 2][0] <= 0xBF
