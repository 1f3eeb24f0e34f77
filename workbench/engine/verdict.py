"""The run in one plain sentence, with the next step to try."""

import math
from dataclasses import dataclass
from statistics import median

from workbench.engine.events import EpochDone
from workbench.tasks.metric_names import short_name


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
    if _diverges(losses):
        return Judgement(
            "diverging",
            f"The training loss has risen to {losses[-1]:.3g}, ten times its usual value.",
            "Lower the learning rate, or clip gradients at a smaller norm.",
        )
    if not epochs:
        return Judgement("starting", "The first epoch is under way; validation ends it.")
    last = epochs[-1]
    value = last.metrics[last.metric]
    metric = short_name(last.metric)
    name, naive = _nearest_baseline(baselines)
    against = "" if name is None else _against(last.best, naive, name)
    if len(epochs) >= 3 and _overfits(epochs):
        return Judgement(
            "overfitting",
            f"Over-fitting: {metric} {value:.4g} on validation has not improved for "
            f"{last.waited} epochs while the training loss still falls; best {last.best:.4g} at "
            f"epoch {last.best_epoch}.",
            "Stop and keep the best, or train again with more dropout or a smaller network.",
        )
    if name is not None and last.best >= naive and len(epochs) >= 2:
        return Judgement(
            "no_better_than_naive",
            f"No better than the naive rule ‘{name}’ yet: {last.best:.4g} against {naive:.4g}.",
            "Give it more epochs, a longer window, or a higher learning rate.",
        )
    if last.waited >= 2:
        return Judgement(
            "plateau",
            f"Plateau: validation {metric} has stayed at {value:.4g} for {last.waited} epochs"
            f"{against}.",
            "Lower the learning rate, or stop: the best is kept.",
        )
    fallen = _gain(epochs)
    return Judgement(
        "improving",
        f"Still improving: validation {metric} {value:.4g}{fallen}{against}.",
        "" if last.waited == 0 else "Let it go on.",
    )


def _diverges(losses: list[float]) -> bool:
    if len(losses) < 60:
        return False
    usual = median(abs(loss) for loss in losses[:-10])
    return all(math.isfinite(loss) and loss > 10 * usual for loss in losses[-10:]) and usual > 0


def _overfits(epochs: list[EpochDone]) -> bool:
    last = epochs[-1]
    since = [item for item in epochs if item.epoch >= last.best_epoch]
    return last.waited >= 2 and last.train_loss < since[0].train_loss * 0.995


def _gain(epochs: list[EpochDone]) -> str:
    if len(epochs) < 2:
        return ""
    before = epochs[-2].metrics[epochs[-2].metric]
    now = epochs[-1].metrics[epochs[-1].metric]
    if before == 0 or now >= before:
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
