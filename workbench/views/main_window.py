"""The main window: rail, toolbar, pages, settings and status line put together."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.app.preload import Preload
from workbench.app.session import Session
from workbench.paths import runs_folder
from workbench.runs import RunInfo, list_runs
from workbench.views.actions import Actions, shortcut_list
from workbench.views.file_commands import FileCommands, dropped_file
from workbench.views.leaving import ClosingNotice, ask_close, ask_discard
from workbench.views.messages import MessageBar
from workbench.views.page_host import PageHost
from workbench.views.pages.welcome import LEFT_RUN, CutOffRun
from workbench.views.rail import Rail
from workbench.views.settings_dock import SettingsDock
from workbench.views.shortcuts import ShortcutsDialog
from workbench.views.stations import STATIONS
from workbench.views.status import StatusLine
from workbench.views.toolbar import Toolbar
from workbench.views.window_memory import remember, restore

_PIECE_MS = 60
"""Time between two pieces of pages that are made before they are asked for."""
_UNPAINTED_MS = 1000
"""A window that is not painted (started as an icon) does not wait longer to import."""


class MainWindow(QMainWindow):
    """Composes the parts; every page is built when it is first shown.

    Attributes:
        closed: The window has closed and nothing runs any more.
    """

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 600)
        self.session = session
        pages = tuple(station.page.partition(":")[0] for station in STATIONS)
        self.preload = Preload(session.work, pages, self)
        self.actions_ = Actions(self, session)
        self.files = FileCommands(self, self.actions_, session)
        self.toolbar = Toolbar(self.actions_, session, self)
        self.rail = Rail()
        self.messages = MessageBar()
        self.cut_off = CutOffRun(session)
        self.dock = SettingsDock()
        self.status = StatusLine(session)
        self.hosts = {
            station.name: PageHost(station, session, self.preload) for station in STATIONS
        }
        self.station = "data"
        self._idle = QTimer(self)
        self._idle.setInterval(_PIECE_MS)
        self._idle.timeout.connect(self._prepare_pages)
        self._leaving = False
        self._shown_once = False
        self._arrange()
        self._notice = ClosingNotice(self)
        self._connect()
        restore(self)
        self._name_window()

    # ------------------------------------------------------------------ parts

    def _arrange(self) -> None:
        self.addToolBar(self.toolbar)
        self.setStatusBar(self.status)
        self.pages = QStackedWidget()
        self.pages.setObjectName("pages")
        for host in self.hosts.values():
            self.pages.addWidget(host)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.cut_off)
        column.addWidget(self.messages)
        column.addWidget(self.pages, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("window_splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(middle)
        self.splitter.addWidget(self.dock)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.splitter, 1)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        session, actions = self.session, self.actions_
        self.rail.chosen.connect(self.show_station)
        for action in actions.stations.values():
            action.triggered.connect(self._station_action)
        for host in self.hosts.values():
            host.panel_changed.connect(self._show_panel)
            host.readiness_changed.connect(self._readiness_changed)
        actions.discard.triggered.connect(self._discard)
        actions.settings.toggled.connect(self._show_panel)
        actions.shortcuts.triggered.connect(self._show_shortcuts)
        actions.quit.triggered.connect(self.close)
        self.toolbar.recent_chosen.connect(session.open_path)
        session.message.connect(self.messages.show_message)
        session.training.changed.connect(self._training_changed)
        session.experiment_changed.connect(self._name_window)
        session.arrived.connect(self._arrived)
        session.arrived.connect(self.messages.settle)
        session.source_changed.connect(self._name_window)
        session.runs_changed.connect(self._look_for_cut_off)
        session.undo_stack.cleanChanged.connect(self._name_window)
        session.work.idle.connect(self._work_idle)
        self.preload.ready.connect(self._idle.start)
        self.preload.ready.connect(session.garbage.settle)

    # ------------------------------------------------------------------ stations

    def show_station(self, name: str) -> None:
        """Show a station.

        Raises:
            KeyError: Where there is none of that name.
        """
        host = self.hosts[name]
        self.station = name
        self.rail.show_current(name)
        self.pages.setCurrentWidget(host)
        self._show_panel()

    def _prepare_pages(self) -> None:
        """Make pages nobody has opened yet, a piece at a time, until a run makes steps."""
        training = self.session.training
        busy = training.active and training.history.latest is not None
        if self._leaving or busy or not any(host.prepare() for host in self.hosts.values()):
            self._idle.stop()

    def _station_action(self) -> None:
        self.show_station(self.sender().data())

    def _show_panel(self, _shown: bool = True) -> None:
        """Show the page's settings; where they must be made first, the page is drawn before."""
        host = self.hosts[self.station]
        if not host.panel_made and self.actions_.settings.isChecked():
            QTimer.singleShot(0, self, self._show_made_panel)
        else:
            self._show_made_panel()

    def _show_made_panel(self) -> None:
        host = self.hosts[self.station]
        wanted = self.actions_.settings.isChecked()
        self.dock.setVisible(wanted and self.dock.show_panel(host.settings_panel()))

    def _readiness_changed(self, why: str) -> None:
        host = self.sender()
        if isinstance(host, PageHost):
            self.rail.buttons[host.station.name].set_waits(why)

    def _training_changed(self) -> None:
        """A run that starts is watched."""
        starting = self.session.training.state == "training"
        if starting and self.session.training.folder is None and self.station != "train":
            self.show_station("train")

    def _arrived(self, station: str) -> None:
        """Show what was opened, where it is to be seen."""
        self.cut_off.hide()
        self.show_station(station)
        self._name_window()

    def _look_for_cut_off(self) -> None:
        """Look again whether the run that is offered for resume is still there."""
        if self.cut_off.isVisible():
            self._list_cut_off()

    def _list_cut_off(self) -> None:
        root = runs_folder()
        self.session.run_in_background(
            lambda _cancelled: list_runs(root), self._offer_cut_off, self.session.report
        )

    # ------------------------------------------------------------------ files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders anywhere on the window."""
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        path = dropped_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.session.open_path(path)

    def _name_window(self, _value: object = None) -> None:
        session = self.session
        data = Path(session.experiment.data.path).name
        named = f"{session.experiment.name} · {data}" if data else ""
        modified = session.editor.modified
        self.setWindowModified(modified)
        self.setWindowTitle(f"{named}[*] – Sequence Workbench" if named else "Sequence Workbench")
        changed = self.tr(" (not saved)") if modified and named else ""
        self.toolbar.set_title(f"{named}{changed}")

    # ------------------------------------------------------------------ keys and questions

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pauses and goes on, where nothing that has the focus wants it."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_Space and plain and self.session.training.active:
            if not event.isAutoRepeat():
                self.actions_.pause_or_go_on()
            return
        super().keyPressEvent(event)

    def _discard(self) -> None:
        training = self.session.training
        latest = training.history.latest
        run = training.folder.id if training.folder else ""
        if ask_discard(self, run, latest.step if latest else 0):
            self.session.discard()
            if not training.active and training.folder is not None and training.folder.id == run:
                self.session.discard_ended(training.folder)  # it ended while this was asked

    def _show_shortcuts(self) -> None:
        dialog = ShortcutsDialog(shortcut_list(self.actions_), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # ------------------------------------------------------------------ opening and closing

    def showEvent(self, event: QShowEvent) -> None:
        """Import what is heavy once the window is there."""
        super().showEvent(event)
        if not self._shown_once:
            self._shown_once = True
            QTimer.singleShot(_UNPAINTED_MS, self.preload, self.preload.start)
            self._list_cut_off()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Leave the first painting undisturbed; imports begin behind it."""
        super().paintEvent(event)
        if not self.preload.started:
            QTimer.singleShot(0, self.preload, self.preload.start)

    def _offer_cut_off(self, runs: list[RunInfo]) -> None:
        """Offer a run that was cut off for resume, unless the welcome page does it."""
        if not self.hosts[self.station].welcoming:
            self.cut_off.offer(runs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the closing notice over everything."""
        super().resizeEvent(event)
        if self._notice.isVisible():
            self._notice.setGeometry(self.rect())

    def keep_and_close(self) -> None:
        """Close without a question; a run that goes on is kept."""
        self._begin_leaving()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask once where a run goes on; then wait behind a notice until nothing runs."""
        session = self.session
        if not self._leaving:
            if session.training.active and not ask_close(self):
                event.ignore()
                return
            self._begin_leaving()
        if session.work.busy:
            self._notice.cover(
                self.tr("Saving the run…") if session.training.active else self.tr("Closing…")
            )
            event.ignore()
            return
        session.close()
        event.accept()
        self.closed.emit()

    def _begin_leaving(self) -> None:
        if not self._leaving:
            self._leaving = True
            self.session.undo_stack.cleanChanged.disconnect(self._name_window)
        self.session.put_aside()
        remember(self)
        training = self.session.training
        if training.active:
            run = training.folder.id if training.folder is not None else ""
            self.session.settings.keep(LEFT_RUN, run)
            self.session.stop_and_keep()
        self.session.work.cancel_all()

    def _work_idle(self) -> None:
        if self._leaving:
            self.close()


def run_app(arguments: list[str]) -> int:
    """Show the window and stay until it is closed; return the exit code."""
    from workbench.views.application import run

    return run(arguments)
