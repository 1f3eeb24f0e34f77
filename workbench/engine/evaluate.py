"""Every metric of a trained run, by part of the data, beside the naive rules."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.devices import clear_memory, is_out_of_memory
from workbench.engine.loading import load_model
from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.runs import RunFolder
from workbench.tasks.base import Task


class Evaluator:
    """Judges a model; where memory runs out, its batches are cut in two.

    Args:
        task: The job.
        model: Left in the mode it was in.
        cancelled: Asked between batches.
    """

    def __init__(self, task: Task, model: SequenceModel, cancelled: Callable[[], bool]) -> None:
        self._task = task
        self._model = model
        self._cancelled = cancelled
        self._splits = 1

    def evaluate(self, part: str) -> dict[str, float]:
        """Metrics of a part; empty where it was given up or the part holds nothing.

        Raises:
            UserError: Where memory does not even hold one sequence.
        """
        while True:
            metrics = self._within_memory(part)
            if metrics is not None:
                return metrics
            if self._splits >= self._task.most_splits:
                raise UserError(
                    "Memory ran out while the model was judged, even with one sequence at a time.",
                    "Close other programs, or lower model.hidden_size or the window.",
                )
            clear_memory(next(self._model.parameters()).device)
            self._splits *= 2

    def _within_memory(self, part: str) -> dict[str, float] | None:
        was_training = self._model.training
        self._model.eval()
        try:
            return self._task.evaluate(self._model, part, self._cancelled, self._splits)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None
        finally:
            self._model.train(was_training)


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes:
        which: ``best`` or ``last``: whose weights were used.
        epoch: Epochs those weights had seen.
        metric: The metric that counts; lower is better.
        metrics: Part → metric → value; another file is one part, ``file``.
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
        data: Another file, judged as a whole with the codec of the run. None is the run's own
            data, by part.
        which: ``best`` or ``last``.
        cancelled: Asked between batches.

    Raises:
        UserError: Where the run has no checkpoint or the data does not fit.
    """
    loaded = load_model(folder, which, data)
    judge = Evaluator(loaded.task, loaded.model, cancelled or (lambda: False))
    names = {"file": "test"} if data else {part: part for part in ("train", "validation", "test")}
    metrics = {name: judge.evaluate(part) for name, part in names.items()}
    metrics = {name: values for name, values in metrics.items() if values}
    baselines = {name: loaded.task.baselines(names[name]) for name in metrics}
    return Evaluation(loaded.which, loaded.epoch, loaded.task.metric, metrics, baselines)
