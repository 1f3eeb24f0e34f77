"""The learning-rate finder: raise the rate each step and watch where the loss falls fastest."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.engine.assembly import make_maker
from workbench.engine.devices import choose_device
from workbench.experiment import Experiment
from workbench.tasks.base import Task

_FLAT = 10
"""Steps at the lowest rates, which show how much the loss varies by itself."""


@dataclass(frozen=True)
class RateCurve:
    """What the finder measured.

    Attributes:
        rates: Learning rates tried, rising ``(n,)``.
        losses: Training loss at each, smoothed ``(n,)``.
        suggestion: Rate at the steepest fall, or None where the loss never fell.
    """

    rates: np.ndarray
    losses: np.ndarray
    suggestion: float | None


def find_rate(
    experiment: Experiment,
    task: Task,
    *,
    steps: int = 100,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> RateCurve:
    """Train a fresh model for some steps while the rate rises; it is thrown away afterwards.

    Args:
        experiment: The job.
        task: As ``prepare_task`` made it.
        steps: Rates to try.
        progress: Told the share done, 0…1.
        cancelled: Asked between steps; True ends early with what there is.

    Raises:
        UserError: Where memory does not even hold one sequence.

    Source:
        Smith (2017), Cyclical learning rates for training neural networks.
    """
    maker = make_maker(experiment, task, choose_device(experiment.training.device))
    low, high = (1e-3, 100.0) if experiment.training.optimizer == "sgd" else (1e-6, 1.0)
    rates: list[float] = []
    losses: list[float] = []
    state, average, batches = None, 0.0, task.batches("train")
    for step in range(steps):
        if cancelled and cancelled():
            break
        rate = low * (high / low) ** (step / max(steps - 1, 1))
        group = [task.batch("train", 0, step % batches)]
        result = None
        while result is None:  # where memory ran out, the batch was cut
            result, _ = maker.make_within_memory(group, state, step, rate)
        if not result.finite:
            break
        state = result.state if task.carries_state and (step + 1) % batches else None
        average = 0.9 * average + 0.1 * result.loss
        rates.append(rate)
        losses.append(average / (1 - 0.9 ** (step + 1)))
        if len(losses) > 10 and losses[-1] > 4 * abs(min(losses)):
            break
        if progress:
            progress((step + 1) / steps)
    return RateCurve(np.array(rates), np.array(losses), _suggestion(rates, losses))


def _suggestion(rates: list[float], losses: list[float]) -> float | None:
    """The rate where the loss falls fastest per factor of the rate, before its lowest point."""
    lowest = int(np.argmin(losses)) if losses else 0
    if lowest < _FLAT + 5:
        return None
    # Where the rate is too low to learn, the loss shows only how much batches differ.
    flat = np.array(losses[_FLAT // 2 : _FLAT])
    level, fall = float(np.median(flat)), float(np.median(flat)) - losses[lowest]
    if fall <= 3 * float(flat.std()):
        return None
    falling = next(i for i in range(lowest + 1) if i >= _FLAT and losses[i] < level - 0.1 * fall)
    slope = np.gradient(np.array(losses[: lowest + 1]), np.log(np.array(rates[: lowest + 1])))
    steepest = rates[falling + int(np.argmin(slope[falling:]))]
    digits = 1 - math.floor(math.log10(steepest))
    return round(steepest, digits)
