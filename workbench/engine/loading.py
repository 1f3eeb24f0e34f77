"""A trained model out of its run folder."""

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.checkpoint import Checkpoint, load_checkpoint, load_newest, load_weights
from workbench.engine.prepare import prepare_task
from workbench.engine.seeding import make_generator
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.runs import RunFolder, list_moments
from workbench.tasks.base import Task


@dataclass(frozen=True)
class Loaded:
    """A model ready to use.

    Attributes:
        experiment: What it was trained as.
        task: Prepared on its data.
        model: In evaluation mode, on the CPU, float32.
        which: ``best``, ``last`` or a moment such as ``step-120``: whose weights it has.
        epoch: Epochs those weights had seen.
        step: Optimiser steps they had seen.
    """

    experiment: Experiment
    task: Task
    model: SequenceModel
    which: str
    epoch: int
    step: int


def load_model(folder: RunFolder | Path, which: str = "best", data: Path | None = None) -> Loaded:
    """Load the best (or last) model of a run.

    Args:
        folder: The run.
        which: ``best`` falls back to ``last`` where no validation has been made yet; ``step-120``
            is a moment of the training.
        data: Other data of the same kind, all of it one part, ``test``; None is the run's own.

    Raises:
        UserError: Where there is no checkpoint, or the data is gone or does not fit.
    """
    place = folder if isinstance(folder, RunFolder) else RunFolder.open(folder)
    experiment = place.experiment()
    if data is not None:
        experiment = experiment.with_values(
            {"data.path": str(data.resolve()), "data.fingerprint": ""}
        )
    which, checkpoint = find_checkpoint(place, which)
    task = prepare_task(experiment, codec=checkpoint.state["codec"], whole=data is not None)
    return _with_weights(experiment, task, which, checkpoint)


def other_weights(loaded: Loaded, place: RunFolder, which: str) -> Loaded:
    """The same task with other weights of the same run; the data is not read again.

    Raises:
        UserError: Where there are no such weights, or they cannot be read.
    """
    which, checkpoint = find_checkpoint(place, which)
    return _with_weights(loaded.experiment, loaded.task, which, checkpoint)


def _with_weights(experiment: Experiment, task: Task, which: str, checkpoint: Checkpoint) -> Loaded:
    model = task.build_model(make_generator(experiment.seed, "weights"))
    load_weights(model, checkpoint.part("model"))
    progress = checkpoint.state["progress"]
    return Loaded(experiment, task, model.eval(), which, progress["epoch"], progress["step"])


def find_checkpoint(place: RunFolder, which: str) -> tuple[str, Checkpoint]:
    """Read weights of a run by their name, and say which they are.

    Args:
        place: The run.
        which: ``best`` (falls back to ``last``), ``last``, or a moment such as ``step-120``.

    Raises:
        UserError: Where there is no such checkpoint, or it cannot be read.
    """
    checkpoints = place.path / "checkpoints"
    if which.startswith("step-"):
        moment = next((kept for kept in list_moments(place.path) if kept.name == which), None)
        if moment is None:
            raise UserError(
                f"The run keeps no weights of {which.replace('-', ' ')}.", "Choose another moment."
            )
        return which, load_checkpoint(moment.path)
    if which == "best" and (checkpoints / "best.safetensors").exists():
        return which, load_checkpoint(checkpoints / "best.safetensors")
    if any(checkpoints.glob("*.safetensors")):
        return "last", load_newest(checkpoints)
    raise UserError("This run has no checkpoint yet.", "Train it first.")
