"""From an experiment to a prepared task."""

from typing import Any

from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.registry import load_task
from workbench.tasks.base import Task

_ALONE = Watch()


def prepare_task(
    experiment: Experiment,
    watch: Watch = _ALONE,
    codec: dict[str, Any] | None = None,
    *,
    whole: bool = False,
) -> Task:
    """Read the data of an experiment, fit its codec on the training part, split and encode.

    Args:
        experiment: The job.
        watch: Told the share read, and asked whether to go on.
        codec: As stored with a checkpoint; None fits it anew.
        whole: Whether all of the data is one part, ``test``, to judge a trained model on.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where data or experiment do not fit.
    """
    if not experiment.data.path:
        raise UserError(
            "This experiment names no data.",
            "Set data.path to a file, or make an experiment with 'workbench new FILE'.",
        )
    prepare = load_task(experiment.task.value)
    task: Task = prepare(experiment, watch, codec, whole)
    return task
