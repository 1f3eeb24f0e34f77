"""What the Look page looks at: whose weights, what they read, and the trace of it.

Views follow ``Looking.changed``; everything slow they ask for runs behind the window on the
``Look`` they were given.
"""

import shutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.app.latest_work import LatestWork
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.engine.events import Saved
from workbench.errors import UserError
from workbench.runs import RunFolder, RunInfo, list_moments, list_runs

if TYPE_CHECKING:
    import numpy as np

    from workbench.analysis.survey import Survey
    from workbench.analysis.trace import Predictions, Trace
    from workbench.app.session import Session
    from workbench.engine.loading import Loaded
    from workbench.tasks.base import Probe

NEWEST = "newest"
"""The weights as training left them last, while it goes on and after it."""
BEST = "best"

_MOST_KEPT = 12
_MOST_BYTES = 1 << 30
_MOST_STEPS = 5_000
_WAIT_S = 0.1


@dataclass(frozen=True)
class Reading:
    """What the network reads.

    Attributes:
        part: ``train``, ``validation`` or ``test``; empty is the pinned probe.
        first: First symbol of the part, or the number of a window.
        count: Symbols.
        text: A text of one's own, which a language model reads instead; empty is none.
        pulled: Values of a series moved by hand: step, channel, scaled value.
    """

    part: str = ""
    first: int = 0
    count: int = 300
    text: str = ""
    pulled: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Look:
    """One reading by one model, with everything that happened inside.

    Attributes:
        run: The run.
        loaded: Its task, and the model in evaluation mode; it is shared and must not be changed.
        reading: What was read.
        probe: The same, as the model takes it: a batch of one, and a label for each step.
        trace: All gates and states.
        expected: What a language model expected at each step; None for a forecast.
    """

    run: RunFolder
    loaded: "Loaded"
    reading: Reading
    probe: "Probe"
    trace: "Trace"
    expected: "Predictions | None"

    @property
    def labels(self) -> tuple[str, ...]:
        """One text per step."""
        return self.probe.labels

    @property
    def steps(self) -> int:
        """Time steps T."""
        return len(self.probe.labels)

    @property
    def writes(self) -> bool:
        """Whether the model reads and writes symbols; else it forecasts."""
        return self.expected is not None

    @property
    def symbols(self) -> "np.ndarray":
        """What was read ``(T,)`` int64, of a language model."""
        ids: np.ndarray = self.probe.inputs[0][0].cpu().numpy()
        return ids

    @property
    def task(self) -> Any:
        """The task, of whichever kind."""
        return self.loaded.task

    def values(self, layer: int, direction: int, quantity: str) -> "np.ndarray":
        """One traced quantity ``(T, H)``.

        Raises:
            KeyError: Where the model has no such layer, direction or quantity.
        """
        import numpy as np

        from workbench.models.replay import Key

        return np.asarray(self.trace.quantities[Key(layer, direction, quantity)][0])

    def place_of(self, selection: Selection) -> tuple[int, int, str]:
        """Layer, direction and quantity of a selection, as far as this model has them.

        A selection outlives its run: another model may have fewer layers, or no cell state.
        """
        place = (selection.layer, selection.direction)
        known = place if place in self.places else self.places[0]
        name = selection.quantity if selection.quantity in self.quantities else "hidden"
        return (*known, name)

    def window_in_units(self) -> "np.ndarray":
        """The window a forecast reads, every channel in its own unit: float64 ``(W, C)``."""
        decoded: np.ndarray = self.task.codec.decode(self.probe.inputs[0][0].cpu().numpy())
        return decoded

    def forecast_in_units(self) -> "np.ndarray":
        """The forecast of every target in its unit: float64 ``(H, M)``."""
        points = self.trace.output[0][..., 0]
        decoded: np.ndarray = self.task.codec.decode_targets(points)
        return decoded

    @property
    def places(self) -> list[tuple[int, int]]:
        """Every layer and direction there is, from the input on."""
        return list(dict.fromkeys((key.layer, key.direction) for key in self.trace.quantities))

    @property
    def quantities(self) -> list[str]:
        """Names of what is traced of each unit, states first."""
        return list(dict.fromkeys(key.quantity for key in self.trace.quantities))


