"""Units × time as colours: states and gates of a recurrent network over a sequence."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGraphicsRectItem, QHBoxLayout, QWidget

from workbench.views.numbers import grouped, isolated, one_symbol
from workbench.views.palette import Palette
from workbench.views.plots.axes import RowAxis, StepAxis
from workbench.views.plots.canvas import make_plot, pen
from workbench.views.plots.colour_bar import ColourBar
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.raster import Levels, Scale, choose_scale
from workbench.views.theme import colormap

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
        self._steps_axis, self._rows_axis = StepAxis(), RowAxis()
        body = QWidget(self)
        self.canvas = make_plot(
            body, f"{self.objectName()}_plot", bottom=self._steps_axis, left=self._rows_axis
        )
        self.canvas.set_grid(y=False)
        self.canvas.view.invertY(True)
        self.image_item = pg.ImageItem()
        self.canvas.addItem(self.image_item)
        self._across, self._down = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=90)
        self._row_mark = QGraphicsRectItem()
        for item in (self._across, self._down, self._row_mark):
            item.setVisible(False)
            self.canvas.addItem(item, ignoreBounds=True)
        self.bar = ColourBar(self.canvas, body)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.bar)
        self.log_button = self.row.add_toggle(
            "log", self.tr("log"),
            self.tr("Logarithmic colours: small values become visible beside large ones"),
            self.set_log,
        )  # fmt: skip
        self._connect()
        self.set_titles(self.tr("step"), self.tr("unit"))
        self.set_picture(body)

    def _connect(self) -> None:
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.canvas.zoomed.connect(self.schedule)
        self.canvas.resized.connect(self.schedule)

    # ------------------------------------------------------------------ what is shown

    def set_data(
        self,
        values: np.ndarray,
        labels: Sequence[str] = (),
        kind: str = "signed",
        title: str | None = None,
        *,
        limit: float | None = None,
    ) -> None:
        """Show a matrix.

        Args:
            values: Any float, ``(units, steps)``.
            labels: One text per step (symbol, date); none numbers the steps.
            kind: ``gate`` (0…1), ``signed`` (−limit…limit) or ``log`` (positive values).
            title: Name of the quantity; None keeps the one there is.
            limit: Largest size of signed values; None takes 1, or a round number above the data.

        Raises:
            ValueError: Where values are not a matrix, or the kind is another.
        """
        values = np.asarray(values)
        if values.ndim != 2:
            raise ValueError(f"values have {values.ndim} dimensions; a heatmap needs 2")
        same = values.shape == self._levels.values.shape
        self._levels = Levels(values)
        self._kind, self._limit = kind, limit
        self.log_button.setVisible(kind != "log")
        if not same:
            self._order = np.arange(len(values))
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
        self.set_empty("" if values.size else self.tr("No values yet."))
        self.bar.set_scale(self._scale(), bool(np.isnan(self._levels.values).any()))
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

    def set_log(self, log: bool) -> None:
        """Use logarithmic colours."""
        self._log = log
        self.log_button.setChecked(log)
        self.bar.set_scale(self._scale(), bool(np.isnan(self._levels.values).any()))
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
        return choose_scale(self._levels.values, self._kind, self._limit, log=self._log)

    def _name_rows(self) -> None:
        self._rows_axis.set_names([str(unit) for unit in self._order])

    # ------------------------------------------------------------------ drawing

    def redraw(self) -> None:
        """Bring the visible part down to the pixels there are, as colour-table entries."""
        units, steps = self._levels.values.shape
        if not units or not steps:
            return
        width, height = self.canvas.plot_size()
        most = round(width * self.devicePixelRatioF()), round(height * self.devicePixelRatioF())
        first, last = self._visible_steps(steps, most[0])
        cells, (rows, columns) = self._levels.window(self._order, (first, last), most[::-1])
        entries = self.scale.entries(cells)
        self.image_item.setImage(
            entries, levels=(0, 255), lut=colormap(self.scale.colours), autoLevels=False
        )
        start = first // columns * columns
        self.image_item.setRect(
            QRectF(start - 0.5, -0.5, entries.shape[1] * columns, entries.shape[0] * rows)
        )

    def _visible_steps(self, steps: int, pixels: int) -> tuple[int, int]:
        if steps <= pixels:
            return 0, steps
        low, high = self.canvas.shown_x()
        margin = (high - low) / 2
        first = min(max(0, math.floor(low - margin)), steps - 1)
        return first, max(first + 1, min(steps, math.ceil(high + margin)))

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        for line in (self._across, self._down):
            line.setPen(pen("text", 1, 0.7))
        self._row_mark.setPen(pen("accent"))
        self.bar.update()
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show every unit and step."""
        units, steps = self._levels.values.shape
        if units and steps:
            self.canvas.view.setLimits(
                xMin=-0.5, xMax=steps - 0.5, yMin=-0.5, yMax=units - 0.5, minXRange=min(4, steps),
                minYRange=min(2, units),
            )  # fmt: skip
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
        return int(np.flatnonzero(self._order == unit)[0])

    def _place_crosshair(self) -> None:
        unit, step = self._at
        self._across.setVisible(unit >= 0)
        self._down.setVisible(step >= 0)
        if unit >= 0:
            self._across.setPos(self._row_of(unit))
        if step >= 0:
            self._down.setPos(step)
        self._row_mark.setVisible(self._marked >= 0)
        if self._marked >= 0:
            steps = self._levels.values.shape[1]
            self._row_mark.setRect(-0.5, self._row_of(self._marked) - 0.5, steps, 1)

    def _tell_value(self) -> None:
        unit, step = self._at
        parts = []
        if unit >= 0:
            parts.append(self.tr("unit {0}").format(unit))
        if step >= 0:
            parts.append(self.tr("step {0}").format(grouped(step)))
            if step < len(self._labels):
                parts.append(isolated(one_symbol(self._labels[step])))
        value = self.value_at(unit, step) if unit >= 0 and step >= 0 else math.nan
        if unit >= 0 and step >= 0:
            parts.append(grouped(value, 4))
        self.bar.set_value(value)
        self.set_readout(" · ".join(parts))

    def _cell(self, place: tuple[float, float] | None) -> tuple[int, int]:
        units, steps = self._levels.values.shape
        if place is None:
            return -1, -1
        step, row = math.floor(place[0] + 0.5), math.floor(place[1] + 0.5)
        if 0 <= step < steps and 0 <= row < units:
            return int(self._order[row]), step
        return -1, -1

    def _hover(self, place: tuple[float, float] | None) -> None:
        cell = self._cell(place)
        if cell != self._at:
            self.set_crosshair(*cell)
            self.value_hovered.emit(*cell)

    def _click(self, place: tuple[float, float]) -> None:
        cell = self._cell(place)
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
        rows, columns = _ARROWS[key]
        far = 10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        row = self._row_of(self._at[0]) if self._at[0] >= 0 else 0
        row = min(max(row + rows * far, 0), units - 1)
        step = min(max(max(self._at[1], 0) + columns * far, 0), steps - 1)
        cell = int(self._order[row]), step
        self.set_crosshair(*cell)
        self.value_hovered.emit(*cell)

    # ------------------------------------------------------------------ numbers

    def table(self) -> Table:
        """One row per step: its number, its label, and every unit's value."""
        units = len(self._levels.values)
        return (["step", "label", *(f"unit {unit}" for unit in range(units))], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for step, column in enumerate(self._levels.values.T):
            label = self._labels[step] if step < len(self._labels) else ""
            yield [step, label, *(float(value) for value in column)]
