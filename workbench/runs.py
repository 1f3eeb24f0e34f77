"""Run folders: everything of a run on disk, and the list of them.

::

    2026-11-23_113015-name/
        run.json            what the list of runs shows; format version, versions, fingerprint
        experiment.toml     the job
        events.jsonl        one event a line
        checkpoints/        last, previous and best
        moments/            weights along the way, to look back at
        probe/              traced states of the pinned probe
        *.lock              held while the run is trained, and while run.json is changed
"""

import contextlib
import json
import math
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from send2trash import send2trash

from workbench.errors import UserError
from workbench.event_log import EventLog
from workbench.experiment import Experiment
from workbench.files import cannot_write, remove_leftovers, write_atomic
from workbench.specs import TaskName

if TYPE_CHECKING:
    from filelock import BaseFileLock

FORMAT_VERSION = 1
MOMENTS = "moments"
"""Folder of the weights along the way."""
RESUMABLE = ("stopped", "interrupted", "failed")
"""States from which a run can go on."""

_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Format version → function that makes its ``run.json`` one of the next version."""

_MOMENT = re.compile(r"step-(\d{9})\.safetensors")
_UNDER_WAY = ("created", "running", "paused")
_JSON_WAIT_S = 5.0


@dataclass(frozen=True)
class RunInfo:
    """One line of the list of runs.

    Attributes:
        id: Name of its folder.
        name: As the user calls it.
        folder: Its path.
        created: ISO time with offset.
        task: ``language_model`` or ``forecast``.
        data: Name of the data file.
        model: One line, such as ``LSTM 2×256``.
        metric: What ``best`` is measured in.
        best: Best validation value, or None.
        baseline: Best naive rule's value, or None.
        epoch: Epochs done.
        time_s: Training time.
        state: ``created``, ``running``, ``paused``, ``finished``, ``stopped``, ``failed``, or
            ``interrupted`` where the process that ran it is gone.
        reason: One sentence on how it ended.
        notes: The user's own.
        pid: Process that last ran it.
        process_started: When that process started (seconds since the epoch).
        metrics: Final metrics by part.
        fingerprint: SHA-256 of the data it was made with.
        format_version: Of the folder.
        versions: Program, Python and libraries it was made with.
        values: Settings changed while it ran, by dotted name.
    """

    id: str
    name: str
    folder: Path
    created: str = ""
    task: str = ""
    data: str = ""
    model: str = ""
    metric: str = ""
    best: float | None = None
    baseline: float | None = None
    epoch: int = 0
    time_s: float = 0.0
    state: str = "created"
    reason: str = ""
    notes: str = ""
    pid: int = 0
    process_started: float = 0.0
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    fingerprint: str = ""
    format_version: int = FORMAT_VERSION
    versions: dict[str, str] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def resumable(self) -> bool:
        """Whether it can go on."""
        return self.state in RESUMABLE


@dataclass(frozen=True)
class Moment:
    """Weights of a moment of the training, kept to look back at.

    Attributes:
        step: Optimiser steps done; 0 is the untrained model.
        path: The file.
    """

    step: int
    path: Path

    @property
    def name(self) -> str:
        """Its name beside ``best`` and ``last``: ``step-120``."""
        return f"step-{self.step}"


def list_moments(run: Path) -> list[Moment]:
    """All moments of a run, the earliest first.

    Args:
        run: The run's folder.
    """
    found = []
    for path in (run / MOMENTS).glob("step-*.safetensors"):
        match = _MOMENT.fullmatch(path.name)
        if match:
            found.append(Moment(int(match[1]), path))
    return sorted(found, key=lambda moment: moment.step)


class RunFolder:
    """One run on disk.

    Attributes:
        path: The folder.
        id: Its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self._log = EventLog(path / "events.jsonl")
        self._lock: BaseFileLock | None = None

    @classmethod
    def create(cls, root: Path, experiment: Experiment) -> "RunFolder":
        """Make a new run folder below ``root``; it appears whole or not at all.

        Raises:
            UserError: Where the folder cannot be written.
        """
        slug = re.sub(r"[^\w-]+", "-", experiment.name, flags=re.UNICODE).strip("-")[:40] or "run"
        stem = f"{datetime.now():%Y-%m-%d_%H%M%S}-{slug}"
        fresh = cls(root / f".{stem}.{os.getpid()}.new")
        try:
            (fresh.path / "checkpoints").mkdir(parents=True)
            (fresh.path / "probe").mkdir()
            write_atomic(fresh.path / "experiment.toml", experiment.to_toml())
            fresh._write(_first_values(experiment))
            return cls(_give_name(fresh.path, root / stem))
        except OSError as error:
            raise cannot_write(root / stem, error) from None
        finally:
            shutil.rmtree(fresh.path, ignore_errors=True)

    @classmethod
    def open(cls, path: str | Path) -> "RunFolder":
        """Open an existing run.

        Raises:
            UserError: Where there is no run, or one of a newer format.
        """
        run = cls(Path(path).resolve())
        run._read()
        return run

    # ------------------------------------------------------------------ run.json

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise UserError(
                f"{self.path} is not a run folder: it has no readable run.json.",
                "Choose a folder made by training.",
            ) from None
        if not isinstance(values, dict):
            raise UserError(f"{self.path / 'run.json'} holds no object.", "Choose another run.")
        return _migrated(self.id, values)

    def _write(self, values: dict[str, Any]) -> None:
        write_atomic(self.path / "run.json", json.dumps(values, indent=1, ensure_ascii=False))

    def _change(self, **changes: Any) -> None:
        """Change values of ``run.json`` while nobody else does."""
        lock = _lock_of(self.path / "run.json.lock")
        try:
            with lock.acquire(timeout=_JSON_WAIT_S):
                self._write(self._read() | changes)
        except TimeoutError:
            raise UserError(
                f"The run {self.id} is being changed by another process.", "Try again."
            ) from None
        except OSError as error:
            raise cannot_write(self.path / "run.json", error) from None

    def info(self) -> RunInfo:
        """What the list of runs shows.

        Raises:
            UserError: Where ``run.json`` cannot be read.
        """
        given = {"name": self.id} | _plausible(self._read()) | {"id": self.id, "folder": self.path}
        if given.get("state", "created") in _UNDER_WAY and not _alive(given):
            given["state"] = "interrupted"
        return RunInfo(**given)

    def update(self, **changes: Any) -> None:
        """Change values of ``run.json``; a disk that refuses costs the update, not the run."""
        with contextlib.suppress(UserError):
            self._change(**changes)

    def experiment(self) -> Experiment:
        """The job it was made with."""
        return Experiment.load(self.path / "experiment.toml")

    def experiment_now(self) -> Experiment:
        """The job with the settings that were changed while it ran, and the run's present name."""
        experiment = self.experiment()
        with contextlib.suppress(UserError):
            info = self.info()
            experiment = experiment.with_values(info.values | {"name": info.name})
        return experiment

    # ------------------------------------------------------------------ one process at a time

    def acquire(self) -> None:
        """Take the run for this process, remove what a killed one left, and open its events.

        Raises:
            UserError: Where it is being trained already, or cannot be written.
        """
        lock = _lock_of(self.path / "training.lock")
        try:
            lock.acquire(timeout=0)
        except TimeoutError:
            pid = self._read().get("pid")
            raise UserError(
                f"The run {self.id} is being trained by "
                f"{'this program' if pid == os.getpid() else f'process {pid}'}.",
                "Wait until it ends, or stop it there.",
            ) from None
        except OSError as error:
            raise cannot_write(self.path, error) from None
        self._lock = lock
        try:
            remove_leftovers(self.path)
            self._change(**_this_process())
            self._log.open()
        except UserError:
            self.release()
            raise

    def release(self) -> None:
        """Close the events and let others take the run."""
        self._log.close()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                self._lock.release()
            self._lock = None

    # ------------------------------------------------------------------ events

    def append_event(self, values: dict[str, Any]) -> None:
        """Append one event; a full disk loses events, never the run."""
        self._log.append(values)

    def flush(self) -> None:
        """Hand buffered events to the system."""
        self._log.flush()

    @property
    def event_offset(self) -> int:
        """Bytes of events so far (after ``flush``)."""
        return self._log.offset

    def truncate_events(self, offset: int) -> None:
        """Cut off events written after a checkpoint."""
        self._log.truncate(offset)

    def events(self) -> Iterator[dict[str, Any]]:
        """All events, oldest first; a line torn by a crash is passed over."""
        return iter(self._log)

    # ------------------------------------------------------------------ what a user does with it

    def rename(self, name: str) -> None:
        """Call it something else; the folder keeps its name."""
        self._change(name=name.strip() or self.id)

    def set_notes(self, notes: str) -> None:
        """Keep the user's notes."""
        self._change(notes=notes)

    def discard(self) -> None:
        """Move it to the system's bin, or to ``.bin`` beside the runs where there is none.

        Raises:
            UserError: Where it cannot be moved.
        """
        self.release()
        with contextlib.suppress(Exception):  # each system's bin fails in its own way
            send2trash(self.path)
        if self.path.exists():
            bin_folder = self.path.parent / ".bin"
            try:
                bin_folder.mkdir(exist_ok=True)
                target = bin_folder / f"{self.id}-{datetime.now():%Y%m%d%H%M%S%f}"
                shutil.move(self.path, target)
            except OSError as error:
                raise cannot_write(self.path, error) from None


