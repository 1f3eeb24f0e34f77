"""One column of a run over its steps, ready to be drawn at any zoom."""

import numpy as np

from workbench.views.plots.decimate import GrowingColumn


class RunColumn:
    """Follows a column of a history that grows while the run goes on.

    Taking in new values and drawing cost the same after ten hours as after ten seconds.
    """

    def __init__(self) -> None:
        self._steps = np.empty(0)
        self._values = np.empty(0)
        self._grown = GrowingColumn()

    def follow(self, steps: np.ndarray, values: np.ndarray) -> None:
        """Take in what is new.

        Args:
            steps: Step numbers ``(n,)``, rising.
            values: Value at each ``(n,)``.
        """
        known = self._grown.size
        if known and (len(steps) < known or steps[known - 1] != self._steps[-1]):
            self._grown = GrowingColumn()
        self._steps, self._values = steps, values
        self._grown.follow(values)

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def steps(self) -> np.ndarray:
        """Step numbers ``(n,)``."""
        return self._steps

    @property
    def values(self) -> np.ndarray:
        """Value at each step ``(n,)``."""
        return self._values

    def _rows(self, shown: tuple[float, float]) -> tuple[int, int]:
        first = int(np.searchsorted(self._steps, shown[0], side="left"))
        last = int(np.searchsorted(self._steps, shown[1], side="right"))
        return max(0, first - 1), min(len(self._steps), last + 1)

    def extremes(self, shown: tuple[float, float], pixels: int) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and values of the lowest and highest of each pixel.

        Args:
            shown: First and last step shown.
            pixels: Pixels there are for them.
        """
        first, last = self._rows(shown)
        if last <= first:
            return np.empty(0), np.empty(0)
        rows, values = self._grown.extremes(self._values, first, last, pixels)
        return self._steps[np.minimum(rows.astype(int), len(self._steps) - 1)], values

    def moving_mean(
        self, shown: tuple[float, float], pixels: int, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and, at each, the mean of the last ``width`` finite values.

        Args:
            shown: First and last step shown.
            pixels: Points wanted at most.
            width: Steps the mean reaches back.
        """
        first, last = self._rows(shown)
        if last <= first:
            return np.empty(0), np.empty(0)
        rows = np.unique(np.linspace(first, last - 1, min(pixels, last - first)).astype(int))
        return self._steps[rows], self._grown.moving_mean(rows, width)

    def at(self, step: float) -> float:
        """The value at the step nearest to one given; NaN without any."""
        if not len(self._steps):
            return float("nan")
        row = int(np.clip(np.searchsorted(self._steps, step), 1, len(self._steps) - 1))
        near = row - (abs(self._steps[row - 1] - step) <= abs(self._steps[row] - step))
        return float(self._values[near if len(self._steps) > 1 else 0])
