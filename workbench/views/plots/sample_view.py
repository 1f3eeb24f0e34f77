"""One training sample, drawn in place, over the three bars that size it."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.views.palette import Palette
from workbench.views.plots.axes import DateAxis
from workbench.views.plots.canvas import make_plot, pen
from workbench.views.plots.decimate import minimum_maximum
from workbench.views.plots.series_data import SeriesPicture
from workbench.views.plots.window_bars import Sample, WindowBars
from workbench.views.theme import colour


class SampleView(QWidget):
    """What the model sees and what it is to forecast, in two colours on the series.

    Attributes:
        changed: The new ``Sample`` while a bar is dragged.
        finished: The new ``Sample`` and the one before, when it is let go.
    """

    changed = Signal(object)
    finished = Signal(object, object)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._series = SeriesPicture(np.empty(0))
        self._sample = Sample(0, 1, 1, 1)
        self._shown = self._sample
        self._axis = DateAxis(dated=False)
        self.canvas = make_plot(self, f"{name}_plot", bottom=self._axis)
        self.canvas.view.setMouseEnabled(x=False, y=False)
        self._around = self.canvas.add_line("text_muted", alpha=0.8)
        self._seen = self.canvas.add_line("series_0", width=2)
        self._asked = self.canvas.add_line("series_1", width=2)
        self._bands = [pg.LinearRegionItem(movable=False) for _ in range(2)]
        for band in self._bands:
            band.setZValue(-4)
            self.canvas.addItem(band, ignoreBounds=True)
        self.bars = WindowBars(self.canvas, self, f"{name}_bars")
        self.bars.changed.connect(self._change)
        self.bars.finished.connect(self._finish)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.bars)
        self.setVisible(False)

    def set_series(self, series: SeriesPicture) -> None:
        """Show samples of this series; its first column is drawn."""
        self._series = series
        self._axis.set_dated(series.dated)
        self.bars.set_series(series.x, series.step_s)
        name = next(iter(series.columns), "")
        self.canvas.left.set_title(name, series.units.get(name, ""))

    def set_sample(self, sample: Sample) -> None:
        """Show a sample and what is around it."""
        self._sample = sample
        self.bars.set_sample(sample)
        self.fit()

    def fit(self) -> None:
        """Show the sample with some of what is around it."""
        self._shown = self._sample
        self._draw()
        series, sample = self._series, self._sample
        if len(series) < 2:
            return
        step = (series.x[-1] - series.x[0]) / (len(series) - 1) or 1.0
        length = (sample.window + sample.horizon) * step
        first = float(series.x[min(sample.start, len(series) - 1)])
        reach = max(sample.end - sample.start, sample.stride) * step
        self.canvas.show_range((first - 0.18 * length, first + reach + 0.22 * length), None)
        self._draw()

    def wear(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        for band, tone in zip(self._bands, ("series_0", "series_1"), strict=True):
            band.setBrush(colour(tone, 0.1))
            for line in band.lines:
                line.setPen(pen(tone, 1, 0.5))
        self.bars.update()

    def _change(self, sample: Sample) -> None:
        self._sample = sample
        self._draw()
        self.changed.emit(sample)

    def _finish(self, sample: Sample) -> None:
        before, self._sample = self._shown, sample
        self.fit()
        self.finished.emit(sample, before)

    def _draw(self) -> None:
        series, sample = self._series, self._sample
        name = next(iter(series.columns), None)
        if name is None or len(series) < 2:
            return
        low, high = self.canvas.shown_x()
        x, y = series.x, np.where(np.isfinite(series.columns[name]), series.columns[name], np.nan)
        first = max(0, int(np.searchsorted(x, low)) - 1)
        last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
        pixels = self.canvas.plot_size()[0]
        for line, begin, end in (
            (self._around, first, last),
            (self._seen, sample.start, sample.origin),
            (self._asked, max(0, sample.origin - 1), sample.end),
        ):
            line.setData(*minimum_maximum(x[begin:end], y[begin:end], pixels))
        rows = (sample.start, sample.origin, sample.end)
        edges = [float(x[min(row, len(x) - 1)]) for row in rows]
        for band, begin, end in zip(self._bands, edges[:-1], edges[1:], strict=True):
            band.setRegion((begin, end))
        self.canvas.fit_height(y[first:last])
