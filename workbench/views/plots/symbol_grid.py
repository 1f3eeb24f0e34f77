"""A text as cells: each symbol on a ground of its own, what was expected next under it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import one_symbol
from workbench.views.palette import contrast, mix
from workbench.views.plots.symbol_area import SymbolArea
from workbench.views.theme import colour, font, theme

_PAD, _GAP, _MARGIN = 4.0, 6.0, 8.0
_NARROWEST = 13.0
_WIDEST = 92.0


@dataclass(frozen=True)
class Expected:
    """What was expected after each symbol.

    Attributes:
        texts: The likeliest next symbols of each step, the likeliest first.
        chances: Their probabilities, 0…1, ``(T, k)``.
        followed: Which of them did follow, 0…k−1; −1 where none did, ``(T,)``.
    """

    texts: Sequence[Sequence[str]]
    chances: np.ndarray
    followed: np.ndarray


class SymbolGrid(SymbolArea):
    """Lays symbols out in lines of cells; a line also ends with the text's own.

    Attributes:
        clicked: Step of a click.
        brushed: First step of a stretch that was drawn over with the mouse, and the step behind it.
    """

    clicked = Signal(int)
    brushed = Signal(int, int)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent, name)
        self._symbols: tuple[str, ...] = ()
        self._grounds: Sequence[str] = ()
        self._expected: Expected | None = None
        self._boxes: list[QRectF] = []
        self._laid_out: tuple[object, ...] = ()
        self._step = -1
        self._pressed = -1
        self._stretch = (0, 0)

    def set_stretch(self, first: int, last: int) -> None:
        """Underline the steps from ``first`` up to ``last``."""
        if (first, last) != self._stretch:
            self._stretch = (first, last)
            self.viewport().update()

    def set_symbols(
        self, symbols: Sequence[str], grounds: Sequence[str], expected: Expected | None = None
    ) -> None:
        """Show symbols.

        Args:
            symbols: One text per step.
            grounds: A colour ``#rrggbb`` per step.
            expected: What is written under them, or None.
        """
        self._symbols, self._grounds, self._expected = tuple(symbols), grounds, expected
        self.lay_out()
        self.viewport().update()

    def set_step(self, step: int) -> None:
        """Frame a step; −1 frames none."""
        if step != self._step:
            self._step = step
            self.viewport().update()

    def show_step(self, step: int) -> None:
        """Scroll so far that a step can be seen."""
        if 0 <= step < len(self._boxes):
            bar, box = self.verticalScrollBar(), self._boxes[step]
            if not bar.value() <= box.top() <= bar.value() + self.viewport().height() - 40:
                bar.setValue(round(box.top() - self.viewport().height() / 2))

    # ------------------------------------------------------------------ layout

    def lay_out(self) -> None:
        """Place the cells for the width there is."""
        width = max(80.0, self.viewport().width() - 2 * _MARGIN)
        below = id(self._expected.texts) if self._expected is not None else None
        key = (self._symbols, below, width)
        if key == self._laid_out:
            return
        self._laid_out = key
        large, small = QFontMetricsF(font("normal")), QFontMetricsF(font("small"))
        height = large.height() + _PAD
        if self._expected is not None:
            height += len(self._expected.texts[0]) * small.height() if self._symbols else 0
        self._boxes = []
        x, y = _MARGIN, _MARGIN
        for step, symbol in enumerate(self._symbols):
            wide = large.horizontalAdvance(one_symbol(symbol))
            if self._expected is not None:
                below = self._expected.texts[step]
                widest = max((small.horizontalAdvance(one_symbol(t)) for t in below), default=0.0)
                wide = max(wide, min(widest, _WIDEST))
            wide = max(_NARROWEST, wide + _PAD)
            if x + wide > _MARGIN + width and x > _MARGIN:
                x, y = _MARGIN, y + height + _GAP
            self._boxes.append(QRectF(x, y, wide, height))
            x += wide
            if symbol.endswith("\n"):
                x, y = _MARGIN, y + height + _GAP
        bottom = self._boxes[-1].bottom() + _MARGIN if self._boxes else 0.0
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(bottom) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(height))

    def cell(self, step: int) -> QRectF:
        """Where a step is on the viewport.

        Raises:
            IndexError: Where there is no such step.
        """
        return self._boxes[step].translated(0, -self.verticalScrollBar().value())

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells that are in view."""
        self.lay_out()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), colour("surface"))
        shift = self.verticalScrollBar().value()
        painter.translate(0, -shift)
        low, high = shift, shift + self.viewport().height()
        for step, box in enumerate(self._boxes):
            if box.bottom() >= low and box.top() <= high:
                self._paint_cell(painter, step, box)

    def _paint_cell(self, painter: QPainter, step: int, box: QRectF) -> None:
        line = QFontMetricsF(font("normal")).height() + _PAD
        head = QRectF(box.left(), box.top(), box.width(), line)
        painter.fillRect(head, QColor(self._grounds[step]))
        painter.setFont(font("normal"))
        painter.setPen(QColor(_ink(self._grounds[step])))
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, one_symbol(self._symbols[step]))
        if self._stretch[0] <= step < self._stretch[1]:
            under = QRectF(head.left(), head.bottom() - 3, head.width(), 3)
            painter.fillRect(under, colour("accent"))
        if self._expected is not None:
            self._paint_expected(painter, step, QRectF(head.bottomLeft(), box.bottomRight()))
        if step in (self._step, self._over):
            painter.setPen(colour("accent"))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_expected(self, painter: QPainter, step: int, room: QRectF) -> None:
        assert self._expected is not None
        painter.setFont(font("small"))
        metrics = QFontMetricsF(font("small"))
        palette = theme().palette
        for place, text in enumerate(self._expected.texts[step]):
            chance = float(self._expected.chances[step, place])
            row = QRectF(
                room.left(), room.top() + place * metrics.height(), room.width(), metrics.height()
            )
            ground = mix(palette.surface, palette.series[1], 0.6 * chance)
            painter.fillRect(row, QColor(ground))
            painter.setPen(colour("text" if chance > 0.05 else "text_muted"))
            if place == self._expected.followed[step]:
                painter.setFont(font("small", bold=True))
            shown = metrics.elidedText(
                one_symbol(text), Qt.TextElideMode.ElideRight, row.width() - 1
            )
            painter.drawText(row, Qt.AlignmentFlag.AlignCenter, shown)
            painter.setFont(font("small"))

    # ------------------------------------------------------------------ the hand

    def symbol_at(self, place: QPointF) -> int:
        """Step at a place on the viewport, −1 for none."""
        at = QPointF(place.x(), place.y() + self.verticalScrollBar().value())
        return next((step for step, box in enumerate(self._boxes) if box.contains(at)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the step under the pointer; draw over a stretch."""
        super().mouseMoveEvent(event)
        if self._pressed >= 0 and self._over >= 0:
            ends = sorted((self._pressed, self._over))
            self.set_stretch(ends[0], ends[1] + 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a stretch."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self.symbol_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell a click on a step, or a stretch."""
        began, self._pressed = self._pressed, -1
        step = self.symbol_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or began < 0:
            return
        if step in (-1, began):
            self.clicked.emit(began)
        else:
            self.brushed.emit(min(began, step), max(began, step) + 1)

    def sizeHint(self) -> QSize:
        """Some lines."""
        return QSize(480, 240)


def _ink(ground: str) -> str:
    """Colour of words on a ground: that of text, or that of the surface where it is read better."""
    palette = theme().palette
    return max((palette.text, palette.surface), key=lambda ink: contrast(ink, ground))
