"""The run in one plain sentence, with the next step to try."""

import math
from dataclasses import dataclass
from statistics import median

from workbench.engine.events import EpochDone
from workbench.tasks.metric_names import short_name

NOISE = 0.005
"""Share of a value by which two validations may differ without meaning anything."""
FAR = 0.1
"""Share of the best value above which validation is far from it."""


@dataclass(frozen=True)
class Judgement:
    """A state, a sentence and an advice (fields of the ``Verdict`` event)."""

    state: str
    message: str
    advice: str = ""


def judge(epochs: list[EpochDone], baselines: dict[str, float], losses: list[float]) -> Judgement:
    """Judge a run by what it has measured so far.

    Args:
        epochs: All validations, oldest first.
        baselines: Naive rules' values of the same metric.
        losses: Recent training losses, oldest first.
    """
    if diverges(losses):
        return Judgement(
            "diverging",
            f"The training loss has risen to {losses[-1]:.3g}, ten times its usual value.",
            "Lower the learning rate, or clip gradients at a smaller norm.",
        )
    if not epochs:
        return Judgement("starting", "The first epoch is under way; validation ends it.")
    return _getting_worse(epochs) or _of_validations(epochs, baselines)


def _of_validations(epochs: list[EpochDone], baselines: dict[str, float]) -> Judgement:
    """No better than the naive rule, standing still, or improving."""
    last = epochs[-1]
    value = last.metrics[last.metric]
    metric = short_name(last.metric)
    name, naive = _nearest_baseline(baselines)
    if name is not None and last.best >= naive and len(epochs) >= 2:
        return Judgement(
            "no_better_than_naive",
            f"No better than the naive rule ‘{name}’ yet: {last.best:.4g} against {naive:.4g}.",
            "Give it more epochs, a longer window, or a higher learning rate.",
        )
    against = "" if name is None else _against(last.best, naive, name)
    still = _unchanged(epochs)
    if still >= 2:
        return Judgement(
            "plateau",
            f"Plateau: validation {metric} has stayed near {value:.4g} for {still} epochs"
            f"{against}.",
            "Lower the learning rate, or stop: the best is kept.",
        )
    if _rise(last) > NOISE:
        return Judgement(
            "improving",
            f"One epoch without improvement: validation {metric} {value:.4g}, best {last.best:.4g} "
            f"at epoch {last.best_epoch}{against}.",
            "Let it go on.",
        )
    message = f"Still improving: validation {metric} {value:.4g}{_gain(epochs)}{against}."
    return Judgement("improving", message)


def diverges(losses: list[float]) -> bool:
    """Whether the last ten training losses are all ten times what they used to be."""
    if len(losses) < 60:
        return False
    usual = median(abs(loss) for loss in losses[:-10])
    return all(math.isfinite(loss) and loss > 10 * usual for loss in losses[-10:]) and usual > 0


def _rise(last: EpochDone) -> float:
    """How far the last value lies above the best, as a share of it."""
    value = last.metrics[last.metric]
    return (value - last.best) / abs(last.best) if last.best else value


def _getting_worse(epochs: list[EpochDone]) -> Judgement | None:
    """Validation rises: over-fitting where the training loss falls meanwhile."""
    last = epochs[-1]
    if last.waited < 2 or _rise(last) <= NOISE:
        return None
    value, metric = last.metrics[last.metric], short_name(last.metric)
    at_best = next(item for item in epochs if item.epoch == last.best_epoch)
    best = f"best {last.best:.4g} at epoch {last.best_epoch}"
    if last.train_loss < at_best.train_loss * (1 - NOISE):
        return Judgement(
            "overfitting",
            f"Over-fitting: {metric} {value:.4g} on validation has not improved for "
            f"{last.waited} epochs while the training loss still falls; {best}.",
            "Stop and keep the best, or train again with more dropout or a smaller network.",
        )
    if _rise(last) <= FAR:
        return None
    return Judgement(
        "diverging",
        f"Getting worse: validation {metric} has risen to {value:.4g} in {last.waited} epochs, and "
        f"the training loss does not fall; {best}.",
        "Lower the learning rate, or stop: the best is kept.",
    )


def _unchanged(epochs: list[EpochDone]) -> int:
    """Epochs since the best value was last beaten by more than noise."""
    best = epochs[-1].best
    level = best + NOISE * abs(best)
    return sum(1 for item in epochs if item.best <= level) - 1


def _gain(epochs: list[EpochDone]) -> str:
    if len(epochs) < 2:
        return ""
    before = epochs[-2].metrics[epochs[-2].metric]
    now = epochs[-1].metrics[epochs[-1].metric]
    if before == 0 or before - now <= NOISE * abs(before):
        return ""
    return f", {100 * (before - now) / abs(before):.1f} % better than the epoch before"


def _nearest_baseline(baselines: dict[str, float]) -> tuple[str | None, float]:
    if not baselines:
        return None, math.nan
    name = min(baselines, key=lambda key: baselines[key])
    return name, baselines[name]


def _against(best: float, naive: float, name: str) -> str:
    if naive <= 0 or best >= naive:
        return ""
    return f", {100 * (naive - best) / naive:.0f} % below ‘{name}’ ({naive:.4g})"
