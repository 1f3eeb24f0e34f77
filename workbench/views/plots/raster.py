"""Numbers of a heatmap to the 256 entries of a colour table, and many cells to few."""

import math
from dataclasses import dataclass

import numpy as np

from workbench.views.colormaps import HIGHEST, LOWEST, MISSING
from workbench.views.numbers import grouped

LOG_DECADES = 3
"""A gate's logarithmic colours reach down to a thousandth of its range."""
_FAST = 8
"""Steps that are pooled at a time into the next coarser level."""
_MANY = 200
"""From so many values on, the lowest hundredth does not widen a logarithmic range."""


@dataclass(frozen=True)
class Scale:
    """How values become colours.

    Attributes:
        low: Value of the first colour.
        high: Value of the last colour.
        diverging: Whether zero stands in the middle and has its own colour.
        log: Whether equal factors, not equal differences, get equal steps of colour.
    """

    low: float = 0.0
    high: float = 1.0
    diverging: bool = False
    log: bool = False

    @property
    def colours(self) -> str:
        """Name of the colour table."""
        return "diverging" if self.diverging else "sequential"

    def place(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie between low (0) and high (1), cut there; NaN stays NaN."""
        if not self.log:
            return np.clip((values - self.low) / (self.high - self.low), 0, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.diverging:
                smallest = self.high / 10**LOG_DECADES
                size = np.log10(1 + np.abs(values) / smallest) / np.log10(1 + 10**LOG_DECADES)
                return np.clip(0.5 + 0.5 * np.sign(values) * size, 0, 1)
            bottom, top = math.log10(self.low), math.log10(self.high)
            found = (np.log10(np.maximum(values, 0)) - bottom) / (top - bottom)
            return np.clip(found, 0, 1)

    def entries(self, values: np.ndarray) -> np.ndarray:
        """Return the entry of the colour table for each value, uint8, NaN as ``MISSING``."""
        found = self.place(values)
        found *= HIGHEST - LOWEST
        found += LOWEST + 0.5
        missing = np.isnan(found)
        if missing.any():
            found[missing] = MISSING
        return found.astype(np.uint8)

    def ticks(self) -> list[tuple[float, str]]:
        """Return places (0…1) and words for a colour bar."""
        if not self.log:
            values = np.linspace(self.low, self.high, 5)
        elif self.diverging:
            steps = [self.high / 10**power for power in range(LOG_DECADES)]
            values = np.array([-step for step in steps] + [0.0] + steps[::-1])
        else:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, (last - first) // 5)
            values = 10.0 ** np.arange(first, last + 1, every)
        places = self.place(values.astype(float))
        return [
            (float(place), grouped(float(value), 3))
            for place, value in zip(places, values, strict=True)
        ]


def choose_scale(
    values: np.ndarray, kind: str, limit: float | None = None, *, log: bool = False
) -> Scale:
    """Choose the range of a quantity; ranges are fixed or rounded, so that pictures compare.

    Args:
        values: What is to be drawn.
        kind: ``gate`` (0…1), ``signed`` (−limit…limit) or ``log`` (positive, wide).
        limit: Largest size of a signed value. None takes 1, or, where values are beyond it, the
            next of 2, 5, 10, 20 …
        log: Logarithmic colours for ``gate`` and ``signed`` too.

    Raises:
        ValueError: For another kind.
    """
    if kind == "gate":
        return Scale(10.0**-LOG_DECADES, 1.0, log=True) if log else Scale(0.0, 1.0)
    if kind == "signed":
        if limit is None:
            limit = rounded_up(_largest(values))
        return Scale(-limit, limit, diverging=True, log=log)
    if kind == "log":
        positive = values[np.isfinite(values) & (values > 0)]
        if not positive.size:
            return Scale(0.1, 1.0, log=True)
        top = math.ceil(math.log10(float(positive.max())) - 1e-9)
        least = np.percentile(positive, 1) if positive.size >= _MANY else positive.min()
        bottom = math.floor(math.log10(float(least)) + 1e-9)
        return Scale(10.0 ** max(min(bottom, top - 1), top - 12), 10.0**top, log=True)
    raise ValueError(f"kind is {kind!r}; it must be gate, signed or log")


def _largest(values: np.ndarray) -> float:
    """Largest size among finite values; 1 without any."""
    if values.size:
        size = max(float(values.max()), -float(values.min()))
        if math.isfinite(size):  # the usual case, without a copy
            return size
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 1.0


def rounded_up(size: float) -> float:
    """Return the first of 1, 2, 5, 10, 20 … that is at least ``size`` (but for rounding)."""
    if not math.isfinite(size) or size <= 1.0 + 1e-6:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= size * (1 - 1e-6))


def pool(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Bring ``size`` neighbours down to the one farthest from zero, sign kept.

    NaN gives way to any number. Pooling twice equals pooling once by the product.
    """
    if size <= 1:
        return values
    if axis == 1 and size == _FAST and values.shape[1] % size == 0:
        return _halved(values, size)
    along = values if axis == 0 else values.T
    whole = len(along) // size * size
    high = along[0:whole:size].copy()
    low = high.copy()
    for offset in range(1, size):  # ten times as fast as reduceat for the few neighbours there are
        np.fmax(high, along[offset:whole:size], out=high)
        np.fmin(low, along[offset:whole:size], out=low)
    found = np.where(-low > high, low, high)
    if whole < len(along):
        rest = along[whole:]
        high, low = np.fmax.reduce(rest), np.fmin.reduce(rest)
        found = np.concatenate((found, np.where(-low > high, low, high)[None]))
    return found if axis == 0 else found.T


def _halved(values: np.ndarray, size: int) -> np.ndarray:
    """``pool`` along time by a power of two: neighbours in memory are compared, half after half."""
    clean = not np.isnan(values.max(initial=0.0))
    larger, smaller = (np.maximum, np.minimum) if clean else (np.fmax, np.fmin)
    high = larger(values[:, 0::2], values[:, 1::2])
    low = smaller(values[:, 0::2], values[:, 1::2])
    while size > 2:
        high = larger(high[:, 0::2], high[:, 1::2])
        low = smaller(low[:, 0::2], low[:, 1::2])
        size //= 2
    np.copyto(high, low, where=-low > high)
    return np.asfortranarray(high)  # steps lie beside each other for the next pooling


class Levels:
    """A matrix and its poolings along time, made when first asked for.

    Attributes:
        values: float32 ``(units, steps)``.
    """

    def __init__(self, values: np.ndarray) -> None:
        self.values = np.ascontiguousarray(values, dtype=np.float32)
        self._pooled = {(1, 1): self.values}

    def window(
        self, rows: np.ndarray, steps: tuple[int, int], most: tuple[int, int]
    ) -> tuple[np.ndarray, tuple[int, int]]:
        """Return a part of the matrix with at most so many cells.

        Args:
            rows: Units, in the order of the picture.
            steps: First step and step after the last.
            most: Largest number of rows and columns of the result.

        Returns:
            float32 cells, and how many units and steps one cell stands for. The first cell
            starts at the first step rounded down to a multiple of the latter.
        """
        width = max(1, -(-(steps[1] - steps[0]) // max(1, most[1])))
        base = 1
        while base * 8 <= width:
            base *= 8
        if base > 1:
            width = -(-width // base) * base
        height = max(1, -(-len(rows) // max(1, most[0])))
        first, last = steps[0] // width * width // base, -(-steps[1] // base)
        if np.array_equal(rows, np.arange(len(self.values))):
            found = self._level(base, height)[:, first:last]
            return pool(found, width // base, axis=1), (height, width)
        found = pool(self._level(base)[:, first:last][rows], width // base, axis=1)
        return pool(found, height, axis=0), (height, width)

    def _level(self, base: int, height: int = 1) -> np.ndarray:
        """Poolings of ``base`` steps, and of ``height`` units where they stand in order."""
        if (base, height) not in self._pooled:
            whole = self._level(base) if height > 1 else self._level(base // 8)
            made = pool(whole, height, axis=0) if height > 1 else pool(whole, 8, axis=1)
            self._pooled[base, height] = made
        return self._pooled[base, height]
