"""Whether several CPU threads still pay while a run goes on."""

from collections import deque
from statistics import median

from workbench.engine.devices import GAIN_NEEDED, set_threads

STRETCH = 5
"""Steps that are compared: their median."""
SLOWED = 1.5
"""Steps this many times longer than usual are a reason to look again."""
REST = 200
"""Steps left alone after a look that changed nothing."""


class ThreadWatch:
    """Looks again at the choice of threads where steps become slow.

    On a machine that others begin to use, two threads that wait for each other have been seen up
    to a thousand times slower than one. The run's own steps are timed: some with one thread
    against the slow ones before. Several threads are kept only where they are still
    ``GAIN_NEEDED`` times as fast.

    Args:
        threads: In use.
        free: Whether the program chose them; a number the user asked for stays.
    """

    def __init__(self, threads: int, *, free: bool) -> None:
        self.threads = threads
        self._watching = free and threads > 1
        self._recent: deque[float] = deque(maxlen=STRETCH)
        self._usual: float | None = None
        self._slow: float | None = None
        self._rest = 0

    def step(self, seconds: float) -> str:
        """Take note of a step; returns a sentence where the number of threads was changed."""
        if not self._watching:
            return ""
        if self._rest:
            self._rest -= 1
            return ""
        self._recent.append(seconds)
        if len(self._recent) < STRETCH:
            return ""
        now = median(self._recent)
        if self._slow is not None:
            return self._decide(self._slow, now)
        if self._usual is None:
            self._usual = now
            self._recent.clear()
        elif now > SLOWED * self._usual:
            self._slow = now
            self._recent.clear()
            set_threads(1)
        return ""

    def _decide(self, slow: float, alone: float) -> str:
        self._recent.clear()
        self._slow = None
        if alone >= slow * GAIN_NEEDED:
            set_threads(self.threads)
            self._usual, self._rest = slow, REST
            return ""
        before, self.threads = self.threads, 1
        self._watching = False
        return (
            f"One CPU thread from here on: steps had become slow, and {before} threads are only "
            f"{alone / slow:.2g} times as fast as one now."
        )
