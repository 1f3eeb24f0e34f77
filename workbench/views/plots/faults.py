"""What is wrong with a series, drawn on it: missing steps, missing values, repeated dates."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from workbench.views.theme import colour

_LEAST = 2.0
_TICK = 7.0


class Faults(pg.GraphicsObject):
    """Bands, ticks and triangles of constant least size on the screen, so that none is missed.

    Gaps are bands from top to bottom, missing values ticks at the foot, repeated dates triangles
    at the top.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gaps = np.empty((0, 2))
        self._missing = np.empty(0)
        self._repeated = np.empty(0)
        self.setZValue(-3)

    def set_faults(self, gaps: np.ndarray, missing: np.ndarray, repeated: np.ndarray) -> None:
        """Show faults.

        Args:
            gaps: Begin and end of each on the axis ``(n, 2)``.
            missing: Places of missing values ``(m,)``.
            repeated: Places of repeated dates ``(k,)``.
        """
        self._gaps, self._missing, self._repeated = gaps, missing, repeated
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is shown of the plot."""
        return self.viewRect() if self.getViewBox() is not None else QRectF()

    def viewTransformChanged(self) -> None:
        """Follow a pan or zoom."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw in pixels, thinned to one mark for each."""
        area = painter.worldTransform().mapRect(self.viewRect())
        change = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("warning", 0.28))
        low, high = (self._gaps[:, side] * change.m11() + change.dx() for side in (0, 1))
        seen = (high >= area.left()) & (low <= area.right())
        for left, right in zip(low[seen].tolist(), high[seen].tolist(), strict=True):
            width = max(right - left, _LEAST)
            painter.drawRect(QRectF(left, area.top(), width, area.height()))
        painter.setBrush(colour("bad"))
        for x in _columns(self._missing, change.m11(), change.dx(), area):
            painter.drawRect(QRectF(x, area.bottom() - _TICK, 1.5, _TICK))
        painter.setBrush(colour("series_3"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x in _columns(self._repeated, change.m11(), change.dx(), area):
            top = area.top()
            corners = [QPointF(x - 4, top), QPointF(x + 4, top), QPointF(x, top + 7)]
            painter.drawPolygon(QPolygonF(corners))
        painter.restore()


def _columns(places: np.ndarray, scale: float, offset: float, area: QRectF) -> list[float]:
    pixels = np.unique(np.round(places * scale + offset))
    return pixels[(pixels >= area.left()) & (pixels <= area.right())].tolist()
