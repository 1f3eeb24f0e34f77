"""What the window remembers from one start to the next."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from workbench.paths import settings_folder

MOST_RECENT = 10


class Settings:
    """Window settings in one ini file; unreadable or missing values fall back to their defaults."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or settings_folder()
        self._store = QSettings(str(self.folder / "window.ini"), QSettings.Format.IniFormat)

    # ------------------------------------------------------------------ plain values

    def text(self, name: str, default: str = "") -> str:
        """Return a remembered text."""
        value = self._store.value(name, default)
        return value if isinstance(value, str) else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a remembered yes or no."""
        return self.text(name, "true" if default else "false") == "true"

    def state(self, name: str) -> QByteArray:
        """Return a remembered geometry or splitter state; empty where there is none."""
        value = self._store.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep(self, name: str, value: str | bool | QByteArray) -> None:
        """Remember a value."""
        stored: Any = value
        if isinstance(value, bool):
            stored = "true" if value else "false"
        self._store.setValue(name, stored)

    def flush(self) -> None:
        """Write to disk now."""
        self._store.sync()

    # ------------------------------------------------------------------ recent files

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Files, folders and experiments opened lately, newest first."""
        value = self._store.value("recent/files", [])
        if isinstance(value, str):  # an ini file keeps a list of one as plain text
            value = [value] if value else []
        if not isinstance(value, list):
            return ()
        return tuple(item for item in value if isinstance(item, str) and item)[:MOST_RECENT]

    def add_recent(self, path: str | Path) -> None:
        """Put a path at the top of the recent files."""
        kept = [item for item in self.recent_files if item != str(path)]
        self._store.setValue("recent/files", [str(path), *kept][:MOST_RECENT])

    def clear_recent(self) -> None:
        """Forget all recent files."""
        self._store.setValue("recent/files", [])

    # ------------------------------------------------------------------ theme

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        mode = self.text("window/theme", "system")
        return mode if mode in ("system", "light", "dark") else "system"

    @theme.setter
    def theme(self, mode: str) -> None:
        self.keep("window/theme", mode)
