"""What a file really is, by its first bytes, whatever its name says."""

import os
import stat
import zipfile
from pathlib import Path
from typing import BinaryIO

from workbench.errors import UserError

_TAR_MAGIC_AT = 257

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"BM\x00", "a bitmap picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "a rich-text document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip-compressed file"),
    (b"BZh", "a bzip2-compressed file"),
    (b"\xfd7zXZ\x00", "an xz-compressed file"),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"CDF\x01", "a NetCDF file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"RIFF", "a sound or video file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"ID3", "a sound file"),
    (b"MThd", "a MIDI file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_PACKED = {
    "xl/": "an Excel file (.xlsx)",
    "word/": "a Word document (.docx)",
    "ppt/": "a PowerPoint file (.pptx)",
    "content.xml": "an OpenDocument file (.ods)",
}
_COMPRESSED = ("gzip", "bzip2", "xz-", "zstd", "ZIP", "7-Zip", "RAR", "tar")


def check_readable(path: Path) -> int:
    """Make sure that a path is a regular file that can be opened, without opening a device.

    Returns:
        Its size in bytes.

    Raises:
        UserError: Where it is missing, a folder, a pipe or a device, or may not be read.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if stat.S_ISDIR(found.st_mode):
        raise UserError(f"{path} is a folder, not a file.", "Choose the file inside it.")
    if not stat.S_ISREG(found.st_mode):
        raise UserError(
            f"{path} is a pipe or a device, not a regular file.",
            "Save its contents to a file and open that.",
        )
    if not os.access(path, os.R_OK):
        raise UserError(
            f"Cannot read {path}: permission denied.", "Give yourself the right to read it."
        )
    return found.st_size


def unreadable(path: Path, error: OSError | ValueError) -> UserError:
    """The error to show where the system refuses a file."""
    if isinstance(error, FileNotFoundError):
        return UserError(f"There is no file {path}.", "Check the path; it may have been moved.")
    reason = getattr(error, "strerror", None) or str(error)
    return UserError(
        f"Cannot read {path}: {reason}.", "Close other programs that hold it, and check the path."
    )


def name_kind(head: bytes, file: BinaryIO | None = None) -> str:
    """Name the true type of a file that is no plain text.

    Args:
        head: Its first bytes, 4096 or more where there are so many.
        file: The open file, to look into an archive; None names it an archive only.

    Returns:
        Such as ``a PNG picture``; empty where nothing is known of it, as for plain text.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _packed(file) or name if magic == b"PK\x03\x04" else name
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        return "a tar archive"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page (HTML)"
    if start.startswith((b"<?xml", b"<svg")):
        return "a web page (HTML)" if b"<html" in start else "an XML file"
    return "a JSON file" if _is_json(start) else ""


def check_kind(path: Path, head: bytes, wanted: str = "a table") -> None:
    """Refuse a file whose first bytes are those of a picture, an archive and the like.

    Raises:
        UserError: Naming the true type, and what to do about it.
    """
    try:
        with path.open("rb") as file:
            kind = name_kind(head, file)
    except OSError as error:
        raise unreadable(path, error) from None
    if not kind:
        return
    if any(word in kind for word in _COMPRESSED):
        todo = "Unpack it and open the file inside."
    elif "web page" in kind:
        todo = "The download gave a page instead of the data: download the file itself."
    else:
        todo = "Export the data as CSV or plain text and open that."
    raise UserError(f"{path.name} is {kind}, not {wanted}.", todo)


def _packed(file: BinaryIO | None) -> str:
    """What a ZIP archive of known make is."""
    if file is None:
        return ""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return ""
    for start, kind in _PACKED.items():
        if any(name.startswith(start) for name in names):
            return kind
    return ""


def _is_json(start: bytes) -> bool:
    """An opening bracket followed by what JSON allows there."""
    if start[:1] == b"{":
        return start[1:].lstrip()[:1] in (b'"', b"}")
    if start[:1] == b"[":
        after = start[1:].lstrip()
        return after[:1] in (b"{", b"[", b"]") or (after[:1] == b'"' and b"]" not in after[:40])
    return False
