"""The rail: six stations, Ctrl+1 … Ctrl+6."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from workbench.views.stations import STATIONS, Station
from workbench.views.theme import SPACING, colour, font, icon

_WIDTH = 9 * SPACING


class StationButton(QToolButton):
    """One station; a bar marks the current one, a dot one that needs something first."""

    def __init__(self, station: Station, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.station = station
        self._waits = ""
        self._number = number
        self.setObjectName(f"station_{station.name}")
        self.setText(station.words)
        self.setIcon(icon(station.icon))
        self.setIconSize(QSize(22, 22))
        self.setFont(font("small"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(_WIDTH - SPACING, 7 * SPACING)
        self.set_waits("")

    def set_waits(self, why: str) -> None:
        """Say what the station needs before it can be used; no words where it needs nothing."""
        self._waits = why
        keys = f"Ctrl+{self._number}"
        self.setToolTip(f"{self.station.tip} ({keys})" if not why else f"{why} ({keys})")
        self.setAccessibleName(self.station.words)
        self.setAccessibleDescription(why or self.station.tip)
        self.update()

    @property
    def waits(self) -> str:
        """What the station needs first, or nothing."""
        return self._waits

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the mark of the current station, and the dot."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(colour("accent"))
            painter.drawRoundedRect(0, self.height() // 2 - 11, 3, 22, 1.5, 1.5)
        if self._waits:
            painter.setBrush(colour("text_disabled"))
            painter.drawEllipse(self.width() - 14, 8, 6, 6)
        painter.end()


class Rail(QFrame):
    """The stations from top to bottom.

    Attributes:
        chosen: Name of the station that was clicked.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName(self.tr("Stations"))
        self.setFixedWidth(_WIDTH)
        self.buttons: dict[str, StationButton] = {}
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING // 2, SPACING, SPACING // 2, SPACING)
        layout.setSpacing(SPACING // 2)
        for number, station in enumerate(STATIONS, 1):
            button = StationButton(station, number, self)
            self.buttons[station.name] = button
            group.addButton(button)
            layout.addWidget(button)
        layout.addStretch(1)
        group.setExclusive(True)
        group.buttonClicked.connect(self._clicked)

    def _clicked(self, button: StationButton) -> None:
        self.chosen.emit(button.station.name)

    def show_current(self, name: str) -> None:
        """Mark a station as the one that is shown."""
        self.buttons[name].setChecked(True)
