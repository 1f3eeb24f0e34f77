"""From an experiment to a prepared task."""

from collections.abc import Callable
from typing import Any

from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.registry import load_task
from workbench.tasks.base import Task


def prepare_task(
    experiment: Experiment,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
    codec: dict[str, Any] | None = None,
) -> Task:
    """Read the data of an experiment, fit its codec on the training part, split and encode.

    Args:
        experiment: The job.
        cancelled: Asked while reading; True ends it.
        progress: Told the share read, 0…1.
        codec: As stored with a checkpoint; None fits it anew.

    Raises:
        UserError: Where data or experiment do not fit.
    """
    if not experiment.data.path:
        raise UserError(
            "This experiment names no data.",
            "Set data.path to a file, or make an experiment with 'workbench new FILE'.",
        )
    prepare = load_task(experiment.task.value)
    task: Task = prepare(experiment, progress, cancelled, codec)
    return task
