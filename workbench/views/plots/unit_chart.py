"""One unit's line over what is read."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from workbench.views.palette import Palette
from workbench.views.plots.canvas import pen
from workbench.views.plots.frame import Table
from workbench.views.plots.step_picture import StepPicture


class UnitChart(StepPicture):
    """The value of one hidden unit at every step, on the quantity's range."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "unit")
        self._range = (-1.0, 1.0)
        self.line = self.canvas.add_line("series_0", width=2)
        self._zero = pg.InfiniteLine(angle=0, pos=0)
        self.canvas.addItem(self._zero, ignoreBounds=True)
        self.set_picture(self.canvas)
        self.set_empty(self.tr("Click a unit in any picture: its line is drawn here."))

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
        other = self._take(np.asarray(values, np.float32), labels) or bounds != self._range
        self._range = bounds
        self.set_title(title)
        if other:
            self.reset_view()
        self.schedule()

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
        self._zero.setPen(pen("border_strong"))
        super().theme_changed(palette)

    def table(self) -> Table:
        """One row per step."""
        return (["step", "label", "value"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for step, value in enumerate(self._values.tolist()):
            yield [step, self._labels[step] if step < len(self._labels) else "", value]
