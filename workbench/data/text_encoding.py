"""The bytes of a text file as text, in the encoding that ``encoding`` finds."""

from pathlib import Path

from workbench.data.code_pages import label_of
from workbench.data.encoding import by_mark_or_zeros, check_not_binary, guess_code_page
from workbench.data.file_kind import check_kind
from workbench.errors import UserError

_HEAD = 1 << 16


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
    head = data[:_HEAD]
    marked = by_mark_or_zeros(head)
    if marked is not None:
        return _decode(data, marked.name, file), marked.name, marked.why
    check_kind(file, head, "a text")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise UserError(
            f"{file.name} is not a text: it holds NUL bytes, the first in line {line:,}.",
            "Choose a plain text file.",
        )
    check_not_binary(file, head)
    try:
        return data.decode("utf-8"), "utf-8", "every byte of it is valid UTF-8"
    except UnicodeDecodeError as error:
        _refuse_surrogate(data, error.start, file)
    found = guess_code_page(data)
    return data.decode(found.name, "replace"), found.name, found.why


def _decode(data: bytes, encoding: str, file: Path) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise UserError(
            f"There is no encoding named {encoding!r}.", "Choose one of the list."
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file.name} cannot be read as {label_of(encoding)}: {_reason(error)}.",
            "Choose another encoding, or save the file as UTF-8 with a text editor.",
        ) from None


def _reason(error: UnicodeDecodeError) -> str:
    """What is wrong with the bytes, and where."""
    place = f"at byte {error.start + 1:,}"
    if "surrogate" in error.reason:
        return f"half of a character (a lone surrogate) stands {place}"
    if "truncated" in error.reason or "unexpected end" in error.reason:
        return f"it ends in the middle of a character, {place}"
    shown = error.object[error.start : min(error.end, error.start + 4)].hex(" ").upper()
    return f"the bytes {shown} {place} mean nothing in it"


def _refuse_surrogate(data: bytes, start: int, file: Path) -> None:
    """Name the line of a UTF-16 surrogate that was written as UTF-8."""
    if data[start : start + 1] == b"\xed" and b"\xa0" <= data[start + 1 : start + 2] <= b"\xbf":
        line = data[:start].count(b"\n") + 1
        raise UserError(
            f"{file.name} holds half of a character (a lone surrogate) in line {line:,}.",
            "Save the file as UTF-8 with a text editor, or remove that character.",
        )
