"""Bars beside or on top of each other; a click tells which bar."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.axes import PlainAxis, StepAxis
from workbench.views.plots.canvas import drawable, make_plot, pen
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.theme import colour


class Bars(PictureFrame):
    """Named bars, each of one or several stacked parts.

    Attributes:
        bar_clicked: Number of the bar.
        bar_hovered: Number of the bar under the pointer, −1 for none.
    """

    bar_clicked = Signal(int)
    bar_hovered = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "bars")
        self._values = np.empty((0, 0))
        self._parts: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._tones: tuple[str, ...] = ()
        self._shaded = False
        self._items: list[pg.BarGraphItem] = []
        self._chosen = -1
        self._bottom, self._left = StepAxis(), PlainAxis("left")
        self.canvas = make_plot(
            self, f"{self.objectName()}_plot", bottom=self._bottom, left=self._left
        )
        self._mark = pg.BarGraphItem(x=[0], height=[0], width=0.96)
        self._mark.setZValue(10)
        self.canvas.addItem(self._mark, ignoreBounds=True)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)

    def set_titles(self, x: str, y: str) -> None:
        """Name the axes."""
        self._bottom.set_title(x)
        self._left.set_title(y)

    def set_bars(
        self,
        values: np.ndarray,
        names: Sequence[str],
        parts: Sequence[str] = (),
        *,
        shaded: bool = False,
    ) -> None:
        """Show bars.

        Args:
            values: ``(bars,)``, or ``(parts, bars)`` stacked from below.
            names: One per bar.
            parts: One per part, for the legend.
            shaded: Whether parts are one colour, from strong to pale, because they have an order.
        """
        given = np.atleast_2d(np.nan_to_num(drawable(np.asarray(values, float))))
        other = given.shape != self._values.shape or tuple(names) != self._names
        self._values, self._names = given, tuple(names)
        self._parts, self._shaded = tuple(parts), shaded
        self._bottom.set_labels(self._names)
        entries = [
            LegendEntry(part, self._tone(place), "area" if not shaded else "none")
            for place, part in enumerate(parts)
        ]
        self.set_legend(entries if len(parts) > 1 and not shaded else [])
        self.set_empty("" if given.size else self.tr("Nothing to draw."))
        if other:
            self._chosen = -1
        self._draw()
        self.reset_view()

    def choose(self, bar: int) -> None:
        """Frame a bar; −1 frames none."""
        self._chosen = bar if 0 <= bar < len(self._names) else -1
        self._place_mark()

    def _tone(self, place: int) -> str:
        return "series_0" if self._shaded else f"series_{place % 6}"

    def _draw(self) -> None:
        for item in self._items:
            self.canvas.removeItem(item)
        self._items = []
        x = np.arange(self._values.shape[1])
        base = np.zeros(len(x))
        for heights in self._values:
            item = pg.BarGraphItem(x=x, y0=base, height=heights, width=0.9)
            self.canvas.addItem(item, ignoreBounds=True)
            self._items.append(item)
            base = base + heights
        self._colour()
        self._place_mark()

    def _colour(self) -> None:
        count = max(len(self._items), 1)
        for place, item in enumerate(self._items):
            alpha = 1.0 - 0.85 * place / count if self._shaded else 0.9
            item.setOpts(brush=colour(self._tone(place), alpha), pen=None)

    def _place_mark(self) -> None:
        shown = 0 <= self._chosen < self._values.shape[1]
        self._mark.setVisible(shown)
        if shown:
            height = float(self._values[:, self._chosen].sum())
            self._mark.setOpts(x=[self._chosen], height=[height], brush=None, pen=pen("text", 1.5))

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._colour()
        self._place_mark()
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show every bar."""
        bars = self._values.shape[1]
        total = self._values.sum(axis=0)
        high, low = float(max(total.max(initial=0.0), 0)), float(min(total.min(initial=0.0), 0))
        room = 0.06 * (high - low) or 0.5
        below = low - room if low < 0 else 0.0
        self.canvas.show_range((-0.6, max(bars, 1) - 0.4), (below, high + room))

    def bar_at(self, place: tuple[float, float] | None) -> int:
        """Number of the bar at a place in the plot's numbers, −1 for none."""
        if place is None:
            return -1
        bar = math.floor(place[0] + 0.5)
        return bar if 0 <= bar < len(self._names) else -1

    def _hover(self, place: tuple[float, float] | None) -> None:
        bar = self.bar_at(place)
        self.canvas.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if bar >= 0 else Qt.CursorShape.ArrowCursor
        )
        self.bar_hovered.emit(bar)
        if bar < 0:
            self.set_readout("")
            return
        values = self._values[:, bar]
        if len(values) == 1 or not self._parts:
            words = [grouped(float(values.sum()))]
        else:
            words = [f"{n} {grouped(float(v))}" for n, v in zip(self._parts, values, strict=True)]
        self.set_readout(" · ".join([self._names[bar], *words]))

    def _click(self, place: tuple[float, float]) -> None:
        bar = self.bar_at(place)
        if bar >= 0:
            self.choose(bar)
            self.bar_clicked.emit(bar)

    def table(self) -> Table:
        """One row per bar."""
        return (["bar", *(self._parts or ("value",))], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for bar, name in enumerate(self._names):
            yield [name, *(float(value) for value in self._values[:, bar])]
