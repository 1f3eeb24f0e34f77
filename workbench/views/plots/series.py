"""The real series with its parts and one training sample, all of it to be moved by hand."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from workbench.views.numbers import grouped, isolated, with_unit
from workbench.views.palette import Palette
from workbench.views.plots.axes import date_text
from workbench.views.plots.decimate import finite_range
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.sample_view import SampleView
from workbench.views.plots.series_data import PARTS, Parts, SeriesPicture, picture_of
from workbench.views.plots.series_overview import LINE_TONES, SeriesOverview
from workbench.views.plots.window_bars import Sample


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
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.setObjectName(f"{self.objectName()}_splitter")
        self._splitter.setChildrenCollapsible(False)
        self.canvas = SeriesOverview(f"{self.objectName()}_plot")
        self.sample_view = SampleView(self._splitter, f"{self.objectName()}_sample")
        self._splitter.addWidget(self.canvas)
        self._splitter.addWidget(self.sample_view)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        tip = self.tr("Draw each column on its own range, so that all of them can be seen")
        self.scale_button = self.row.add_toggle(
            "own_scale", self.tr("own ranges"), tip, self.set_own_scale
        )
        self._connect()
        self.set_picture(self._splitter)
        self.set_empty(self.tr("Open a table with a number column: it is drawn here."))

    def _connect(self) -> None:
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._go_to)
        self.canvas.reset_asked.connect(self.reset_view)
        self.canvas.zoomed.connect(self.schedule)
        self.canvas.resized.connect(self.schedule)
        self.canvas.dragged.connect(self._drag_border)
        self.canvas.dropped.connect(self._drop_border)
        self.sample_view.finished.connect(self._sample_finished)
        self.sample_view.changed.connect(self._sample_changed)

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
        if len(before) != len(self._series) or list(before.columns) != list(self._series.columns):
            self.canvas.zoomed_in = False
            self.set_own_scale(_far_apart(self._series))
        self.canvas.set_series(self._series)
        self.scale_button.setVisible(len(self._series.columns) > 1)
        self.sample_view.set_series(self._series)
        if self._sample is not None:
            self._sample = self._sample.held_in(len(self._series))
        something = len(self._series) > 0 and bool(self._series.columns)
        self.set_empty(
            "" if something else self.tr("Open a table with a number column: it is drawn here.")
        )
        self._show_sample()
        self.schedule()

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
        self.canvas.zoomed_in = False
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
        self.canvas.wear(palette)
        self.sample_view.wear(palette)
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show the whole series again."""
        self.canvas.zoomed_in = False
        self.sample_view.fit()
        self.schedule()

    def redraw(self) -> None:
        """Draw what is visible."""
        if not len(self._series):
            return
        missing = self.canvas.draw(own_scale=self._own_scale)
        names = (self.tr("training"), self.tr("validation"), self.tr("test"))
        self.canvas.draw_parts(self._parts, names)
        self.canvas.draw_sample(self._sample)
        bottom = "" if self._series.dated else self.tr("row")
        left = _left_title(self._series, self._own_scale)
        for axis, title in ((self.canvas.left, left), (self.canvas.bottom, bottom)):
            if axis.title != title:
                axis.set_title(title)
        self.set_legend(_entries(self._series, missing, self._sample is not None))

    # ------------------------------------------------------------------ the hand

    def _drag_border(self, part: str, x: float) -> None:
        if self._parts is None:
            return
        rows = len(self._series)
        self._parts = self._parts.moved(PARTS.index(part), self.canvas.row_at(x), rows)
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
        start = self.canvas.row_at(place[0]) - now.window
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
        return ([first, *self._series.columns], _rows(self._series))


def _translate(text: str) -> str:
    return QCoreApplication.translate("SeriesChart", text)


def _left_title(series: SeriesPicture, own_scale: bool) -> str:
    names = list(series.columns)
    if own_scale and len(names) > 1:
        return _translate("each column on its own range")
    units = {series.units.get(name, "") for name in names}
    title = names[0] if len(names) == 1 else _translate("value")
    unit = units.pop() if len(units) == 1 else ""
    return f"{title} ({unit})" if unit else title


def _entries(series: SeriesPicture, missing: int, sample: bool) -> list[LegendEntry]:
    entries = [
        LegendEntry(name, LINE_TONES[index % len(LINE_TONES)])
        for index, name in enumerate(series.columns)
    ]
    if len(series.gaps):
        text = _translate("missing steps: {0} gaps").format(grouped(len(series.gaps)))
        entries.append(LegendEntry(text, "warning", "area"))
    if missing:
        text = _translate("missing values: {0} rows").format(grouped(missing))
        entries.append(LegendEntry(text, "bad", "ticks"))
    if len(series.repeated):
        text = _translate("repeated dates: {0}").format(grouped(len(series.repeated)))
        entries.append(LegendEntry(text, "series_3", "triangle"))
    if sample:
        entries.append(LegendEntry(_translate("sample shown below"), "accent", "area"))
    return entries


def _rows(series: SeriesPicture) -> Iterator[list[object]]:
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
