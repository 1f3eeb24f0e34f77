"""Pictures of every page: ``python -m tests.screenshots DIR``.

A text and a table of ``sample_data/`` are opened and trained for some seconds in the real window;
every station is drawn at 1280×800 and 1920×1080 in both themes.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SIZES = ((1280, 800), (1920, 1080))
STATIONS = ("data", "model", "train", "look", "use", "runs")
SAMPLES = ("harbour_tales.txt", "museum_visitors.csv")
TRAINED_MS = 20_000
SETTLE_MS = 1_500


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
    from workbench.paths import sample_data_folder
    from workbench.views.application import Application
    from workbench.views.main_window import MainWindow
    from workbench.views.theme import theme

    app = Application(sys.argv[:1])
    theme().apply(app)
    session = Session(Settings())
    window = MainWindow(session)
    window.show()
    plan: list[tuple[int, Callable[[], object]]] = []

    def take(name: str) -> Callable[[], object]:
        return lambda: window.grab().save(str(folder / f"{name}.png"))

    def shots(name: str, station: str) -> None:
        plan.append((SETTLE_MS, lambda: window.show_station(station)))
        for mode in ("light", "dark"):
            plan.append((100, lambda mode=mode: theme().set_mode(mode)))
            for width, height in SIZES:
                plan.append((100, lambda w=width, h=height: window.resize(w, h)))
                plan.append((SETTLE_MS, take(f"{name}_{station}_{mode}_{width}x{height}")))

    shots("start", "data")
    for sample in SAMPLES:
        path = str(sample_data_folder() / sample)
        plan.append((0, lambda path=path: session.open_path(path)))
        plan.append((2 * SETTLE_MS, lambda: None))
        shots(Path(sample).stem, "model")
        plan.append((0, session.start_training))
        plan.append((TRAINED_MS, lambda: None))
        plan.append((0, session.pause))
        for station in STATIONS:
            if station != "model":
                shots(Path(sample).stem, station)
        plan.append((0, session.stop_and_keep))
        plan.append((SETTLE_MS, lambda: None))

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


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")))
