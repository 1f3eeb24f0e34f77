"""Pictures of every page: ``python -m tests.screenshots DIR``.

A text and a table of ``sample_data/`` are opened and trained for some seconds in the real window;
every station, and every view of the Look page, is drawn at 1280×800 and 1920×1080 in both themes.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = ((1280, 800), (1920, 1080))
STATIONS = ("data", "model", "train", "look", "use", "runs")
SAMPLES = ("harbour_tales.txt", "museum_visitors.csv")
TRAINED_MS = 20_000
SETTLE_MS = 1_500
COMPUTED_MS = 6_000


def main(folder: Path) -> int:
    """Draw everything; return the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_RUNS"] = str(Path(home) / "runs")
        os.environ["WORKBENCH_SETTINGS"] = str(Path(home) / "settings")
        return _draw(folder)


def _draw(folder: Path) -> int:
    from PySide6.QtCore import QTimer

    from workbench.app.session import Session
    from workbench.app.settings import Settings
    from workbench.views.application import Application
    from workbench.views.main_window import MainWindow
    from workbench.views.theme import theme

    app = Application(sys.argv[:1])
    theme().apply(app)
    session = Session(Settings())
    window = MainWindow(session)
    window.show()
    plan = _Plan(session, window, folder).made()

    def advance() -> None:
        if not plan:
            app.quit()
            return
        wait, action = plan.pop(0)

        def do() -> None:
            action()
            advance()

        QTimer.singleShot(wait, do)

    advance()
    code = app.exec()
    session.close()
    return code


class _Plan:
    """What is done in the window, each with the milliseconds waited before it."""

    def __init__(self, session: Any, window: Any, folder: Path) -> None:
        self._session, self._window, self._folder = session, window, folder
        self._steps: list[tuple[int, Callable[[], object]]] = []

    def made(self) -> list[tuple[int, Callable[[], object]]]:
        """The whole plan."""
        from workbench.paths import sample_data_folder

        session = self._session
        self._station("start", "data")
        for sample in SAMPLES:
            path, name = str(sample_data_folder() / sample), Path(sample).stem
            self._do(0, lambda path=path: session.open_path(path))
            self._do(2 * SETTLE_MS, lambda: None)
            self._station(name, "model")
            self._do(0, session.start_training)
            self._do(TRAINED_MS, lambda: None)
            self._do(0, session.pause)
            for station in STATIONS:
                if station not in ("model", "look"):
                    self._station(name, station)
            self._look(name)
            self._do(0, session.stop_and_keep)
            self._do(SETTLE_MS, lambda: None)
        return self._steps

    def _do(self, wait: int, action: Callable[[], object]) -> None:
        self._steps.append((wait, action))

    def _station(self, name: str, station: str) -> None:
        self._do(SETTLE_MS, lambda: self._window.show_station(station))
        self._both_themes(f"{name}_{station}")

    def _look(self, name: str) -> None:
        """Every view of the Look page."""
        from workbench.views.look.catalogue import ENTRIES

        window = self._window
        self._do(SETTLE_MS, lambda: window.show_station("look"))
        self._do(COMPUTED_MS, lambda: self._session.select(unit=3, step=12))
        for key in ENTRIES:
            self._do(0, lambda key=key: window.hosts["look"].page.show_view(key))
            self._do(COMPUTED_MS, lambda: None)
            self._both_themes(f"{name}_look_{key}")

    def _both_themes(self, name: str) -> None:
        from workbench.views.theme import theme

        for mode in ("light", "dark"):
            self._do(100, lambda mode=mode: theme().set_mode(mode))
            for width, height in SIZES:
                self._do(100, lambda w=width, h=height: self._window.resize(w, h))
                path = self._folder / f"{name}_{mode}_{width}x{height}.png"
                self._do(SETTLE_MS, lambda path=path: self._window.grab().save(str(path)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")))
