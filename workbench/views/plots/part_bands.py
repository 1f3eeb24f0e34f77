"""Training, validation and test part behind a series, with their borders."""

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.views.theme import colour, font

_TONES = ("series_0", "series_1", "series_2")
_GRIP = 8.0


class PartBands(pg.GraphicsObject):
    """A tint, a name and a border with a grip for each part."""

    def __init__(self) -> None:
        super().__init__()
        self._bands: list[tuple[float, float, str]] = []
        self.setZValue(-4)

    def set_bands(self, bands: list[tuple[float, float, str]]) -> None:
        """Show begin, end (on the axis) and name of each part, in order."""
        if bands != self._bands:
            self._bands = bands
            self.prepareGeometryChange()
            self.update()

    @property
    def bands(self) -> list[tuple[float, float, str]]:
        """What is shown."""
        return list(self._bands)

    def boundingRect(self) -> QRectF:
        """All that is shown of the plot."""
        return self.viewRect() if self.getViewBox() is not None else QRectF()

    def viewTransformChanged(self) -> None:
        """Follow a pan or zoom."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw in pixels."""
        change = painter.worldTransform()
        area = change.mapRect(self.viewRect())
        painter.save()
        painter.resetTransform()
        painter.setFont(font("small"))
        for (begin, end, name), tone in zip(self._bands, _TONES, strict=False):
            left = max(begin * change.m11() + change.dx(), area.left())
            right = end * change.m11() + change.dx()
            band = QRectF(left, area.top(), min(right, area.right()) - left, area.height())
            if band.width() > 0:
                painter.fillRect(band, colour(tone, 0.07))
                painter.setPen(colour(tone))
                if painter.fontMetrics().horizontalAdvance(name) + 12 < band.width():
                    room = band.adjusted(6, 4, -6, 0)
                    painter.drawText(room, Qt.AlignmentFlag.AlignLeft, name)
            if area.left() <= right <= area.right() + 1:
                painter.fillRect(
                    QRectF(round(right) - 1, area.top(), 2, area.height()), colour(tone)
                )
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(tone))
                grip = QRectF(round(right) - _GRIP / 2, area.center().y() - 10, _GRIP, 20)
                painter.drawRoundedRect(grip, 3, 3)
        painter.restore()
