"""The crosshair of a heatmap, and the frame around the chosen unit's row."""

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsRectItem

from workbench.views.plots.canvas import Canvas, pen


class Crosshair:
    """Two lines through a cell, and a frame around one row."""

    def __init__(self, canvas: Canvas) -> None:
        self._across, self._down = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=90)
        self._frame = QGraphicsRectItem()
        for item in (self._across, self._down, self._frame):
            item.setVisible(False)
            canvas.addItem(item, ignoreBounds=True)

    def place(self, row: int, step: int) -> None:
        """Show the lines at a row and a step; a negative number hides that line."""
        self._across.setVisible(row >= 0)
        self._down.setVisible(step >= 0)
        if row >= 0:
            self._across.setPos(row)
        if step >= 0:
            self._down.setPos(step)

    def frame_row(self, row: int, steps: int) -> None:
        """Frame one row of so many steps; a negative row frames none."""
        self._frame.setVisible(row >= 0)
        if row >= 0:
            self._frame.setRect(-0.5, row - 0.5, steps, 1)

    def recolour(self) -> None:
        """Take the colours of the theme in use."""
        for line in (self._across, self._down):
            line.setPen(pen("text", 1, 0.7))
        self._frame.setPen(pen("accent"))
