"""The network as a diagram: one box a block, shapes at every arrow."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.theme import colour, font

_RECURRENT = re.compile(r"\blayer\b", re.IGNORECASE)
_BOX_HEIGHT = 56.0
_ARROW = 40.0
_PAD = 12.0
_SIDE = 46.0
"""Room beside the boxes for loops (right) and residual connections (left)."""


class DiagramBlock(Protocol):
    """What a block tells of itself.

    Attributes:
        name: For people.
        detail: Parts divided by commas, such as ``dropout 0.2, residual``.
        shape: Shape of what leaves it.
        parameters: Trained numbers in it.
    """

    name: str
    detail: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class _Box:
    name: str
    parts: tuple[str, ...]
    shape: str
    parameters: int

    @property
    def recurrent(self) -> bool:
        return bool(_RECURRENT.search(self.name))

    @property
    def residual(self) -> bool:
        return any("residual" in part.lower() for part in self.parts)


class DiagramCanvas(QWidget):
    """Paints the boxes from top to bottom, or from left to right where there is more width."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._input = ""
        self._boxes: tuple[_Box, ...] = ()

    def set_boxes(self, input_shape: str, boxes: Sequence[_Box]) -> None:
        """Show these."""
        self._input, self._boxes = input_shape, tuple(boxes)
        self.updateGeometry()
        self.update()

    # ------------------------------------------------------------------ sizes

    def _box_width(self) -> float:
        return max((_width_of(box) for box in self._boxes), default=120.0)

    def _shape_width(self) -> float:
        small = QFontMetricsF(font("small"))
        shapes = [self._input, *(box.shape for box in self._boxes)]
        return max((small.horizontalAdvance(shape) for shape in shapes), default=0.0)

    def _upright_size(self) -> QSize:
        height = len(self._boxes) * (_BOX_HEIGHT + _ARROW) + _ARROW + 34
        return QSize(round(self._box_width() + 2 * _SIDE + 2 * _PAD), round(height))

    def _level_size(self) -> QSize:
        gap = self._shape_width() + 30
        width = sum(_width_of(box) + gap for box in self._boxes) + gap + 90
        return QSize(round(width), round(_BOX_HEIGHT + 2 * _SIDE + 2 * _PAD))

    def _is_level(self) -> bool:
        upright, level = self._upright_size(), self._level_size()
        fits_upright = self.height() / upright.height()
        fits_level = min(self.width() / level.width(), self.height() / level.height())
        return fits_upright < 0.85 and fits_level > fits_upright

    def sizeHint(self) -> QSize:
        """The size it has without being shrunk."""
        return self._upright_size()

    def minimumSizeHint(self) -> QSize:
        """Below three quarters of its size it scrolls instead of shrinking further."""
        level = self._level_size()
        if self.parentWidget() is not None:
            room = self.parentWidget().size()
            if room.width() >= 0.7 * level.width() and room.height() >= 0.7 * level.height():
                return QSize(120, round(0.7 * level.height()))
        upright = self._upright_size()
        return QSize(round(0.75 * upright.width()), round(0.75 * upright.height()))

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw everything, shrunk to the room there is, never enlarged."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._boxes:
            return
        level = self._is_level()
        size = self._level_size() if level else self._upright_size()
        scale = min(1.0, self.width() / size.width(), self.height() / size.height())
        painter.translate(
            (self.width() - size.width() * scale) / 2, (self.height() - size.height() * scale) / 2
        )
        painter.scale(scale, scale)
        if level:
            self._paint_level(painter, size)
        else:
            self._paint_upright(painter, size)

    def _paint_upright(self, painter: QPainter, size: QSize) -> None:
        width, middle = self._box_width(), size.width() / 2
        y = 4.0
        self._paint_pill(painter, QRectF(middle - 40, y, 80, 26), self.tr("Input"))
        y += 26
        shape = self._input
        for box in self._boxes:
            before = y
            _arrow(painter, QPointF(middle, y), QPointF(middle, y + _ARROW))
            self._paint_shape(painter, QPointF(middle + 8, y + _ARROW / 2 - 2), shape)
            y += _ARROW
            rect = QRectF(middle - width / 2, y, width, _BOX_HEIGHT)
            self._paint_box(painter, rect, box)
            if box.recurrent:
                _loop(painter, QPointF(rect.right(), rect.center().y()), upright=True)
            y += _BOX_HEIGHT
            if box.residual:
                begin = QPointF(middle, before + 8)
                end = QPointF(middle, y + 12)
                _bypass(painter, begin, end, rect.left() - 18, upright=True)
            shape = box.shape
        _arrow(painter, QPointF(middle, y), QPointF(middle, y + _ARROW - 2))
        self._paint_shape(painter, QPointF(middle + 8, y + _ARROW / 2 - 2), shape)

    def _paint_level(self, painter: QPainter, size: QSize) -> None:
        gap, middle = self._shape_width() + 30, size.height() / 2
        x = 4.0
        self._paint_pill(painter, QRectF(x, middle - 13, 70, 26), self.tr("Input"))
        x += 70
        shape = self._input
        for box in self._boxes:
            before = x
            _arrow(painter, QPointF(x, middle), QPointF(x + gap, middle))
            self._paint_shape(painter, QPointF(x + 12, middle - 10), shape)
            x += gap
            width = _width_of(box)
            rect = QRectF(x, middle - _BOX_HEIGHT / 2, width, _BOX_HEIGHT)
            self._paint_box(painter, rect, box)
            if box.recurrent:
                _loop(painter, QPointF(rect.center().x(), rect.top()), upright=False)
            x += width
            if box.residual:
                begin, end = QPointF(before + 8, middle), QPointF(x + 12, middle)
                _bypass(painter, begin, end, rect.bottom() + 18, upright=False)
            shape = box.shape
        _arrow(painter, QPointF(x, middle), QPointF(x + gap, middle))
        self._paint_shape(painter, QPointF(x + 12, middle - 10), shape)

    def _paint_pill(self, painter: QPainter, rect: QRectF, text: str) -> None:
        painter.setPen(QPen(colour("border_strong"), 1))
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setPen(colour("text"))
        painter.setFont(font("normal"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_shape(self, painter: QPainter, place: QPointF, shape: str) -> None:
        painter.setFont(font("small"))
        painter.setPen(colour("text_muted"))
        painter.drawText(place + QPointF(0, 4), shape)

    def _paint_box(self, painter: QPainter, rect: QRectF, box: _Box) -> None:
        tone = "series_0" if box.recurrent else "border_strong"
        painter.setPen(QPen(colour(tone), 1.5 if box.recurrent else 1))
        painter.setBrush(colour("accent_soft") if box.recurrent else colour("raised"))
        painter.drawRoundedRect(rect, 6, 6)
        head = rect.adjusted(_PAD, 6, -_PAD, 0)
        head.setHeight(22 if box.parts else rect.height() - 12)
        painter.setFont(font("normal", bold=True))
        painter.setPen(colour("text"))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, box.name)
        painter.setFont(font("small"))
        painter.setPen(colour("text_muted"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(head, right, _count(box))
        x = head.left()
        for part in box.parts:
            width = painter.fontMetrics().horizontalAdvance(part) + 12
            chip = QRectF(x, rect.bottom() - 25, width, 18)
            dashed = "drop" in part.lower()
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour("text_muted"), 1, style))
            painter.setBrush(colour("surface"))
            painter.drawRoundedRect(chip, 9, 9)
            painter.setPen(colour("text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, part)
            x += width + 6


class NetworkDiagram(PictureFrame):
    """The network from input to output, with the shape of what flows at every arrow."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "diagram")
        self._input = ""
        self._boxes: tuple[_Box, ...] = ()
        self.canvas = DiagramCanvas(self, f"{self.objectName()}_canvas")
        self.set_scrolled_picture(self.canvas)
        self.set_empty(self.tr("Open data first: the network is drawn here with its real shapes."))

    def set_blocks(self, input_shape: str, blocks: Sequence[DiagramBlock]) -> None:
        """Show a network.

        Args:
            input_shape: Shape of one batch of inputs, such as ``64 × 96 × 7``.
            blocks: From input to output.
        """
        self._input = input_shape
        self._boxes = tuple(
            _Box(
                block.name,
                tuple(part.strip() for part in block.detail.split(",") if part.strip()),
                block.shape,
                block.parameters,
            )
            for block in blocks
        )
        words = [f"{box.name} {box.shape}" for box in self._boxes]
        self.canvas.setAccessibleName(self.title or self.tr("Network"))
        self.canvas.setAccessibleDescription(" → ".join([input_shape, *words]))
        self.set_empty(
            "" if self._boxes
            else self.tr("Open data first: the network is drawn here with its real shapes.")
        )  # fmt: skip
        total = sum(box.parameters for box in self._boxes)
        self.set_readout(self.tr("{0} parameters").format(grouped(total)) if self._boxes else "")
        self.schedule()

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.update()
        super().theme_changed(palette)

    def redraw(self) -> None:
        """Bring the boxes to the canvas."""
        self.canvas.set_boxes(self._input, self._boxes)

    def table(self) -> Table:
        """One row per block."""
        return (["block", "detail", "shape of its output", "parameters"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        yield ["Input", "", self._input, 0]
        for box in self._boxes:
            yield [box.name, ", ".join(box.parts), box.shape, box.parameters]


def _width_of(box: _Box) -> float:
    bold, small = QFontMetricsF(font("normal", bold=True)), QFontMetricsF(font("small"))
    head = bold.horizontalAdvance(box.name) + small.horizontalAdvance(_count(box)) + 24
    chips = sum(small.horizontalAdvance(part) + 18 for part in box.parts)
    return max(120.0, head, chips) + 2 * _PAD


def _count(box: _Box) -> str:
    return grouped(box.parameters) if box.parameters else ""


def _line_pen() -> QPen:
    return QPen(colour("text_muted"), 1.2)


def _arrow(painter: QPainter, begin: QPointF, end: QPointF) -> None:
    painter.setPen(_line_pen())
    line = QLineF(begin, end)
    painter.drawLine(line)
    _head(painter, end, line.angle())


def _head(painter: QPainter, tip: QPointF, angle: float) -> None:
    painter.setBrush(colour("text_muted"))
    painter.setPen(Qt.PenStyle.NoPen)
    sides = []
    for turn in (155, -155):
        side = QLineF.fromPolar(8, angle + turn)
        sides.append(tip + side.p2())
    painter.drawPolygon(QPolygonF([tip, *sides]))


def _loop(painter: QPainter, place: QPointF, *, upright: bool) -> None:
    """The state of the step before comes in again."""
    painter.setPen(_line_pen())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath()
    painter.setFont(font("small"))
    if upright:
        path.moveTo(place + QPointF(0, 12))
        path.cubicTo(place + QPointF(30, 14), place + QPointF(30, -14), place + QPointF(0, -12))
        painter.drawPath(path)
        painter.drawText(place + QPointF(24, 4), "t−1")
        _head(painter, place + QPointF(0, -12), 185)
    else:
        path.moveTo(place + QPointF(12, 0))
        path.cubicTo(place + QPointF(14, -30), place + QPointF(-14, -30), place + QPointF(-12, 0))
        painter.drawPath(path)
        painter.drawText(place + QPointF(14, -16), "t−1")
        _head(painter, place + QPointF(-12, 0), 265)


def _bypass(painter: QPainter, begin: QPointF, end: QPointF, side: float, *, upright: bool) -> None:
    """A residual connection around a box."""
    painter.setPen(_line_pen())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if upright:
        corners = [begin, QPointF(side, begin.y()), QPointF(side, end.y()), end - QPointF(7, 0)]
        angle = 0.0
    else:
        corners = [begin, QPointF(begin.x(), side), QPointF(end.x(), side), end + QPointF(0, 7)]
        angle = 90.0
    painter.drawPolyline(QPolygonF(corners))
    _head(painter, corners[-1], angle)
    painter.setPen(_line_pen())
    painter.setBrush(colour("surface"))
    painter.drawEllipse(end, 6.5, 6.5)
    painter.drawLine(QLineF(end.x() - 4, end.y(), end.x() + 4, end.y()))
    painter.drawLine(QLineF(end.x(), end.y() - 4, end.x(), end.y() + 4))
