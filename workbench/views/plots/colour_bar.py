"""The colour bar beside a heatmap: colours, their numbers, and the value under the pointer."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.views.colormaps import HIGHEST, LOWEST, MISSING
from workbench.views.plots.canvas import Canvas
from workbench.views.plots.raster import Scale
from workbench.views.theme import colormap, colour, font

_BAR = 12


class ColourBar(QWidget):
    """A vertical bar as high as the plot beside it."""

    def __init__(self, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._scale = Scale()
        self._value = math.nan
        self._has_missing = False
        self.setFont(font("small"))
        canvas.resized.connect(self.update)

    def set_scale(self, scale: Scale, has_missing: bool = False) -> None:
        """Show another range; ``has_missing`` adds the colour of missing values."""
        if (scale, has_missing) != (self._scale, self._has_missing):
            self._scale, self._has_missing = scale, has_missing
            self.updateGeometry()
            self.update()

    @property
    def scale(self) -> Scale:
        """The range shown."""
        return self._scale

    def set_value(self, value: float) -> None:
        """Point at one value; NaN points at none."""
        if value != self._value and not (math.isnan(value) and math.isnan(self._value)):
            self._value = value
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the bar and its widest number."""
        texts = [text for _, text in self._scale.ticks()]
        widest = max(self.fontMetrics().horizontalAdvance(text) for text in [*texts, "−0.0"])
        return QSize(_BAR + 14 + widest, 60)

    def minimumSizeHint(self) -> QSize:
        """As wide as it wants to be."""
        return QSize(self.sizeHint().width(), 20)

    def _bar(self) -> QRectF:
        area = self._canvas.view.sceneBoundingRect()
        top = self._canvas.mapFromScene(area.topLeft()).y()
        height = area.height() - (18 if self._has_missing else 0)
        return QRectF(5, top, _BAR, max(8.0, height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw colours, numbers and the pointer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = self._bar()
        table = colormap(self._scale.colours)
        strip = np.ascontiguousarray(table[HIGHEST : LOWEST - 1 : -1][:, None, :])
        image = QImage(strip.data, 1, len(strip), 4, QImage.Format.Format_RGBA8888)
        painter.drawImage(bar, image.copy())
        painter.setPen(QPen(colour("border_strong"), 1))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        self._paint_numbers(painter, bar)
        if self._has_missing:
            box = QRectF(bar.left(), bar.bottom() + 6, _BAR, 10)
            painter.fillRect(box, QColor(*table[MISSING].tolist()))
            painter.setPen(colour("text_muted"))
            room = QRectF(box.right() + 5, box.top() - 4, 60, 18)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "NaN")
        if not math.isnan(self._value):
            place = float(self._scale.place(np.array([self._value]))[0])
            y = bar.bottom() - place * bar.height()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("text"))
            mark = [QPointF(0, y - 4), QPointF(5, y), QPointF(0, y + 4)]
            painter.drawPolygon(QPolygonF(mark))

    def _paint_numbers(self, painter: QPainter, bar: QRectF) -> None:
        painter.setPen(colour("text_muted"))
        height = painter.fontMetrics().height()
        used: list[float] = []
        for place, text in sorted(self._scale.ticks(), key=lambda tick: abs(tick[0] - 0.5) < 0.49):
            y = bar.bottom() - place * bar.height()
            if any(abs(y - other) < height for other in used):
                continue
            used.append(y)
            top = min(max(y - height / 2, bar.top() - 4), bar.bottom() + 4 - height)
            room = QRectF(bar.right() + 5, top, self.width() - bar.right() - 4, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
