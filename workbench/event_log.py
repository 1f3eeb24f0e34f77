"""The events of a run on disk."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import UserError
from workbench.files import cannot_write


class EventLog:
    """The events of a run, one JSON object a line, appended as they happen.

    A full disk loses events, never the run; a line torn by a crash is passed over.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def open(self) -> IO[bytes]:
        """The file, opened for appending.

        Raises:
            UserError: Where it cannot be written.
        """
        if self._file is None:
            try:
                self._file = self.path.open("ab", buffering=1 << 16)
            except OSError as error:
                raise cannot_write(self.path, error) from None
        return self._file

    def close(self) -> None:
        """Write what is buffered and close the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def append(self, values: dict[str, Any]) -> None:
        """Append one event to the buffer."""
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
        with contextlib.suppress(OSError, UserError):
            self.open().write(line.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Hand buffered events to the system."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.flush()

    @property
    def offset(self) -> int:
        """Bytes in the file (events still buffered do not count)."""
        with contextlib.suppress(OSError):
            return self.path.stat().st_size
        return 0

    def truncate(self, offset: int) -> None:
        """Cut off what lies behind an offset; a file that is shorter stays as it is."""
        self.close()
        with contextlib.suppress(FileNotFoundError), self.path.open("r+b") as file:
            file.truncate(min(offset, self.offset))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                for line in file:
                    with contextlib.suppress(ValueError, RecursionError):
                        values = json.loads(line)
                        if isinstance(values, dict):
                            yield values
        except FileNotFoundError:
            return
