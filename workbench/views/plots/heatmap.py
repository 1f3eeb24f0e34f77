"""Units × time as colours: states and gates of a recurrent network over a sequence."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.views.numbers import grouped, isolated, one_symbol
from workbench.views.palette import Palette
from workbench.views.plots.axes import RowAxis, StepAxis
from workbench.views.plots.canvas import make_plot
from workbench.views.plots.colour_bar import ColourBar
from workbench.views.plots.crosshair import Crosshair
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.raster import Levels, Scale, choose_scale
from workbench.views.plots.raster_image import draw

_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class Heatmap(PictureFrame):
    """A matrix of values over units (rows) and time steps (columns).

    Arrow keys move the crosshair (ten at a time with Shift), Return clicks, + and − zoom.

    Attributes:
        value_hovered: Unit and step under the pointer or crosshair; −1, −1 when it left.
        clicked: Unit and step of a click.
    """

    value_hovered = Signal(int, int)
    clicked = Signal(int, int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "heatmap")
        self._levels = Levels(np.empty((0, 0), np.float32))
        self._labels: tuple[str, ...] = ()
        self._kind, self._limit, self._log = "signed", None, False
        self._order = np.empty(0, np.intp)
        self._at = (-1, -1)
        self._marked = -1
        self._row_names: tuple[str, ...] = ()
        self._words = (self.tr("unit {0}"), self.tr("step {0}"))
        self._steps_axis, self._rows_axis = StepAxis(), RowAxis()
        body = QWidget(self)
        self.canvas = make_plot(
            body, f"{self.objectName()}_plot", bottom=self._steps_axis, left=self._rows_axis
        )
        self.canvas.set_grid(y=False)
        self.canvas.view.invertY(True)
        self.image_item = pg.ImageItem()
        self.canvas.addItem(self.image_item)
        self._crosshair = Crosshair(self.canvas)
        self.bar = ColourBar(self.canvas, body)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.bar)
        tip = self.tr("Logarithmic colours: small values become visible beside large ones")
        self.log_button = self.row.add_toggle("log", self.tr("log"), tip, self.set_log)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        for change in (self.canvas.zoomed, self.canvas.resized):
            change.connect(self.schedule)
        self.set_titles(self.tr("step"), self.tr("unit"))
        self.set_picture(body)

    # ------------------------------------------------------------------ what is shown

    def set_data(
        self,
        values: "np.ndarray | Levels",
        labels: Sequence[str] = (),
        kind: str = "signed",
        title: str | None = None,
        *,
        limit: float | None = None,
    ) -> None:
        """Show a matrix.

        Args:
            values: Any float, ``(units, steps)``; of a large matrix its ``Levels``, which a worker
                has prepared.
            labels: One text per step (symbol, date); none numbers the steps.
            kind: ``gate`` (0…1), ``signed`` (−limit…limit) or ``log`` (positive values).
            title: Name of the quantity; None keeps the one there is.
            limit: Largest size of signed values; None takes 1, or a round number above the data.

        Raises:
            ValueError: Where values are not a matrix, or the kind is another.
        """
        levels = values if isinstance(values, Levels) else Levels(np.asarray(values))
        same = levels.values.shape == self._levels.values.shape
        self._levels = levels
        self._kind, self._limit = kind, limit
        self.log_button.setVisible(kind != "log")
        if not same:
            self._order = np.arange(len(levels.values))
            self._name_rows()
            self._at, self._marked = (-1, -1), -1
            self._place_crosshair()
        if tuple(labels) != self._labels or not same:
            self._labels = tuple(labels)
            self._steps_axis.set_labels(self._labels)
        if title is not None:
            self.set_title(title)
        if not same:
            self.reset_view()
        self.set_empty("" if levels.values.size else self.tr("No values yet."))
        self.bar.set_scale(self._scale(), self._levels.missing)
        self._tell_value()
        self.schedule()

    def set_order(self, order: np.ndarray | None) -> None:
        """Sort the rows.

        Args:
            order: Units from the top, ``(units,)``; None is 0, 1, 2 …

        Raises:
            ValueError: Where it is not one place for every unit.
        """
        units = len(self._levels.values)
        wanted = np.arange(units) if order is None else np.asarray(order, np.intp)
        if not np.array_equal(np.sort(wanted), np.arange(units)):
            raise ValueError(f"order must hold each of the {units} units once")
        self._order = wanted
        self._name_rows()
        self._place_crosshair()
        self.schedule()

    def set_titles(self, steps: str, units: str) -> None:
        """Name the two axes."""
        self._steps_axis.set_title(steps)
        self._rows_axis.set_title(units)

    def set_words(self, row: str, column: str) -> None:
        """Say what rows and columns are in the read-out.

        Args:
            row: Such as ``unit {0}``, with the row's number or name put in.
            column: Such as ``step {0}``.
        """
        self._words = (row, column)

    def set_row_names(self, names: Sequence[str]) -> None:
        """Name the rows; none numbers them."""
        self._row_names = tuple(names)
        self._name_rows()

    def set_log(self, log: bool) -> None:
        """Use logarithmic colours."""
        self._log = log
        self.log_button.setChecked(log)
        self.bar.set_scale(self._scale(), self._levels.missing)
        self.schedule()

    @property
    def values(self) -> np.ndarray:
        """What is shown, float32 ``(units, steps)``."""
        return self._levels.values

    @property
    def scale(self) -> Scale:
        """How values become colours."""
        return self.bar.scale

    def _scale(self) -> Scale:
        levels = self._levels
        values = levels.farthest() if self._kind == "signed" else levels.values
        return choose_scale(values, self._kind, self._limit, log=self._log)

    def _name_rows(self) -> None:
        self._rows_axis.set_names([self._row_name(unit) for unit in self._order.tolist()])

    def _row_name(self, row: int) -> str:
        return self._row_names[row] if row < len(self._row_names) else str(row)

    # ------------------------------------------------------------------ drawing

    def redraw(self) -> None:
        """Bring the visible part down to the pixels there are, as colour-table entries."""
        if self._levels.values.size:
            dots = self.devicePixelRatioF()
            draw(self.image_item, self.canvas, self._levels, self._order, self.scale, dots)

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._crosshair.recolour()
        self.bar.update()
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show every unit and step."""
        units, steps = self._levels.values.shape
        if units and steps:
            self.canvas.hold_within((-0.5, steps - 0.5), (-0.5, units - 0.5))
            self.canvas.show_range((-0.5, steps - 0.5), (-0.5, units - 0.5))
            self.schedule()

    # ------------------------------------------------------------------ pointing

    def set_crosshair(self, unit: int, step: int) -> None:
        """Show the crosshair at a unit and step; a negative number hides that line."""
        units, steps = self._levels.values.shape
        self._at = (unit if unit < units else -1, step if step < steps else -1)
        self._place_crosshair()
        self._tell_value()

    def crosshair(self) -> tuple[int, int]:
        """Unit and step of the crosshair, −1 where there is none."""
        return self._at

    def mark_unit(self, unit: int) -> None:
        """Frame one unit's row as the chosen one; −1 frames none."""
        self._marked = unit if unit < len(self._levels.values) else -1
        self._place_crosshair()

    def value_at(self, unit: int, step: int) -> float:
        """The value of a unit at a step.

        Raises:
            IndexError: Outside the matrix.
        """
        return float(self._levels.values[unit, step])

    def _row_of(self, unit: int) -> int:
        return int(np.flatnonzero(self._order == unit)[0]) if unit >= 0 else -1

    def _place_crosshair(self) -> None:
        unit, step = self._at
        self._crosshair.place(self._row_of(unit), step)
        self._crosshair.frame_row(self._row_of(self._marked), self._levels.values.shape[1])

    def _tell_value(self) -> None:
        unit, step = self._at
        value = self.value_at(unit, step) if min(unit, step) >= 0 else math.nan
        self.bar.set_value(value)
        parts = []
        if unit >= 0:
            parts.append(self._words[0].format(self._row_name(unit)))
        if step >= 0:
            parts.append(self._words[1].format(grouped(step)))
            shown = self._labels[step : step + 1]
            parts += [isolated(one_symbol(label)) for label in shown]
        if min(unit, step) >= 0:
            parts.append(grouped(value))
        self.set_readout(" · ".join(parts))

    def _hover(self, place: tuple[float, float] | None) -> None:
        cell = _cell(place, self._order, self._levels.values.shape[1])
        if cell != self._at:
            self.set_crosshair(*cell)
            self.value_hovered.emit(*cell)

    def _click(self, place: tuple[float, float]) -> None:
        cell = _cell(place, self._order, self._levels.values.shape[1])
        if cell[0] >= 0:
            self.clicked.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair, click, zoom."""
        units, steps = self._levels.values.shape
        key = Qt.Key(event.key())
        if not units or not steps:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._step_crosshair(key, event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and min(self._at) >= 0:
            self.clicked.emit(*self._at)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.view.scale_by(0.5)
        elif key == Qt.Key.Key_Minus:
            self.canvas.view.scale_by(2.0)
        else:
            super().keyPressEvent(event)

    def _step_crosshair(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        units, steps = self._levels.values.shape
        far = 10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        rows, columns = (far * by for by in _ARROWS[key])
        row = min(max(max(self._row_of(self._at[0]), 0) + rows, 0), units - 1)
        cell = int(self._order[row]), min(max(max(self._at[1], 0) + columns, 0), steps - 1)
        self.set_crosshair(*cell)
        self.value_hovered.emit(*cell)

    # ------------------------------------------------------------------ numbers

    def table(self) -> Table:
        """One row per step: its number, its label, and every unit's value."""
        units = len(self._levels.values)
        header = ["step", "label", *(f"unit {unit}" for unit in range(units))]
        return header, _rows(self._levels.values, self._labels)


def _cell(place: tuple[float, float] | None, order: np.ndarray, steps: int) -> tuple[int, int]:
    """Unit and step at a place on the plot, −1 and −1 outside."""
    if place is None:
        return -1, -1
    step, row = math.floor(place[0] + 0.5), math.floor(place[1] + 0.5)
    inside = 0 <= step < steps and 0 <= row < len(order)
    return (int(order[row]), step) if inside else (-1, -1)


def _rows(values: np.ndarray, labels: Sequence[str]) -> Iterator[list[object]]:
    for step, column in enumerate(values.T):
        label = labels[step] if step < len(labels) else ""
        yield [step, label, *(float(value) for value in column)]
