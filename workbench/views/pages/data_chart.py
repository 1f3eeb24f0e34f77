"""The chart of the Data page: which column and series is drawn, the split and windows dragged."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from workbench.app.latest_work import LatestWork
from workbench.data.table_chart import (
    TOGETHER,
    ChartSeries,
    chart_series,
    offered_columns,
    split_sizes,
)
from workbench.data.table_overview import TableOverview
from workbench.experiment import Experiment
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import one_line
from workbench.views.plots.series import SeriesChart

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.data.table import TableSource

_SERIES_OFFERED = 1000


class ChartPanel(QWidget):
    """Draws columns of the table; dragging asks for edits of split and windows."""

    role_requested = Signal(str, str)
    """Column and the role it is to have."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chart_panel")
        self._session = session
        self._overview = TableOverview("")
        self._source: TableSource | None = None
        self._drawn: ChartSeries | None = None
        self._pending: tuple[Any, Any] | None = None
        self._work = LatestWork(session, self)
        self._work.done.connect(self._show_series)
        self._work.failed.connect(session.report)
        self.picture = SeriesChart(self.tr("Series"), name="data_series")
        self.column = self._chooser("chart_column", self.tr("Column that is drawn"))
        self.series = self._chooser("chart_series", self.tr("Series that is drawn"))
        self.forecast = self.picture.add_toggle(
            "forecast",
            self.tr("target"),
            self.tr("Make the drawn column a target, or an input again"),
            self._toggle_target,
        )
        self.picture.add_control(self.series)
        self.picture.add_control(self.column)
        self.picture.split_changed.connect(self._change_split)
        self.picture.windows_changed.connect(self._change_windows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)

    def _chooser(self, name: str, words: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(words)
        box.setToolTip(words)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(14)
        box.setMaxVisibleItems(20)
        box.currentIndexChanged.connect(self._choose)
        return box

    # ------------------------------------------------------------------ what is shown

    def clear(self) -> None:
        """Show nothing, before another table comes."""
        self._drawn = None
        self._pending = None
        self.picture.set_title(self.tr("Series"))
        self.picture.set_series(np.empty(0), {})
        self.forecast.hide()

    def set_experiment(self, experiment: Experiment) -> None:
        """Show windows at once; the rest comes with the overview."""
        spec = experiment.data.table.windows
        if self._drawn is not None:
            self.picture.set_windows(spec.window, spec.horizon, spec.stride)

    def set_overview(
        self, overview: TableOverview, source: "TableSource", experiment: Experiment
    ) -> None:
        """Draw a table as it is set up now."""
        self._overview, self._source = overview, source
        self._fill_columns(experiment)
        names = () if overview.timeline is None else overview.timeline.names
        shown = [one_line(name) for name in names[:_SERIES_OFFERED]]
        if shown != [self.series.itemText(place) for place in range(self.series.count())]:
            blocker = QSignalBlocker(self.series)
            self.series.clear()
            self.series.addItems(shown)
            blocker.unblock()
        self.series.setVisible(len(names) > 1)
        self._draw()

    def _fill_columns(self, experiment: Experiment) -> None:
        assert self._source is not None
        table = experiment.data.table
        names = offered_columns(self._source.frame, table.columns)
        targets = [item.name for item in table.columns if item.role == "target"]
        targets = [name for name in targets if name in names]
        items: list[tuple[str, tuple[str, ...]]] = []
        if len(targets) > 1:
            words = self.tr("Targets (%1)").replace("%1", grouped(len(targets)))
            items.append((words, tuple(targets[:TOGETHER])))
        items += [(one_line(name), (name,)) for name in names]
        if items == [
            (self.column.itemText(place), tuple(self.column.itemData(place)))
            for place in range(self.column.count())
        ]:
            return
        before = self.column.currentData()
        blocker = QSignalBlocker(self.column)
        self.column.clear()
        for words, chosen in items:
            self.column.addItem(words, chosen)
        kept = [place for place, (_, chosen) in enumerate(items) if chosen == tuple(before or ())]
        self.column.setCurrentIndex(kept[0] if kept else 0)
        blocker.unblock()

    @Slot()
    def _choose(self) -> None:
        self._draw()

    def _draw(self) -> None:
        chosen = self.column.currentData()
        self.column.setVisible(bool(chosen))
        if self._source is None or not chosen:
            self.clear()
            self.picture.set_empty(
                self.tr(
                    "No column holds numbers. Give a column the kind “number” under Columns, or "
                    "read the file another way in the settings."
                )
            )
            return
        table = self._session.experiment.data.table
        self._work.ask(
            partial(
                chart_series,
                self._overview,
                self._source.frame,
                table,
                (tuple(chosen), max(self.series.currentIndex(), 0)),
            )
        )

    @Slot(object)
    def _show_series(self, drawn: ChartSeries | None) -> None:
        if drawn is None or not drawn.columns:
            self.clear()
            return
        experiment = self._session.experiment
        split, windows = experiment.data.split, experiment.data.table.windows
        same = self._drawn is not None and list(self._drawn.columns) == list(drawn.columns)
        self._drawn = drawn
        self.picture.set_series(drawn.time, drawn.columns, gaps=drawn.gaps, repeated=drawn.repeated)
        self.picture.set_split(
            drawn.cuts, unit=split.unit, gap=split.gap, rows_per_month=drawn.rows_per_month
        )
        self.picture.set_windows(windows.window, windows.horizon, windows.stride)
        self._show_title(drawn)
        self._show_target(experiment)
        if not same:
            self.picture.reset_view()
        if self._pending is not None:
            self._zoom(*self._pending)

    def _show_title(self, drawn: ChartSeries) -> None:
        counts = [len(starts) for starts in self._overview.starts.values()]
        if not counts:
            self.picture.set_title(self.tr("Series"))
            return
        words = self.tr("%1 windows to train, %2 to validate, %3 to test")
        for place, count in enumerate(counts, start=1):
            words = words.replace(f"%{place}", grouped(count, 12))
        self.picture.set_title(words)

    def _show_target(self, experiment: Experiment) -> None:
        chosen = self.column.currentData() or ()
        roles = {item.name: item.role for item in experiment.data.table.columns}
        blocker = QSignalBlocker(self.forecast)
        self.forecast.setVisible(len(chosen) == 1)
        self.forecast.setChecked(len(chosen) == 1 and roles.get(chosen[0]) == "target")
        blocker.unblock()

    def show_time(self, start: Any, end: Any, series: str) -> None:
        """Zoom to a stretch of time of one series."""
        timeline = self._overview.timeline
        if timeline is None:
            return
        place = timeline.names.index(series) if series in timeline.names else 0
        self._pending = (start, end)
        if place != max(self.series.currentIndex(), 0) and place < self.series.count():
            self.series.setCurrentIndex(place)
        else:
            self._zoom(start, end)

    def _zoom(self, start: Any, end: Any) -> None:
        self._pending = None
        if self._drawn is None or self._drawn.time.dtype.kind != "M":
            return
        first, last = start.timestamp(), end.timestamp()
        step = 1e-6 * float(np.median(np.diff(self._drawn.time).astype(np.int64)))
        room = max(20 * step, last - first)
        self.picture.canvas.show_range((first - room, last + room), None)
        self.picture.canvas.zoomed.emit()

    # ------------------------------------------------------------------ hands

    @Slot(float, float, float)
    def _change_split(self, train: float, validation: float, test: float) -> None:
        split = self._session.experiment.data.split
        series = max(self.series.currentIndex(), 0)
        sizes = split_sizes(self._overview, split, series, (train, validation, test))
        names = ("data.split.train", "data.split.validation", "data.split.test")
        self._session.edit_many(dict(zip(names, sizes, strict=True)), self.tr("Move the split"))

    @Slot(int, int, int)
    def _change_windows(self, window: int, horizon: int, stride: int) -> None:
        prefix = "data.table.windows."
        changes = {
            f"{prefix}window": window, f"{prefix}horizon": horizon, f"{prefix}stride": stride,
        }  # fmt: skip
        self._session.edit_many(changes, self.tr("Change the windows"))

    def _toggle_target(self, target: bool) -> None:
        chosen = self.column.currentData() or ()
        if len(chosen) == 1:
            self.role_requested.emit(chosen[0], "target" if target else "input")
