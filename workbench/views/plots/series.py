"""The real series with its parts and one training sample, all of it to be moved by hand."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.views.numbers import grouped, isolated, with_unit
from workbench.views.palette import Palette
from workbench.views.plots.axes import DateAxis, PlainAxis, date_text
from workbench.views.plots.canvas import pen
from workbench.views.plots.decimate import finite_range, minimum_maximum
from workbench.views.plots.drag_canvas import DragCanvas
from workbench.views.plots.faults import Faults
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.part_bands import PartBands
from workbench.views.plots.sample_view import SampleView
from workbench.views.plots.series_data import PARTS, Parts, SeriesPicture, picture_of
from workbench.views.plots.window_bars import Sample
from workbench.views.theme import colour, theme

LINE_TONES = ("series_0", "series_1", "series_2", "series_3", "series_4", "series_5", "series_6")


class SeriesChart(PictureFrame):
    """A series above; below it one training sample with its window, horizon and stride.

    Attributes:
        split_changed: Sizes of training, validation and test in the unit of the split, after a
            border was dragged.
        windows_changed: Window, horizon and stride in steps, after a bar was dragged.
        sample_moved: Row of the first step of the sample shown.
    """

    split_changed = Signal(float, float, float)
    windows_changed = Signal(int, int, int)
    sample_moved = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "series")
        self._series = SeriesPicture(np.empty(0))
        self._parts: Parts | None = None
        self._sample: Sample | None = None
        self._own_scale = False
        self._zoomed = False
        self._lines: dict[str, pg.PlotDataItem] = {}
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setObjectName(f"{self.objectName()}_splitter")
        splitter.setChildrenCollapsible(False)
        top = QWidget(splitter)
        self._column = QVBoxLayout(top)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.faults = Faults()
        self.bands = PartBands()
        self._sample_band = pg.LinearRegionItem(movable=False)
        self._sample_band.setZValue(-2)
        self.canvas = self._new_canvas(dated=False)
        self.sample_view = SampleView(splitter, f"{self.objectName()}_sample")
        self.sample_view.finished.connect(self._sample_finished)
        self.sample_view.changed.connect(self._sample_changed)
        splitter.addWidget(top)
        splitter.addWidget(self.sample_view)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        self._splitter = splitter
        self.scale_button = self.row.add_toggle(
            "own_scale", self.tr("own ranges"),
            self.tr("Draw each column on its own range, so that all of them can be seen"),
            self.set_own_scale,
        )  # fmt: skip
        self.set_picture(splitter)
        self.set_empty(self.tr("Open a table with a number column: it is drawn here."))

    def _new_canvas(self, *, dated: bool) -> DragCanvas:
        """Make the plot for this kind of axis, and move onto it what is drawn besides lines."""
        canvas = DragCanvas(DateAxis("bottom") if dated else PlainAxis("bottom"))
        canvas.setObjectName(f"{self.objectName()}_plot")
        canvas.set_grid()
        for item in (self.faults, self.bands, self._sample_band):
            canvas.addItem(item, ignoreBounds=True)
        canvas.hovered.connect(self._hover)
        canvas.clicked.connect(self._go_to)
        canvas.reset_asked.connect(self.reset_view)
        canvas.zoomed.connect(self._user_zoomed)
        canvas.resized.connect(self.schedule)
        canvas.dragged.connect(self._drag_border)
        canvas.dropped.connect(self._drop_border)
        self._dated = dated
        self._column.addWidget(canvas)
        return canvas

    # ------------------------------------------------------------------ what is shown

    def set_series(
        self,
        time: np.ndarray,
        columns: Mapping[str, np.ndarray],
        *,
        units: Mapping[str, str] | None = None,
        gaps: Sequence[tuple[object, object]] = (),
        repeated: Sequence[object] = (),
    ) -> None:
        """Show a series.

        Args:
            time: datetime64 or numbers ``(T,)``, in any order.
            columns: Name → values ``(T,)``; NaN is marked as missing. The first is the one drawn
                in the sample.
            units: Name → unit.
            gaps: Date of the last row before and of the first row after each missing stretch.
            repeated: Dates that stand several times.

        Raises:
            ValueError: Where a column is not as long as the time axis.
        """
        before = self._series
        self._series = picture_of(time, columns, units, gaps, repeated)
        if self._series.dated != self._dated:
            self._replace_canvas()
        if len(before) != len(self._series) or list(before.columns) != list(self._series.columns):
            self._zoomed = False
            self.set_own_scale(_far_apart(self._series))
        for line in self._lines.values():
            self.canvas.remove(line)
        many = len(self._series.columns) > 2
        self._lines = {
            name: self.canvas.add_line(
                LINE_TONES[index % len(LINE_TONES)], alpha=0.4 if many and index else 1.0
            )
            for index, name in enumerate(self._series.columns)
        }
        for index, line in enumerate(self._lines.values()):
            line.setZValue(-index / 100)
        self.scale_button.setVisible(len(self._lines) > 1)
        self.sample_view.set_series(self._series)
        if self._sample is not None:
            self._sample = self._sample.held_in(len(self._series))
        something = len(self._series) > 0 and bool(self._lines)
        self.set_empty(
            "" if something else self.tr("Open a table with a number column: it is drawn here.")
        )
        self._show_sample()
        self.schedule()

    def _replace_canvas(self) -> None:
        old = self.canvas
        for item in (self.faults, self.bands, self._sample_band):
            old.removeItem(item)
        self._lines = {}
        self._column.removeWidget(old)
        self.canvas = self._new_canvas(dated=self._series.dated)
        old.hide()
        old.deleteLater()
        self._wear()

    def set_split(
        self, cuts: Sequence[int] | None, *, unit: str = "fraction", gap: int = 0,
        rows_per_month: float = 1.0,
    ) -> None:  # fmt: skip
        """Show the parts.

        Args:
            cuts: Row after the last of training, validation and test; None shows no parts.
            unit: What ``split_changed`` gives sizes in: ``fraction``, ``rows`` or ``months``.
            gap: Rows left out between two parts.
            rows_per_month: Rows in 30 days, for the unit ``months``.
        """
        if cuts is None:
            self._parts = None
        else:
            first, second, third = (int(cut) for cut in cuts)
            self._parts = Parts((first, second, third), int(gap), unit, rows_per_month)
        self.schedule()

    def set_windows(self, window: int, horizon: int, stride: int) -> None:
        """Show one training sample of this size."""
        start = self._sample.start if self._sample else self._first_start(window + horizon)
        self._sample = Sample(start, window, horizon, stride).held_in(max(2, len(self._series)))
        self._show_sample()
        self.schedule()

    def _first_start(self, length: int) -> int:
        """A sample in the middle of the training part."""
        last = self._parts.cuts[0] if self._parts else len(self._series)
        return max(0, (last - length) // 2)

    def set_own_scale(self, own: bool) -> None:
        """Draw each column on its own range 0…1."""
        self._own_scale = own
        self.scale_button.setChecked(own)
        self._zoomed = False
        self.schedule()

    @property
    def parts(self) -> Parts | None:
        """Where the parts lie."""
        return self._parts

    @property
    def sample(self) -> Sample | None:
        """The training sample shown."""
        return self._sample

    # ------------------------------------------------------------------ drawing

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self._wear()
        self.sample_view.wear(palette)
        super().theme_changed(palette)

    def _wear(self) -> None:
        self.canvas.wear(theme().palette)
        self._sample_band.setBrush(colour("accent", 0.25))
        for line in self._sample_band.lines:
            line.setPen(pen("accent"))
        self.bands.update()
        self.faults.update()

    def _user_zoomed(self) -> None:
        self._zoomed = True
        self.schedule()

    def reset_view(self) -> None:
        """Show the whole series again."""
        self._zoomed = False
        self.sample_view.fit()
        self.schedule()

    def redraw(self) -> None:
        """Draw what is visible, at most two points for each pixel."""
        series = self._series
        if not len(series):
            return
        if not self._zoomed:
            low, high = float(series.x[0]), float(series.x[-1])
            room = 0.01 * (high - low)
            self.canvas.show_range((low - room, high + room), None)
        drawn = [self._draw_column(name, line) for name, line in self._lines.items()]
        self._fit_height(drawn)
        missing = series.missing()
        self.faults.set_faults(series.gaps, missing, series.repeated)
        self._draw_parts()
        self._draw_sample_band()
        self._name_axes()
        self._explain(len(missing))

    def _draw_column(self, name: str, line: pg.PlotDataItem) -> np.ndarray:
        x, y = self._series.line(name)
        low, high = self.canvas.shown_x()
        first = max(0, int(np.searchsorted(x, low)) - 1)
        last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
        y = np.where(np.isfinite(y), y, np.nan)
        if self._own_scale:
            bounds = finite_range(y, 0, 100)
            if bounds and bounds[1] > bounds[0]:
                y = (y - bounds[0]) / (bounds[1] - bounds[0])
        x, y = minimum_maximum(x[first:last], y[first:last], self.canvas.plot_size()[0])
        line.setData(x, y)
        return y

    def _fit_height(self, drawn: list[np.ndarray]) -> None:
        if self._zoomed:
            return
        found = finite_range(np.concatenate(drawn), 0, 100) if drawn else None
        if found:
            room = 0.08 * (found[1] - found[0]) or abs(found[1]) * 0.1 or 1.0
            self.canvas.show_range(None, (found[0] - room, found[1] + room))

    def _x_of(self, row: int) -> float:
        x = self._series.x
        if row >= len(x):
            return float(x[-1])
        return float((x[row - 1] + x[row]) / 2) if row > 0 else float(x[0])

    def _draw_parts(self) -> None:
        if self._parts is None:
            self.bands.set_bands([])
            self.canvas.set_handles({})
            return
        names = (self.tr("training"), self.tr("validation"), self.tr("test"))
        spans = self._parts.spans()
        self.bands.set_bands(
            [
                (self._x_of(first), self._x_of(last), name)
                for (first, last), name in zip(spans, names, strict=True)
                if last > first
            ]
        )
        self.canvas.set_handles(
            {part: self._x_of(cut) for part, cut in zip(PARTS, self._parts.cuts, strict=True)}
        )

    def _draw_sample_band(self) -> None:
        self._sample_band.setVisible(self._sample is not None)
        if self._sample is not None:
            place = self._x_of(self._sample.start), self._x_of(self._sample.end)
            self._sample_band.setRegion(place)

    def _name_axes(self) -> None:
        names, units = list(self._series.columns), self._series.units
        if self._own_scale and len(names) > 1:
            left = self.tr("each column on its own range")
        elif len({units.get(name, "") for name in names}) == 1:
            left = names[0] if len(names) == 1 else self.tr("value")
            unit = units.get(names[0], "")
            left = f"{left} ({unit})" if unit else left
        else:
            left = self.tr("value")
        bottom = "" if self._series.dated else self.tr("row")
        for axis, title in ((self.canvas.left, left), (self.canvas.bottom, bottom)):
            if axis.title != title:
                axis.set_title(title)

    def _explain(self, missing: int) -> None:
        series = self._series
        entries = [
            LegendEntry(name, LINE_TONES[index % len(LINE_TONES)])
            for index, name in enumerate(series.columns)
        ]
        if len(series.gaps):
            text = self.tr("missing steps: {0} gaps").format(grouped(len(series.gaps)))
            entries.append(LegendEntry(text, "warning", "area"))
        if missing:
            text = self.tr("missing values: {0} rows").format(grouped(missing))
            entries.append(LegendEntry(text, "bad", "ticks"))
        if len(series.repeated):
            text = self.tr("repeated dates: {0}").format(grouped(len(series.repeated)))
            entries.append(LegendEntry(text, "series_3", "triangle"))
        if self._sample is not None:
            entries.append(LegendEntry(self.tr("sample shown below"), "accent", "area"))
        self.set_legend(entries)

    # ------------------------------------------------------------------ the hand

    def _row_at(self, x: float) -> int:
        return int(np.clip(np.searchsorted(self._series.x, x), 0, len(self._series)))

    def _drag_border(self, part: str, x: float) -> None:
        if self._parts is None:
            return
        rows = len(self._series)
        self._parts = self._parts.moved(PARTS.index(part), self._row_at(x), rows)
        spans = [last - first for first, last in self._parts.spans()]
        self.set_readout(
            self.tr("training {0} · validation {1} · test {2} rows").format(
                *(grouped(count) for count in spans)
            ),
            "value",
        )
        self.schedule()

    def _drop_border(self, _part: str) -> None:
        self.set_readout("")
        if self._parts is not None:
            self.split_changed.emit(*self._parts.sizes(len(self._series)))

    def _show_sample(self) -> None:
        self.sample_view.setVisible(self._sample is not None)
        if self._sample is not None and len(self._series) > 1:
            self.sample_view.set_sample(self._sample)

    def _sample_changed(self, sample: Sample) -> None:
        self._sample = sample
        self.schedule()

    def _sample_finished(self, sample: Sample, before: Sample) -> None:
        self._sample = sample
        self._show_sample()
        self.schedule()
        if sample.start != before.start:
            self.sample_moved.emit(sample.start)
        sizes = (sample.window, sample.horizon, sample.stride)
        if sizes != (before.window, before.horizon, before.stride):
            self.windows_changed.emit(*sizes)

    def _go_to(self, place: tuple[float, float]) -> None:
        """Move the sample to where the series was clicked."""
        if self._sample is None or not len(self._series):
            return
        now = self._sample
        start = self._row_at(place[0]) - now.window
        moved = Sample(start, now.window, now.horizon, now.stride).held_in(len(self._series))
        self._sample_finished(moved, now)

    def _hover(self, place: tuple[float, float] | None) -> None:
        if place is None or not len(self._series):
            self.set_readout("")
            return
        row = int(np.abs(self._series.x - place[0]).argmin())
        x = float(self._series.x[row])
        when = date_text(x, self._series.step_s) if self._series.dated else f"{x:g}"
        parts = [when]
        for name, values in list(self._series.columns.items())[:4]:
            value = with_unit(float(values[row]), self._series.units.get(name, ""))
            parts.append(f"{isolated(name)} {value}")
        self.set_readout(" · ".join(parts))

    # ------------------------------------------------------------------ numbers

    def table(self) -> Table:
        """One row per step: date or row number, and every column."""
        first = "date" if self._series.dated else "row"
        return ([first, *self._series.columns], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        series = self._series
        columns = [values.tolist() for values in series.columns.values()]
        for row, x in enumerate(series.x.tolist()):
            when = date_text(x, series.step_s) if series.dated else x
            yield [when, *(column[row] for column in columns)]


def _far_apart(series: SeriesPicture) -> bool:
    """Whether one column would flatten another on a common axis."""
    found = [finite_range(values, 1, 99) for values in series.columns.values()]
    ranges = [bounds for bounds in found if bounds]
    if len(ranges) < 2:
        return False
    whole = max(high for _, high in ranges) - min(low for low, _ in ranges)
    return any(high - low < 0.1 * whole for low, high in ranges)


