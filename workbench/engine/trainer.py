"""The trainer: a generator of events. It knows no task and no window."""

import math
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine import events
from workbench.engine.checkpoint import (
    Checkpoint,
    load_checkpoint,
    load_newest,
    load_optimizer,
    load_weights,
    model_tensors,
    optimizer_parts,
    save_checkpoint,
)
from workbench.engine.control import Control
from workbench.engine.devices import (
    Device,
    choose_device,
    clear_memory,
    clock,
    is_out_of_memory,
    keep_freed_memory,
    set_threads,
    wants_bfloat16,
)
from workbench.engine.journal import Journal
from workbench.engine.optimizers import make_optimizer
from workbench.engine.prepare import prepare_task
from workbench.engine.previewing import Previewer
from workbench.engine.progress import Progress
from workbench.engine.reporter import Reporter
from workbench.engine.schedules import schedule_factor
from workbench.engine.seeding import make_generator
from workbench.engine.step import StepMaker, StepResult
from workbench.engine.verdict import judge
from workbench.engine.warmup import peak_memory_bytes, warm_up
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.dropout import Dropout
from workbench.paths import runs_folder
from workbench.runs import RunFolder
from workbench.tasks.base import PreviewRequest, Task

SNAPSHOT_EVERY = 50
"""Steps between two states kept in memory to go back to."""

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
    yield from _Run(experiment, place, control or Control(), None).events()


def resume(folder: RunFolder | Path, control: Control | None = None) -> Iterator[events.Event]:
    """Go on with a run from its last checkpoint, as if it had never stopped.

    Raises:
        UserError: Where there is no such run, or no checkpoint of it can be read.
    """
    place = folder if isinstance(folder, RunFolder) else RunFolder.open(folder)
    experiment = Experiment.load(place.path / "experiment.toml")
    checkpoints = place.path / "checkpoints"
    started = any(checkpoints.glob("*.safetensors"))
    checkpoint = load_newest(checkpoints) if started else None
    yield from _Run(experiment, place, control or Control(), checkpoint).events()


