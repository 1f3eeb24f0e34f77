"""The loss of a run while it learns: batches, epochs, validation, best, naive rules, other runs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from workbench.tasks.metric_names import short_name
from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.annotations import EdgeLabels, StepMarks
from workbench.views.plots.canvas import make_plot
from workbench.views.plots.decimate import finite_range
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.loss_lines import LossLines, behind_look, one_line, validation_of
from workbench.views.plots.run_column import RunColumn

if TYPE_CHECKING:
    from workbench.engine.events import EpochDone
    from workbench.engine.history import History

SMOOTHINGS = (0, 10, 100, 1000)
"""Steps a smoothed line may average over; 0 is off."""
_USUAL = (0.1, 99.9)
_WITHOUT_OUTLIERS = (1.0, 97.0)
_WORDS_PX = 28
"""Height of the words below the ring on the best, with room around them."""


class LossChart(PictureFrame):
    """Loss over steps."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "loss")
        self._history: History | None = None
        self._unit: str | None = None
        self._batches = RunColumn()
        self._behind: list[tuple[str, History]] = []
        self._behind_points: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        self._outliers, self._smoothing = False, 0
        self._zoomed = False
        self.canvas = make_plot(self, f"{self.objectName()}_plot")
        self.lines = LossLines(self.canvas)
        self._baselines = EdgeLabels(self.canvas, "text_muted")
        self._marks = StepMarks(self.canvas)
        self._add_controls()
        self.canvas.hovered.connect(self._hover)
        self.canvas.reset_asked.connect(self.reset_view)
        self.canvas.zoomed.connect(self._user_zoomed)
        self.canvas.resized.connect(self.schedule)
        self._name_axes()
        self.set_picture(self.canvas)
        self.set_empty(self.tr("Press Train: the loss is drawn here from the first batch on."))

    def _add_controls(self) -> None:
        widths = [self.tr("mean of {0} steps").format(grouped(width)) for width in SMOOTHINGS[1:]]
        self.smoothing_button = self.row.add_choices(
            "smoothing",
            self.tr("Adds a line with the mean of so many last steps; the dots stay as they are"),
            [self.tr("no smoothing"), *widths],
            self._choose_smoothing,
        )
        self.outliers_button = self.row.add_toggle(
            "outliers", self.tr("ignore outliers"),
            self.tr("The axis follows the bulk of the batches; single wild ones may leave it"),
            self.set_ignore_outliers,
        )  # fmt: skip
        self.log_button = self.row.add_toggle(
            "log", self.tr("log"), self.tr("Logarithmic loss axis"), self.set_log
        )

    # ------------------------------------------------------------------ what is shown

    def set_history(self, history: "History | None", unit: str | None = None) -> None:
        """Show a run; called again whenever it grew.

        Args:
            history: The run; None shows none.
            unit: Name of the metric the training loss is measured in; None takes the run's own
                metric. Validation and naive rules are drawn only in this unit.
        """
        if history is not self._history:
            self._batches = RunColumn()
            self._zoomed = False
        self._history, self._unit = history, unit
        something = history is not None and (len(history.steps) or history.epochs)
        self._offer_what_works()
        self.set_empty(
            "" if something or self._behind
            else self.tr("Press Train: the loss is drawn here from the first batch on.")
        )  # fmt: skip
        self.schedule()

    def set_background_runs(self, runs: "Sequence[tuple[str, History]]") -> None:
        """Show earlier runs behind this one.

        Args:
            runs: Name and history of each.
        """
        self._behind = list(runs)
        self._behind_points = {}
        self._offer_what_works()
        if self._behind:
            self.set_empty("")
        self.schedule()

    def _offer_what_works(self) -> None:
        """Smoothing and outliers are about the batches of one run."""
        for button in (self.smoothing_button, self.outliers_button):
            button.setVisible(self._history is not None or not self._behind)

    def set_log(self, log: bool) -> None:
        """Use a logarithmic loss axis."""
        self.lines.log = log
        self.log_button.setChecked(log)
        self.canvas.left.setLogMode(False, log)
        self._zoomed = False
        self.schedule()

    def set_ignore_outliers(self, ignore: bool) -> None:
        """Let the axis follow the bulk of the batches."""
        self._outliers = ignore
        self.outliers_button.setChecked(ignore)
        self._zoomed = False
        self.schedule()

    def set_smoothing(self, width: int) -> None:
        """Add a line with the mean of the last ``width`` steps; 0 takes it away.

        Raises:
            ValueError: Where it is not one of ``SMOOTHINGS``.
        """
        self.smoothing_button.menu().actions()[SMOOTHINGS.index(width)].trigger()

    def _choose_smoothing(self, index: int) -> None:
        self._smoothing = SMOOTHINGS[index]
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
        self.canvas.wear(palette)
        self.lines.recolour()
        self._baselines.recolour()
        self._marks.recolour()
        super().theme_changed(palette)

    # ------------------------------------------------------------------ drawing

    def redraw(self) -> None:
        """Draw what is visible, at most two points for each pixel."""
        history, lines = self._history, self.lines
        epochs = history.epochs if history else []
        if history:
            self._batches.follow(history.steps, history.loss)
        self._name_axes()
        last = _last_step([history, *(other for _, other in self._behind)])
        if not self._zoomed:
            self.canvas.show_range((0.0, last), None)
        losses = lines.draw_batches(self._batches, self._smoothing)
        validation = validation_of(epochs, self.unit)
        lines.draw_epochs(epochs, validation, last)
        behind = self._points_behind()
        lines.draw_behind(behind)
        baselines = self._own_baselines()
        train = np.array([epoch.train_loss for epoch in epochs], float)
        levels = np.array([*baselines.values()], float)
        self._fit(losses, [train, validation, levels, *(y for _, y in behind)])
        self._baselines.show({name: lines.place_one(v) for name, v in baselines.items()})
        self._marks.show(history.marks if history else [])
        self._explain(len(losses) > 0, epochs, validation, baselines)

    def _points_behind(self) -> list[tuple[np.ndarray, np.ndarray]]:
        if self.unit not in self._behind_points:
            self._behind_points = {
                self.unit: [one_line(history, self.unit) for _, history in self._behind]
            }
        return self._behind_points[self.unit]

    def _own_baselines(self) -> dict[str, float]:
        warmed = self._history.warmed_up if self._history else None
        if warmed is None or warmed.metric != self.unit:
            return {}
        return {k: v for k, v in warmed.baselines.items() if np.isfinite(v)}

    @property
    def unit(self) -> str:
        """Name of the metric the loss is drawn in."""
        if self._unit or self._history is None:
            return self._unit or ""
        if self._history.warmed_up is not None:
            return self._history.warmed_up.metric
        return self._history.epochs[-1].metric if self._history.epochs else ""

    def _fit(self, batches: np.ndarray, lines: list[np.ndarray]) -> None:
        if self._zoomed:
            return
        low, high = _WITHOUT_OUTLIERS if self._outliers else _USUAL
        ranges = [finite_range(self.lines.place(batches), low, high)]
        ranges += [finite_range(self.lines.place(line), 0, 100) for line in lines]
        known = [found for found in ranges if found]
        if known:
            bottom, top = min(low for low, _ in known), max(high for _, high in known)
            room = 0.06 * (top - bottom)
            below = room
            if self.lines.best_shown:
                share = min(_WORDS_PX / self.canvas.plot_size()[1], 0.4)
                below = max(room, (top - bottom) * share / (1 - share))
            self.canvas.show_range(None, (bottom - below, top + room))

    # ------------------------------------------------------------------ words

    def _name_axes(self) -> None:
        warmed = self._history.warmed_up if self._history else None
        per_epoch = warmed.steps_per_epoch if warmed else 0
        steps = self.tr("step")
        if per_epoch:
            steps = self.tr("step ({0} per epoch)").format(grouped(per_epoch))
        loss = self.tr("loss (log)") if self.lines.log else self.tr("loss")
        titles = (steps, f"{loss} · {short_name(self.unit)}" if self.unit else loss)
        for axis, title in zip((self.canvas.bottom, self.canvas.left), titles, strict=True):
            if axis.title != title:
                axis.set_title(title)

    def _explain(
        self, dots: bool, epochs: "list[EpochDone]", validation: np.ndarray,
        baselines: dict[str, float],
    ) -> None:  # fmt: skip
        entries = []
        if dots:
            entries.append(LegendEntry(self.tr("each batch"), "series_0", "dots"))
        if self._smoothing and dots:
            text = self.tr("smoothed: mean of the last {0} steps")
            entries.append(LegendEntry(text.format(grouped(self._smoothing)), "series_0"))
        if epochs:
            entries.append(LegendEntry(self.tr("training, epoch mean"), "series_0"))
        if np.isfinite(validation).any():
            entries.append(LegendEntry(self.tr("validation"), "series_1"))
        elif epochs:
            last = epochs[-1]
            text = self.tr("validation {0}: {1} (another unit, not drawn)")
            value = grouped(last.metrics.get(last.metric, np.nan))
            entries.append(
                LegendEntry(text.format(short_name(last.metric), value), "text_muted", "none")
            )
        for name, value in baselines.items():
            text = self.tr("naive: {0} {1}").format(name, grouped(value))
            entries.append(LegendEntry(text, "text_muted", "dashed"))
        for index, (name, _) in enumerate(self._behind):
            tone, dashed = behind_look(index)
            entries.append(LegendEntry(name, tone, "dashed" if dashed else "line"))
        self.set_legend(entries)

    def _hover(self, place: tuple[float, float] | None) -> None:
        if place is None or self._history is None or not len(self._batches):
            self.set_readout("")
            return
        reach = 5 * (self.canvas.shown_x()[1] - self.canvas.shown_x()[0])
        mark = self._marks.near(place[0], reach / self.canvas.plot_size()[0])
        if mark is not None:
            self.set_readout(mark.message or f"{mark.name} = {grouped(mark.value)}", "value")
            return
        step = min(max(round(place[0]), int(self._batches.steps[0])), int(self._batches.steps[-1]))
        parts = [
            self.tr("step {0}").format(grouped(step)),
            self.tr("loss {0}").format(grouped(self._batches.at(step))),
        ]
        after = [e for e in self._history.epochs if e.step <= step]
        if after:
            value = after[-1].metrics.get(self.unit or after[-1].metric, np.nan)
            parts.insert(1, self.tr("after epoch {0}").format(after[-1].epoch))
            if np.isfinite(value):
                parts.append(self.tr("validation {0}").format(grouped(value)))
        self.set_readout(" · ".join(parts))

    def table(self) -> Table:
        """One row per step, with the validation in the row of the step it was made after.

        Where there are only other runs, one row per point of their lines.
        """
        if self._history is None and self._behind:
            return ["run", "step", short_name(self.unit) or "loss"], self._rows_behind()
        return (["step", "loss", "epoch", "train loss of the epoch", "validation"],
                _rows(self._history, self.unit))  # fmt: skip

    def _rows_behind(self) -> Iterator[list[object]]:
        for (name, _), (steps, values) in zip(self._behind, self._points_behind(), strict=True):
            for step, value in zip(steps.tolist(), values.tolist(), strict=True):
                yield [name, int(step), value]


def _last_step(histories: "list[History | None]") -> float:
    """The last step of several runs, and a little room after it."""
    last = 1.0
    for history in histories:
        if history is not None:
            last = max([last, *history.steps[-1:], *(e.step for e in history.epochs[-1:])])
    return float(last) * 1.01


def _rows(history: "History | None", unit: str) -> Iterator[list[object]]:
    if history is None:
        return
    epochs = {epoch.step: epoch for epoch in history.epochs}
    for step, loss in zip(history.steps, history.loss, strict=True):
        epoch = epochs.get(int(step))
        row: list[object] = [int(step), float(loss), "", "", ""]
        if epoch is not None:
            row[2:] = [epoch.epoch, epoch.train_loss, epoch.metrics.get(unit or epoch.metric, "")]
        yield row
