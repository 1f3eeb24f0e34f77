"""The history of a run: its events as columns of numbers, ready to be drawn."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from workbench.engine import events
from workbench.errors import UserError
from workbench.runs import RunFolder


class Column:
    """A growing column of float64 numbers; appending is amortised, reading is a view."""

    def __init__(self) -> None:
        self._data = np.empty(1024)
        self._size = 0

    def extend(self, values: tuple[float, ...]) -> None:
        """Append numbers."""
        need = self._size + len(values)
        if need > len(self._data):
            grown = np.empty(max(need, 2 * len(self._data)))
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._data[self._size : need] = values
        self._size = need

    @property
    def values(self) -> np.ndarray:
        """The numbers so far ``(n,)``, read-only."""
        view = self._data[: self._size]
        view.flags.writeable = False
        return view


class History:
    """Everything the window shows of a run, filled by its events.

    Attributes:
        started: The last ``RunStarted``, or None.
        phase: What the trainer said last about what it is doing.
        warmed_up: What the warm-up measured, or None.
        epochs: All validations.
        latest: The last ``StepsDone``, or None.
        preview: The last ``Sampled`` or ``Forecasted``, or None.
        probes: All ``ProbeTraced`` (their arrays only where they came live).
        marks: Settings changed on the way.
        notes: Things the user should know.
        verdict: The last verdict, or None.
        saved: Name of a checkpoint → its last ``Saved``.
        ended: The ``RunEnded``, or None.
    """

    def __init__(self) -> None:
        self._columns = {
            name: Column() for name in ("steps", "loss", "gradient_norm", "learning_rate")
        }
        self.started: events.RunStarted | None = None
        self.phase = ""
        self.warmed_up: events.WarmedUp | None = None
        self.epochs: list[events.EpochDone] = []
        self.latest: events.StepsDone | None = None
        self.preview: events.Sampled | events.Forecasted | None = None
        self.probes: list[events.ProbeTraced] = []
        self.marks: list[events.SettingChanged] = []
        self.notes: list[events.Noted] = []
        self.verdict: events.Verdict | None = None
        self.saved: dict[str, events.Saved] = {}
        self.ended: events.RunEnded | None = None

    @property
    def steps(self) -> np.ndarray:
        """Step numbers ``(n,)``, from 1."""
        return self._columns["steps"].values

    @property
    def loss(self) -> np.ndarray:
        """Training loss of each step ``(n,)``."""
        return self._columns["loss"].values

    @property
    def gradient_norm(self) -> np.ndarray:
        """Gradient norm of each step before clipping ``(n,)``."""
        return self._columns["gradient_norm"].values

    @property
    def learning_rate(self) -> np.ndarray:
        """Learning rate of each step ``(n,)``."""
        return self._columns["learning_rate"].values

    def add(self, event: events.Event) -> None:
        """Take one event in."""
        match event:
            case events.StepsDone():
                count = len(event.loss)
                first = float(event.first_step)
                self._columns["steps"].extend(tuple(first + offset for offset in range(count)))
                self._columns["loss"].extend(event.loss)
                self._columns["gradient_norm"].extend(event.gradient_norm)
                self._columns["learning_rate"].extend((event.learning_rate,) * count)
                self.latest = event
                self.phase = ""
            case events.EpochDone():
                self.epochs.append(event)
            case events.Sampled() | events.Forecasted():
                self.preview = event
            case events.ProbeTraced():
                self._add_probe(event)
            case events.SettingChanged():
                self.marks.append(event)
            case events.Noted():
                self.notes.append(event)
            case _:
                self._add_rare(event)

    def _add_rare(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self.started = event
                self.ended = None
            case events.Phase():
                self.phase = event.message
            case events.WarmedUp():
                self.warmed_up = event
            case events.Verdict():
                self.verdict = event
            case events.Saved():
                self.saved[event.which] = event
            case events.RunEnded():
                self.ended = event
                self.phase = ""

    def _add_probe(self, event: events.ProbeTraced) -> None:
        """Keep the arrays of the newest trace only; older ones are read from their files."""
        if self.probes and self.probes[-1].file:
            last = self.probes[-1]
            self.probes[-1] = events.ProbeTraced(
                last.run, last.step, last.time_s, labels=last.labels, file=last.file
            )
        self.probes.append(event)

    @classmethod
    def load(cls, folder: RunFolder) -> "History":
        """Rebuild the history of a run from its folder."""
        history = cls()
        for values in folder.events():
            event = events.from_json(values)
            if event is not None:
                history.add(event)
        return history


def load_probe(folder: Path, file: str) -> dict[str, np.ndarray]:
    """Read the arrays of one probe trace: label → float16 ``(T, H)``.

    Raises:
        UserError: Where the file is gone or damaged.
    """
    try:
        return load_file(folder / file)
    except (OSError, SafetensorError) as error:
        raise UserError(
            f"The trace {file} cannot be read: {error}.", "Show another moment of the run."
        ) from None
