"""Box plots: a mean, a box around the middle half, whiskers."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.axes import PlainAxis, StepAxis
from workbench.views.plots.canvas import make_plot, pen
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.theme import colour

_WIDTH = 0.5


class _BoxItem(pg.GraphicsObject):
    """All boxes in one item."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = np.empty(0)
        self.quantiles = np.empty((4, 0))

    def boundingRect(self) -> QRectF:
        if not len(self.mean):
            return QRectF()
        low, high = float(self.quantiles.min()), float(self.quantiles.max())
        return QRectF(-0.5, low, len(self.mean), max(high - low, 1e-9))

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setBrush(colour("series_0", 0.3))
        for place, mean in enumerate(self.mean.tolist()):
            low, first, third, high = self.quantiles[:, place].tolist()
            painter.setPen(pen("series_0", 1.2))
            for start, end in ((low, first), (third, high)):
                painter.drawLine(pg.Point(place, start), pg.Point(place, end))
            box = QRectF(place - _WIDTH / 2, first, _WIDTH, third - first)
            painter.drawRect(box)
            painter.setPen(pen("text", 2))
            ends = pg.Point(place - _WIDTH / 2, mean), pg.Point(place + _WIDTH / 2, mean)
            painter.drawLine(*ends)


class Boxes(PictureFrame):
    """Named boxes; the first half and the second half are divided by a line.

    Attributes:
        box_clicked: Number of the box.
    """

    box_clicked = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "boxes")
        self._names: tuple[str, ...] = ()
        self._bottom, self._left = StepAxis(), PlainAxis("left")
        self.canvas = make_plot(
            self, f"{self.objectName()}_plot", bottom=self._bottom, left=self._left
        )
        self._item = _BoxItem()
        self._zero = pg.InfiniteLine(angle=0, pos=0)
        self._divider = pg.InfiniteLine(angle=90)
        for item in (self._zero, self._divider, self._item):
            self.canvas.addItem(item, ignoreBounds=True)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)

    def set_titles(self, x: str, y: str) -> None:
        """Name the axes."""
        self._bottom.set_title(x)
        self._left.set_title(y)

    def set_boxes(self, names: Sequence[str], mean: np.ndarray, quantiles: np.ndarray) -> None:
        """Show boxes.

        Args:
            names: One per box.
            mean: ``(n,)``.
            quantiles: Lower whisker, both edges, upper whisker ``(4, n)``.
        """
        self._names = tuple(names)
        self._item.prepareGeometryChange()
        self._item.mean, self._item.quantiles = np.asarray(mean), np.asarray(quantiles)
        self._item.update()
        self._bottom.set_labels(self._names)
        self._divider.setPos((len(names) - 1) / 2)
        self.set_empty("" if len(names) else self.tr("Nothing to draw."))
        self.reset_view()

    def reset_view(self) -> None:
        """Show every box."""
        if len(self._names):
            self.canvas.show_range((-0.6, len(self._names) - 0.4), None)
            self.canvas.fit_height(np.append(self._item.quantiles.ravel(), 0.0))

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._zero.setPen(pen("border_strong"))
        self._divider.setPen(pen("border_strong", 1, 1.0, Qt.PenStyle.DashLine))
        self._item.update()
        super().theme_changed(palette)

    def _box_at(self, place: tuple[float, float] | None) -> int:
        box = -1 if place is None else math.floor(place[0] + 0.5)
        return box if 0 <= box < len(self._names) else -1

    def _hover(self, place: tuple[float, float] | None) -> None:
        box = self._box_at(place)
        if box < 0:
            self.set_readout("")
            return
        first, third = self._item.quantiles[1:3, box].tolist()
        words = self.tr("{0} · mean {1} · middle half {2} to {3}")
        mean = grouped(float(self._item.mean[box]), 3)
        self.set_readout(words.format(self._names[box], mean, grouped(first, 3), grouped(third, 3)))

    def _click(self, place: tuple[float, float]) -> None:
        box = self._box_at(place)
        if box >= 0:
            self.box_clicked.emit(box)

    def table(self) -> Table:
        """One row per box."""
        return (["name", "mean", "9 %", "25 %", "75 %", "91 %"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for place, name in enumerate(self._names):
            spread = self._item.quantiles[:, place].tolist()
            yield [name, float(self._item.mean[place]), *spread]
