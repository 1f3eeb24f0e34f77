"""Numbers of a heatmap to the 256 entries of a colour table, and many cells to few."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.views.colormaps import HIGHEST, LOWEST, MISSING
from workbench.views.numbers import grouped

LOG_DECADES = 3
"""A gate's logarithmic colours reach down to a thousandth of its range."""
_FAST = 8
"""Steps that are pooled at a time into the next coarser level."""
_BLOCK = 16
"""Steps of the coarser level that are made at a time."""
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
    along = values if axis == 0 else values.T
    whole = len(along) // size * size
    found = _of_neighbours([along[offset:whole:size] for offset in range(size)])
    if whole < len(along):
        rest = _of_neighbours([along[at : at + 1] for at in range(whole, len(along))])
        found = np.concatenate((found, rest))
    return found if axis == 0 else found.T


def _of_neighbours(neighbours: Sequence[np.ndarray]) -> np.ndarray:
    """The farthest from zero at each place of equal arrays; ten times as fast as ``reduceat``."""
    found = _farthest(*(_folded(neighbours, by) for by in (np.maximum, np.minimum)))
    if np.isnan(found.max(initial=0.0)):
        found = _farthest(*(_folded(neighbours, by) for by in (np.fmax, np.fmin)))
    return found


def _folded(neighbours: Sequence[np.ndarray], by: np.ufunc) -> np.ndarray:
    """Equal arrays brought down to one, in memory ordered as they are."""
    found = neighbours[0].copy(order="K")
    for values in neighbours[1:]:
        by(found, values, out=found)
    return found


def _farthest(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """The one of two numbers that lies farther from zero; the higher where both do.

    Both arrays are used up.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # infinite ones
        sign = high + low
    np.maximum(high, np.negative(low, out=low), out=high)
    return np.copysign(high, sign, out=high)


def _eighths(values: np.ndarray) -> np.ndarray:
    """``pool`` by 8 along the first axis, of rows that lie one after the other in memory.

    Eight neighbours are one long row, and its two halves are compared; a block of them stays in
    the processor's cache. Missing values are looked for in what comes out.
    """
    count = len(values) // _FAST
    length = _FAST * values.shape[1]
    rows = values[: count * _FAST].reshape(count, length)
    found = np.empty((-(-len(values) // _FAST), values.shape[1]), np.float32)
    for first in range(0, count, _BLOCK):
        block = rows[first : first + _BLOCK]
        made = _halved(block, np.maximum, np.minimum)
        if np.isnan(made.max(initial=0.0)):
            made = _halved(block, np.fmax, np.fmin)
        found[first : first + len(block)] = made
    if count < len(found):
        found[count:] = pool(values[count * _FAST :], _FAST, axis=0)
    return found


def _halved(rows: np.ndarray, larger: np.ufunc, smaller: np.ufunc) -> np.ndarray:
    """The farthest from zero of the eight equal parts of each row."""
    half = rows.shape[1] // 2
    high, low = (choose(rows[:, :half], rows[:, half:]) for choose in (larger, smaller))
    for _ in range(2):
        half //= 2
        high, low = larger(high[:, :half], high[:, half:]), smaller(low[:, :half], low[:, half:])
    return _farthest(high, low)


class Levels:
    """A matrix and its poolings along time, made when first asked for.

    Attributes:
        values: float32 ``(units, steps)``, a step's units beside each other in memory.

    Raises:
        ValueError: Where values are not a matrix.
    """

    def __init__(self, values: np.ndarray) -> None:
        if values.ndim != 2:
            raise ValueError(f"values have {values.ndim} dimensions; a heatmap needs 2")
        self.values = np.ascontiguousarray(values.T, dtype=np.float32).T
        self._pooled = {(1, 1): self.values}

    @cached_property
    def missing(self) -> bool:
        """Whether a value is missing."""
        return bool(np.isnan(self.values.max(initial=0.0)))

    def prepared(self) -> "Levels":
        """Look through every value once, as a worker may do; drawing is quick from then on."""
        self.farthest()
        _ = self.missing
        return self

    def farthest(self) -> np.ndarray:
        """Return fewer values with the same largest size, float32 ``(units, n)``."""
        return self._level(_FAST)

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
        while base * _FAST <= width:
            base *= _FAST
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
            if height > 1:
                made = pool(self._level(base), height, axis=0)
            else:
                made = _eighths(self._level(base // _FAST).T).T
            self._pooled[base, height] = made
        return self._pooled[base, height]
