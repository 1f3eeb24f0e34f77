"""Every metric of a trained run, by part of the data, beside the naive rules."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.loading import load_model
from workbench.runs import RunFolder


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes:
        which: ``best`` or ``last``: whose weights were used.
        epoch: Epochs those weights had seen.
        metric: The metric that counts; lower is better.
        metrics: Part → metric → value.
        baselines: Part → naive rule → value of ``metric``.
    """

    which: str
    epoch: int
    metric: str
    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, float]]


def evaluate_run(
    folder: RunFolder | Path,
    data: Path | None = None,
    which: str = "best",
    cancelled: Callable[[], bool] | None = None,
) -> Evaluation:
    """Evaluate a run on its own data, or on another file of the same kind.

    Args:
        folder: The run.
        data: Another file; its codec stays that of the run. None is the run's own data.
        which: ``best`` or ``last``.
        cancelled: Asked between batches.

    Raises:
        UserError: Where the run has no checkpoint or the data does not fit.
    """
    loaded = load_model(folder, which, data)
    stop = cancelled or (lambda: False)
    parts = ("train", "validation", "test")
    metrics = {part: loaded.task.evaluate(loaded.model, part, stop) for part in parts}
    metrics = {part: values for part, values in metrics.items() if values}
    baselines = {part: loaded.task.baselines(part) for part in metrics}
    return Evaluation(loaded.which, loaded.epoch, loaded.task.metric, metrics, baselines)
