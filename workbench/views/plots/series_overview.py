"""The whole series with its parts, its faults and where the sample lies."""

import numpy as np
import pyqtgraph as pg

from workbench.views.palette import Palette
from workbench.views.plots.axes import DateAxis
from workbench.views.plots.canvas import pen
from workbench.views.plots.decimate import finite_range, minimum_maximum
from workbench.views.plots.drag_canvas import DragCanvas
from workbench.views.plots.faults import Faults
from workbench.views.plots.part_bands import PartBands
from workbench.views.plots.series_data import PARTS, Parts, SeriesPicture
from workbench.views.plots.window_bars import Sample
from workbench.views.theme import colour

LINE_TONES = ("series_0", "series_1", "series_2", "series_3", "series_4", "series_5", "series_6")


class SeriesOverview(DragCanvas):
    """Draws a series, at most two points for each pixel and line.

    Attributes:
        lines: A line per column.
        zoomed_in: Whether the user left the whole view.
    """

    def __init__(self, name: str) -> None:
        self._axis = DateAxis(dated=False)
        super().__init__(self._axis)
        self.setObjectName(name)
        self.set_grid()
        self.lines: dict[str, pg.PlotDataItem] = {}
        self.zoomed_in = False
        self._series = SeriesPicture(np.empty(0))
        self._faults, self._bands = Faults(), PartBands()
        self._sample_band = pg.LinearRegionItem(movable=False)
        self._sample_band.setZValue(-2)
        for item in (self._faults, self._bands, self._sample_band):
            self.addItem(item, ignoreBounds=True)
        self.zoomed.connect(self._leave_whole)

    def _leave_whole(self) -> None:
        self.zoomed_in = True

    def set_series(self, series: SeriesPicture) -> None:
        """Show another series; the first column is drawn over the others."""
        self._series = series
        self._axis.set_dated(series.dated)
        for line in self.lines.values():
            self.remove(line)
        many = len(series.columns) > 2
        self.lines = {
            name: self.add_line(
                LINE_TONES[index % len(LINE_TONES)], alpha=0.4 if many and index else 1.0
            )
            for index, name in enumerate(series.columns)
        }
        for index, line in enumerate(self.lines.values()):
            line.setZValue(-index / 100)

    def wear(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        super().wear(palette)
        self._sample_band.setBrush(colour("accent", 0.25))
        for line in self._sample_band.lines:
            line.setPen(pen("accent"))
        self._bands.update()
        self._faults.update()

    def draw(self, *, own_scale: bool) -> int:
        """Draw lines and faults in view; returns how many rows lack a value."""
        series = self._series
        if not self.zoomed_in:
            low, high = float(series.x[0]), float(series.x[-1])
            room = 0.01 * (high - low)
            self.show_range((low - room, high + room), None)
        drawn = [self._draw_column(name, line, own_scale) for name, line in self.lines.items()]
        if not self.zoomed_in and drawn:
            self.fit_height(np.concatenate(drawn))
        missing = series.missing()
        self._faults.set_faults(series.gaps, missing, series.repeated)
        return len(missing)

    def _draw_column(self, name: str, line: pg.PlotDataItem, own_scale: bool) -> np.ndarray:
        x, y = self._series.line(name)
        low, high = self.shown_x()
        first = max(0, int(np.searchsorted(x, low)) - 1)
        last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
        y = np.where(np.isfinite(y), y, np.nan)
        bounds = finite_range(y, 0, 100) if own_scale else None
        if bounds and bounds[1] > bounds[0]:
            y = (y - bounds[0]) / (bounds[1] - bounds[0])
        x, y = minimum_maximum(x[first:last], y[first:last], self.plot_size()[0])
        line.setData(x, y)
        return y

    def draw_parts(self, parts: Parts | None, names: tuple[str, ...]) -> None:
        """Draw the parts under their names, and let their ends be dragged."""
        if parts is None:
            self._bands.set_bands([])
            self.set_handles({})
            return
        self._bands.set_bands(
            [
                (self.x_of(first), self.x_of(last), name)
                for (first, last), name in zip(parts.spans(), names, strict=True)
                if last > first
            ]
        )
        ends = zip(PARTS, parts.cuts, strict=True)
        self.set_handles({part: self.x_of(cut) for part, cut in ends})

    def draw_sample(self, sample: Sample | None) -> None:
        """Mark where the sample lies."""
        self._sample_band.setVisible(sample is not None)
        if sample is not None:
            self._sample_band.setRegion((self.x_of(sample.start), self.x_of(sample.end)))

    def x_of(self, row: int) -> float:
        """Place between a row and the one before it."""
        x = self._series.x
        if row >= len(x):
            return float(x[-1])
        return float((x[row - 1] + x[row]) / 2) if row > 0 else float(x[0])

    def row_at(self, x: float) -> int:
        """The first row from a place on."""
        return int(np.clip(np.searchsorted(self._series.x, x), 0, len(self._series)))
