"""A trained model out of its run folder."""

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.checkpoint import load_checkpoint, load_newest, load_weights
from workbench.engine.prepare import prepare_task
from workbench.engine.seeding import make_generator
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.runs import RunFolder
from workbench.tasks.base import Task


@dataclass(frozen=True)
class Loaded:
    """A model ready to use.

    Attributes:
        experiment: What it was trained as.
        task: Prepared on its data.
        model: In evaluation mode, on the CPU, float32.
        which: ``best`` or ``last``: whose weights it has.
        epoch: Epochs those weights had seen.
    """

    experiment: Experiment
    task: Task
    model: SequenceModel
    which: str
    epoch: int


def load_model(folder: RunFolder | Path, which: str = "best", data: Path | None = None) -> Loaded:
    """Load the best (or last) model of a run.

    Args:
        folder: The run.
        which: ``best`` falls back to ``last`` where no validation has been made yet.
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
    checkpoints = place.path / "checkpoints"
    if which == "best" and (checkpoints / "best.safetensors").exists():
        checkpoint = load_checkpoint(checkpoints / "best.safetensors")
    elif any(checkpoints.glob("*.safetensors")):
        which, checkpoint = "last", load_newest(checkpoints)
    else:
        raise UserError("This run has no checkpoint yet.", "Train it first.")
    task = prepare_task(experiment, codec=checkpoint.state["codec"], whole=data is not None)
    model = task.build_model(make_generator(experiment.seed, "weights"))
    load_weights(model, checkpoint.part("model"))
    return Loaded(experiment, task, model.eval(), which, checkpoint.state["progress"]["epoch"])
