"""Before the first step: how many threads pay, how long an epoch takes, the memory needed."""

from dataclasses import dataclass

import torch

from workbench.engine.devices import clock, is_out_of_memory, pays_with_threads, set_threads
from workbench.engine.step import StepMaker
from workbench.models.base import SequenceModel
from workbench.tasks.base import Task

_BUDGET_S = 0.3


@dataclass(frozen=True)
class Warmup:
    """What was measured.

    Attributes:
        threads: CPU threads inside one operation.
        step_s: Seconds of one step's forward and backward pass.
        message: Why so many threads.
    """

    threads: int
    step_s: float
    message: str


def warm_up(maker: StepMaker, task: Task, threads: int) -> Warmup:
    """Time a few forward and backward passes; weights and generators are left as they were.

    Args:
        maker: Of the model to be trained.
        task: For its first training batches.
        threads: As asked for; 0 finds out.
    """
    device = next(maker.model.parameters()).device
    batches = [task.batch("train", 0, index) for index in range(min(3, task.batches("train")))]
    timed: dict[int, float] = {}

    def fits() -> bool:
        try:
            maker.gradients(batches[:1], None, 0)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return False
        return True

    def seconds_with(count: int) -> float:
        set_threads(count)
        durations: list[float] = []
        started = clock()
        while not durations or (clock() - started < _BUDGET_S and len(durations) < 30):
            began = clock()
            maker.gradients([batches[len(durations) % len(batches)]], None, 0)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            durations.append(clock() - began)
        timed[count] = sorted(durations)[len(durations) // 2]
        return timed[count]

    cut = ""
    while not fits():  # the first pass also compiles primitives: it is not timed
        cut = maker.cut(batches[0])
    if device.type != "cpu":
        seconds_with(1)
        chosen, message = 1, ""
    elif threads:
        seconds_with(threads)
        chosen, message = threads, f"{threads} CPU threads, as asked for."
    else:
        chosen = pays_with_threads(seconds_with)
        if chosen not in timed:
            seconds_with(chosen)
        message = _why(chosen, timed)
    set_threads(chosen)
    maker.optimizer.zero_grad(set_to_none=True)
    return Warmup(chosen, timed[chosen], f"{message} {cut}".strip())


def _why(chosen: int, timed: dict[int, float]) -> str:
    if len(timed) < 2:
        return "One CPU thread: the machine is busy or has one core."
    other = min(count for count in timed if count != 1)
    gain = timed[1] / timed[chosen if chosen != 1 else other]
    if chosen == 1:
        return f"One CPU thread: {other} are {gain:.2f}× as fast."
    return f"{chosen} CPU threads: {gain:.2f}× as fast as one."


def peak_memory_bytes(model: SequenceModel, task: Task, optimizer: str) -> int:
    """Estimate the job's peak memory beyond the program itself, in bytes.

    Weights, gradients and moments, and what a step's backward pass keeps: per layer and step the
    gates and states, and what the head needs; four bytes each.
    """
    weights = sum(p.numel() for p in model.parameters())
    moments = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 1}[optimizer]
    rows, steps = task.batch("train", 0, 0).inputs[0].shape[:2]
    stack = model.stack
    per_step = stack.num_layers * stack.output_size * (stack.cell.blocks + 4)
    kept = rows * (2 * steps * per_step + model.kept_outputs(steps))
    return 4 * (weights * (2 + moments) + kept)
