"""The visible part of a matrix, brought to the screen."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from workbench.views.plots.canvas import Canvas
from workbench.views.plots.raster import Levels, Scale
from workbench.views.theme import colormap


def draw(
    image: pg.ImageItem,
    canvas: Canvas,
    levels: Levels,
    order: np.ndarray,
    scale: Scale,
    dots: float,
) -> None:
    """Draw what a canvas shows of a matrix, with at most one cell per dot of the screen.

    Args:
        image: Item on the canvas.
        canvas: Where it is.
        levels: The matrix, not empty.
        order: Units from the top.
        scale: How values become colours.
        dots: Dots of the screen in a pixel.
    """
    steps = levels.values.shape[1]
    width, height = (round(size * dots) for size in canvas.plot_size())
    first, last = _reach(canvas.shown_x(), steps, width)
    cells, (rows, columns) = levels.window(order, (first, last), (height, width))
    entries = scale.entries(cells)
    image.setImage(entries, levels=(0, 255), lut=colormap(scale.colours), autoLevels=False)
    start = first // columns * columns
    image.setRect(QRectF(start - 0.5, -0.5, entries.shape[1] * columns, entries.shape[0] * rows))


def _reach(shown: tuple[float, float], steps: int, pixels: int) -> tuple[int, int]:
    """First step and step after the last to draw: what is shown and some beside it."""
    if steps <= pixels:
        return 0, steps
    margin = (shown[1] - shown[0]) / 2
    first = min(max(0, math.floor(shown[0] - margin)), steps - 1)
    return first, max(first + 1, min(steps, math.ceil(shown[1] + margin)))
