"""Writing files so that a crash at any moment leaves the old one or the new one whole."""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from workbench.errors import UserError

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space; what was saved before is untouched."),
    errno.EDQUOT: ("your quota is used up", "Free some space; what was saved before is untouched."),
    errno.EFBIG: ("the file may not grow that large", "Save to another disk."),
    errno.EROFS: ("the folder is read-only", "Choose a folder you can write to."),
    errno.EACCES: ("writing there is not allowed", "Choose a folder you can write to."),
    errno.EPERM: ("writing there is not allowed", "Choose a folder you can write to."),
    errno.ENOENT: ("the folder is gone", "Put it back or choose another one."),
    errno.ENAMETOOLONG: ("the name is too long", "Use a shorter name."),
}


def cannot_write(path: Path, error: OSError) -> UserError:
    """The error a user reads when a file cannot be written."""
    known = (error.strerror or str(error), "Check the disk and try again.")
    reason, todo = _REASONS.get(error.errno or 0, known)
    return UserError(f"Cannot write {path}: {reason}.", todo)


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write a whole file: temporary file beside it, flush, fsync, rename, fsync the folder.

    Args:
        path: Where to; its folder must exist.
        data: Bytes, or text stored as UTF-8.

    Raises:
        UserError: Where the disk refuses; a file that stood there is untouched.
    """
    raw = data.encode() if isinstance(data, str) else data
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise cannot_write(path, error) from None


def fsync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the system lets a folder be opened and synced."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder one may write to but not list
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot
            raise
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files that a killed process left in a folder tree."""
    for leftover in folder.rglob(".*.tmp"):
        with contextlib.suppress(OSError):
            leftover.unlink()
