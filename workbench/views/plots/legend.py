"""The meaning of lines and colours, and a label that shortens itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from workbench.views.theme import SPACING, colour


class ElidedLabel(QLabel):
    """Plain text on one line that is cut with '…' where there is no room for it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A few letters are enough."""
        return QSize(min(48, super().sizeHint().width()), super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text, cut to the width."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        cut = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.TextFlag.TextSingleLine, cut)


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend.

    Attributes:
        name: Plain text.
        tone: Palette colour.
        mark: ``line``, ``dashed``, ``dots``, ``area``, ``ticks``, ``triangle`` or ``none``.
    """

    name: str
    tone: str
    mark: str = "line"


class Legend(QWidget):
    """The meaning of lines and colours, in a row that breaks where it must."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: tuple[LegendEntry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_entries(self, entries: Sequence[LegendEntry]) -> None:
        """Show these; none hides the row."""
        if tuple(entries) == self._entries:
            return
        self._entries = tuple(entries)
        self.setAccessibleName(", ".join(entry.name for entry in entries))
        self.setVisible(bool(entries))
        self._fit()
        self.update()

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        """What is shown."""
        return self._entries

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the row again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = max(1, self._places()[1]) * (self.fontMetrics().height() + 2)
        if self.height() != wanted:
            self.setFixedHeight(wanted)

    def _places(self) -> tuple[list[tuple[int, int, int]], int]:
        """Return (x, line, width) of each entry and the number of lines, at most 2."""
        metrics, places, x, line = self.fontMetrics(), [], 0, 0
        for entry in self._entries:
            width = min(26 + metrics.horizontalAdvance(entry.name), max(60, self.width()))
            if x and x + width > self.width():
                x, line = 0, line + 1
            places.append((x, line, width))
            x += width + 2 * SPACING
        return places, min(line + 1, 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw marks and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.fontMetrics().height() + 2
        places, lines = self._places()
        for entry, (x, line, width) in zip(self._entries, places, strict=True):
            if line >= lines:
                break
            middle = line * height + height / 2
            _paint_mark(painter, entry, x, middle)
            painter.setPen(colour("text_muted"))
            name = self.fontMetrics().elidedText(
                entry.name, Qt.TextElideMode.ElideRight, width - 24
            )
            room = QRectF(x + 24, line * height, width - 22, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)


def _paint_mark(painter: QPainter, entry: LegendEntry, x: float, middle: float) -> None:
    line = QPen(colour(entry.tone), 2)
    if entry.mark == "area":
        painter.fillRect(QRectF(x, middle - 5, 18, 10), colour(entry.tone, 0.25))
        return
    if entry.mark == "dots":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(entry.tone, 0.6))
        for offset in (3, 9, 15):
            painter.drawEllipse(QRectF(x + offset - 1.5, middle - 1.5, 3, 3))
        return
    if entry.mark in ("ticks", "triangle"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(entry.tone))
        if entry.mark == "ticks":
            for offset in (4, 8, 13):
                painter.drawRect(QRectF(x + offset, middle - 4, 1.5, 8))
        else:
            corners = [QPointF(x + 4, middle - 4), QPointF(x + 14, middle - 4)]
            painter.drawPolygon(QPolygonF([*corners, QPointF(x + 9, middle + 5)]))
        return
    if entry.mark == "none":
        return
    if entry.mark == "dashed":
        line.setDashPattern([2.5, 2])
    painter.setPen(line)
    painter.drawLine(QPoint(round(x), round(middle)), QPoint(round(x + 18), round(middle)))
