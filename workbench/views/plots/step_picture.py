"""A picture of one value per step: a crosshair, and the step under the pointer."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import grouped, isolated, one_symbol
from workbench.views.palette import Palette
from workbench.views.plots.axes import StepAxis
from workbench.views.plots.canvas import Canvas, pen
from workbench.views.plots.frame import PictureFrame


class StepPicture(PictureFrame):
    """Base of pictures whose x axis are the steps that are read.

    A subclass adds its items and then calls ``set_picture`` with the canvas.

    Args:
        title: Name of the picture.
        parent: Its widget.
        name: Object name.
        canvas: Made for a step axis; the picture's own.

    Attributes:
        step_hovered: Step under the pointer, −1 when it left.
        step_clicked: Step of a click.
    """

    step_hovered = Signal(int)
    step_clicked = Signal(int)

    def __init__(
        self, title: str, parent: QWidget | None, name: str, canvas: type[Canvas] = Canvas
    ) -> None:
        super().__init__(title, parent, name)
        self._values = np.empty(0)
        self._labels: tuple[str, ...] = ()
        self._axis = StepAxis()
        self.canvas = canvas(self._axis)
        self.canvas.setParent(self)
        self.canvas.setObjectName(f"{self.objectName()}_plot")
        self.canvas.set_grid()
        self._cross = pg.InfiniteLine(angle=90)
        self._cross.setVisible(False)
        self.canvas.addItem(self._cross, ignoreBounds=True)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)

    def _take(self, values: np.ndarray, labels: Sequence[str]) -> bool:
        """Take other values; True where there are other steps than before."""
        other = len(values) != len(self._values) or tuple(labels) != self._labels
        self._values = values
        if other:
            self._labels = tuple(labels)
            self._axis.set_labels(self._labels)
        self.set_empty("" if len(values) else self.tr("No values yet."))
        return other

    def set_crosshair(self, step: int) -> None:
        """Mark a step and tell its value; −1 marks none."""
        shown = 0 <= step < len(self._values)
        self._cross.setVisible(shown)
        self.set_readout("")
        if shown:
            self._cross.setPos(step)
            label = isolated(one_symbol(self._labels[step])) if step < len(self._labels) else ""
            value = grouped(float(self._values[step]))
            words = self.tr("step {0} · {1} · {2}")
            self.set_readout(words.format(grouped(step), label, value))

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._cross.setPen(pen("text", 1, 0.7))
        super().theme_changed(palette)

    def _hover(self, place: tuple[float, float] | None) -> None:
        step = -1 if place is None else round(place[0])
        self.step_hovered.emit(step if 0 <= step < len(self._values) else -1)

    def _click(self, place: tuple[float, float]) -> None:
        step = round(place[0])
        if 0 <= step < len(self._values):
            self.step_clicked.emit(step)
