"""The right side of the window: the settings of the page that is shown."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from workbench.views.theme import SPACING

WIDTH = 40 * SPACING
_NARROWEST = 28 * SPACING


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
        self.setMinimumWidth(_NARROWEST)

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
            for area in _areas(self._places[panel]):
                area.widget().installEventFilter(self)
        self._stack.setCurrentWidget(self._places[panel])
        self._fit()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Widen where a form unfolds."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Never be narrower than the form that is shown, which does not scroll sideways."""
        needed = [
            area.widget().minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width()
            for area in _areas(self._stack.currentWidget())
        ]
        self.setMinimumWidth(max([_NARROWEST, *needed]))

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


def _areas(place: QWidget) -> list[QScrollArea]:
    """What scrolls in a panel."""
    areas = [place] if isinstance(place, QScrollArea) else place.findChildren(QScrollArea)
    return [area for area in areas if area.widget() is not None]