class Tracer:
    """Makes looks, for a worker; models stay loaded from one to the next."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[tuple[object, ...], Loaded] = OrderedDict()
        self._lock = Lock()  # views ask from workers of their own

    def look(self, run: RunFolder, which: str, reading: Reading) -> Look:
        """Trace a reading.

        Raises:
            UserError: Where there are no such weights, the data is gone, or the reading does not
                fit it.
        """
        from workbench.analysis.trace import predictions, trace_model

        loaded = self.load(run, which)
        probe = read(loaded, reading)
        trace = trace_model(loaded.model, *probe.inputs)
        expected = None
        if _writes(loaded):
            expected = predictions(trace, probe.inputs[0].cpu().numpy())
        return Look(run, loaded, reading, probe, trace, expected)

    def load(self, run: RunFolder, which: str) -> "Loaded":
        """Load weights of a run, where they are not at hand.

        Raises:
            UserError: As ``look``.
        """
        from workbench.engine.loading import load_model, other_weights

        name = "last" if which == NEWEST else which
        key = (run.path, name, _written(run, name))
        with self._lock:
            if key not in self._loaded:
                same = [kept for known, kept in self._loaded.items() if known[0] == run.path]
                found = other_weights(same[-1], run, name) if same else load_model(run, name)
                self._loaded[key] = found
                size = sum(weight.nbytes for weight in found.model.parameters())
                most = max(2, min(_MOST_KEPT, _MOST_BYTES // max(size, 1)))
                while len(self._loaded) > most:
                    self._loaded.popitem(last=False)
            self._loaded.move_to_end(key)
            return self._loaded[key]


def read(loaded: "Loaded", reading: Reading) -> "Probe":
    """What a reading is for a model.

    Raises:
        UserError: Where it does not fit the data.
    """
    from workbench.tasks.base import Probe
    from workbench.tasks.language_model import LanguageModelTask

    task = loaded.task
    if reading.text and isinstance(task, LanguageModelTask):
        ids = task.encode_prompt(reading.text)[:, :_MOST_STEPS]
        return Probe((ids,), tuple(task.vocabulary.pieces(ids[0].tolist())))
    probe = task.probe()
    if reading.part:
        count = min(reading.count, _MOST_STEPS)
        probe = task.stretch(reading.part, reading.first, count)
    if reading.pulled and not isinstance(task, LanguageModelTask):
        values = probe.inputs[0].clone()
        for step, channel, value in reading.pulled:
            values[0, step, channel] = value
        probe = replace(probe, inputs=(values, *probe.inputs[1:]))
    return probe


def _writes(loaded: "Loaded") -> bool:
    from workbench.tasks.language_model import LanguageModelTask

    return isinstance(loaded.task, LanguageModelTask)


def _written(run: RunFolder, which: str) -> tuple[object, ...]:
    """Changes when the checkpoint of that name is written anew; a moment never is."""
    if which.startswith("step-"):
        return ()
    files = sorted((run.path / "checkpoints").glob("*.safetensors"))
    return tuple((file.name, file.stat().st_mtime_ns) for file in files)


class Looking(QObject):
    """Follows the shown run and the selection, and keeps one ``Look`` up to date.

    Attributes:
        changed: There is another look, or none (None).
        failed: What stood in the way (a ``UserError``).
        moments_changed: The run keeps other moments than before.
        peers_changed: There are other runs beside it.
        session: The session.
        look: What is looked at now, or None.
        reading: What is to be read.
        moments: Names of the weights the slider passes: ``step-0`` …, then ``newest``.
        peers: The runs beside the one that is shown, as they were when somebody began to look.
        tracer: Makes looks; for workers only.
    """

    changed = Signal(object)
    failed = Signal(object)
    moments_changed = Signal()
    peers_changed = Signal()

    def __init__(self, session: "Session", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.look: Look | None = None
        self.reading = Reading()
        self.moments: list[str] = []
        self.peers: tuple[RunInfo, ...] = ()
        self.tracer = Tracer()
        self._active = False
        self._asked: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._surveying = Lock()
        self._surveyed: tuple[object, Survey] | None = None
        self._work = LatestWork(session, self)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._fail)
        self._listing = LatestWork(session, self)
        self._listing.done.connect(self._take_peers)
        self._listing.failed.connect(session.report)
        session.run_changed.connect(self._other_run)
        session.history_changed.connect(self._history_changed)
        session.selection_changed.connect(self._follow)

    # ------------------------------------------------------------------ what is looked at

    @property
    def which(self) -> str:
        """Whose weights: ``best``, ``newest`` or a moment."""
        chosen = self.session.selection.checkpoint
        return chosen if chosen == BEST or chosen in self.moments else NEWEST

    def choose(self, which: str) -> None:
        """Look at other weights of the run."""
        self.session.select(checkpoint=which)

    def read(self, reading: Reading) -> None:
        """Let the network read something else."""
        if reading != self.reading:
            self.reading = reading
            self.refresh()

    def survey(self, look: Look, length: int, watch: Watch) -> "Survey":
        """Many steps of the validation part (or what is read now), for a worker; made once.

        Args:
            look: Whose weights read.
            length: Most steps; 0 is the look's own reading.
            watch: Told how far it is.

        Raises:
            Cancelled: Where ``watch`` says so.
            UserError: Where the disk has no room, or the part is empty.
        """
        from workbench.analysis.survey import survey_of_trace, survey_part

        if not length:
            return survey_of_trace(look.loaded, look.trace, look.probe)
        while not self._surveying.acquire(timeout=_WAIT_S):
            watch.step(0.0)  # another view traces the same; this one may be given up meanwhile
        try:
            key = (look.run.path, look.loaded.which, look.loaded.step, length)
            if self._surveyed is None or self._surveyed[0] != key:
                folder = look.run.path / "traces"
                name = f"step-{look.loaded.step}-{length}"
                self._surveyed = None
                _remove_others(folder, name)
                part = _surveyed_part(look)
                found = survey_part(look.loaded, part, length, folder / name, watch)
                self._surveyed = (key, found)
            return self._surveyed[1]
        finally:
            self._surveying.release()

    def set_active(self, active: bool) -> None:
        """Trace only while somebody looks."""
        self._active = active
        if active:
            self._list_moments()
            self._list_peers()
            self.refresh()

    def refresh(self) -> None:
        """Trace what is wanted, where it is not what is shown."""
        run = self.session.run
        if not self._active or run is None or not self.moments:
            return
        which, reading = self.which, self.reading
        asked = (run.path, which, reading, self._seen if which in (NEWEST, BEST) else ())
        if asked == self._asked:
            return
        self._asked = asked
        tracer = self.tracer
        self._work.ask(lambda _cancelled: tracer.look(run, which, reading))

    @property
    def busy(self) -> bool:
        """Whether a look is being made."""
        return self._work.busy

    def _take(self, look: Look) -> None:
        run = self.session.run
        if run is not None and look.run.path == run.path:
            self.look = look
            self.changed.emit(look)

    def _fail(self, error: Exception) -> None:
        self._asked = ()
        if isinstance(error, UserError):
            self.failed.emit(error)

    # ------------------------------------------------------------------ following

    def _other_run(self, run: RunFolder | None) -> None:
        self._asked = self._seen = ()
        if self.look is not None and (run is None or run.path != self.look.run.path):
            self.look = None
            self.reading = Reading()
            self.tracer = Tracer()
            self._work.forget()
            self.changed.emit(None)
        self._list_moments()
        if self._active:
            self._list_peers()
        self.refresh()

    def _history_changed(self, _history: object) -> None:
        if self._active and self._saved() != self._seen:
            self._list_moments()
            self.refresh()

    def _saved(self) -> tuple[object, ...]:
        """What the run wrote last of each kind."""
        saved: dict[str, Saved] = self.session.history.saved
        return tuple((name, event.step) for name, event in sorted(saved.items()))

    def _list_moments(self) -> None:
        self._seen = self._saved()
        run = self.session.run
        found = [] if run is None else [moment.name for moment in list_moments(run.path)]
        kept = run is not None and any((run.path / "checkpoints").glob("*.safetensors"))
        moments = [*found, NEWEST] if kept else []
        if moments != self.moments:
            self.moments = moments
            self.moments_changed.emit()

    def _list_peers(self) -> None:
        run = self.session.run
        if run is not None:
            self._listing.ask(lambda _cancelled: tuple(list_runs(run.path.parent)))

    def _take_peers(self, peers: tuple[RunInfo, ...]) -> None:
        if peers != self.peers:
            self.peers = peers
            self.peers_changed.emit()

    def other_runs(self, look: Look) -> list[RunInfo]:
        """Runs of the same task, beside the one that is looked at, that have learned something."""
        return [
            info for info in self.peers
            if info.folder != look.run.path and info.task == look.task.name and info.epoch
        ]  # fmt: skip

    def _follow(self, _selection: Selection) -> None:
        self.refresh()


def on_look(
    look: Look, function: Callable[[Look, Watch], Any]
) -> Callable[[Watch], tuple[Look, Any]]:
    """Work on a look for ``LatestWork``: its answer comes with the look it is of."""
    return lambda watch: (look, function(look, watch))


def _remove_others(folder: Path, name: str) -> None:
    """One survey is kept of a run."""
    if folder.is_dir():
        for other in folder.iterdir():
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)


def _surveyed_part(look: Look) -> str:
    """The validation part, or the training part where nothing is held out."""
    task = look.loaded.task
    return "validation" if task.batches("validation") else "train"
