"""Long columns of numbers brought down to what a screen can show, without losing a spike."""

import numpy as np

BLOCK = 64


def minimum_maximum(x: np.ndarray, y: np.ndarray, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep the lowest and the highest value of every bucket of neighbours.

    Args:
        x: Places ``(n,)``, rising.
        y: Values ``(n,)``; NaN is passed over where a bucket has a number.
        buckets: Buckets wanted; the result has at most two points for each.

    Returns:
        Places and values, unchanged where they are few enough.
    """
    size = -(-len(x) // max(1, buckets))
    if size <= 2:
        return x, y
    starts = np.arange(0, len(y), size)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    out_x, out_y = np.empty(2 * len(starts)), np.empty(2 * len(starts))
    out_x[0::2] = out_x[1::2] = x[starts]
    out_x[1::2] += (x[np.minimum(starts + size - 1, len(x) - 1)] - x[starts]) / 2
    out_y[0::2], out_y[1::2] = low, high
    return out_x, out_y


def finite_range(
    values: np.ndarray, low: float = 0.1, high: float = 99.9
) -> tuple[float, float] | None:
    """Return the range that holds the finite values between two percentiles, None without any.

    With few values the extremes are kept; with many, single wild ones do not blow the axis up.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    if len(finite) > 20_000:
        finite = finite[:: len(finite) // 10_000]
    bottom, top = np.percentile(finite, (low, high))
    return float(bottom), float(top)


class GrowingColumn:
    """A column that is only ever appended to, with what drawing it at any zoom needs.

    Attributes:
        size: Numbers taken in so far.
    """

    def __init__(self) -> None:
        self.size = 0
        self._low = np.empty(256)
        self._high = np.empty(256)
        self._total = np.zeros(1024)
        self._count = np.zeros(1024)

    def follow(self, values: np.ndarray) -> None:
        """Take in what is new; starts again where the column became shorter.

        Args:
            values: The whole column ``(n,)``, whose start is as it was.
        """
        if len(values) < self.size:
            self.size = 0
        new = values[self.size :]
        if not len(new):
            return
        self._follow_blocks(values)
        self._follow_sums(new)
        self.size = len(values)

    def _follow_blocks(self, values: np.ndarray) -> None:
        done, full = self.size // BLOCK, len(values) // BLOCK
        if full <= done:
            return
        self._low = _room(self._low, full)
        self._high = _room(self._high, full)
        blocks = values[done * BLOCK : full * BLOCK].reshape(-1, BLOCK)
        self._low[done:full] = np.fmin.reduce(blocks, axis=1)
        self._high[done:full] = np.fmax.reduce(blocks, axis=1)

    def _follow_sums(self, new: np.ndarray) -> None:
        need = self.size + len(new) + 1
        self._total, self._count = _room(self._total, need), _room(self._count, need)
        finite = np.isfinite(new)
        place = slice(self.size + 1, need)
        self._total[place] = self._total[self.size] + np.cumsum(np.where(finite, new, 0.0))
        self._count[place] = self._count[self.size] + np.cumsum(finite)

    def extremes(
        self, values: np.ndarray, first: int, last: int, buckets: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and values of the lowest and highest of each bucket in ``[first, last)``.

        Args:
            values: The whole column ``(n,)``, as followed.
            first: First row.
            last: Row after the last.
            buckets: Buckets wanted.

        Returns:
            Rows (float64, fractional within a bucket) and values, two for each bucket.
        """
        rows = last - first
        if rows <= BLOCK * buckets:
            return minimum_maximum(np.arange(first, last, dtype=float), values[first:last], buckets)
        begin, end = first // BLOCK, last // BLOCK
        size = -(-(end - begin) // buckets)
        starts = np.arange(begin, end, size)
        low = np.fmin.reduceat(self._low[:end], starts)
        high = np.fmax.reduceat(self._high[:end], starts)
        x, y = np.empty(2 * len(starts)), np.empty(2 * len(starts))
        x[0::2] = starts * BLOCK
        x[1::2] = x[0::2] + size * BLOCK / 2
        y[0::2], y[1::2] = low, high
        tail = values[end * BLOCK : last]
        if len(tail):
            x = np.append(x, (end * BLOCK, last - 1))
            y = np.append(y, (np.fmin.reduce(tail), np.fmax.reduce(tail)))
        return x, y

    def moving_mean(self, rows: np.ndarray, width: int) -> np.ndarray:
        """Return the mean of the finite values among the last ``width`` up to each row.

        Args:
            rows: Row numbers ``(n,)``, integers.
            width: How many rows the mean reaches back, itself included.
        """
        upper = np.clip(rows.astype(int) + 1, 1, self.size)
        lower = np.maximum(upper - width, 0)
        counted = self._count[upper] - self._count[lower]
        total = self._total[upper] - self._total[lower]
        return np.divide(total, counted, out=np.full(len(rows), np.nan), where=counted > 0)


def _room(column: np.ndarray, need: int) -> np.ndarray:
    if need <= len(column):
        return column
    grown = np.zeros(max(need, 2 * len(column)))
    grown[: len(column)] = column
    return grown