def _first_values(experiment: Experiment) -> dict[str, Any]:
    """What ``run.json`` holds of a run that has not begun."""
    return {
        "name": experiment.name,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "task": experiment.task.value,
        "data": Path(experiment.data.path).name,
        "model": describe_model(experiment),
        "state": "created",
        "fingerprint": experiment.data.fingerprint,
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        **_this_process(),
    }


def _give_name(fresh: Path, wanted: Path) -> Path:
    """Rename a folder to the first free one of ``wanted``, ``wanted-2``, ``wanted-3`` and so on."""
    number, path = 1, wanted
    while True:
        if not path.exists():
            try:
                return fresh.rename(path)
            except OSError:
                if not path.exists():  # otherwise another process took the name
                    raise
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")


def _lock_of(path: Path) -> "BaseFileLock":
    """A lock that the system itself lets go of when a process dies."""
    from filelock import FileLock  # half of what importing this module would cost

    return FileLock(path, thread_local=False)


def _migrated(run: str, values: dict[str, Any]) -> dict[str, Any]:
    """Bring ``run.json`` of an older format up to this one."""
    version = values.get("format_version", 1)
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise UserError(
            f"The run {run} has format {version}; this program reads up to {FORMAT_VERSION}.",
            "Update the program.",
        )
    for step in range(max(version, 1), FORMAT_VERSION):
        values = _MIGRATIONS[step](values) | {"format_version": step + 1}
    return values


