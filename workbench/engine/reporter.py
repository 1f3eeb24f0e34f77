"""Collects what single steps measure and reports it at most 20 times a second."""

from collections import deque

from workbench.engine.devices import clock
from workbench.engine.step import StepResult

INTERVAL_S = 0.05
_RECENT = 50


class Reporter:
    """Bundles steps into one event's worth of values."""

    def __init__(self) -> None:
        self._loss: list[float] = []
        self._norm: list[float] = []
        self._first = 0
        self._last_report = clock()
        self._recent: deque[tuple[float, int]] = deque(maxlen=_RECENT)

    def add(self, step: int, result: StepResult, duration_s: float) -> None:
        """Note one step (``step`` counts from 1)."""
        if not self._loss:
            self._first = step
        self._loss.append(result.loss)
        self._norm.append(result.gradient_norm)
        self._recent.append((duration_s, result.items))

    @property
    def due(self) -> bool:
        """Whether there is something to report and the time has come."""
        return bool(self._loss) and clock() - self._last_report >= INTERVAL_S

    @property
    def step_s(self) -> float:
        """Mean seconds of the recent steps."""
        if not self._recent:
            return 0.0
        return sum(duration for duration, _ in self._recent) / len(self._recent)

    def take(self) -> dict[str, object]:
        """The values of a ``StepsDone`` event since the last one."""
        seconds = sum(duration for duration, _ in self._recent) or 1e-9
        values: dict[str, object] = {
            "first_step": self._first,
            "loss": tuple(self._loss),
            "gradient_norm": tuple(self._norm),
            "step_s": self.step_s,
            "throughput": sum(items for _, items in self._recent) / seconds,
        }
        self._loss, self._norm = [], []
        self._last_report = clock()
        return values
