"""One unit's line over the probe."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import grouped, isolated, one_symbol
from workbench.views.palette import Palette
from workbench.views.plots.axes import StepAxis
from workbench.views.plots.canvas import make_plot, pen
from workbench.views.plots.frame import PictureFrame, Table


class UnitChart(PictureFrame):
    """The value of one hidden unit at every step of the probe, on the quantity's fixed range.

    Attributes:
        step_hovered: Step under the pointer, −1 when it left.
        step_clicked: Step of a click.
    """

    step_hovered = Signal(int)
    step_clicked = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "unit")
        self._values = np.empty(0)
        self._labels: tuple[str, ...] = ()
        self._range = (-1.0, 1.0)
        self._axis = StepAxis()
        self.canvas = make_plot(self, f"{self.objectName()}_plot", bottom=self._axis)
        self.line = self.canvas.add_line("series_0", width=2)
        self._zero = pg.InfiniteLine(angle=0, pos=0)
        self._cross = pg.InfiniteLine(angle=90)
        for item in (self._zero, self._cross):
            self.canvas.addItem(item, ignoreBounds=True)
        self._cross.setVisible(False)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)
        self.set_empty(self.tr("Click a row of the picture above: that unit is drawn here."))

    def set_unit(
        self, values: np.ndarray, labels: Sequence[str], title: str, bounds: tuple[float, float]
    ) -> None:
        """Show a unit.

        Args:
            values: Of each step ``(T,)``.
            labels: One text per step.
            title: What it is.
            bounds: Lowest and highest value the axis holds.
        """
        other = len(values) != len(self._values)
        self._values = np.asarray(values, np.float32)
        self._range = bounds
        if tuple(labels) != self._labels or other:
            self._labels = tuple(labels)
            self._axis.set_labels(self._labels)
        self.set_title(title)
        self.set_empty("" if len(values) else self.tr("No values yet."))
        if other:
            self.reset_view()
        self.schedule()

    def align(self, left: float, right: float) -> None:
        """Stand below a picture with the same steps: widths of what is beside its columns."""
        self.canvas.left.setWidth(round(left))
        self.canvas.getPlotItem().layout.setContentsMargins(2, 8, 10 + right, 2)

    def set_crosshair(self, step: int) -> None:
        """Mark a step; −1 marks none."""
        shown = 0 <= step < len(self._values)
        self._cross.setVisible(shown)
        if shown:
            self._cross.setPos(step)
            label = self._labels[step] if step < len(self._labels) else ""
            self.set_readout(
                self.tr("step {0} · {1} · {2}").format(
                    grouped(step), isolated(one_symbol(label)), grouped(float(self._values[step]))
                )
            )
        else:
            self.set_readout("")

    def redraw(self) -> None:
        """Draw the line."""
        self.line.setData(np.arange(len(self._values)), self._values)

    def reset_view(self) -> None:
        """Show every step."""
        low, high = self._range
        room = 0.1 * (high - low)
        self.canvas.show_range((-0.5, max(len(self._values), 1) - 0.5), (low - room, high + room))

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._zero.setPen(pen("border_strong"))
        self._cross.setPen(pen("text", 1, 0.7))
        super().theme_changed(palette)

    def _hover(self, place: tuple[float, float] | None) -> None:
        step = -1 if place is None else round(place[0])
        self.step_hovered.emit(step if 0 <= step < len(self._values) else -1)

    def _click(self, place: tuple[float, float]) -> None:
        step = round(place[0])
        if 0 <= step < len(self._values):
            self.step_clicked.emit(step)

    def table(self) -> Table:
        """One row per step."""
        return (["step", "label", "value"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for step, value in enumerate(self._values.tolist()):
            yield [step, self._labels[step] if step < len(self._labels) else "", value]
