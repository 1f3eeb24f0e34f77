"""What a job will need, before it is started."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from workbench.engine.assembly import make_maker
from workbench.engine.devices import (
    choose_device,
    keep_freed_memory,
    memory_running_out_said,
)
from workbench.engine.seeding import make_generator
from workbench.engine.warmup import peak_memory_bytes, warm_up
from workbench.experiment import Experiment
from workbench.models.base import Block, count_parameters
from workbench.tasks.base import Task


@dataclass(frozen=True)
class Estimate:
    """What is known without training.

    Attributes:
        parameters: Trained numbers.
        peak_memory_bytes: Estimate of the job's peak memory.
        input_shape: Shape of one batch of inputs.
        blocks: The network from input to output.
        steps_per_epoch: Optimiser steps.
    """

    parameters: int
    peak_memory_bytes: int
    input_shape: str
    blocks: tuple[Block, ...]
    steps_per_epoch: int


def estimate(experiment: Experiment, task: Task) -> Estimate:
    """Describe the model of an experiment.

    Args:
        experiment: The job.
        task: As ``prepare_task`` made it from the same experiment.

    Raises:
        UserError: Where memory does not hold the model.
    """
    with memory_running_out_said(torch.device("cpu")):
        model = task.build_model(make_generator(experiment.seed, "weights"))
    batch = task.batch("train", 0, 0)
    training = experiment.training
    return Estimate(
        parameters=count_parameters(model),
        peak_memory_bytes=peak_memory_bytes(model, task, training.optimizer),
        input_shape=" × ".join(str(size) for size in batch.inputs[0].shape),
        blocks=tuple(model.blocks(*batch.inputs[0].shape[:2])),
        steps_per_epoch=math.ceil(task.batches("train") / training.accumulation),
    )


def measure_epoch_time(
    experiment: Experiment, task: Task, cancelled: Callable[[], bool] | None = None
) -> tuple[float, str, str]:
    """Run a short warm-up; return seconds per epoch, where it is computed, and why so.

    Raises:
        Cancelled: Where ``cancelled`` said True.
        UserError: Where the device's name means nothing, or memory does not hold the model.
    """
    keep_freed_memory()
    device = choose_device(experiment.training.device)
    maker = make_maker(experiment, task, device)
    with memory_running_out_said(device.torch):
        auto = experiment.training.precision == "auto"
        threads = experiment.training.threads
        done = warm_up(maker, task, threads, judge_precision=auto, cancelled=cancelled)
    precision = "bfloat16" if maker.bfloat16 else "float32"
    count = f" ×{done.threads}" if done.threads > 1 else ""
    where = f"{device.torch.type}{count} · {precision}"
    return done.step_s * task.batches("train"), where, done.message
