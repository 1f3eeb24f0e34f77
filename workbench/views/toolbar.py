"""The toolbar: the same on every page."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from workbench.paths import sample_data_folder
from workbench.views.actions import Actions
from workbench.views.numbers import isolated
from workbench.views.plots.legend import ElidedLabel
from workbench.views.theme import SPACING, icon

if TYPE_CHECKING:
    from workbench.app.session import Session


class Toolbar(QToolBar):
    """Open, save, undo on the left; what is open in the middle; the run's controls on the right.

    Attributes:
        recent_chosen: Path of the recent file that was chosen.
    """

    recent_chosen = Signal(str)

    def __init__(self, actions: Actions, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions, self._session = actions, session
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Toolbar"))
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(18, 18))
        self._add_file_buttons()
        self.title = ElidedLabel("", self)
        self.title.setObjectName("toolbar_title")
        self.title.setProperty("role", "muted")
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.title.setContentsMargins(SPACING, 0, SPACING, 0)
        self.addWidget(self.title)
        self._add_run_buttons()
        self._add_menu()

    def _add_file_buttons(self) -> None:
        actions = self._actions
        self.recent_menu = QMenu(self)
        self.recent_menu.setObjectName("recent_menu")
        self.recent_menu.setToolTipsVisible(True)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        self.open_button = self._button(actions.open, text=True)
        self.open_button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.open_button.setMenu(self.recent_menu)
        for action in (actions.save, actions.undo, actions.redo):
            self._button(action, text=False)

    def _add_run_buttons(self) -> None:
        actions = self._actions
        for action in (actions.train, actions.pause, actions.stop, actions.discard):
            button = self._button(action, text=True)
            if action is actions.train:
                button.setProperty("tone", "primary")
        self.addSeparator()

    def _add_menu(self) -> None:
        actions = self._actions
        menu = QMenu(self)
        menu.setObjectName("main_menu")
        menu.addActions([actions.open, actions.open_folder, actions.save, actions.save_as])
        menu.addSeparator()
        menu.addAction(actions.settings)
        themes = menu.addMenu(icon("sun"), self.tr("Theme"))
        themes.setObjectName("theme_menu")
        themes.addActions(actions.themes.actions())
        menu.addSeparator()
        menu.addActions([actions.shortcuts, actions.quit])
        self.menu_button = QToolButton(self)
        self.menu_button.setObjectName("menu_button")
        self.menu_button.setIcon(icon("list"))
        self.menu_button.setToolTip(self.tr("More"))
        self.menu_button.setAccessibleName(self.tr("More"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(menu)
        self._button(actions.settings, text=False)
        self.addWidget(self.menu_button)

    def _button(self, action: QAction, *, text: bool) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setObjectName(action.objectName().replace("action_", "button_"))
        button.setAccessibleName(action.text().replace("&&", "&"))
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        button.setToolButtonStyle(style if text else Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addWidget(button)
        return button

    # ------------------------------------------------------------------ what is open

    def set_title(self, text: str) -> None:
        """Name what is open."""
        self.title.setText(text)
        self.title.setToolTip("")

    def _fill_recent(self) -> None:
        menu = self.recent_menu
        menu.clear()
        menu.addActions([self._actions.open, self._actions.open_folder])
        menu.addSection(self.tr("Recent"))
        files = self._session.settings.recent_files
        for path in files:
            action = menu.addAction(_menu_words(path))
            action.setToolTip(path)
            action.setData(path)
            action.triggered.connect(self._recent_triggered)
        if not files:
            menu.addAction(self.tr("Nothing yet")).setEnabled(False)
        menu.addSection(self.tr("Samples"))
        for path in sorted(sample_data_folder().iterdir()):
            if path.suffix in (".csv", ".txt"):
                action = menu.addAction(path.name)
                action.setToolTip(str(path))
                action.setData(str(path))
                action.triggered.connect(self._recent_triggered)

    def _recent_triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.recent_chosen.emit(action.data())


def _menu_words(path: str) -> str:
    """A path short enough for a menu; an ampersand in it is not a shortcut."""
    place = Path(path)
    words = f"{isolated(place.name)}  –  {isolated(_shortened(str(place.parent)))}"
    return words.replace("&", "&&")


def _shortened(folder: str, longest: int = 40) -> str:
    return folder if len(folder) <= longest else f"…{folder[1 - longest :]}"
