"""The right side of the window: the settings of the page that is shown."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from workbench.views.theme import SPACING

WIDTH = 40 * SPACING


class SettingsDock(QFrame):
    """Holds one panel per page; a panel that does not scroll by itself is made to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dock")
        self.setAccessibleName(self.tr("Settings of this page"))
        self._places: dict[QWidget, QWidget] = {}
        self._stack = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.setMinimumWidth(28 * SPACING)

    def sizeHint(self) -> QSize:
        """Wide enough for a form."""
        return QSize(WIDTH, 60 * SPACING)

    def show_panel(self, panel: QWidget | None) -> bool:
        """Show a page's panel; False where it has none."""
        if panel is None:
            return False
        if panel not in self._places:
            self._places[panel] = self._scrolling(panel)
            self._stack.addWidget(self._places[panel])
        self._stack.setCurrentWidget(self._places[panel])
        return True

    def _scrolling(self, panel: QWidget) -> QWidget:
        scrolls = isinstance(panel, QScrollArea) or panel.findChild(QScrollArea) is not None
        if scrolls or isinstance(panel, QStackedWidget):
            return panel
        area = QScrollArea()
        area.setObjectName(f"{panel.objectName()}_scroll")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.addWidget(panel)
        column.addStretch(1)
        area.setWidget(inner)
        return area