class _Run:
    """One training run from its first event to its last."""

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
        self.journal = Journal(folder, self.progress)
        self.epochs: list[events.EpochDone] = []
        self.losses: deque[float] = deque(maxlen=300)
        self.baselines: dict[str, float] = {}
        self.carried: tuple[Tensor, ...] | None = None
        self.snapshot: tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any], Any] | None = (
            None
        )
        self.last_saved = clock()

    # ------------------------------------------------------------------ from start to end

    def events(self) -> Iterator[events.Event]:
        """Everything that happens; whatever goes wrong ends in a ``RunEnded``."""
        ended = False
        try:
            self.folder.acquire()
            for event in self._job():
                ended = isinstance(event, events.RunEnded)
                yield event
        except UserError as error:
            yield self.journal.end("failed", error.what, error.todo, details=error.details)
            ended = True
        except Exception as error:
            yield self.journal.end(
                "failed",
                f"Training stopped on an unexpected error: {type(error).__name__}: {error}.",
                "The last checkpoint is kept. Details hold the traceback.",
                details=traceback.format_exc(),
            )
            ended = True
        finally:
            if not ended:
                self._save_quietly()
                self.folder.update(state="stopped", reason="The program reading the run stopped.")
            self.folder.release()

    def _job(self) -> Iterator[events.Event]:
        yield from self._prepare()
        if self.control.stopping:
            yield from self._stop()
            return
        early = ""
        while self.progress.epoch < self.experiment.training.epochs:
            yield from self._epoch()
            if self.control.stopping:
                yield from self._stop()
                return
            if self.progress.bad_steps >= MOST_BAD_STEPS:
                yield from self._give_up()
                return
            patience = self.experiment.training.patience
            if patience and self.progress.waited >= patience:
                early = f" Stopped early: no improvement for {patience} validations."
                break
        yield from self._finish(early)

    def _prepare(self) -> Iterator[events.Event]:
        """Read the data, build the model, load a checkpoint, warm up."""
        keep_freed_memory()
        resumed = self.checkpoint is not None
        self.journal.rewind(self.checkpoint)
        self.folder.update(state="running", reason="")
        yield self.journal.note(
            events.RunStarted,
            folder=str(self.folder.path),
            task=self.experiment.task.value,
            resumed=resumed,
        )
        yield self.journal.note(events.Phase, message="Reading the data")
        self.task: Task = prepare_task(self.experiment, lambda: self.control.stopping)
        yield self.journal.note(events.Phase, message=f"Building the model for {self.task.message}")
        device = self._choose_device()
        if device.message:
            yield self.journal.note(events.Noted, level="warning", message=device.message)
        self.device = device.torch
        seed = self.experiment.seed
        self.model: nn.Module = self.task.build_model(make_generator(seed, "weights"))
        self.model.to(self.device)
        self.task.to(self.device)
        parameters = sum(p.numel() for p in self.model.parameters())
        self.optimizer = make_optimizer(
            self.experiment.training, self.model.parameters(), self.device
        )
        bfloat16 = (
            self.progress.precision == "bfloat16"
            if resumed
            else wants_bfloat16(self.experiment, self.device)
        )
        self.maker = StepMaker(self.task, self.model, self.optimizer, self.experiment, bfloat16)
        self.model.train()
        self._apply_values()
        yield self.journal.note(events.Phase, message="Warming up: timing a few steps")
        message = self._warm_up(device, bfloat16, resumed)
        self.baselines = self.task.baselines("validation")
        steps = self._steps_per_epoch()
        yield self.journal.note(
            events.WarmedUp,
            device=device.label,
            threads=self.progress.threads,
            precision=self.progress.precision,
            seconds_per_epoch=self.progress.seconds_per_epoch,
            steps_per_epoch=steps,
            total_steps=steps * self.experiment.training.epochs,
            parameters=parameters,
            peak_memory_bytes=peak_memory_bytes(
                self.model, self.task, self.experiment.training.optimizer
            ),
            message=message,
            baselines=self.baselines,
            metric=self.task.metric,
        )
        self.previewer = Previewer(self.task, self.model, self.experiment)
        self.reporter = Reporter()
        if self.checkpoint:
            self._load(self.checkpoint)
        else:
            yield from self._save()
        self._take_snapshot()
        self._started = clock()

    def _choose_device(self) -> Device:
        device = choose_device(self.experiment.training.device)
        before = self.progress.device
        if before and before != device.label:
            message = (
                f"This run was trained on {before} and goes on on {device.label}; it will not be "
                "equal bit for bit to one that never stopped."
            )
            return Device(device.torch, device.label, message)
        return device

    def _warm_up(self, device: Device, bfloat16: bool, resumed: bool) -> str:
        """Choose threads, or take those of the checkpoint, so that a resumed run stays equal."""
        wanted = self.progress.threads if resumed else self.experiment.training.threads
        done = warm_up(self.maker, self.task, wanted)
        self.progress.device = device.label
        self.progress.threads = done.threads
        self.progress.precision = "bfloat16" if bfloat16 else "float32"
        batches = self.task.batches("train")
        self.progress.seconds_per_epoch = done.step_s * batches
        native = " bfloat16: the processor multiplies it natively." if bfloat16 else ""
        return done.message + native

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
        yield from self._validate(batches)

    def _step(self, batches: int) -> Iterator[events.Event]:
        count = min(self.experiment.training.accumulation, batches - self.progress.index)
        began = clock()
        group = [
            self.task.batch("train", self.progress.epoch, self.progress.index + offset)
            for offset in range(count)
        ]
        state = self.carried if self.task.carries_state and self.progress.index else None
        result, note = self._try_step(group, state)
        if note:
            yield self.journal.note(events.Noted, level="warning", message=note)
        if result is None:
            return
        if not result.finite:
            yield from self._roll_back(group, state)
            self.progress.index += count
            return
        duration = clock() - began
        self.progress.step += 1
        self.progress.index += count
        self.progress.time_s += duration
        self.progress.epoch_loss += result.loss * count
        self.carried = result.state if self.task.carries_state else None
        self.losses.append(result.loss)
        self.reporter.add(self.progress.step, result, duration)
        if self.reporter.due:
            yield from self._flush()
        if self.previewer.due:
            yield from self._show()
        if self.progress.step % SNAPSHOT_EVERY == 0:
            self._take_snapshot()
            if clock() - self.last_saved >= self.experiment.training.autosave_s:
                yield from self._save()

    def _try_step(
        self, group: list[Any], state: tuple[Tensor, ...] | None
    ) -> tuple[StepResult | None, str]:
        """Make a step; where memory runs out, cut batches in two and say so."""
        try:
            return self.maker.make(group, state, self.progress.step, self.learning_rate), ""
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            rows = group[0].targets.shape[0]
            if self.maker.splits >= rows:
                raise UserError(
                    "Memory ran out even with one sequence at a time.",
                    "Lower model.hidden_size, training.bptt_length or the window.",
                ) from None
        clear_memory(self.device)
        self.maker.splits = self.progress.splits = self.maker.splits * 2
        size = math.ceil(rows / self.maker.splits)
        return None, (
            f"Memory ran out: batches of {rows} now pass in parts of {size}; their gradients are "
            "added up, so the effective batch stays the same."
        )

    @property
    def learning_rate(self) -> float:
        """Rate of the next step: base × schedule × what was learned on the way."""
        training = self.experiment.training
        base = self.progress.values.get("training.learning_rate", training.learning_rate)
        position = self.progress.epoch + self.progress.index / self.task.batches("train")
        return (
            base
            * schedule_factor(training, position)
            * self.progress.rate_scale
            * self.progress.plateau_scale
        )

    def _steps_per_epoch(self) -> int:
        return math.ceil(self.task.batches("train") / self.experiment.training.accumulation)

    # ------------------------------------------------------------------ looking between steps

    def _answer(self) -> Iterator[events.Event]:
        """Do what was asked; wait while paused."""
        yield from self._requests()
        if not self.control.paused or self.control.stopping:
            return
        yield from self._flush()
        yield from self._save()
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
                self._apply_values()
                yield self.journal.note(
                    events.SettingChanged,
                    name=name,
                    value=value,
                    message=f"{name} set to {value:g}.",
                )
            elif request.kind == "sample":
                self.previewer.ask(PreviewRequest(**request.values))
                yield from self._show()
            elif request.kind == "probe":
                self.previewer.now()
                yield from self._show()
            elif request.kind == "checkpoint":
                yield from self._save()

    def _apply_values(self) -> None:
        """Put live settings where they act."""
        values = self.progress.values
        self.maker.clip_norm = values.get("training.clip_norm", self.maker.clip_norm)
        self.maker.clip_value = values.get("training.clip_value", self.maker.clip_value)
        self.maker.splits = self.progress.splits
        model: Any = self.model
        places: dict[str, list[Dropout]] = {
            "model.dropout": list(model.stack.between),
            "model.embedding_dropout": [model.embedding_dropout],
            "model.output_dropout": [model.output_dropout],
        }
        for name, parts in places.items():
            for part in parts:
                part.share = values.get(name, part.share)

    def _flush(self) -> Iterator[events.Event]:
        values = self.reporter.take()
        if not values["loss"]:
            return
        batches = self.task.batches("train")
        position = self.progress.epoch + self.progress.index / batches
        left = (self.experiment.training.epochs - position) * self._steps_per_epoch()
        yield self.journal.note(
            events.StepsDone,
            epoch=position,
            learning_rate=self.learning_rate,
            remaining_s=left * self.reporter.step_s,
            throughput_unit=self.task.throughput_unit,
            **values,
        )

    def _show(self) -> Iterator[events.Event]:
        for kind, values in self.previewer.make(self.progress.step, self.progress.time_s):
            yield self.journal.show(kind, values)

    # ------------------------------------------------------------------ validation and verdict

    def _validate(self, batches: int) -> Iterator[events.Event]:
        metrics = self._evaluate("validation")
        if not metrics:
            return  # stopped meanwhile; the epoch is validated when the run goes on
        training, progress = self.experiment.training, self.progress
        value = metrics[self.task.metric]
        progress.epoch += 1
        progress.index = 0
        mean_loss = progress.epoch_loss / batches
        progress.epoch_loss = 0.0
        is_best = math.isfinite(value) and (progress.best is None or value < progress.best)
        if is_best:
            progress.best, progress.best_epoch = value, progress.epoch
            progress.waited = progress.plateau_waited = 0
        else:
            progress.waited += 1
            progress.plateau_waited += 1
            if (
                training.schedule == "plateau"
                and progress.plateau_waited >= training.schedule_every
            ):
                progress.plateau_scale *= training.schedule_factor
                progress.plateau_waited = 0
        done = events.EpochDone(
            **self.journal.stamp(),
            epoch=progress.epoch,
            train_loss=mean_loss,
            metrics=metrics,
            metric=self.task.metric,
            best=progress.best if progress.best is not None else value,
            best_epoch=progress.best_epoch,
            is_best=is_best,
            waited=progress.waited,
            patience=training.patience,
        )
        self.epochs.append(done)
        self.folder.update(
            best=progress.best, metric=self.task.metric, time_s=progress.time_s, epoch=progress.epoch,
            baseline=min(self.baselines.values(), default=None),
        )  # fmt: skip
        yield self.journal.write(done)
        if is_best:
            yield from self._save_best()
        verdict = judge(self.epochs, self.baselines, list(self.losses))
        yield self.journal.note(
            events.Verdict, state=verdict.state, message=verdict.message, advice=verdict.advice
        )

    def _evaluate(self, part: str, cancelled: Callable[[], bool] | None = None) -> dict[str, float]:
        self.model.eval()
        try:
            return self.task.evaluate(
                self.model, part, cancelled or (lambda: self.control.stopping)
            )
        finally:
            self.model.train()

    # ------------------------------------------------------------------ saving and going back

    def _state(self) -> Checkpoint:
        tensors = model_tensors(self.model)
        moments, scalars = optimizer_parts(self.optimizer)
        tensors |= moments
        for index, part in enumerate(self.carried or ()):
            tensors[f"carried.{index}"] = part.detach().cpu().clone()
        state = {
            "progress": self.progress.to_json(),
            "optimizer": scalars,
            "epochs": [done.to_json() for done in self.epochs],
            "losses": list(self.losses),
            "events": self.journal.offset(),
            "codec": self.task.codec_json(),
        }
        return Checkpoint(tensors, state)

    def _load(self, checkpoint: Checkpoint) -> None:
        load_weights(self.model, checkpoint.part("model"))
        load_optimizer(self.optimizer, checkpoint.part("optimizer"), checkpoint.state["optimizer"])
        carried = checkpoint.part("carried")
        if carried:
            self.carried = tuple(carried[name].to(self.device) for name in sorted(carried))
        self.losses.extend(checkpoint.state["losses"])
        for values in checkpoint.state["epochs"]:
            event = events.from_json(values)
            if isinstance(event, events.EpochDone):
                self.epochs.append(event)

    def _save(self) -> Iterator[events.Event]:
        """Write the last checkpoint; a disk that refuses is said and training goes on."""
        file = self.folder.path / "checkpoints" / "last.safetensors"
        self.last_saved = clock()
        try:
            save_checkpoint(file, self._state(), keep_previous=True)
        except UserError as error:
            yield self.journal.note(
                events.Noted, level="error", message=f"{error.what} {error.todo}"
            )
        else:
            yield self.journal.note(events.Saved, which="last", file="checkpoints/last.safetensors")

    def _save_best(self) -> Iterator[events.Event]:
        file = self.folder.path / "checkpoints" / "best.safetensors"
        state = {"progress": self.progress.to_json(), "codec": self.task.codec_json()}
        try:
            save_checkpoint(file, Checkpoint(model_tensors(self.model), state))
        except UserError as error:
            yield self.journal.note(
                events.Noted, level="error", message=f"{error.what} {error.todo}"
            )
        else:
            yield self.journal.note(events.Saved, which="best", file="checkpoints/best.safetensors")

    def _save_quietly(self) -> None:
        """Save when nobody reads events any more."""
        if getattr(self, "task", None) is not None and hasattr(self, "reporter"):
            for _ in self._save():
                pass

    def _take_snapshot(self) -> None:
        moments, scalars = optimizer_parts(self.optimizer)
        self.snapshot = (model_tensors(self.model), moments, scalars, self.carried)

    def _roll_back(
        self, group: list[Any], state: tuple[Tensor, ...] | None
    ) -> Iterator[events.Event]:
        """Drop a step that was not finite, go back to the last good state, halve the rate."""
        bad = self.maker.first_bad_tensor(group, state)
        assert self.snapshot is not None
        weights, moments, scalars, carried = self.snapshot
        load_weights(
            self.model, {name.removeprefix("model."): part for name, part in weights.items()}
        )
        load_optimizer(
            self.optimizer,
            {name.removeprefix("optimizer."): part for name, part in moments.items()},
            scalars,
        )
        self.carried = carried
        self.progress.bad_steps += 1
        self.progress.rate_scale /= 2
        yield self.journal.note(
            events.Noted,
            level="warning",
            message=(
                f"Step {self.progress.step + 1:,} was dropped: {bad} is not finite. The last good "
                f"state is restored and the learning rate halved to {self.learning_rate:.3g} "
                f"({self.progress.bad_steps} of {MOST_BAD_STEPS} before the run ends)."
            ),
        )
        yield self.journal.note(
            events.SettingChanged,
            name="training.learning_rate",
            value=self.learning_rate,
            by="program",
            message=f"Halved: {bad} was not finite.",
        )

    # ------------------------------------------------------------------ ways to end

    def _stop(self) -> Iterator[events.Event]:
        if self.control.discarding:
            yield self.journal.end("discarded", "Discarded as asked; the folder is in the bin.")
            self.folder.discard()
            return
        if hasattr(self, "reporter"):
            yield from self._flush()
            yield from self._save()
        epoch, total = self.progress.epoch, self.experiment.training.epochs
        yield self.journal.end(
            "stopped", f"Stopped and kept after {epoch} of {total} epochs.", "It can be resumed."
        )

    def _give_up(self) -> Iterator[events.Event]:
        yield from self._flush()
        yield self.journal.end(
            "failed",
            f"The loss was not finite {MOST_BAD_STEPS} times, each time at a lower learning rate.",
            "Lower the learning rate, clip gradients at norm 1, or scale the inputs; the best "
            "checkpoint is kept.",
        )

    def _finish(self, early: str) -> Iterator[events.Event]:
        yield from self._save()
        yield self.journal.note(
            events.Phase, message="Evaluating the best checkpoint on the test part"
        )
        best = self.folder.path / "checkpoints" / "best.safetensors"
        if best.exists():
            load_weights(self.model, load_checkpoint(best).part("model"))
        metrics = {part: self._evaluate(part) for part in ("validation", "test")}
        metrics = {part: values for part, values in metrics.items() if values}
        yield self.journal.end(
            "finished",
            f"Finished after {self.progress.epoch} epochs; the best is epoch "
            f"{self.progress.best_epoch}.{early}",
            metrics=metrics,
        )
