"""Opens what a person chose: a data file or folder, an experiment file, or a run folder."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from workbench.engine.history import History
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder

PREVIEW_ABOVE_BYTES = 4_000_000
"""Larger tables are shown by their first rows while the rest is read."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """What was opened.

    Attributes:
        path: What the person chose.
        experiment: The job, ready to edit; None for a run that is only looked at.
        source: What the data turned out to hold; None where it could not be read.
        experiment_file: Where the experiment is saved, or None.
        run: The run, where one was opened.
        history: Its history.
        complete: False for the head of a table whose rest is still being read.
        fresh: Whether the experiment is in no file yet although somebody made it.
        problem: What could not be read although the rest could.
    """

    path: Path
    experiment: Experiment | None = None
    source: Any = None
    experiment_file: Path | None = None
    run: RunFolder | None = None
    history: History | None = None
    complete: bool = True
    fresh: bool = False
    problem: UserError | None = None


def is_experiment_file(path: Path) -> bool:
    """Whether a path is to be opened as an experiment."""
    return path.suffix.lower() == ".toml" and path.is_file()


def is_run_folder(path: Path) -> bool:
    """Whether a path is to be opened as a run."""
    return (path / "run.json").is_file()


@dataclass(frozen=True)
class Loading:
    """How a load tells how far it is, and whether it is still wanted.

    Attributes:
        progress: Told the share read, 0…1.
        preview: Told a first ``Loaded`` with ``complete`` False.
        cancelled: True where the person gave up.
    """

    progress: Callable[[float], None]
    preview: Callable[[Loaded], None]
    cancelled: Callable[[], bool]


def load(path: Path, loading: Loading) -> Loaded:
    """Open a path (in the worker).

    Raises:
        UserError: Where it does not exist or cannot be read.
        Cancelled: Where it was given up.
    """
    if not path.exists():
        raise UserError(
            _tr("{0} does not exist.").format(path), _tr("Check the path, or open another file.")
        )
    if is_run_folder(path):
        return load_run(path, loading)
    if is_experiment_file(path):
        experiment = Experiment.load(path)
        loaded = load_source(Loaded(path, experiment, experiment_file=path), loading)
        loading.progress(1.0)
        return loaded
    return _load_data(path, loading)


def _load_data(path: Path, loading: Loading) -> Loaded:
    from workbench.data.suggest import suggest_experiment

    _preview(path, loading)
    experiment, source = suggest_experiment(
        path, progress=loading.progress, cancelled=loading.cancelled
    )
    return Loaded(path, experiment, source)


def _preview(path: Path, loading: Loading) -> None:
    """Show the head of a large table at once; where the head says too little, wait for the rest."""
    from workbench.data.suggest import preview_experiment

    if not path.is_file() or path.stat().st_size < PREVIEW_ABOVE_BYTES:
        return
    try:
        found = preview_experiment(path)
    except UserError:
        return
    if found is not None and not loading.cancelled():
        loading.preview(Loaded(path, found[0], found[1], complete=False))


def load_source(loaded: Loaded, loading: Loading) -> Loaded:
    """Read the data an experiment names; data that cannot be read leave the experiment whole.

    Raises:
        Cancelled: Where it was given up.
    """
    from workbench.data.suggest import open_source

    experiment = loaded.experiment
    if experiment is None or not experiment.data.path:
        return loaded
    try:
        source = open_source(experiment, progress=loading.progress, cancelled=loading.cancelled)
    except UserError as error:
        return replace(loaded, problem=error)
    return replace(loaded, source=source)


def read_again(experiment: Experiment, loading: Loading) -> Loaded:
    """Read an experiment's data the way it says now; the experiment that is open stays.

    Raises:
        Cancelled: Where it was given up.
    """
    loaded = load_source(Loaded(Path(experiment.data.path), experiment), loading)
    return replace(loaded, experiment=None)


def load_run(path: Path, loading: Loading | None = None) -> Loaded:
    """Read a run's experiment and history, and with ``loading`` its data too.

    Raises:
        UserError: Where there is no run, or its experiment cannot be read.
    """
    folder = RunFolder.open(path)
    loaded = Loaded(path, folder.experiment_now(), run=folder, history=History.load(folder))
    return loaded if loading is None else load_source(loaded, loading)


def save_experiment(experiment: Experiment, path: Path) -> None:
    """Write an experiment file; data beside or below it are named relative to it.

    Raises:
        UserError: Where it cannot be written.
    """
    from workbench.files import write_atomic

    data = Path(experiment.data.path) if experiment.data.path else None
    folder = path.resolve().parent
    if data is not None and data.is_absolute() and data.is_relative_to(folder):
        relative = data.relative_to(folder).as_posix()
        experiment = experiment.with_value("data.path", relative)
    write_atomic(path, experiment.to_toml())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Loader", text)
