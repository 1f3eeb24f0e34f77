"""Learning rate and gradient norm over steps, and the curve of the learning-rate finder."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.annotations import EdgeLabels, StepMarks
from workbench.views.plots.canvas import Canvas, make_plot, pen
from workbench.views.plots.decimate import finite_range
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.run_column import RunColumn

if TYPE_CHECKING:
    from workbench.engine.history import History

_AXIS_WIDTH = 72


class RateChart(PictureFrame):
    """Two plots over the same steps: the learning rate, and the gradient norm before clipping."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "rates")
        self._history: History | None = None
        self._rate, self._norm = RunColumn(), RunColumn()
        self._clip = 0.0
        self._log, self._zoomed = True, False
        body = QWidget(self)
        self.rate_canvas = make_plot(body, f"{self.objectName()}_rate_plot")
        self.norm_canvas = make_plot(body, f"{self.objectName()}_norm_plot")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rate_canvas, 4)
        column.addWidget(self.norm_canvas, 5)
        for canvas in (self.rate_canvas, self.norm_canvas):
            canvas.left.setWidth(_AXIS_WIDTH)
            canvas.hovered.connect(self._hover)
            canvas.reset_asked.connect(self.reset_view)
            canvas.zoomed.connect(self._user_zoomed)
            canvas.resized.connect(self.schedule)
        self.rate_canvas.getPlotItem().hideAxis("bottom")
        self.norm_canvas.view.setXLink(self.rate_canvas.view)
        self.rate_line = self.rate_canvas.add_line("series_2", width=2, thinned=True)
        self.norm_line = self.norm_canvas.add_line("series_3", alpha=0.8, thinned=True)
        self._clip_label = EdgeLabels(self.norm_canvas, "text_muted")
        self._marks = [StepMarks(self.rate_canvas), StepMarks(self.norm_canvas, named=False)]
        self.log_button = self.row.add_toggle(
            "log", self.tr("log"), self.tr("Logarithmic axis for the gradient norm"), self.set_log
        )
        self.rate_canvas.left.set_title(self.tr("learning rate"))
        self.norm_canvas.left.set_title(self.tr("gradient norm"))
        self.norm_canvas.bottom.set_title(self.tr("step"))
        self.set_picture(body)
        self.set_log(True)
        self.set_history(None)

    def set_history(self, history: "History | None", clip_norm: float = 0.0) -> None:
        """Show a run; called again whenever it grew.

        Args:
            history: The run; None shows none.
            clip_norm: Gradients longer than this are shortened to it; 0 is off.
        """
        if history is not self._history:
            self._rate, self._norm = RunColumn(), RunColumn()
            self._zoomed = False
        self._history, self._clip = history, clip_norm
        self.set_empty(
            "" if history is not None and len(history.steps)
            else self.tr("Press Train: learning rate and gradient norm are drawn here.")
        )  # fmt: skip
        self.schedule()

    def set_log(self, log: bool) -> None:
        """Use a logarithmic axis for the gradient norm."""
        self._log = log
        self.log_button.setChecked(log)
        self.norm_canvas.left.setLogMode(False, log)
        self._zoomed = False
        self.schedule()

    def _user_zoomed(self) -> None:
        self._zoomed = True
        self.schedule()

    def reset_view(self) -> None:
        """Show the whole run again, and follow it."""
        self._zoomed = False
        self.schedule()

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        for canvas in (self.rate_canvas, self.norm_canvas):
            canvas.wear(palette)
        self._clip_label.recolour()
        for marks in self._marks:
            marks.recolour()
        super().theme_changed(palette)

    def redraw(self) -> None:
        """Draw what is visible, at most two points for each pixel."""
        history = self._history
        if history is None or not len(history.steps):
            return
        self._rate.follow(history.steps, history.learning_rate)
        self._norm.follow(history.steps, history.gradient_norm)
        if not self._zoomed:
            self.rate_canvas.show_range((0.0, float(history.steps[-1]) * 1.01), None)
        shown, (pixels, _) = self.rate_canvas.shown_x(), self.rate_canvas.plot_size()
        x, rate = self._rate.extremes(shown, pixels)
        self.rate_line.setData(x, rate)
        x, norm = self._norm.extremes(shown, pixels)
        norm = self._y(norm)
        self.norm_line.setData(x, norm)
        levels = {}
        if self._clip > 0:
            name = self.tr("clipped at {0}").format(grouped(self._clip))
            levels = {name: float(self._y(np.array([self._clip]))[0])}
        self._clip_label.show(levels)
        for marks in self._marks:
            marks.show(history.marks)
        if not self._zoomed:
            _fit(self.rate_canvas, np.append(rate, 0.0), 0.0)
            _fit(self.norm_canvas, norm, 0.1)

    def _y(self, values: np.ndarray) -> np.ndarray:
        values = np.where(np.isfinite(values), values, np.nan)
        if not self._log:
            return values
        return np.log10(values, out=np.full(len(values), np.nan), where=values > 0)

    def _hover(self, place: tuple[float, float] | None) -> None:
        if place is None or not len(self._rate):
            self.set_readout("")
            return
        steps = self._rate.steps
        step = min(max(round(place[0]), int(steps[0])), int(steps[-1]))
        self.set_readout(
            self.tr("step {0} · learning rate {1} · gradient norm {2}").format(
                grouped(step), grouped(self._rate.at(step), 3), grouped(self._norm.at(step), 3)
            )
        )

    def table(self) -> Table:
        """One row per step."""
        return (["step", "learning rate", "gradient norm"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        if self._history is None:
            return
        columns = (self._history.steps, self._history.learning_rate, self._history.gradient_norm)
        for step, rate, norm in zip(*columns, strict=True):
            yield [int(step), float(rate), float(norm)]


def _fit(canvas: Canvas, values: np.ndarray, cut: float) -> None:
    found = finite_range(values, cut, 100 - cut)
    if found:
        low, high = found
        room = 0.12 * (high - low) or abs(high) * 0.1
        canvas.show_range(None, (low - room, high + room))


class FinderChart(PictureFrame):
    """Loss against learning rate, as the learning-rate finder measured it."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "finder")
        self._rates, self._losses = np.empty(0), np.empty(0)
        self._suggestion: float | None = None
        self.canvas = make_plot(self, f"{self.objectName()}_plot")
        self.canvas.bottom.setLogMode(True, False)
        self.canvas.bottom.set_title(self.tr("learning rate"))
        self.canvas.left.set_title(self.tr("loss"))
        self.line = self.canvas.add_line("series_0", width=2)
        self._mark = pg.InfiniteLine(angle=90)
        self.canvas.addItem(self._mark, ignoreBounds=True)
        self._text = self.canvas.add_text("series_1", (0.0, 0.0))
        self.canvas.hovered.connect(self._hover)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)
        self.forget()

    def forget(self) -> None:
        """Show nothing, and how to measure."""
        self.set_curve(np.empty(0), np.empty(0))
        self.set_empty(self.tr("Press Find learning rate: the loss at each rate is drawn here."))

    def set_curve(
        self, rates: np.ndarray, losses: np.ndarray, suggestion: float | None = None
    ) -> None:
        """Show a measurement.

        Args:
            rates: Learning rates tried, rising ``(n,)``.
            losses: Loss at each ``(n,)``.
            suggestion: The rate to take, or None.
        """
        self._rates, self._losses = np.asarray(rates, float), np.asarray(losses, float)
        self._suggestion = suggestion
        self.set_empty("" if len(self._rates) else self.tr("Nothing was measured."))
        self.schedule()

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._mark.setPen(pen("series_1", 1, 1.0, Qt.PenStyle.DashLine))
        super().theme_changed(palette)

    def redraw(self) -> None:
        """Draw curve and suggestion."""
        if not len(self._rates):
            return
        x = np.log10(np.maximum(self._rates, 1e-300))
        self.line.setData(x, np.where(np.isfinite(self._losses), self._losses, np.nan))
        self.canvas.show_range((float(x[0]), float(x[-1])), None)
        finite = self._losses[np.isfinite(self._losses)]
        if len(finite):
            start = float(finite[0])
            top = min(float(finite.max()), start + 1.5 * max(start - float(finite.min()), 0.05))
            room = 0.08 * (top - float(finite.min()))
            self.canvas.show_range(None, (float(finite.min()) - room, top + room))
        known = self._suggestion is not None
        self._mark.setVisible(known)
        self._text.setVisible(known)
        if known:
            place = float(np.log10(self._suggestion))
            self._mark.setPos(place)
            self._text.setText(self.tr("falls fastest at {0}").format(grouped(self._suggestion, 2)))
            right = place > (x[0] + x[-1]) / 2
            self._text.setAnchor((1.0 if right else 0.0, 0.0))
            self._text.setPos(place, self.canvas.shown_y()[1])

    def reset_view(self) -> None:
        """Show the whole curve again."""
        self.schedule()

    def _hover(self, place: tuple[float, float] | None) -> None:
        if place is None or not len(self._rates):
            self.set_readout("")
            return
        row = int(np.abs(np.log10(np.maximum(self._rates, 1e-300)) - place[0]).argmin())
        self.set_readout(
            self.tr("learning rate {0} · loss {1}").format(
                grouped(self._rates[row], 3), grouped(self._losses[row])
            )
        )

    def table(self) -> Table:
        """One row per rate."""
        rows = zip(self._rates.tolist(), self._losses.tolist(), strict=True)
        return (["learning rate", "loss"], rows)
