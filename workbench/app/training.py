"""The run that goes on: started, steered and followed from the window's thread."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.app.job import Handlers, Job, Ticket
from workbench.engine import events
from workbench.engine.control import Control
from workbench.engine.history import History
from workbench.errors import UserError
from workbench.experiment import Experiment, fields
from workbench.runs import RunFolder

Start = Callable[[Experiment, Control], Iterator[events.Event]]
Resume = Callable[[RunFolder, Control], Iterator[events.Event]]


def start_run(experiment: Experiment, control: Control) -> Iterator[events.Event]:
    """Train an experiment in a new run folder; torch is imported here, in the worker."""
    from workbench.engine.trainer import train

    yield from train(experiment, control=control)


def resume_run(folder: RunFolder, control: Control) -> Iterator[events.Event]:
    """Go on with a run; torch is imported here, in the worker."""
    from workbench.engine.trainer import resume

    yield from resume(folder, control)


class Training(QObject):
    """At most one run at a time, with its control and its growing history.

    Attributes:
        changed: State or sentence are others now.
        drained: A list of events, after the history took them in.
        started: The run has a folder (a ``RunFolder``).
        refused: The ``UserError`` of a live setting that is not allowed.
        ended: The ``RunEnded``, or the ``UserError`` the run could not even start with.
        state: ``idle``, ``training``, ``paused`` or ``stopping``.
        message: What it is busy with, in a sentence.
        control: Of the run that goes on, or None.
        folder: Of the last run, or None.
        history: Of the last run.
        following: The experiment whose edits change the run's live settings, or None.
    """

    changed = Signal()
    drained = Signal(object)
    started = Signal(object)
    refused = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        job: Job,
        start: Start = start_run,
        resume: Resume = resume_run,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job = job
        self._start, self._resume = start, resume
        self._resuming: RunFolder | None = None
        self._end: events.RunEnded | None = None
        self.state = "idle"
        self.message = ""
        self.control: Control | None = None
        self.folder: RunFolder | None = None
        self.history = History()
        self.following: Experiment | None = None

    @property
    def active(self) -> bool:
        """Whether a run goes on."""
        return self.control is not None

    def is_of(self, run: RunFolder | None) -> bool:
        """Whether a run is the one trained last, or the one that is about to go on."""
        own = self.folder or self._resuming
        return run is not None and own is not None and run.path.resolve() == own.path.resolve()

    # ------------------------------------------------------------------ from start to end

    def start(self, experiment: Experiment) -> None:
        """Train an experiment; nothing happens where a run goes on already."""
        self.following = experiment
        self._begin(
            lambda control: self._start(experiment, control),
            self.tr("Starting: loading the engine"),
        )

    def resume(self, folder: RunFolder) -> None:
        """Go on with a run; nothing happens where one goes on already."""
        self._begin(
            lambda control: _with_past(self._resume(folder, control)),
            self.tr("Going on with {0}: loading the engine").format(folder.id),
            folder,
        )

    def _begin(
        self,
        make: Callable[[Control], Iterator[Any]],
        message: str,
        resuming: RunFolder | None = None,
    ) -> None:
        if self.active:
            return
        control = Control()
        self.control, self.folder, self.history = control, None, History()
        self._resuming = resuming
        self._end = None

        def stream(ticket: Ticket) -> Iterator[Any]:
            ticket.on_cancel(control.stop)
            return make(control)

        self._set("training", message)
        self._job.stream(stream, Handlers(self._finish, self._fail, self._take))

    def _take(self, items: list[Any]) -> None:
        """Take in what one drain brought, then tell it once."""
        for item in items:
            if isinstance(item, History):
                self.history = item
                continue
            self.history.add(item)
            self._follow(item)
        self.drained.emit([item for item in items if isinstance(item, events.Event)])

    def _follow(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self.folder = RunFolder(Path(event.folder))
                self.started.emit(self.folder)
            case events.Phase():
                self._set(self.state, event.message)
            case events.Paused():
                self._set("paused", self.tr("Paused after step {0}").format(event.step))
            case events.Continued():
                self._set("training", "")
            case events.StepsDone() if self.message and self.state == "training":
                self._set("training", "")
            case events.RunEnded():
                self._end = event

    def _finish(self, _result: None) -> None:
        end, self.control = self._end, None
        if end is not None and end.state in ("discarded", "unstarted"):
            self.folder, self.history = None, History()
        self._set("idle", end.reason if end is not None else "")
        self.ended.emit(end)

    def _fail(self, error: Exception) -> None:
        self.control = None
        self._set("idle", "")
        self.ended.emit(error)

    def forget(self) -> None:
        """Take note that the worker is gone and nothing of the run will be told any more."""
        self.control = None
        self._set("idle", "")

    # ------------------------------------------------------------------ steering

    def pause(self) -> None:
        """Wait after this step."""
        if self.control is not None and self.state == "training":
            self.control.pause()
            self._set("paused", self.tr("Pausing after this step"))

    def go_on(self) -> None:
        """End a pause."""
        if self.control is not None and self.state == "paused":
            self.control.resume()
            self._set("training", self.tr("Going on"))

    def stop(self) -> None:
        """End after this step and keep everything."""
        if self.control is not None:
            self.control.stop()
            self._set("stopping", self.tr("Stopping after this step; the run is kept"))

    def discard(self) -> None:
        """End after this step and throw the run away."""
        if self.control is not None:
            self.control.discard()
            self._set("stopping", self.tr("Discarding after this step"))

    def follow_edit(self, after: Experiment) -> None:
        """Pass edits of live settings on to the run that goes on; others count for the next run."""
        before = self.following
        if before is None or not self.active:
            return
        self.following = after
        for info in fields():
            if info.live and after.value(info.name) != before.value(info.name):
                self.set_live(info.name, after.value(info.name))

    def set_live(self, dotted: str, value: float) -> None:
        """Change a live setting of the run that goes on; it becomes a mark on its curve."""
        if self.control is not None:
            try:
                self.control.set_value(dotted, value)
            except UserError as error:
                self.refused.emit(error)

    def request_sample(self, prompt: str | None, temperature: float | None) -> None:
        """Ask the run to write now; prompt and temperature stay for its later samples."""
        if self.control is not None:
            self.control.request_sample(prompt, temperature)

    def _set(self, state: str, message: str) -> None:
        if self.state == "stopping" and state not in ("stopping", "idle"):
            state, message = "stopping", self.message  # what was asked for outlasts late news
        if (state, message) != (self.state, self.message):
            self.state, self.message = state, message
            self.changed.emit()


def _with_past(stream: Iterator[events.Event]) -> Iterator[Any]:
    """Put the history up to the checkpoint between the first event and those that follow.

    The trainer has cut off what lies behind the checkpoint before it yields its first event.
    """
    for index, event in enumerate(stream):
        if index == 0 and isinstance(event, events.RunStarted):
            yield History.load(RunFolder(Path(event.folder)))
        yield event
