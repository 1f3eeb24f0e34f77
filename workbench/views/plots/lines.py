"""Several named lines over one axis, with bands around them where there are any."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

_SMALLEST = 1e-30


@dataclass(frozen=True, eq=False)
class Line:
    """One line.

    Attributes:
        name: In the legend; empty has no entry.
        x: ``(n,)``; NaN begins anew.
        y: ``(n,)``.
        low: Lower edge of a band ``(n,)``, or None.
        high: Upper edge, or None.
        dashed: Whether it is a comparison rather than a measurement.
        tone: Palette colour; empty takes the next of the series.
        alpha: Opacity, 0 to 1.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    dashed: bool = False
    tone: str = ""
    alpha: float = 1.0


class Lines(PictureFrame):
    """Lines, their bands, and a level that can be dragged.

    Attributes:
        hovered: Place on the x axis under the pointer; None when it left.
        clicked: Place on the x axis of a click.
        level_dragged: New height of the level.
    """

    hovered = Signal(object)
    clicked = Signal(float)
    level_dragged = Signal(float)

    def __init__(
        self, title: str = "", parent: QWidget | None = None, name: str = "", *,
        labelled: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(title, parent, name or "lines")
        self._lines: tuple[Line, ...] = ()
        self._curves: list[pg.PlotDataItem] = []
        self._bands: list[tuple[pg.FillBetweenItem, str]] = []
        self._log = False
        self._bounds: tuple[float, float] | None = None
        self._bottom = StepAxis() if labelled else PlainAxis("bottom")
        self._left = PlainAxis("left")
        self.canvas = make_plot(
            self, f"{self.objectName()}_plot", bottom=self._bottom, left=self._left
        )
        self._cross = pg.InfiniteLine(angle=90)
        self._level = pg.InfiniteLine(angle=0, movable=True)
        for item in (self._cross, self._level):
            item.setVisible(False)
            self.canvas.addItem(item, ignoreBounds=True)
        self._level.sigDragged.connect(self._tell_level)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.reset_asked.connect(self.reset_view)
        self.set_picture(self.canvas)

    def set_titles(self, x: str, y: str) -> None:
        """Name the axes."""
        self._bottom.set_title(x)
        self._left.set_title(y)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Name the steps of the x axis (only where the picture is ``labelled``)."""
        if isinstance(self._bottom, StepAxis):
            self._bottom.set_labels(tuple(labels))

    def set_log(self, log: bool) -> None:
        """Draw heights on a logarithmic axis; what is not above 0 is left out."""
        if log != self._log:
            self._log = log
            self._left.setLogMode(log)
            self._draw()
            self.reset_view()

    def set_lines(self, lines: Sequence[Line], bounds: tuple[float, float] | None = None) -> None:
        """Show lines.

        Args:
            lines: Drawn one over the other.
            bounds: Lowest and highest value shown; None fits them.
        """
        spans = [(len(line.x), line.name) for line in lines]
        other = spans != [(len(line.x), line.name) for line in self._lines]
        other |= bounds is None or bounds != self._bounds
        self._lines, self._bounds = tuple(lines), bounds
        self._draw()
        named = [
            LegendEntry(line.name, self._tone(place), "dashed" if line.dashed else "line")
            for place, line in enumerate(lines) if line.name
        ]  # fmt: skip
        self.set_legend(named if len(named) > 1 else [])
        self.set_empty("" if any(len(line.x) for line in lines) else self.tr("Nothing to draw."))
        if other:
            self.reset_view()

    def set_level(self, height: float | None) -> None:
        """Show a level that can be dragged; None hides it."""
        self._level.setVisible(height is not None)
        if height is not None and height != self._level.value():
            self._level.setPos(height)

    def set_cross(self, x: float | None) -> None:
        """Mark a place on the x axis; None marks none."""
        self._cross.setVisible(x is not None)
        if x is not None:
            self._cross.setPos(x)

    # ------------------------------------------------------------------ drawing

    def _tone(self, place: int) -> str:
        return self._lines[place].tone or f"series_{place % 6}"

    def _heights(self, values: np.ndarray) -> np.ndarray:
        given = drawable(values)
        if not self._log:
            return given
        return np.log10(np.where(given > _SMALLEST, given, np.nan))

    def _draw(self) -> None:
        for curve in self._curves:
            self.canvas.remove(curve)
        for band, _tone in self._bands:
            self.canvas.removeItem(band)
        self._curves, self._bands = [], []
        for place, line in enumerate(self._lines):
            tone = self._tone(place)
            if line.low is not None and line.high is not None:
                edges = [pg.PlotDataItem(line.x, self._heights(e)) for e in (line.low, line.high)]
                band = pg.FillBetweenItem(*edges, brush=colour(tone, 0.18))
                self.canvas.addItem(band, ignoreBounds=True)
                self._bands.append((band, tone))
            style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
            width = 1.0 if len(self._lines) > 12 or len(line.x) > 5000 else 2.0
            pieces = bool(np.isnan(line.x).any())  # thinning needs a rising x
            curve = self.canvas.add_line(
                tone, width=width, alpha=line.alpha, style=style, thinned=pieces
            )
            curve.setData(np.asarray(line.x, float), self._heights(line.y))
            self._curves.append(curve)

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._cross.setPen(pen("text", 1, 0.7))
        self._level.setPen(pen("accent", 1.5, 1.0, Qt.PenStyle.DashLine))
        self._level.setHoverPen(pen("accent", 3))
        for band, tone in self._bands:
            band.setBrush(colour(tone, 0.18))
        super().theme_changed(palette)

    def reset_view(self) -> None:
        """Show every line."""
        xs = np.concatenate([np.empty(0), *(np.asarray(line.x, float) for line in self._lines)])
        if not len(xs):
            return
        self.canvas.show_range((float(np.nanmin(xs)) - 0.5, float(np.nanmax(xs)) + 0.5), None)
        if self._bounds is not None:
            low, high = self._heights(np.array(self._bounds))
            self.canvas.show_range(None, (float(low), float(high)))
            return
        edges = [
            edge for line in self._lines for edge in (line.y, line.low, line.high)
            if edge is not None
        ]  # fmt: skip
        self.canvas.fit_height(np.concatenate([self._heights(edge) for edge in edges]))

    # ------------------------------------------------------------------ the hand

    def _hover(self, place: tuple[float, float] | None) -> None:
        self.hovered.emit(None if place is None else place[0])
        if place is None:
            self.set_readout("")
            return
        parts = []
        for line in [line for line in self._lines if line.name][:6]:
            if len(line.x):
                at = int(np.nanargmin(np.abs(np.asarray(line.x, float) - place[0])))
                parts.append(f"{line.name} {grouped(float(line.y[at]))}".strip())
                if len(parts) == 1:
                    parts.insert(0, grouped(float(line.x[at])))
        self.set_readout(" · ".join(parts))

    def _click(self, place: tuple[float, float]) -> None:
        self.clicked.emit(place[0])

    def _tell_level(self) -> None:
        self.level_dragged.emit(float(self._level.value()))

    def table(self) -> Table:
        """One row per point of each line."""
        return (["line", "x", "y", "low", "high"], self._rows())

    def _rows(self) -> Iterator[list[object]]:
        for line in self._lines:
            for at in range(len(line.x)):
                low = "" if line.low is None else float(line.low[at])
                high = "" if line.high is None else float(line.high[at])
                yield [line.name, float(line.x[at]), float(line.y[at]), low, high]
