"""The session: what is open in the window, and everything that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from workbench.app.edits import Editor
from workbench.app.garbage import Garbage
from workbench.app.job import Handlers, Job, JobState, Ticket
from workbench.app.loader import Loaded, Loading, load, load_run, load_source
from workbench.app.messages import Message, from_error
from workbench.app.opening import Opening
from workbench.app.selection import Selection
from workbench.app.settings import Settings
from workbench.app.shown_run import ShownRun
from workbench.app.training import Resume, Start, Training, resume_run, start_run
from workbench.data.findings import Cancelled, Watch
from workbench.engine import events
from workbench.engine.history import History
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder

__all__ = ["JobState", "Message", "Parts", "Selection", "Session"]

_WORTH_TELLING = 0.005
"""Share of a work after which it is told how far it is."""


@dataclass(frozen=True)
class Parts:
    """The functions a session works with, so that tests can bring their own.

    Attributes:
        load: Opens a path.
        start: Trains an experiment.
        resume: Goes on with a run.
    """

    load: Callable[[Path, Loading], Loaded] = load
    start: Start = start_run
    resume: Resume = resume_run


class Session(QObject):
    """Everything the pages share; they read its attributes, call it, and follow its signals.

    Attributes:
        source: What the data file turned out to hold, or None.
        shown: The run that is shown.
        training: The run that goes on.
        selection: What is looked at.
        job: What goes on behind the window.
        editor: The experiment's undo steps and its file.
        settings: What the window remembers.
        pause: Lets the run wait after this step; called without arguments, as the next three.
        resume: Ends a pause.
        stop_and_keep: Ends the run after this step; everything of it stays.
        discard: Ends the run after this step and moves it to the bin.
        arrived: Something was opened; the station where it is to be seen.
    """

    experiment_changed = Signal(object)
    source_changed = Signal(object)
    run_changed = Signal(object)
    history_changed = Signal(object)
    job_changed = Signal(object)
    selection_changed = Signal(object)
    message = Signal(object)
    runs_changed = Signal()
    loading_progress = Signal(float)
    arrived = Signal(str)

    def __init__(
        self,
        settings: Settings | None = None,
        parts: Parts | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = parts or Parts()
        self.settings = settings or Settings()
        self.garbage = Garbage(self)
        self.editor = Editor(self)
        self.editor.changed.connect(self.experiment_changed)
        self.editor.refused.connect(self.report)
        self.source: Any = None
        self.selection = Selection()
        self.job = JobState()
        self.work = Job(self)
        self.training = Training(self.work, self._parts.start, self._parts.resume, self)
        self.editor.changed.connect(self.training.follow_edit)
        self.training.changed.connect(self._tell_job)
        self.training.started.connect(self.runs_changed)
        self.shown = ShownRun(self.training, self)
        self.shown.run_changed.connect(self.run_changed)
        self.shown.history_changed.connect(self.history_changed)
        self.pause, self.resume = self.training.pause, self.training.go_on
        self.stop_and_keep, self.discard = self.training.stop, self.training.discard
        self.training.ended.connect(self._run_ended)
        self.training.refused.connect(self.report)
        self.training.drained.connect(self._tell_notes)
        self.opening = Opening(self.work, self)
        self.opening.changed.connect(self._tell_job)
        self.opening.progress.connect(self.loading_progress)
        self.opening.previewed.connect(self._show_loaded)
        self.opening.opened.connect(self._opened)
        self.opening.failed.connect(self.report)
        self._train_when_open = False
        self._arriving = False
        self._problems: dict[str, str] = {}

    # ------------------------------------------------------------------ the experiment

    @property
    def experiment(self) -> Experiment:
        """The job as it is set up now."""
        return self.editor.experiment

    @property
    def undo_stack(self) -> QUndoStack:
        """Changes of the experiment."""
        return self.editor.undo_stack

    def edit(self, dotted: str, value: Any) -> None:
        """Change one field, as a step to undo; what is not allowed is said and changes nothing."""
        self.editor.edit({dotted: value}, self.tr("Change {0}").format(dotted))

    def edit_many(self, changes: dict[str, Any], text: str) -> None:
        """Change several fields as one step to undo, described by ``text``."""
        self.editor.edit(changes, text)

    def save_experiment(self, path: str | Path | None = None) -> bool:
        """Write the experiment to ``path``, or to where it was saved before; True where it was."""
        saved = self.editor.save(Path(path) if path else None)
        if saved and self.editor.file is not None:
            self.settings.add_recent(self.editor.file)
        return saved

    def put_aside(self) -> None:
        """Keep changes that are in no file where the recent files find them."""
        kept = self.editor.put_aside(self.settings.folder / "unsaved")
        if kept is not None:
            self.settings.add_recent(kept)

    # ------------------------------------------------------------------ opening

    def open_path(self, path: str | Path, *, train: bool = False) -> None:
        """Open a data file or folder, an experiment or a run, behind the window.

        Args:
            path: What to open; an opening that goes on is given up.
            train: Start training as soon as it is open.
        """
        target = Path(path).expanduser().absolute()
        self._train_when_open = train
        words = self.tr("Reading {0}").format(target.name)
        self._arriving = True
        self.opening.begin(lambda loading: self._parts.load(target, loading), words)

    def open_experiment(self, experiment: Experiment) -> None:
        """Begin with an experiment that is in no file yet; its data are read behind the window."""
        path = Path(experiment.data.path)
        self._train_when_open = False
        words = self.tr("Reading {0}").format(path.name)
        self._arriving = True
        given = Loaded(path, experiment, fresh=True)
        self.opening.begin(lambda loading: load_source(given, loading), words)

    def cancel_loading(self) -> None:
        """Give up what is being opened; what was open before stays."""
        self.opening.cancel()

    def _opened(self, loaded: Loaded) -> None:
        self._show_loaded(loaded)
        self.settings.add_recent(loaded.path)
        if loaded.problem is not None:
            self.report(loaded.problem)
        elif self._train_when_open:
            self._train_when_open = False
            self.start_training()

    def _show_loaded(self, loaded: Loaded) -> None:
        if loaded.experiment is not None or loaded.source is not None:
            self.source = loaded.source
            if loaded.experiment is not None:
                self._edit_opened(loaded)
            self.source_changed.emit(self.source)
            self.experiment_changed.emit(self.experiment)
        if loaded.run is not None:
            self.shown.show(loaded.run, loaded.history or History())
        if self._arriving and (loaded.run is not None or loaded.experiment is not None):
            self._arriving = False
            self.arrived.emit("data" if loaded.run is None else "train")

    def _edit_opened(self, loaded: Loaded) -> None:
        """Set up what was opened; edits reach the run that goes on where it is that run's."""
        experiment = loaded.experiment
        assert experiment is not None
        self.training.following = experiment if self.training.is_of(loaded.run) else None
        self.put_aside()
        self.editor.open(experiment, loaded.experiment_file, saved=not loaded.fresh)
        if loaded.run is None and not self.training.is_of(self.run):
            self.shown.show(None, History())

    # ------------------------------------------------------------------ runs

    @property
    def run(self) -> RunFolder | None:
        """Folder of the run that is shown, or None."""
        return self.shown.run

    @property
    def history(self) -> History:
        """Its history (empty where no run is shown)."""
        return self.shown.history

    def show_run(self, folder: str | Path) -> None:
        """Show a run's curves and pictures; the experiment that is being edited stays."""
        if self.training.is_of(RunFolder(Path(folder))):
            self.shown.show(self.training.folder, self.training.history)
            return
        self.run_in_background(
            lambda _cancelled: load_run(Path(folder)),
            lambda loaded: self.shown.show(loaded.run, loaded.history),
            self.report,
        )

    def resume_run(self, folder: str | Path) -> None:
        """Open a run's experiment and data, and go on with it."""
        if self.training.active:
            self.say("warning", self.tr("A run goes on already."), self.tr("Stop it first."))
            return
        path = Path(folder)
        self._train_when_open = False
        words = self.tr("Opening {0}").format(path.name)
        self._arriving = True
        self.training.resume(RunFolder(path))
        self.opening.begin(lambda loading: self._parts.load(path, loading), words)

    def discard_ended(self, run: RunFolder) -> None:
        """Move a run that goes on no more to the bin, behind the window."""
        self.leave_run(run.id)
        self.run_in_background(
            lambda _cancelled: run.discard(), lambda _done: self.runs_changed.emit(), self.report
        )

    # ------------------------------------------------------------------ training

    def note_problem(self, label: str, sentence: str) -> None:
        """Take note that a field holds what cannot be taken; empty where it fits again."""
        self._problems.pop(label, None)
        if sentence:
            self._problems[label] = sentence

    def start_training(self) -> None:
        """Train the experiment as it is now; while data are being read, as soon as they are."""
        if self.training.active:
            return
        if self.opening.active:
            self._train_when_open = True
        elif self._problems:
            label, sentence = next(iter(self._problems.items()))
            self.say("warning", f"{label}: {sentence}",
                     self.tr("Correct it or reset the field, then press Train."))  # fmt: skip
        elif not self.experiment.data.path:
            self.say("warning", self.tr("There is nothing to learn from yet."),
                     self.tr("Open a CSV or a text first."))  # fmt: skip
        else:
            self.training.start(self.experiment)
            self.shown.show_live()

    def _run_ended(self, end: events.RunEnded | UserError | None) -> None:
        if isinstance(end, Exception):
            self.report(end)
        elif end is not None and end.state in ("failed", "unstarted"):
            self.leave_run(end.run if end.state == "unstarted" else "")
            self.message.emit(Message("error", end.reason, end.todo, end.details))
        elif end is not None and end.state == "discarded":
            self.leave_run(end.run)
            self.say("info", end.reason)
        self.runs_changed.emit()

    def _tell_notes(self, drained: list[events.Event]) -> None:
        """Say what a run notes: a fallback, a dropped step, batches that were cut."""
        for event in drained:
            if isinstance(event, events.Noted):
                self.message.emit(Message(event.level, event.message))

    def leave_run(self, run: str) -> None:
        """Show no run where the one that is shown is this one, which is gone."""
        if self.run is not None and self.run.id == run:
            self.shown.show(None, History())

    def _tell_job(self) -> None:
        active, run = self.training.active, self.training.folder
        state, words = self.training.state, self.training.message
        if self.opening.active:
            state, words = "loading", self.opening.message
        job = JobState(state, words, run.id if run and active else "", active)
        if job != self.job:
            self.job = job
            self.job_changed.emit(job)

    # ------------------------------------------------------------------ the rest

    def select(self, **changes: Any) -> None:
        """Look at something else: ``select(unit=3, step=10)``."""
        selection = self.selection.with_values(**changes)
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit(selection)

    def run_in_background(
        self,
        function: Callable[[Callable[[], bool]], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """Run ``function(cancelled)`` behind the window; the answer arrives in the window.

        Args:
            function: Touches nothing of Qt; asks ``cancelled()`` now and then.
            done: Called with what it returned.
            failed: Called with the ``UserError`` or ``Cancelled`` it ended with.
        """
        handlers = Handlers(done, failed, keep=(Cancelled,))
        return self.work.run(lambda ticket: function(ticket.is_cancelled), handlers)

    def run_watched(
        self,
        function: Callable[[Watch], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        told: Callable[[list[float]], None],
    ) -> Ticket:
        """As ``run_in_background``, for work that tells how far it is.

        Args:
            function: Tells the share done to its ``Watch``, as often as it likes.
            done: Called with what it returned.
            failed: Called with the ``UserError`` or ``Cancelled`` it ended with.
            told: Called with the shares, 0…1, that came since the last call.
        """

        def work(ticket: Ticket) -> Any:
            last = -1.0

            def tell(share: float) -> None:
                nonlocal last
                if share - last >= _WORTH_TELLING:
                    last = share
                    ticket.tell(share)

            return function(Watch(tell, ticket.is_cancelled))

        return self.work.run(work, Handlers(done, failed, told, keep=(Cancelled,)))

    def report(self, error: Exception) -> None:
        """Say what went wrong; that something was given up on purpose is not worth saying."""
        if not isinstance(error, Cancelled):
            self.message.emit(from_error(error))

    def say(self, level: str, what: str, todo: str = "") -> None:
        """Say something."""
        self.message.emit(Message(level, what, todo))

    def close(self) -> None:
        """Stop everything cooperatively and wait for it; a run is kept and can be resumed."""
        self.work.close()
        self.training.forget()
        self.settings.flush()
        self.garbage.stop()
