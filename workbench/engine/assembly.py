"""Everything a run works with, made from its experiment before the first step."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.data.fingerprint import data_fingerprint
from workbench.engine.devices import (
    Device,
    memory_running_out_said,
    set_determinism,
    wants_bfloat16,
)
from workbench.engine.journal import Journal
from workbench.engine.keeper import Keeper, Memory
from workbench.engine.optimizers import make_optimizer
from workbench.engine.progress import Progress
from workbench.engine.seeding import make_generator
from workbench.engine.step import StepMaker
from workbench.engine.threads import ThreadWatch
from workbench.engine.warmup import Warmup, warm_up
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.runs import RunFolder
from workbench.tasks.base import Task


@dataclass(frozen=True)
class Assembly:
    """What works on one model.

    Attributes:
        model: On its device, in training mode.
        maker: Makes optimiser steps on it.
        keeper: Saves and restores it.
    """

    model: SequenceModel
    maker: StepMaker
    keeper: Keeper


def make_maker(experiment: Experiment, task: Task, device: Device) -> StepMaker:
    """Make a fresh model and optimiser on a device, and what makes steps on them.

    Raises:
        UserError: Where memory does not hold the model.
    """
    with memory_running_out_said(device.torch):
        model = task.build_model(make_generator(experiment.seed, "weights"))
        model.to(device.torch)
        task.to(device.torch)
    model.train()
    optimizer = make_optimizer(experiment.training, model.parameters(), device.torch)
    bfloat16 = wants_bfloat16(experiment, device.torch)
    return StepMaker(task, model, optimizer, experiment, bfloat16)


def assemble(
    experiment: Experiment,
    task: Task,
    device: Device,
    folder: RunFolder,
    memory: Memory,
    journal: Journal,
) -> Assembly:
    """Make model, optimiser and everything that works on them.

    Raises:
        UserError: Where memory does not hold the model.
    """
    progress = memory.progress
    set_determinism(device.torch, experiment.training.deterministic)
    maker = make_maker(experiment, task, device)
    if progress.precision:
        maker.bfloat16 = progress.precision == "bfloat16"
    maker.splits = progress.splits
    model, optimizer = maker.model, maker.optimizer
    data = {"codec": task.codec_json(), "fingerprint": data_fingerprint(experiment)}
    keeper = Keeper(folder.path / "checkpoints", model, optimizer, memory, journal, data)
    return Assembly(model, maker, keeper)


def choose_pace(
    experiment: Experiment,
    task: Task,
    maker: StepMaker,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> tuple[Warmup, ThreadWatch]:
    """Choose threads and precision by a warm-up, or take those of a resumed run, which stays equal.

    Raises:
        Cancelled: Where ``cancelled`` said True.
        UserError: Where memory does not even hold one sequence.
    """
    training = experiment.training
    done = warm_up(
        maker,
        task,
        progress.threads or training.threads,
        judge_precision=training.precision == "auto" and not progress.precision,
        cancelled=cancelled,
    )
    progress.threads, progress.splits = done.threads, maker.splits
    progress.precision = "bfloat16" if maker.bfloat16 else "float32"
    return done, ThreadWatch(done.threads, free=not training.threads)
