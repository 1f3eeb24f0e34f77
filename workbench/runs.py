"""Run folders: everything of a run on disk, and the list of them.

::

    2026-11-23_113015-name/
        run.json            what the list of runs shows; format version, versions, fingerprint
        experiment.toml     the job
        events.jsonl        one event a line
        checkpoints/        last, previous and best
        probe/              traced states of the pinned probe
"""

import contextlib
import json
import os
import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

import psutil
from send2trash import send2trash

from workbench.errors import UserError
from workbench.experiment import Experiment, TaskName
from workbench.files import cannot_write, remove_leftovers, write_atomic

FORMAT_VERSION = 1
RESUMABLE = ("stopped", "interrupted", "failed")
"""States from which a run can go on."""


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
        format_version: Of the folder.
        versions: Program, Python and libraries it was made with.
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
    format_version: int = FORMAT_VERSION
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def resumable(self) -> bool:
        """Whether it can go on."""
        return self.state in RESUMABLE


class RunFolder:
    """One run on disk.

    Attributes:
        path: The folder.
        id: Its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self._events: IO[bytes] | None = None

    @classmethod
    def create(cls, root: Path, experiment: Experiment) -> "RunFolder":
        """Make a new run folder below ``root``.

        Raises:
            UserError: Where the folder cannot be written.
        """
        slug = re.sub(r"[^\w-]+", "-", experiment.name, flags=re.UNICODE).strip("-")[:40] or "run"
        stem = f"{datetime.now():%Y-%m-%d_%H%M%S}-{slug}"
        path = root / stem
        try:
            root.mkdir(parents=True, exist_ok=True)
            number = 1
            while True:
                try:
                    path.mkdir()
                    break
                except FileExistsError:
                    number += 1
                    path = root / f"{stem}-{number}"
            (path / "checkpoints").mkdir()
            (path / "probe").mkdir()
        except OSError as error:
            raise cannot_write(path, error) from None
        run = cls(path)
        write_atomic(path / "experiment.toml", experiment.to_toml())
        run._write(
            {
                "name": experiment.name,
                "created": datetime.now().astimezone().isoformat(timespec="seconds"),
                "task": experiment.task.value,
                "data": Path(experiment.data.path).name,
                "model": describe_model(experiment),
                "state": "created",
                "format_version": FORMAT_VERSION,
                "versions": versions(),
            }
        )
        return run

    @classmethod
    def open(cls, path: str | Path) -> "RunFolder":
        """Open an existing run.

        Raises:
            UserError: Where there is no run, or one of a newer format.
        """
        run = cls(Path(path).resolve())
        values = run._read()
        if values.get("format_version", 0) > FORMAT_VERSION:
            raise UserError(
                f"The run {run.id} has format {values['format_version']}; this program reads up to "
                f"{FORMAT_VERSION}.",
                "Update the program.",
            )
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
        return values

    def _write(self, values: dict[str, Any]) -> None:
        write_atomic(self.path / "run.json", json.dumps(values, indent=1, ensure_ascii=False))

    def info(self) -> RunInfo:
        """What the list of runs shows.

        Raises:
            UserError: Where ``run.json`` cannot be read.
        """
        values = self._read()
        known = {item.name for item in fields(RunInfo)}
        given = {key: value for key, value in values.items() if key in known}
        given |= {"id": self.id, "folder": self.path}
        given.setdefault("name", self.id)
        if given.get("state") in ("running", "paused") and not _alive(given):
            given["state"] = "interrupted"
        return RunInfo(**given)

    def update(self, **changes: Any) -> None:
        """Change values of ``run.json``; a disk that refuses costs the update, not the run."""
        with contextlib.suppress(UserError):
            values = self._read()
            values.update(changes)
            self._write(values)

    def experiment(self) -> Experiment:
        """The job it was made with."""
        return Experiment.load(self.path / "experiment.toml")

    # ------------------------------------------------------------------ one process at a time

    def acquire(self) -> None:
        """Take the run for this process and open its events.

        Raises:
            UserError: Where another process trains it, or it cannot be written.
        """
        values = self._read()
        busy = values.get("state") in ("running", "paused") and _alive(values)
        if busy and values.get("pid") != os.getpid():
            raise UserError(
                f"The run {self.id} is being trained by process {values['pid']}.",
                "Wait until it ends, or stop it there.",
            )
        remove_leftovers(self.path)
        values.update(pid=os.getpid(), process_started=psutil.Process().create_time())
        self._write(values)
        self._open_events()

    def release(self) -> None:
        """Close the events."""
        if self._events is not None:
            with contextlib.suppress(OSError):
                self._events.close()
            self._events = None

    # ------------------------------------------------------------------ events

    def _open_events(self) -> IO[bytes]:
        if self._events is None:
            try:
                self._events = (self.path / "events.jsonl").open("ab", buffering=1 << 16)
            except OSError as error:
                raise cannot_write(self.path / "events.jsonl", error) from None
        return self._events

    def append_event(self, values: dict[str, Any]) -> None:
        """Append one event; a full disk loses events, never the run."""
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
        with contextlib.suppress(OSError, UserError):
            self._open_events().write(line.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Hand buffered events to the system."""
        if self._events is not None:
            with contextlib.suppress(OSError):
                self._events.flush()

    @property
    def event_offset(self) -> int:
        """Bytes of events so far (after ``flush``)."""
        with contextlib.suppress(OSError):
            return (self.path / "events.jsonl").stat().st_size
        return 0

    def truncate_events(self, offset: int) -> None:
        """Cut off events written after a checkpoint."""
        self.release()
        file = self.path / "events.jsonl"
        with contextlib.suppress(FileNotFoundError), file.open("r+b") as events:
            events.truncate(offset)

    def events(self) -> Iterator[dict[str, Any]]:
        """All events, oldest first; a line torn by a crash is passed over."""
        try:
            with (self.path / "events.jsonl").open("rb") as file:
                for line in file:
                    with contextlib.suppress(ValueError, RecursionError):
                        values = json.loads(line)
                        if isinstance(values, dict):
                            yield values
        except FileNotFoundError:
            return

    # ------------------------------------------------------------------ what a user does with it

    def rename(self, name: str) -> None:
        """Call it something else; the folder keeps its name."""
        self._change(name=name.strip() or self.id)

    def set_notes(self, notes: str) -> None:
        """Keep the user's notes."""
        self._change(notes=notes)

    def _change(self, **changes: Any) -> None:
        self._write(self._read() | changes)

    def discard(self) -> None:
        """Move it to the system's bin, or to ``.bin`` beside the runs where there is none.

        Raises:
            UserError: Where it cannot be moved.
        """
        self.release()
        try:
            send2trash(self.path)
        except Exception:  # each system's bin fails in its own way
            bin_folder = self.path.parent / ".bin"
            try:
                bin_folder.mkdir(exist_ok=True)
                target = bin_folder / f"{self.id}-{datetime.now():%Y%m%d%H%M%S%f}"
                shutil.move(self.path, target)
            except OSError as error:
                raise cannot_write(self.path, error) from None


def _alive(values: dict[str, Any]) -> bool:
    """Whether the process that last ran it still runs (and is not another with its number)."""
    pid = values.get("pid", 0)
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        started = psutil.Process(pid).create_time()
    except (psutil.Error, ValueError, OverflowError):
        return False
    return abs(started - float(values.get("process_started", 0))) < 2


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
