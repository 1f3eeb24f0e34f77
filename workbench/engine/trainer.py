"""The trainer: a generator of events. It knows no task and no window."""

import math
import traceback
from collections.abc import Iterator
from pathlib import Path

from workbench.data.findings import Cancelled, Watch
from workbench.data.fingerprint import check_unchanged, what_changed
from workbench.engine import events
from workbench.engine.assembly import assemble, choose_pace
from workbench.engine.checkpoint import Checkpoint, load_newest
from workbench.engine.control import Control
from workbench.engine.devices import Device, choose_device, clock, keep_freed_memory
from workbench.engine.evaluate import Evaluator
from workbench.engine.journal import Journal
from workbench.engine.keeper import Keeper, Memory
from workbench.engine.prepare import prepare_task
from workbench.engine.previewing import Previewer
from workbench.engine.progress import Progress
from workbench.engine.reporter import Reporter
from workbench.engine.schedules import schedule_factor
from workbench.engine.step import StepMaker
from workbench.engine.verdict import diverges, judge
from workbench.engine.warmup import peak_memory_bytes
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel, count_parameters
from workbench.paths import runs_folder
from workbench.runs import RunFolder
from workbench.tasks.base import Batch, PreviewRequest, State, Task

SNAPSHOT_EVERY = 50
"""Steps between two states kept in memory to go back to; checkpoints are written at one of them."""

MOST_BAD_STEPS = 3


def train(
    experiment: Experiment,
    folder: RunFolder | None = None,
    control: Control | None = None,
    *,
    runs_root: Path | None = None,
) -> Iterator[events.Event]:
    """Train an experiment; a generator of events that also writes them to the run folder.

    Args:
        experiment: The job.
        folder: An empty run folder; None makes one.
        control: What to look at between steps; None if nobody asks anything.
        runs_root: Where the folder is made; None is the user's runs folder.

    Raises:
        UserError: Where the folder cannot be made. Later errors end the run with a ``RunEnded``.
    """
    place = folder or RunFolder.create(runs_root or runs_folder(), experiment)
    yield from _Run(experiment, place, control or Control(), None).stream()


def resume(folder: RunFolder | Path, control: Control | None = None) -> Iterator[events.Event]:
    """Go on with a run from its last checkpoint, as if it had never stopped.

    Raises:
        UserError: Where there is no such run, or no checkpoint of it can be read.
    """
    place = folder if isinstance(folder, RunFolder) else RunFolder.open(folder)
    checkpoints = place.path / "checkpoints"
    checkpoint = load_newest(checkpoints) if any(checkpoints.glob("*.safetensors")) else None
    job = _Run(place.experiment(), place, control or Control(), checkpoint)
    job.begun = True
    yield from job.stream()


