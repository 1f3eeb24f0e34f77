"""Whether data is still what a run was begun with."""

import hashlib
from pathlib import Path

from workbench.data.text import text_files
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import TaskName

_BLOCK = 1 << 22


def data_fingerprint(experiment: Experiment) -> str:
    """SHA-256 of the bytes an experiment learns from; empty where it names no data.

    Raises:
        UserError: Where the data cannot be read.
    """
    if not experiment.data.path:
        return ""
    path = Path(experiment.data.path)
    files = text_files(path) if experiment.task is TaskName.LANGUAGE_MODEL else [path]
    digest = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as opened:
                while block := opened.read(_BLOCK):
                    digest.update(block)
        except OSError as error:
            raise UserError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from None
    return digest.hexdigest()


def check_unchanged(experiment: Experiment, before: str) -> None:
    """Refuse to go on with a run whose data is other than it was.

    Args:
        experiment: The run's.
        before: Fingerprint of its data when it began; empty is not checked.

    Raises:
        UserError: Where the data changed.
    """
    if before and data_fingerprint(experiment) != before:
        raise UserError(
            f"{Path(experiment.data.path).name} has changed since this run began: going on would "
            "mix two data sets.",
            "Put the old file back to resume, or train a new run on the new one.",
        )


def what_changed(experiment: Experiment) -> str:
    """Say that the data is other than when the experiment was made; empty where it is the same.

    Args:
        experiment: The job; without a fingerprint of its data nothing is compared.

    Raises:
        UserError: Where the data cannot be read.
    """
    before = experiment.data.fingerprint
    if not before or data_fingerprint(experiment) == before:
        return ""
    name = Path(experiment.data.path).name
    return f"{name} has changed since this experiment was made; the run learns from it as it is."
