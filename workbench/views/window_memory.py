"""What the main window looks like, from one start to the next."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from workbench.views.settings_dock import WIDTH

if TYPE_CHECKING:
    from workbench.views.main_window import MainWindow

_FIRST_SIZE = (1280, 800)


def restore(window: "MainWindow") -> None:
    """Give the window the size, division and page it had when it was closed last."""
    settings = window.session.settings
    geometry = settings.state("window/geometry")
    if geometry.isEmpty() or not window.restoreGeometry(geometry):
        room = QApplication.primaryScreen().availableSize()
        window.resize(min(_FIRST_SIZE[0], room.width()), min(_FIRST_SIZE[1], room.height()))
    splitter = settings.state("window/splitter")
    if splitter.isEmpty() or not window.splitter.restoreState(splitter):
        window.splitter.setSizes([window.width() - WIDTH, WIDTH])
    window.actions_.settings.setChecked(settings.flag("window/settings", default=True))
    last = settings.text("window/station", "data")
    window.show_station("runs" if last == "runs" else "data")  # all others need something open


def remember(window: "MainWindow") -> None:
    """Keep size, division and page for the next start."""
    settings = window.session.settings
    settings.keep("window/geometry", window.saveGeometry())
    settings.keep("window/splitter", window.splitter.saveState())
    settings.keep("window/settings", window.actions_.settings.isChecked())
    settings.keep("window/station", window.station)
    settings.flush()
