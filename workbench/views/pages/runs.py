"""The Runs page: all runs, what can be done with them, and what tells them apart."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QHideEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.app.latest_work import LatestWork
from workbench.errors import UserError
from workbench.paths import runs_folder
from workbench.runs import RunFolder, RunInfo, list_runs
from workbench.views.numbers import grouped
from workbench.views.pages import runs_model as columns
from workbench.views.pages.runs_model import RunsModel, RunsProxy
from workbench.views.pages.runs_parts import CurvesPanel, DeleteStrip, DifferencePanel
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING, icon

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]
_REFRESH_MS = 2000
"""How often the table is read again while a run goes on and somebody looks."""
_WIDTHS = {
    columns.NAME: 190, columns.DATA: 140, columns.MODEL: 150, columns.BEST: 116, columns.NAIVE: 84,
    columns.EPOCH: 68, columns.TIME: 76, columns.STATE: 88, columns.CREATED: 132,
}  # fmt: skip


class RunsPage(QWidget):
    """A table of all runs; curves and differences of those that are chosen."""

    station = "runs"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_page")
        self.setAccessibleName(self.tr("Runs"))
        self._session = session
        self._root = runs_folder()
        self._wanted: set[str] = set()
        self._begun = False
        self._listing = LatestWork(session, self)
        self._listing.done.connect(self._show_runs)
        self._listing.failed.connect(session.report)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._make_table()
        self._make_actions()
        self._build()
        session.runs_changed.connect(self.refresh)
        session.job_changed.connect(self._job_changed)
        self._selection_changed()

    # ------------------------------------------------------------------ parts

    def _make_table(self) -> None:
        self.model = RunsModel(self)
        self.model.written.connect(self._write)
        self.proxy = RunsProxy(self)
        self.proxy.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setObjectName("runs_table")
        self.table.setAccessibleName(self.tr("All runs"))
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(columns.CREATED, Qt.SortOrder.DescendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(4 * SPACING)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsMovable(True)
        head.setStretchLastSection(True)
        for column, width in _WIDTHS.items():
            head.resizeSection(column, width)
        head.setSectionResizeMode(columns.NOTES, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(6 * SPACING)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.doubleClicked.connect(self._double_clicked)
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        self.proxy.modelAboutToBeReset.connect(self._remember)
        self.proxy.modelReset.connect(self._choose_again)

    def _make_actions(self) -> None:
        def action(name: str, words: str, sign: str, call: Callable[[], None]) -> QAction:
            tone = "bad" if name == "delete" else "text"
            made = QAction(icon(sign, tone), words, self)
            made.setObjectName(f"runs_{name}")
            made.triggered.connect(call)
            return made

        self.actions_ = {
            "open": action("open", self.tr("Open"), "arrow-square-out", self._open),
            "resume": action("resume", self.tr("Resume"), "play", self._resume),
            "duplicate": action(
                "duplicate", self.tr("Duplicate as experiment"), "copy", self._duplicate
            ),
            "rename": action("rename", self.tr("Rename"), "pencil-simple", self._rename),
            "note": action("note", self.tr("Note"), "note-pencil", self._note),
            "folder": action("folder", self.tr("Open folder"), "folder-open", self._open_folder),
            "delete": action("delete", self.tr("Delete…"), "trash", self._delete),
        }
        self.actions_["rename"].setShortcut(QKeySequence(Qt.Key.Key_F2))
        self.actions_["delete"].setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        for name, key in (("open", Qt.Key.Key_Return), ("delete", Qt.Key.Key_Delete)):
            shortcut = QShortcut(QKeySequence(key), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.actions_[name].trigger)
        for made in self.actions_.values():
            made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def _build(self) -> None:
        self.filter = QLineEdit()
        self.filter.setObjectName("runs_filter")
        self.filter.setAccessibleName(self.tr("Filter runs"))
        self.filter.setPlaceholderText(self.tr("Filter by name, data, model, note"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(36 * SPACING)
        self.filter.addAction(
            icon("magnifying-glass", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.filter.textChanged.connect(self._filter)
        self.count = QLabel()
        self.count.setObjectName("runs_count")
        self.count.setProperty("role", "muted")
        top = QHBoxLayout()
        top.setSpacing(SPACING // 2)
        top.addWidget(self.filter, 1)
        top.addWidget(self.count)
        top.addStretch(1)
        self.buttons = {name: self._button(name, made) for name, made in self.actions_.items()}
        for name, button in self.buttons.items():
            if name not in ("rename", "note"):
                top.addWidget(button)
        self.strip = DeleteStrip()
        self.strip.confirmed.connect(self._delete_now)
        self.strip.closed.connect(self.table.setFocus)
        self.curves = CurvesPanel(self._session)
        self.difference = DifferencePanel(self._session)
        below = HairlineSplitter(Qt.Orientation.Horizontal, "runs_below")
        below.addWidget(self.curves)
        below.addWidget(self.difference)
        below.setSizes([640, 420])
        self._empty = QLabel()
        self._empty.setObjectName("runs_empty")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        parts = HairlineSplitter(Qt.Orientation.Vertical, "runs_parts")
        parts.addWidget(self._stack)
        parts.addWidget(below)
        parts.setSizes([380, 300])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(top)
        layout.addWidget(self.strip)
        layout.addWidget(parts, 1)

    def _button(self, name: str, action: QAction) -> QPushButton:
        button = QPushButton(action.icon(), action.text())
        button.setObjectName(f"runs_button_{name}")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if name == "delete":
            button.setProperty("tone", "danger")
        button.clicked.connect(action.trigger)
        return button

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """The table is always there; where it is empty it says how to fill it."""
        return True, "", "", None

    def settings_panel(self) -> None:
        """There is nothing to set here."""
        return

    def showEvent(self, event: QShowEvent) -> None:
        """Read the runs anew when somebody looks."""
        super().showEvent(event)
        self.refresh()
        self._job_changed(self._session.job)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is read."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot(object)
    def _job_changed(self, job: Any) -> None:
        if job.run_active and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self._enable()

    # ------------------------------------------------------------------ reading

    @Slot()
    def refresh(self) -> None:
        """Read the list of runs behind the window."""
        if self.isVisible():
            root = self._root
            self._listing.ask(lambda _cancelled: list_runs(root))

    @Slot(object)
    def _show_runs(self, runs: list[RunInfo]) -> None:
        before = self.chosen()
        self.model.set_runs(runs)
        self._show_count()
        if not self._begun and runs:
            self._begun = True
            shown = self._session.run
            ids = [info.id for info in runs]
            self.choose(shown.id if shown is not None and shown.id in ids else ids[0])
        elif self.chosen() != before:
            self._selection_changed()

    def _show_count(self) -> None:
        total, shown = self.model.rowCount(), self.proxy.rowCount()
        words = self.tr("{0} run") if total == 1 else self.tr("{0} runs")
        if shown != total:
            words = self.tr("{1} of {0} runs")
        self.count.setText(words.format(grouped(total), grouped(shown)))
        empty = self.tr("No run yet. Open data and press Train: every run is kept here.")
        if total:
            empty = self.tr("No run matches “{0}”.").format(self.filter.text())
        self._empty.setText(empty)
        self._stack.setCurrentWidget(self.table if shown else self._empty)

    @Slot(str)
    def _filter(self, text: str) -> None:
        self.proxy.set_filter(text)
        self._show_count()

    # ------------------------------------------------------------------ choosing

    def chosen(self) -> list[RunInfo]:
        """The selected runs, from top to bottom."""
        rows = self.table.selectionModel().selectedRows()
        found = [row.data(columns.INFO_ROLE) for row in sorted(rows, key=QModelIndex.row)]
        return [info for info in found if info is not None]

    def choose(self, *ids: str) -> None:
        """Select runs by their ids."""
        selection = self.table.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for row in range(self.proxy.rowCount()):
            index = self.proxy.index(row, 0)
            if index.data(columns.INFO_ROLE).id in ids:
                selection.select(index, flags.Select | flags.Rows)
                selection.setCurrentIndex(index, flags.NoUpdate)

    @Slot()
    def _remember(self) -> None:
        self._wanted = {info.id for info in self.chosen()}

    @Slot()
    def _choose_again(self) -> None:
        self.choose(*self._wanted)

    @Slot()
    def _selection_changed(self) -> None:
        runs = self.chosen()
        self.curves.show_runs(runs)
        self.difference.show_runs(runs)
        self._enable()

    def _enable(self) -> None:
        """What can be done with the chosen runs; what cannot says why."""
        runs = self.chosen()
        one = self.tr("Choose one run.")
        busy = [info for info in runs if info.state in ("running", "paused")]
        why = dict.fromkeys(self.actions_, "" if len(runs) == 1 else one)
        why["delete"] = "" if runs else self.tr("Choose the runs to delete.")
        if busy:
            why["delete"] = self.tr("A run that goes on cannot be deleted: stop it first.")
        if len(runs) == 1 and not why["resume"]:
            why["resume"] = self._why_not_resume(runs[0])
        for name, action in self.actions_.items():
            action.setEnabled(not why[name])
            self.buttons[name].setEnabled(not why[name])
            tip = why[name] or action.text()
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self.buttons[name].setToolTip(f"{tip} ({keys})" if keys and not why[name] else tip)

    def _why_not_resume(self, info: RunInfo) -> str:
        if self._session.job.run_active:
            return self.tr("A run goes on already: stop it first.")
        if info.resumable:
            return ""
        if info.state == "finished":
            return self.tr("It is finished. Duplicate it to train longer.")
        return self.tr("It cannot be resumed.")

    # ------------------------------------------------------------------ doing

    def _one(self) -> RunInfo | None:
        runs = self.chosen()
        return runs[0] if len(runs) == 1 else None

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, action in self.actions_.items():
            if name in ("rename", "delete"):
                menu.addSeparator()
            menu.addAction(action)
        menu.popup(self.table.viewport().mapToGlobal(place))

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() in columns.EDITABLE:
            self.table.edit(index)
        else:
            self._open()

    @Slot()
    def _open(self) -> None:
        info = self._one()
        if info is not None:
            self._session.open_path(info.folder)

    @Slot()
    def _resume(self) -> None:
        info = self._one()
        if info is not None:
            self._session.resume_run(info.folder)

    @Slot()
    def _duplicate(self) -> None:
        """Begin a new experiment with the settings of a run."""
        info = self._one()
        if info is None:
            return
        try:
            experiment = RunFolder(info.folder).experiment()
            name = self.tr("{0} copy").format(info.name)
            experiment = experiment.with_value("name", name)
        except UserError as error:
            self._session.report(error)
            return
        self._session.open_experiment(experiment)
        self._session.say("info", self.tr("“{0}” is a new experiment now.").format(name))

    @Slot()
    def _rename(self) -> None:
        self._edit(columns.NAME)

    @Slot()
    def _note(self) -> None:
        self._edit(columns.NOTES)

    def _edit(self, column: int) -> None:
        rows = self.table.selectionModel().selectedRows(column)
        if len(rows) == 1:
            self.table.setFocus()
            self.table.scrollTo(rows[0])
            self.table.edit(rows[0])

    @Slot(object, str, str)
    def _write(self, info: RunInfo, which: str, text: str) -> None:
        """Write a name or a note behind the window, then read the list anew."""
        folder = RunFolder(info.folder)
        function = folder.rename if which == "name" else folder.set_notes
        self._session.run_in_background(
            lambda _cancelled: function(text), self._written, self._not_written
        )

    def _written(self, _result: None) -> None:
        self._session.runs_changed.emit()

    def _not_written(self, error: Exception) -> None:
        self._session.report(error)
        self.refresh()

    @Slot()
    def _open_folder(self) -> None:
        info = self._one()
        if info is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(info.folder))):
            self._session.say(
                "warning", self.tr("No file manager could be started."),
                self.tr("The run is in {0}.").format(info.folder),
            )  # fmt: skip

    @Slot()
    def _delete(self) -> None:
        runs = self.chosen()
        if runs:
            self.strip.ask(runs)

    @Slot(object)
    def _delete_now(self, runs: list[RunInfo]) -> None:
        for info in runs:
            self._session.leave_run(info.id)
        self._session.run_in_background(
            lambda _cancelled: _discard(runs), self._written, self._not_written
        )


def _discard(runs: list[RunInfo]) -> None:
    """Move runs to the bin (in the worker).

    Raises:
        UserError: Where one cannot be moved; those before it are gone.
    """
    for info in runs:
        RunFolder(info.folder).discard()
