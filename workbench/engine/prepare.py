"""From an experiment to a prepared task."""

from collections.abc import Callable
from typing import Any

from workbench.experiment import Experiment, TaskName
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
    if experiment.task is TaskName.FORECAST:
        from workbench.tasks.forecast import prepare_forecast

        return prepare_forecast(experiment, progress, cancelled, codec)
    from workbench.tasks.language_model import prepare_language_model

    return prepare_language_model(experiment, progress, cancelled, codec)
