"""The fan of quantiles around a forecast."""

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from workbench.views.plots.canvas import Canvas
from workbench.views.theme import colour

Quantiles = Mapping[str, Sequence[float | None]]


class Fan:
    """Bands between pairs of quantiles, the widest the palest."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._bands: list[QGraphicsPathItem] = []

    def draw(self, x: np.ndarray, quantiles: Quantiles) -> list[np.ndarray]:
        """Draw the bands over ``x``; returns their bounds, for the axis to hold."""
        for band in self._bands:
            self._canvas.removeItem(band)
        self._bands, bounds = [], []
        for low, high, _ in intervals(quantiles):
            both = min(len(x), len(low), len(high))
            keep = np.isfinite(low[:both]) & np.isfinite(high[:both])
            band = QGraphicsPathItem(_path(x[:both][keep], low[:both][keep], high[:both][keep]))
            band.setPen(Qt.PenStyle.NoPen)
            band.setBrush(colour("series_1", 0.18))
            band.setZValue(-3)
            self._canvas.addItem(band, ignoreBounds=True)
            self._bands.append(band)
            bounds += [low, high]
        return bounds


def finite_numbers(values: Sequence[float | None]) -> np.ndarray:
    """Values as float64 ``(n,)``, NaN for None and infinities."""
    found = np.array([np.nan if value is None else value for value in values], float)
    found[~np.isfinite(found)] = np.nan
    return found


def intervals(quantiles: Quantiles) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Pair the lowest level with the highest, and so on inwards: lower, upper, share between."""
    levels = sorted(quantiles, key=float)
    pairs = zip(levels[: len(levels) // 2], levels[::-1], strict=False)
    return [
        (finite_numbers(quantiles[low]), finite_numbers(quantiles[high]), float(high) - float(low))
        for low, high in pairs
    ]


def _path(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> QPainterPath:
    path = QPainterPath()
    if len(x):
        points = [QPointF(a, b) for a, b in zip(x.tolist(), low.tolist(), strict=True)]
        back = zip(x[::-1].tolist(), high[::-1].tolist(), strict=True)
        points += [QPointF(a, b) for a, b in back]
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    return path
