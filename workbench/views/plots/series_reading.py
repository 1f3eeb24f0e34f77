"""A window of a series as it is read, shaded by a unit, with the forecast; points can be pulled."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from workbench.views.plots.axes import PlainAxis
from workbench.views.plots.canvas import Canvas, drawable
from workbench.views.plots.frame import Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.raster import Scale
from workbench.views.plots.step_picture import StepPicture
from workbench.views.theme import colormap

_REACH_PX = 8.0


class PullCanvas(Canvas):
    """Lets the points of a line be pulled up and down; elsewhere it pans.

    Attributes:
        pulled: Number of the point and its new height, while it is pulled.
    """

    pulled = Signal(int, float)

    def __init__(self, bottom: PlainAxis | None = None, left: PlainAxis | None = None) -> None:
        self._heights = np.empty(0)
        self._held = -1
        super().__init__(bottom, left)

    def set_heights(self, heights: np.ndarray) -> None:
        """Tell how high the points are, ``(n,)``, one per step."""
        self._heights = heights

    def point_at(self, place: QPointF) -> int:
        """The point under a place on the widget, −1 for none."""
        if not len(self._heights):
            return -1
        step = round(self.to_numbers(place)[0])
        if not 0 <= step < len(self._heights) or not np.isfinite(self._heights[step]):
            return -1
        there = self.to_pixels(step, float(self._heights[step]))
        return step if (there - place).manhattanLength() <= _REACH_PX else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a point, else do as every plot."""
        left = event.button() == Qt.MouseButton.LeftButton
        self._held = self.point_at(event.position()) if left else -1
        if self._held < 0:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull what is held."""
        if self._held >= 0:
            self.pulled.emit(self._held, self.to_numbers(event.position())[1])
            return
        over = self.point_at(event.position()) >= 0
        shape = Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._held >= 0:
            self._held = -1
            return
        super().mouseReleaseEvent(event)


class SeriesReading(StepPicture):
    """One channel of a window in the user's units; behind it the values of a unit as colours.

    Attributes:
        pulled: Step and its new value, while a point is pulled.
    """

    pulled = Signal(int, float)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "series_reading", PullCanvas)
        self._forecasts: list[tuple[str, np.ndarray]] = []
        self._channel = ""
        self._shades = np.empty(0, np.float32)
        self._scale = Scale()
        self._image = pg.ImageItem()
        self._image.setOpacity(0.55)
        self.canvas.addItem(self._image, ignoreBounds=True)
        self._line = self.canvas.add_line("series_0", width=2)
        self._lines = [
            self.canvas.add_line("series_1", width=2),
            self.canvas.add_line("text_muted", width=2, style=Qt.PenStyle.DashLine),
        ]
        self.canvas.pulled.connect(self.pulled)
        self.set_picture(self.canvas)

    def set_series(
        self,
        values: np.ndarray,
        labels: Sequence[str],
        forecasts: Sequence[tuple[str, np.ndarray]] = (),
        channel: str = "",
    ) -> None:
        """Show a window.

        Args:
            values: Of one channel, in its unit, ``(W,)``.
            labels: One date per step.
            forecasts: Up to two lines that go on behind the window, ``(H,)`` each, with names.
            channel: Its name; another one, or other steps, are shown whole.
        """
        self._forecasts = [(name, drawable(ahead)) for name, ahead in forecasts]
        other = self._take(drawable(values), labels) or channel != self._channel
        self._channel = channel
        self.canvas.left.set_title(channel)
        self.canvas.set_heights(self._values)
        entries = [LegendEntry(self.tr("what is read"), "series_0")]
        entries += [
            LegendEntry(name, "series_1" if place == 0 else "text_muted", "line" if not place
                        else "dashed")
            for place, (name, _values) in enumerate(self._forecasts)
        ]  # fmt: skip
        self.set_legend(entries)
        if other:
            self.reset_view()
        self.schedule()

    def set_shades(self, values: np.ndarray, scale: Scale) -> None:
        """Shade every step by a value ``(W,)``; an empty array shades none."""
        self._shades, self._scale = np.asarray(values, np.float32), scale
        self.schedule()

    def redraw(self) -> None:
        """Draw line, forecasts and shades."""
        steps = len(self._values)
        self._line.setData(np.arange(steps), self._values)
        for place, line in enumerate(self._lines):
            given = self._forecasts[place][1] if place < len(self._forecasts) else np.empty(0)
            joined = np.concatenate((self._values[-1:], given)) if len(given) else given
            line.setData(np.arange(len(joined)) + steps - 1, joined)
        self._image.setVisible(len(self._shades) == steps > 0)
        if len(self._shades) == steps > 0:
            entries = self._scale.entries(self._shades[None])
            low, high = self.canvas.shown_y()
            self._image.setImage(
                entries, levels=(0, 255), lut=colormap(self._scale.colours), autoLevels=False
            )
            self._image.setRect(QRectF(-0.5, low - (high - low), steps, 3 * (high - low)))

    def reset_view(self) -> None:
        """Show everything."""
        steps = len(self._values)
        ahead = max((len(values) for _name, values in self._forecasts), default=0)
        self.canvas.show_range((-0.5, max(steps + ahead, 1) - 0.5), None)
        every = [self._values, *(values for _name, values in self._forecasts)]
        self.canvas.fit_height(np.concatenate(every))
        self.schedule()

    def table(self) -> Table:
        """One row per step, then one per step of the horizon."""
        names = [name for name, _values in self._forecasts]
        return (["step", "label", "value", *names], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        blank = [""] * len(self._forecasts)
        for step, value in enumerate(self._values.tolist()):
            yield [step, self._labels[step], value, *blank]
        ahead = max((len(values) for _name, values in self._forecasts), default=0)
        for step in range(ahead):
            yield [len(self._values) + step, "", "", *(float(v[step]) for _n, v in self._forecasts)]
