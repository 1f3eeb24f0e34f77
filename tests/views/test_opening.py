"""Opening in the window: what was opened is seen, and nothing flashes up beside it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from workbench.app.session import Parts


def test_opening_data_shows_them_wherever_one_was(window, session, qtbot, tmp_path):
    window.show_station("runs")
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    assert window.station == "data"


def test_nothing_but_the_window_is_shown_as_a_window(window, session, qtbot, tmp_path):
    """A part that is shown before it has a parent flashes up as a window and takes the keys."""

    class Watcher(QObject):
        def __init__(self):
            super().__init__()
            self.seen = []

        def eventFilter(self, watched, event):
            shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget)
            if shown and watched.isWindow() and watched is not window:
                self.seen.append(watched.objectName() or type(watched).__name__)
            return False

    watcher = Watcher()
    QApplication.instance().installEventFilter(watcher)
    try:
        file = tmp_path / "rain.csv"
        rows = "\n".join(f"2024-01-{day:02d},{day % 7}.5" for day in range(1, 29) if day != 9)
        file.write_text(f"day,rain\n{rows}\n")
        session._parts = Parts()
        session.open_path(file)
        qtbot.waitUntil(
            lambda: session.source is not None and not session.opening.active, timeout=20_000
        )
        for station in window.hosts:
            window.show_station(station)
            qtbot.waitUntil(lambda: not session.work.busy, timeout=20_000)
    finally:
        QApplication.instance().removeEventFilter(watcher)
    assert watcher.seen == []