def _plausible(values: dict[str, Any]) -> dict[str, Any]:
    """Values of ``run.json`` that have the type they should; a run is listed without the others."""
    kinds = {
        item.name: type(item.default) if item.default is not MISSING else dict
        for item in fields(RunInfo)
    }
    kinds |= {"id": str, "name": str, "best": float, "baseline": float}
    good: dict[str, Any] = {}
    for name, value in values.items():
        kind = kinds.get(name)
        if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
            good[name] = float(value) if math.isfinite(value) else None
        elif kind is not None and type(value) is kind:
            good[name] = value
    for name in ("time_s", "process_started"):
        if good.get(name, 0.0) is None:
            del good[name]
    return good


def _this_process() -> dict[str, Any]:
    return {"pid": os.getpid(), "process_started": psutil.Process().create_time()}


def _alive(values: dict[str, Any]) -> bool:
    """Whether the process that last ran it still runs (and is not another with its number)."""
    pid = values.get("pid", 0)
    if pid <= 0:
        return False
    try:
        started = psutil.Process(pid).create_time()
    except (psutil.Error, ValueError, OverflowError):
        return False
    return bool(abs(started - values.get("process_started", 0.0)) < 2)


def list_runs(root: Path) -> list[RunInfo]:
    """All runs below a folder, newest first; folders that are no runs are passed over."""
    found = []
    if root.is_dir():
        for path in root.iterdir():
            if (path / "run.json").is_file():
                with contextlib.suppress(UserError, TypeError, ValueError):
                    found.append(RunFolder(path).info())
    return sorted(found, key=lambda info: (info.created, info.id), reverse=True)


def difference(first: Experiment, second: Experiment) -> list[tuple[str, Any, Any]]:
    """Fields in which two experiments differ: dotted name and both values."""
    one, two = _flat(first.to_dict()), _flat(second.to_dict())
    names = list(dict.fromkeys([*one, *two]))
    both = [(name, one.get(name), two.get(name)) for name in names]
    return [row for row in both if row[1] != row[2]]


def _flat(values: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(values, dict):
        items = values.items()
    elif isinstance(values, list) and values and all(isinstance(item, dict) for item in values):
        items = {str(item.get("name", index)): item for index, item in enumerate(values)}.items()
    else:
        return {prefix: values}
    flat: dict[str, Any] = {}
    for key, value in items:
        flat |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


def describe_model(experiment: Experiment) -> str:
    """The model in one line: ``LSTM 2×256``."""
    cells = {"rnn_tanh": "RNN", "rnn_relu": "RNN (ReLU)", "lstm": "LSTM", "gru": "GRU"}
    model = experiment.model
    text = f"{cells[model.cell]} {model.num_layers}×{model.hidden_size}"
    if experiment.task is TaskName.FORECAST:
        windows = experiment.data.table.windows
        text += f", {windows.window} → {windows.horizon}"
    return text


def versions() -> dict[str, str]:
    """Versions a run depends on."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in ("sequence-workbench", "torch", "numpy", "pandas", "tokenizers"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
