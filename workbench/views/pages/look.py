"""The Look page: pictures of what happens inside the network, all linked by one selection."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.views.look.catalogue import ENTRIES, GROUPS, group_words, make_view
from workbench.views.look.help_panel import HelpPanel
from workbench.views.look.reading_bar import ReadingBar
from workbench.views.look.view import LookView, selected_line
from workbench.views.look.weights_bar import WeightsBar
from workbench.views.notice import Notice
from workbench.views.open_dialog import ask_for_data
from workbench.views.plots.unit_chart import UnitChart
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING, font, icon

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]

_NAMED = 5
_SHOWN = "look/view"
"""Setting: the view that was shown last."""


class LookPage(QWidget):
    """A list of views, the chosen one, and under it the line of the selected unit."""

    station = "look"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_page")
        self.setAccessibleName(self.tr("Look"))
        self._session = session
        self.looking = Looking(session, self)
        self.views: dict[str, LookView] = {}
        self.help = HelpPanel()
        self._build()
        self.looking.changed.connect(self._show_look)
        self.looking.failed.connect(self._fail)
        session.selection_changed.connect(self._follow)
        self.show_view(session.settings.text(_SHOWN, "states"))

    def _build(self) -> None:
        self.weights = WeightsBar(self.looking)
        self.reading = ReadingBar(self.looking)
        self.help_button = QToolButton()
        self.help_button.setObjectName("look_help")
        self.help_button.setIcon(icon("question"))
        self.help_button.setCheckable(True)
        self.help_button.setToolTip(self.tr("What this picture shows and how to read it"))
        self.help_button.setAccessibleName(self.tr("About this picture"))
        self.help_button.toggled.connect(self.help.setVisible)
        self.help.hide()
        head = QHBoxLayout()
        head.setSpacing(2 * SPACING)
        head.addWidget(self.reading)
        head.addWidget(self.weights, 1)
        head.addWidget(self.help_button)
        self.notice = Notice("look_notice")
        self.list = QListWidget()
        self.list.setObjectName("look_views")
        self.list.setAccessibleName(self.tr("Views"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fill_list()
        self.list.currentItemChanged.connect(self._chosen)
        self.stack = QStackedWidget()
        self.unit = UnitChart(self.tr("One unit"), self, "unit_chart")
        self.unit.step_hovered.connect(self._hover)
        self.unit.step_clicked.connect(self._hover)
        self.pictures = HairlineSplitter(Qt.Orientation.Vertical, "look_splitter")
        self.pictures.addWidget(self.stack)
        self.pictures.addWidget(self.unit)
        self.pictures.setStretchFactor(0, 1)
        self.pictures.setSizes([520, 150])
        across = HairlineSplitter(Qt.Orientation.Horizontal, "look_across")
        across.addWidget(self.list)
        across.addWidget(self.pictures)
        across.addWidget(self.help)
        across.setStretchFactor(1, 1)
        across.setSizes([20 * SPACING, 900, 36 * SPACING])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(head)
        layout.addWidget(self.reading.text)
        layout.addWidget(self.notice)
        layout.addWidget(across, 1)

    def _fill_list(self) -> None:
        for title, entries in GROUPS:
            heading = QListWidgetItem(group_words(title))
            heading.setSizeHint(QSize(0, 4 * SPACING))
            heading.setTextAlignment(Qt.AlignmentFlag.AlignBottom)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(font("small", bold=True))
            self.list.addItem(heading)
            for entry in entries:
                item = QListWidgetItem(entry.words)
                item.setToolTip(entry.help)
                item.setSizeHint(QSize(0, 3 * SPACING))
                item.setData(Qt.ItemDataRole.UserRole, entry.key)
                self.list.addItem(item)

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """It needs a run that has written weights."""
        session = self._session
        if session.run is not None or session.training.active:
            return True, "", "", None
        if session.experiment.data.path:
            why = self.tr(
                "There is no run to look into yet. Train one: its states can be looked at from "
                "the first step on, and they stay to be looked at when it has ended."
            )
            return False, why, self.tr("Train"), session.start_training
        why = self.tr("There is no run to look into yet: open a CSV or a text, then train.")
        return False, why, self.tr("Open data…"), self._open

    def settings_panel(self) -> None:
        """What is looked at is chosen on the page itself."""
        return

    def _open(self) -> None:
        ask_for_data(self, self._session)

    def showEvent(self, event: QShowEvent) -> None:
        """Trace while somebody looks."""
        super().showEvent(event)
        self.looking.set_active(True)
        self._draw_unit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Trace no more."""
        super().hideEvent(event)
        self.looking.set_active(False)

    # ------------------------------------------------------------------ views

    @property
    def view(self) -> LookView:
        """The view that is shown."""
        view = self.stack.currentWidget()
        assert isinstance(view, LookView)
        return view

    def show_view(self, key: str) -> None:
        """Show a view by its name; an unknown one shows the first."""
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self.list.setCurrentRow(row)
                return
        self.show_view("states")

    def _chosen(self, item: QListWidgetItem | None, _before: object) -> None:
        key = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if key is None:
            return
        if key not in self.views:
            self.views[key] = make_view(ENTRIES[key], self.looking)
            self.stack.addWidget(self.views[key])
        view = self.views[key]
        self.stack.setCurrentWidget(view)
        view.set_look(self.looking.look)
        self.help.show_page(key, ENTRIES[key].words)
        self._session.settings.keep(_SHOWN, key)

    # ------------------------------------------------------------------ following

    def _show_look(self, look: Look | None) -> None:
        self.notice.clear()
        if look is not None and look.reading.text:
            unseen = look.task.vocabulary.unseen(look.reading.text)
            shown = ", ".join(map(repr, unseen[:_NAMED])) + (" …" if len(unseen) > _NAMED else "")
            if unseen:
                words = self.tr("The model never saw {0}; it reads that as unknown.")
                self.notice.say(words.format(shown))
        self.view.set_look(look)
        self._draw_unit()

    def _fail(self, error: Exception) -> None:
        self.notice.show_error(error)

    def _follow(self, selection: Selection) -> None:
        if self.isVisible():
            self._draw_unit()
            self.unit.set_crosshair(selection.step)

    def _draw_unit(self) -> None:
        """Draw the selected unit's line under whatever view is shown."""
        look, selection = self.looking.look, self._session.selection
        if look is None:
            self.unit.set_empty(self.tr("The first weights are on their way."))
            return
        line = selected_line(look, selection)
        if line is None:
            self.unit.set_empty(self.tr("Click a unit in any picture: its line is drawn here."))
            return
        self.unit.set_unit(line.values, look.labels, line.title, line.reach)
        self.unit.set_crosshair(selection.step)

    def _hover(self, step: int) -> None:
        self._session.select(step=step)
