"""What happens in a run, as frozen plain values.

The trainer yields them, the run folder stores them (one JSON object a line, arrays beside it),
the window and the command line read them. Arrays are copies, never views of live tensors.
"""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True)
class Event:
    """Base of all events.

    Attributes:
        run: Id of the run it belongs to; a view drops events of another run.
        step: Optimiser steps done when it happened.
        time_s: Seconds of training time (without pauses, across resumes).
    """

    kind: ClassVar[str] = "event"

    run: str
    step: int
    time_s: float

    def to_json(self) -> dict[str, Any]:
        """Plain values for one line of ``events.jsonl``; arrays become lists."""
        values: dict[str, Any] = {"event": self.kind}
        for item in fields(self):
            value = getattr(self, item.name)
            values[item.name] = value.tolist() if isinstance(value, np.ndarray) else value
        return values


@dataclass(frozen=True)
class RunStarted(Event):
    """The run has a folder and begins.

    Attributes:
        folder: Path of the run folder.
        task: Name of the task.
        resumed: True where it goes on from a checkpoint.
        message: One sentence, such as what was found in the data.
    """

    kind: ClassVar[str] = "run_started"
    folder: str = ""
    task: str = ""
    resumed: bool = False
    message: str = ""


@dataclass(frozen=True)
class Phase(Event):
    """What the trainer is busy with before and between steps ('reading data', 'warming up')."""

    kind: ClassVar[str] = "phase"
    message: str = ""


@dataclass(frozen=True)
class WarmedUp(Event):
    """What a short warm-up measured and decided.

    Attributes:
        device: Name of the device in use, such as ``cpu`` or ``cuda:0 (NVIDIA …)``.
        threads: CPU threads inside one operation.
        precision: ``float32`` or ``bfloat16``.
        seconds_per_epoch: Measured time of one epoch.
        steps_per_epoch: Optimiser steps of one epoch.
        parameters: Trained numbers in the model.
        peak_memory_bytes: Estimate of the job's peak memory.
        message: Why this device, these threads, this precision.
        baselines: Score of each naive rule by name, in the metric ``metric``.
        metric: Name of the metric that 'best' is judged by (lower is better).
        clip_norm: Gradients longer than this are shortened to it; 0 is off.
    """

    kind: ClassVar[str] = "warmed_up"
    device: str = ""
    threads: int = 1
    precision: str = "float32"
    seconds_per_epoch: float = 0.0
    steps_per_epoch: int = 0
    total_steps: int = 0
    parameters: int = 0
    peak_memory_bytes: int = 0
    message: str = ""
    baselines: dict[str, float] = field(default_factory=dict)
    metric: str = ""
    clip_norm: float = 0.0


@dataclass(frozen=True)
class StepsDone(Event):
    """A stretch of training steps, at most 20 such events a second.

    Attributes:
        epoch: Epoch of the last step, as a fraction (2.25 is a quarter into the third).
        first_step: Step number of the first entry; entries are consecutive.
        loss: Training loss of each step, float32 ``(n,)``.
        gradient_norm: Before clipping, float32 ``(n,)``.
        learning_rate: Of the last step.
        step_s: Mean seconds per step in this stretch.
        throughput: Symbols (or values) per second.
        throughput_unit: ``symbols/s`` or ``windows/s``.
        remaining_s: Estimate of the time left.
    """

    kind: ClassVar[str] = "steps_done"
    epoch: float = 0.0
    first_step: int = 0
    loss: tuple[float, ...] = ()
    gradient_norm: tuple[float, ...] = ()
    learning_rate: float = 0.0
    step_s: float = 0.0
    throughput: float = 0.0
    throughput_unit: str = ""
    remaining_s: float = 0.0


@dataclass(frozen=True)
class EpochDone(Event):
    """An epoch ended with a validation pass.

    Attributes:
        epoch: Epochs done.
        train_loss: Mean training loss of the epoch.
        metrics: Validation metrics by name; the run's metric is among them.
        metric: Name of the one that counts.
        best: Best value so far.
        best_epoch: When it was reached.
        is_best: True where this epoch is it.
        waited: Validations without improvement.
        patience: After how many the run stops; 0 is never.
    """

    kind: ClassVar[str] = "epoch_done"
    epoch: int = 0
    train_loss: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    metric: str = ""
    best: float = 0.0
    best_epoch: int = 0
    is_best: bool = False
    waited: int = 0
    patience: int = 0


