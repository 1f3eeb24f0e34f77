"""The lines, dots and marks of the loss chart."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, Qt

from workbench.views.numbers import grouped
from workbench.views.plots.canvas import Canvas, Dots, pen
from workbench.views.plots.run_column import RunColumn
from workbench.views.theme import colour

if TYPE_CHECKING:
    from workbench.engine.events import EpochDone
    from workbench.engine.history import History

BEHIND_TONES = ("series_3", "series_4", "series_5", "series_6", "series_2")
_FEW = 40


def steps_of(epochs: "list[EpochDone]") -> np.ndarray:
    """Steps after which epochs ended ``(n,)``."""
    return np.array([float(epoch.step) for epoch in epochs])


def validation_of(epochs: "list[EpochDone]", unit: str) -> np.ndarray:
    """Validation in one unit ``(n,)``, NaN where it was not measured in it.

    Args:
        epochs: Validations of a run.
        unit: Name of the metric; empty takes the run's own.
    """
    return np.array([epoch.metrics.get(unit or epoch.metric, np.nan) for epoch in epochs], float)


class LossLines:
    """What is drawn of one run, and of runs behind it.

    Attributes:
        log: Whether the axis is logarithmic.
        dots: A dot per batch (or the lowest and highest of each pixel).
        smooth: Mean of the last steps.
        train: Training loss of each epoch.
        validation: Validation of each epoch.
        best_mark: Ring on the best validation.
        behind: A line per run behind.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.log = False
        self.dots = Dots("series_0", size=2.5, alpha=0.35)
        canvas.addItem(self.dots, ignoreBounds=True)
        self.smooth = canvas.add_line("series_0", alpha=0.9, thinned=True)
        self.train = canvas.add_line("series_0", width=2, thinned=True)
        self.validation = canvas.add_line("series_1", width=2, thinned=True)
        self.best_mark = pg.ScatterPlotItem(size=11, symbol="o", pxMode=True)
        canvas.addItem(self.best_mark, ignoreBounds=True)
        self._best_text = canvas.add_text("series_1", (0.5, 0.0))
        self.behind: list[pg.PlotDataItem] = []
        self._drawn: dict[pg.PlotDataItem, np.ndarray] = {}

    def recolour(self) -> None:
        """Take the colours of the theme in use."""
        self.best_mark.setPen(pen("series_1", 2))
        self.best_mark.setBrush(colour("surface"))
        self._drawn.clear()

    def place(self, values: np.ndarray) -> np.ndarray:
        """Places of losses on the axis; NaN where there is none."""
        values = np.where(np.isfinite(values), values, np.nan)
        if not self.log:
            return values
        return np.log10(values, out=np.full(len(values), np.nan), where=values > 0)

    def place_one(self, value: float) -> float:
        """Place of one loss on the axis."""
        return float(self.place(np.array([value], float))[0])

    def draw_batches(self, batches: RunColumn, smoothing: int) -> np.ndarray:
        """Draw dots and the smoothed line of what is in view; returns the losses drawn."""
        shown, (pixels, _) = self._canvas.shown_x(), self._canvas.plot_size()
        x, y = batches.extremes(shown, pixels)
        self.dots.set_points(x, self.place(y))
        if smoothing:
            means = batches.moving_mean(shown, pixels, smoothing)
            self.smooth.setData(means[0], self.place(means[1]))
        else:
            self.smooth.setData([], [])
        return y

    def draw_epochs(
        self, epochs: "list[EpochDone]", validation: np.ndarray, last_step: float
    ) -> None:
        """Draw epoch means, validations and the ring on the best, its words below it."""
        steps = steps_of(epochs)
        train = np.array([epoch.train_loss for epoch in epochs], float)
        self._draw(self.train, steps, self.place(train))
        self._draw(self.validation, steps, self.place(validation))
        self._draw_best(epochs, validation, last_step)

    def _draw(self, line: pg.PlotDataItem, x: np.ndarray, y: np.ndarray) -> None:
        if not np.isfinite(y).any():
            x, y = x[:0], y[:0]
        known = self._drawn.get(line)
        if known is not None and np.array_equal(known, (x, y), equal_nan=True):
            return
        self._drawn[line] = np.array((x, y))
        # One call: each setter of a curve draws it anew.
        few = 0 < len(x) < _FEW
        line.setData(
            x, y, symbol="o" if few else None, symbolSize=5, symbolPen=None,
            symbolBrush=line.opts["pen"].color(),
        )  # fmt: skip

    def _draw_best(
        self, epochs: "list[EpochDone]", validation: np.ndarray, last_step: float
    ) -> None:
        found = [index for index, epoch in enumerate(epochs) if epoch.is_best]
        value = self.place_one(validation[found[-1]]) if found else np.nan
        self._best_text.setVisible(bool(np.isfinite(value)))
        if not np.isfinite(value):
            self.best_mark.setData([], [])
            return
        best = epochs[found[-1]]
        self.best_mark.setData([best.step], [value])
        text = QCoreApplication.translate("LossChart", "best {0} · epoch {1}")
        self._best_text.setText(text.format(grouped(validation[found[-1]]), best.epoch))
        early, late = best.step < 0.15 * last_step, best.step > 0.85 * last_step
        self._best_text.setAnchor((0.0 if early else 1.0 if late else 0.5, -0.3))
        self._best_text.setPos(best.step, value)

    @property
    def best_shown(self) -> bool:
        """Whether there is a ring with words below it."""
        return bool(self._best_text.isVisible())

    def draw_behind(self, points: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Draw steps and losses of each run behind."""
        while len(self.behind) > len(points):
            self._drawn.pop(self.behind[-1], None)
            self._canvas.remove(self.behind.pop())
        while len(self.behind) < len(points):
            tone, dashed = behind_look(len(self.behind))
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            self.behind.append(self._canvas.add_line(tone, alpha=0.75, style=style, thinned=True))
            self.behind[-1].setZValue(-5)
        for line, (x, y) in zip(self.behind, points, strict=True):
            self._draw(line, x, self.place(y))


def behind_look(index: int) -> tuple[str, bool]:
    """Colour of the run ``index`` behind, and whether it is dashed: colours come round again."""
    return BEHIND_TONES[index % len(BEHIND_TONES)], index // len(BEHIND_TONES) % 2 == 1


def one_line(history: "History", unit: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and losses of a run as one line: its validation, else the mean of its batches.

    Args:
        history: The run.
        unit: Name of the metric wanted; empty takes the run's own.
    """
    validation = validation_of(history.epochs, unit)
    if np.isfinite(validation).any():
        return steps_of(history.epochs), validation
    column = RunColumn()
    column.follow(history.steps, history.loss)
    return column.moving_mean((0.0, np.inf), 400, max(1, len(column) // 50))
