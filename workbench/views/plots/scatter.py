"""Points in groups, each group in its colour; a click tells which point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from workbench.views.colormaps import HIGHEST, LOWEST
from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.axes import PlainAxis
from workbench.views.plots.canvas import drawable, make_plot, pen
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.theme import colormap, colour

_REACH_PX = 9.0


@dataclass(frozen=True, eq=False)
class Group:
    """Points of one colour.

    Attributes:
        name: In the legend.
        x: ``(n,)``.
        y: ``(n,)``.
        names: What each point is, for the read-out; may be empty.
        mark: ``o``, ``x``, ``+``, ``s`` or ``t`` (a triangle).
        size: In pixels.
        tone: Palette colour; empty takes the next of the series.
        shade: Place of each point in the sequential colours, 0…1 ``(n,)``; None takes the tone.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    names: Sequence[str] = ()
    mark: str = "o"
    size: float = 7.0
    tone: str = ""
    shade: np.ndarray | None = None


class Scatter(PictureFrame):
    """A scatter plot; points that are not numbers are left out.

    Attributes:
        point_clicked: Group and point of a click.
    """

    point_clicked = Signal(int, int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "scatter")
        self._groups: tuple[Group, ...] = ()
        self._items: list[pg.ScatterPlotItem] = []
        self._lines: list[tuple[pg.PlotDataItem, np.ndarray, np.ndarray]] = []
        self._bounds: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._equal = False
        self._chosen = (-1, -1)
        self._bottom, self._left = PlainAxis("bottom"), PlainAxis("left")
        self.canvas = make_plot(
            self, f"{self.objectName()}_plot", bottom=self._bottom, left=self._left
        )
        self.canvas.set_grid(x=True, y=True)
        self._mark = pg.ScatterPlotItem(size=15, symbol="o", pxMode=True)
        self._mark.setZValue(10)
        self.canvas.addItem(self._mark, ignoreBounds=True)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)

    # ------------------------------------------------------------------ what is shown

    def set_titles(self, x: str, y: str) -> None:
        """Name the axes."""
        self._bottom.set_title(x)
        self._left.set_title(y)

    def set_equal_scales(self) -> None:
        """A step in x is as long as one in y, as in a plane of complex numbers."""
        self._equal = True
        self.canvas.view.setAspectLocked(True)

    def set_groups(
        self,
        groups: Sequence[Group],
        bounds: tuple[tuple[float, float], tuple[float, float]] | None = None,
    ) -> None:
        """Show points.

        Args:
            groups: Drawn one over the other.
            bounds: What is shown of x and y; None fits all points.
        """
        for item in self._items:
            self.canvas.removeItem(item)
        shapes = [(len(group.x), group.name) for group in groups]
        other = shapes != [(len(group.x), group.name) for group in self._groups]
        self._groups, self._bounds = tuple(groups), bounds
        self._items = []
        for group in groups:
            item = pg.ScatterPlotItem(pxMode=True, symbol=group.mark, size=group.size)
            keep = np.isfinite(group.x) & np.isfinite(group.y)
            item.setData(drawable(group.x)[keep], drawable(group.y)[keep])
            self.canvas.addItem(item, ignoreBounds=True)
            self._items.append(item)
        marks = {"o": "dots", "t": "triangle"}
        named = [
            LegendEntry(group.name, self._tone(place), marks.get(group.mark, "dots"))
            for place, group in enumerate(groups) if group.name
        ]  # fmt: skip
        self.set_legend(named if len(named) > 1 else [])
        self.set_empty("" if any(len(group.x) for group in groups) else self.tr("No points."))
        self._colour()
        if other:
            self._chosen = (-1, -1)
        if other or bounds is None:
            self.reset_view()
        self._place_mark()

    def set_line(self, x: np.ndarray, y: np.ndarray, tone: str = "border_strong") -> None:
        """Add a thin line behind the points, such as a diagonal or a circle."""
        line = self.canvas.add_line(tone)
        line.setData(x, y)
        self._lines.append((line, x, y))

    def clear_lines(self) -> None:
        """Take the thin lines away."""
        for line, _x, _y in self._lines:
            self.canvas.remove(line)
        self._lines = []

    def choose(self, group: int, point: int) -> None:
        """Ring a point; −1 rings none."""
        self._chosen = (group, point)
        self._place_mark()

    @property
    def chosen(self) -> tuple[int, int]:
        """Group and number of the ringed point, −1 where there is none."""
        return self._chosen

    def _place_mark(self) -> None:
        group, point = self._chosen
        shown = 0 <= group < len(self._groups) and 0 <= point < len(self._groups[group].x)
        self._mark.setVisible(shown)
        if shown:
            found = self._groups[group]
            self._mark.setData([float(found.x[point])], [float(found.y[point])])

    # ------------------------------------------------------------------ drawing

    def _tone(self, place: int) -> str:
        return self._groups[place].tone or f"series_{place % 6}"

    def _colour(self) -> None:
        for place, item in enumerate(self._items):
            group = self._groups[place]
            item.setPen(pen(self._tone(place), 1.5) if group.mark in ("x", "+") else None)
            if group.shade is None:
                item.setBrush(colour(self._tone(place), 0.65))
            else:
                item.setBrush(self._shades(group))
        self._mark.setPen(pen("text", 2))
        self._mark.setBrush(None)

    @staticmethod
    def _shades(group: Group) -> list[QColor]:
        assert group.shade is not None
        keep = np.isfinite(group.x) & np.isfinite(group.y)
        table = colormap("sequential")
        # The palest colours would vanish in the ground.
        places = LOWEST + (0.25 + 0.75 * group.shade[keep].clip(0, 1)) * (HIGHEST - LOWEST)
        return [QColor(*table[int(place)].tolist()) for place in places]

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._colour()
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show all points."""
        if self._bounds is not None:
            self.canvas.show_range(*self._bounds)
            return
        xs = np.concatenate([np.empty(0), *(drawable(g.x) for g in self._groups)])
        ys = np.concatenate([np.empty(0), *(drawable(g.y) for g in self._groups)])
        ranges = []
        for values in (xs, ys):
            finite = values[np.isfinite(values)]
            if not len(finite):
                return
            low, high = float(finite.min()), float(finite.max())
            room = 0.06 * (high - low) or 0.5
            ranges.append((low - room, high + room))
        self.canvas.show_range(*ranges)

    # ------------------------------------------------------------------ the hand

    def nearest(self, place: tuple[float, float]) -> tuple[int, int]:
        """Group and point nearest to a place in the plot's numbers, within reach; else −1, −1."""
        width, height = self.canvas.view.viewPixelSize()  # not rounded to whole pixels
        pixel = QPointF(width, height)
        best, found = _REACH_PX, (-1, -1)
        for number, group in enumerate(self._groups):
            if not len(group.x):
                continue
            x = (np.asarray(group.x, float) - place[0]) / pixel.x()
            y = (np.asarray(group.y, float) - place[1]) / pixel.y()
            far = np.hypot(x, y)
            far[~np.isfinite(far)] = np.inf
            point = int(far.argmin())
            if far[point] < best:
                best, found = float(far[point]), (number, point)
        return found

    def _hover(self, place: tuple[float, float] | None) -> None:
        number, point = (-1, -1) if place is None else self.nearest(place)
        self.canvas.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if point >= 0 else Qt.CursorShape.ArrowCursor
        )
        if point < 0:
            self.set_readout("")
            return
        group = self._groups[number]
        parts = [group.names[point]] if len(group.names) else [group.name]
        parts += [grouped(float(group.x[point])), grouped(float(group.y[point]))]
        self.set_readout(" · ".join(part for part in parts if part))

    def _click(self, place: tuple[float, float]) -> None:
        number, point = self.nearest(place)
        if point >= 0:
            self.choose(number, point)
            self.point_clicked.emit(number, point)

    def table(self) -> Table:
        """One row per point."""
        return (["group", "point", "x", "y"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for group in self._groups:
            for point, (x, y) in enumerate(zip(group.x, group.y, strict=True)):
                name = group.names[point] if len(group.names) else point
                yield [group.name, name, float(x), float(y)]