@dataclass(frozen=True)
class Sampled(Event):
    """Text written by the model while it trains.

    Attributes:
        prompt: What it was given.
        symbols: What it wrote, one string per symbol.
        probability: Probability of each written symbol under the model, 0…1.
        temperature: Temperature it was sampled at.
    """

    kind: ClassVar[str] = "sampled"
    prompt: str = ""
    symbols: tuple[str, ...] = ()
    probability: tuple[float, ...] = ()
    temperature: float = 1.0


@dataclass(frozen=True, eq=False)
class Forecasted(Event):
    """Forecasts on held-out windows, in the user's own units.

    Attributes:
        windows: One entry per shown window and target: a dict with ``title``, ``target``,
            ``unit``; ``past_x`` and ``future_x`` (ISO dates or row numbers as text);
            ``past``, ``truth``, ``forecast``, ``naive`` (lists of float), ``naive_name``;
            ``quantiles`` (dict of level as text → list).
    """

    kind: ClassVar[str] = "forecasted"
    windows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class ProbeTraced(Event):
    """All gates and states of the pinned probe.

    Attributes:
        labels: One text per time step (symbol, date).
        quantities: ``"layer 1 · hidden"`` … → float16 array ``(T, H)``. Stored beside the events;
            in ``events.jsonl`` only ``file`` is written.
        file: Name of the array file within the run folder.
    """

    kind: ClassVar[str] = "probe_traced"
    labels: tuple[str, ...] = ()
    quantities: dict[str, np.ndarray] = field(default_factory=dict)
    file: str = ""

    def to_json(self) -> dict[str, Any]:
        """As for all events, with the arrays left to their own file."""
        return {
            "event": self.kind, "run": self.run, "step": self.step, "time_s": self.time_s,
            "labels": list(self.labels), "file": self.file,
        }  # fmt: skip


@dataclass(frozen=True)
class SettingChanged(Event):
    """A setting was changed while the run goes on: a mark on the curve.

    Attributes:
        name: Dotted name of the field.
        value: Its new value.
        by: ``user`` or ``program``.
        message: One sentence.
    """

    kind: ClassVar[str] = "setting_changed"
    name: str = ""
    value: float = 0.0
    by: str = "user"
    message: str = ""


@dataclass(frozen=True)
class Noted(Event):
    """Something the user should know: a fallback, a rolled-back step, memory halved.

    Attributes:
        level: ``info``, ``warning`` or ``error``.
        message: What happened and what was done, in a sentence or two.
    """

    kind: ClassVar[str] = "noted"
    level: str = "info"
    message: str = ""


@dataclass(frozen=True)
class Verdict(Event):
    """The run in one sentence, with the next step to try.

    Attributes:
        state: ``improving``, ``plateau``, ``overfitting``, ``diverging``, ``no_better_than_naive``,
            ``starting`` or ``done``.
        message: The sentence.
        advice: What to try next, or empty.
    """

    kind: ClassVar[str] = "verdict"
    state: str = "starting"
    message: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Saved(Event):
    """A checkpoint is safely on disk.

    Attributes:
        which: ``last`` or ``best``.
        file: Its name within the run folder.
    """

    kind: ClassVar[str] = "saved"
    which: str = "last"
    file: str = ""


@dataclass(frozen=True)
class Paused(Event):
    """Training waits; ``Continued`` ends it."""

    kind: ClassVar[str] = "paused"


@dataclass(frozen=True)
class Continued(Event):
    """Training goes on after a pause."""

    kind: ClassVar[str] = "continued"


@dataclass(frozen=True)
class RunEnded(Event):
    """The run is over; nothing follows.

    Attributes:
        state: ``finished``, ``stopped`` (kept by the user or early), ``discarded``, ``failed``, or
            ``unstarted`` where the job could not begin (its folder is gone).
        reason: One sentence.
        todo: What to do about it, or empty.
        metrics: Final metrics by part (``validation``, ``test``), of the best checkpoint.
        baselines: Naive rules' values of the metric that counts, by part.
        details: Traceback where it failed.
    """

    kind: ClassVar[str] = "run_ended"
    state: str = "finished"
    reason: str = ""
    todo: str = ""
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    details: str = ""


_KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        RunStarted, Phase, WarmedUp, StepsDone, EpochDone, Sampled, Forecasted, ProbeTraced,
        SettingChanged, Noted, Verdict, Saved, Paused, Continued, RunEnded,
    )
}  # fmt: skip


def from_json(values: dict[str, Any]) -> Event | None:
    """Rebuild an event from one line of ``events.jsonl``; None where its kind is unknown."""
    cls = _KINDS.get(values.get("event", ""))
    if cls is None:
        return None
    known = {item.name for item in fields(cls)}
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if key in known
    }
    return cls(**given)