class _Run:
    """One training run from its first event to its last."""

    task: Task
    model: SequenceModel
    maker: StepMaker
    keeper: Keeper
    previewer: Previewer
    evaluator: Evaluator
    reporter: Reporter

    def __init__(
        self,
        experiment: Experiment,
        folder: RunFolder,
        control: Control,
        checkpoint: Checkpoint | None,
    ) -> None:
        self.experiment = experiment
        self.folder = folder
        self.control = control
        self.checkpoint = checkpoint
        self.progress = (
            Progress.from_json(checkpoint.state["progress"]) if checkpoint else Progress()
        )
        self.memory = Memory(self.progress)
        self.journal = Journal(folder, self.progress)
        self.baselines: dict[str, float] = {}
        self.judged = ""
        self.begun = self.ready = False

    # ------------------------------------------------------------------ from start to end

    def stream(self) -> Iterator[events.Event]:
        """Everything that happens; whatever goes wrong ends in a ``RunEnded``."""
        self.folder.acquire()
        ended = False
        try:
            for event in self._job():
                ended = isinstance(event, events.RunEnded)
                yield event
        except Cancelled:  # stopped while the data was read
            ended = True
            yield from self._stop()
        except UserError as error:
            ended = True
            yield from self._fail(error)
        except Exception as error:
            ended = True
            yield self.journal.end(
                "failed",
                f"Training stopped on an unexpected error: {type(error).__name__}: {error}.",
                "The last checkpoint is kept; the details hold the traceback.",
                details=traceback.format_exc(),
            )
        finally:
            if not ended:  # the reader of the events went away
                if self.ready:
                    list(self.keeper.save_last())
                self.folder.update(state="stopped", reason="Nobody read the run's events any more.")
            self.folder.release()

    def _job(self) -> Iterator[events.Event]:
        yield from self._prepare()
        early = ""
        training = self.experiment.training
        while self.progress.epoch < training.epochs and not self.control.stopping:
            yield from self._epoch()
            if self.progress.bad_steps >= MOST_BAD_STEPS:
                yield from self._give_up()
                return
            if training.patience and self.progress.waited >= training.patience:
                early = f" Stopped early: no improvement for {training.patience} validations."
                break
        if self.control.stopping:
            yield from self._stop()
        else:
            yield from self._finish(early)

    def _prepare(self) -> Iterator[events.Event]:
        """Read the data, build the model, load a checkpoint, warm up."""
        keep_freed_memory()
        resumed = self.checkpoint is not None
        self.journal.rewind(self.checkpoint)
        self.folder.update(state="running", reason="", values=self.progress.values)
        yield self.journal.note(
            events.RunStarted,
            folder=str(self.folder.path),
            task=self.experiment.task.value,
            resumed=resumed,
        )
        yield self.journal.note(events.Phase, message="Reading the data")
        codec = None
        if self.checkpoint:
            codec = self.checkpoint.state["codec"]
            check_unchanged(self.experiment, self.checkpoint.state.get("fingerprint", ""))
        elif changed := what_changed(self.experiment):
            yield self.journal.note(events.Noted, level="warning", message=changed)
        self.task = prepare_task(
            self.experiment, Watch(cancelled=lambda: self.control.stopping), codec
        )
        yield self.journal.note(events.Phase, message=f"Building the model for {self.task.message}")
        if self.checkpoint is None:
            for doubt in self.task.doubts():
                yield self.journal.note(events.Noted, level="warning", message=doubt)
        device = choose_device(self.experiment.training.device, self.progress.device)
        if device.message:
            yield self.journal.note(events.Noted, level="warning", message=device.message)
        parts = assemble(self.experiment, self.task, device, self.folder, self.memory, self.journal)
        self.model, self.maker, self.keeper = parts.model, parts.maker, parts.keeper
        self._apply_values()
        self.previewer = Previewer(self.task, self.model, self.experiment)
        self.evaluator = Evaluator(self.task, self.model, lambda: self.control.stopping)
        self.reporter = Reporter()
        yield self.journal.note(events.Phase, message="Warming up: timing a few steps")
        yield self._warm_up(device)
        if self.checkpoint:
            self.keeper.load(self.checkpoint)
        else:
            self.keeper.remember()
            yield from self.keeper.save_last()
        yield from self.keeper.save_moment()
        self.begun = self.ready = True

    def _warm_up(self, device: Device) -> events.Event:
        training, progress = self.experiment.training, self.progress
        done, self.threads = choose_pace(
            self.experiment, self.task, self.maker, progress, lambda: self.control.stopping
        )
        progress.device = device.label
        self.baselines = self.task.baselines("validation")
        steps = self._steps_per_epoch()
        return self.journal.note(
            events.WarmedUp,
            device=device.label,
            threads=done.threads,
            precision=progress.precision,
            seconds_per_epoch=done.step_s * self.task.batches("train"),
            steps_per_epoch=steps,
            total_steps=steps * training.epochs,
            parameters=count_parameters(self.model),
            peak_memory_bytes=peak_memory_bytes(self.model, self.task, training.optimizer),
            message=done.message,
            baselines=self.baselines,
            metric=self.task.metric,
            clip_norm=self.maker.clip_norm,
        )

    # ------------------------------------------------------------------ one epoch

    def _epoch(self) -> Iterator[events.Event]:
        batches = self.task.batches("train")
        while self.progress.index < batches:
            yield from self._answer()
            if self.control.stopping:
                return
            yield from self._step(batches)
            if self.progress.bad_steps >= MOST_BAD_STEPS:
                return
        yield from self._flush()
        yield from self._validate()

    def _step(self, batches: int) -> Iterator[events.Event]:
        progress = self.progress
        count = min(self.experiment.training.accumulation, batches - progress.index)
        began = clock()
        group = [
            self.task.batch("train", progress.epoch, progress.index + offset)
            for offset in range(count)
        ]
        state = self.memory.carried if self.task.carries_state and progress.index else None
        result, note = self.maker.make_within_memory(
            group, state, progress.step, self.learning_rate
        )
        if result is None:
            progress.splits = self.maker.splits
            yield self.journal.note(events.Noted, level="warning", message=note)
            return
        if not result.finite:
            yield from self._go_back(group, state, progress.step)
            progress.index += count
            return
        duration = clock() - began
        progress.step += 1
        progress.index += count
        progress.time_s += duration
        progress.epoch_loss += result.loss * count
        progress.epoch_batches += count
        self.memory.carried = result.state if self.task.carries_state else None
        self.memory.losses.append(result.loss)
        self.reporter.add(progress.step, result, duration)
        if changed := self.threads.step(duration):
            progress.threads = self.threads.threads
            yield self.journal.note(events.Noted, message=changed)
        if self.reporter.due:
            yield from self._flush()
        if self.previewer.due:
            yield from self._show()
        yield from self.keeper.save_moment()
        if progress.step % SNAPSHOT_EVERY == 0:
            self.keeper.remember()
            if self.keeper.age_s >= self.experiment.training.autosave_s:
                yield from self._flush()
                yield from self.keeper.save_last()

    def _go_back(
        self, group: list[Batch], state: State | None, step: int
    ) -> Iterator[events.Event]:
        """Drop a step that was not finite, restore the last good state, halve the rate."""
        bad = self.maker.first_bad_tensor(group, state, step)
        self.keeper.go_back()
        self.progress.bad_steps += 1
        self.progress.rate_scale /= 2
        rate = self.learning_rate
        yield self.journal.note(
            events.Noted,
            level="warning",
            message=(
                f"Step {self.progress.step + 1:,} was dropped: {bad} is not finite. The last good "
                f"state is restored and the learning rate halved to {rate:.3g} "
                f"({self.progress.bad_steps} of {MOST_BAD_STEPS} before the run ends)."
            ),
        )
        yield self.journal.note(
            events.SettingChanged,
            name="training.learning_rate",
            value=rate,
            by="program",
            message=f"Halved: {bad} was not finite.",
        )

    @property
    def learning_rate(self) -> float:
        """Rate of the next step: base × schedule × what was learned on the way."""
        training = self.experiment.training
        base = self.progress.values.get("training.learning_rate", training.learning_rate)
        position = self.progress.epoch + self.progress.index / self.task.batches("train")
        scale = self.progress.rate_scale * self.progress.plateau_scale
        return base * schedule_factor(training, position) * scale

    def _steps_per_epoch(self) -> int:
        return math.ceil(self.task.batches("train") / self.experiment.training.accumulation)

    # ------------------------------------------------------------------ looking between steps

    def _answer(self) -> Iterator[events.Event]:
        """Do what was asked; wait while paused."""
        yield from self._requests()
        if not self.control.paused or self.control.stopping:
            return
        yield from self._flush()
        yield from self.keeper.save_last()
        self.folder.update(state="paused")
        yield self.journal.note(events.Paused)
        while self.control.paused and not self.control.stopping:
            self.control.wait_while_paused()
            yield from self._requests()
        self.folder.update(state="running")
        yield self.journal.note(events.Continued)

    def _requests(self) -> Iterator[events.Event]:
        for request in self.control.take():
            if request.kind == "value":
                name, value = request.values["name"], request.values["value"]
                self.progress.values[name] = value
                self.folder.update(values=self.progress.values)
                self._apply_values()
                message = f"{name} set to {value:g}."
                yield self.journal.note(
                    events.SettingChanged, name=name, value=value, message=message
                )
            elif request.kind == "sample":
                self.previewer.ask(PreviewRequest(**request.values))
                yield from self._show()
            elif request.kind == "probe":
                yield from self._show()
            elif request.kind == "checkpoint":
                yield from self.keeper.save_last()

    def _apply_values(self) -> None:
        """Put live settings where they act."""
        values = self.progress.values
        self.maker.clip_norm = values.get("training.clip_norm", self.maker.clip_norm)
        self.maker.clip_value = values.get("training.clip_value", self.maker.clip_value)
        for name, value in values.items():
            if name.startswith("model."):
                self.model.set_dropout(name.removeprefix("model."), value)

    def _flush(self) -> Iterator[events.Event]:
        if not (values := self.reporter.take())["loss"]:
            return
        position = self.progress.epoch + self.progress.index / self.task.batches("train")
        left = (self.experiment.training.epochs - position) * self._steps_per_epoch()
        yield self.journal.note(
            events.StepsDone,
            epoch=position,
            learning_rate=self.learning_rate,
            remaining_s=left * self.reporter.step_s,
            throughput_unit=self.task.throughput_unit,
            **values,
        )
        if not self.judged or (self.judged != "diverging" and diverges([*self.memory.losses])):
            yield self._verdict()  # what cannot wait for the validation

    def _show(self) -> Iterator[events.Event]:
        made = self.previewer.make(self.progress.step, self.progress.time_s)
        yield from self.journal.show_all(made)

    def _trace(self, *, last: bool = False) -> Iterator[events.Event]:
        made = self.previewer.after_epoch(self.progress.step, self.progress.time_s, last=last)
        yield from self.journal.show_all(made)
        yield from self.keeper.save_moment(epoch_done=True)

    # ------------------------------------------------------------------ validation and verdict

    def _validate(self) -> Iterator[events.Event]:
        metrics = self.evaluator.evaluate("validation")
        if not metrics:
            return  # stopped meanwhile; the epoch is validated when the run goes on
        training, progress = self.experiment.training, self.progress
        value = metrics[self.task.metric]
        mean_loss = progress.mean_loss
        progress.finish_epoch(value, training)
        done = events.EpochDone(
            **self.journal.stamp(),
            epoch=progress.epoch,
            train_loss=mean_loss,
            metrics=metrics,
            metric=self.task.metric,
            best=value if progress.best is None else progress.best,
            best_epoch=progress.best_epoch,
            is_best=progress.best_epoch == progress.epoch,
            waited=progress.waited,
            patience=training.patience,
        )
        self.memory.epochs.append(done)
        self.folder.update(
            best=progress.best,
            metric=self.task.metric,
            time_s=progress.time_s,
            epoch=progress.epoch,
            baseline=min(self.baselines.values(), default=None),
        )
        yield self.journal.write(done)
        if done.is_best:
            yield from self.keeper.save_best()
        yield self._verdict()
        yield from self._trace()

    def _verdict(self) -> events.Event:
        verdict = judge(self.memory.epochs, self.baselines, list(self.memory.losses))
        self.judged = verdict.state
        return self.journal.note(
            events.Verdict, state=verdict.state, message=verdict.message, advice=verdict.advice
        )

    # ------------------------------------------------------------------ ways to end

    def _stop(self) -> Iterator[events.Event]:
        if self.control.discarding:
            yield self.journal.end("discarded", "Discarded as asked; its folder is in the bin.")
            self.folder.discard()
            return
        if self.ready:
            yield from self._flush()
            yield from self._trace(last=True)
            yield from self.keeper.save_last()
        done, total = self.progress.epoch, self.experiment.training.epochs
        if self.ready and "last" in self.keeper.unwritten:
            yield self.journal.end(
                "failed",
                f"Stopped after {done} of {total} epochs, but the last checkpoint could not be "
                "written.",
                "Make room and resume: what came after the last one written is done again.",
            )
            return
        reason = f"Stopped and kept after {done} of {total} epochs."
        yield self.journal.end("stopped", reason, "It can be resumed.")

    def _fail(self, error: UserError) -> Iterator[events.Event]:
        """End on what the user can mend; a job that could not even start leaves no run behind."""
        state = "failed" if self.begun else "unstarted"
        yield self.journal.end(state, error.what, error.todo, details=error.details)
        if not self.begun:
            self.folder.discard()

    def _give_up(self) -> Iterator[events.Event]:
        yield from self._flush()
        self.keeper.remember()
        self.progress.bad_steps = 0  # so that a resumed run goes on, from here and more slowly
        yield from self.keeper.save_last()
        yield self.journal.end(
            "failed",
            f"Loss or gradients were not finite {MOST_BAD_STEPS} times, although the learning rate "
            "was halved each time.",
            "Lower the learning rate, clip gradients at norm 1, or scale the inputs; the last good "
            "checkpoint is kept.",
        )

    def _finish(self, early: str) -> Iterator[events.Event]:
        yield from self._trace(last=True)
        self.keeper.remember()  # nothing goes back behind the end
        yield from self.keeper.save_last()
        if self.keeper.unwritten:
            which = " and ".join(sorted(self.keeper.unwritten))
            yield self.journal.end(
                "failed",
                f"All {self.progress.epoch} epochs are done, but the {which} checkpoint could not "
                "be written.",
                "Make room and resume: what came after the last one written is done again.",
            )
            return
        yield self.journal.note(events.Phase, message="Judging the best checkpoint")
        self.ready = False  # the model leaves its last state: nothing is saved from here on
        self.keeper.load_best()
        metrics = {p: m for p in ("validation", "test") if (m := self.evaluator.evaluate(p))}
        if self.control.stopping:
            yield from self._stop()
            return
        done, best = self.progress.epoch, self.progress.best_epoch
        yield self.journal.end(
            "finished",
            f"Finished after {done} epochs; the best is epoch {best}.{early}",
            metrics=metrics,
            baselines={part: self.task.baselines(part) for part in metrics},
        )
