"""A splitter with hairlines for handles."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from workbench.views.theme import SPACING, colour


class _Handle(QSplitterHandle):
    """A hairline within a strip wide enough to take hold of."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line; in the accent where the pointer is over it."""
        painter = QPainter(self)
        tint = colour("accent" if self.underMouse() else "border")
        if self.orientation() == Qt.Orientation.Horizontal:
            painter.fillRect(self.width() // 2, 0, 1, self.height(), tint)
        else:
            painter.fillRect(0, self.height() // 2, self.width(), 1, tint)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be dragged."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to the plain line."""
        super().leaveEvent(event)
        self.update()


class HairlineSplitter(QSplitter):
    """A splitter whose handles are hairlines in both directions.

    Style sheets cannot do it: Qt ignores the margins of a vertical splitter's handle.
    """

    def __init__(self, orientation: Qt.Orientation, name: str) -> None:
        super().__init__(orientation)
        self.setObjectName(name)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(2 * SPACING + 1)

    def createHandle(self) -> QSplitterHandle:
        """Make one handle."""
        return _Handle(self.orientation(), self)
