"""Before the first step: how many threads pay, how long an epoch takes, the memory needed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from workbench.data.findings import Cancelled
from workbench.engine.devices import (
    GAIN_NEEDED,
    clear_memory,
    clock,
    is_out_of_memory,
    pays_with_threads,
    set_threads,
)
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
        message: Why so many threads, and why this precision.
    """

    threads: int
    step_s: float
    message: str


def warm_up(
    maker: StepMaker,
    task: Task,
    threads: int,
    *,
    judge_precision: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> Warmup:
    """Time a few forward and backward passes; weights and generators are left as they were.

    Args:
        maker: Of the model to be trained; its precision and splits are set.
        task: For its first training batches.
        threads: As asked for; 0 finds out.
        judge_precision: Whether bfloat16, where ``maker`` has it, is kept only if it gains.
        cancelled: Asked between passes.

    Raises:
        Cancelled: Where ``cancelled`` said True.
        UserError: Where memory does not even hold one sequence.
    """
    passes = _Passes(maker, task, cancelled)
    cut = passes.fit()
    message = passes.judge_precision() if judge_precision and maker.bfloat16 else ""
    if passes.device.type != "cpu":
        chosen, why = 1, ""
    elif threads:
        chosen, why = threads, f"{threads} CPU threads, as asked for."
    else:
        chosen = pays_with_threads(passes.seconds_with)
        why = _why(chosen, passes.timed)
    step_s = passes.timed.get(chosen) or passes.seconds_with(chosen)
    set_threads(chosen)
    maker.optimizer.zero_grad(set_to_none=True)
    return Warmup(chosen, step_s, " ".join(filter(None, (why, message, cut))))


class _Passes:
    """Forward and backward passes over the first training batches, timed.

    Attributes:
        device: Of the model.
        timed: Seconds of a pass by number of threads: the median.
    """

    def __init__(self, maker: StepMaker, task: Task, cancelled: Callable[[], bool] | None) -> None:
        self._maker = maker
        self._cancelled = cancelled
        count = min(3, task.batches("train"))
        self._batches = [task.batch("train", 0, index) for index in range(count)]
        self.device = next(maker.model.parameters()).device
        self.timed: dict[int, float] = {}

    def _once(self, index: int = 0) -> float:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        began = clock()
        self._maker.gradients([self._batches[index % len(self._batches)]], None, 0)
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return clock() - began

    def fit(self) -> str:
        """Cut batches until one fits into memory; a sentence where that was needed.

        The first pass also compiles primitives: it is not timed.
        """
        cut = ""
        while not self._fits():
            cut = self._maker.cut(self._batches[0])
        return cut

    def _fits(self) -> bool:
        try:
            self._once()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        else:
            return True
        clear_memory(self.device)
        return False

    def seconds_with(self, threads: int) -> float:
        """Time passes with so many threads."""
        set_threads(threads)
        durations: list[float] = []
        started = clock()
        while not durations or (clock() - started < _BUDGET_S and len(durations) < 30):
            durations.append(self._once(len(durations)))
        self.timed[threads] = sorted(durations)[len(durations) // 2]
        return self.timed[threads]

    def judge_precision(self) -> str:
        """Keep bfloat16 only where it is faster than float32, each pass beside one of the other.

        The quickest pass of each counts: what others do on the machine makes passes slower, never
        faster, so that the same machine decides the same again.
        """
        set_threads(1)
        single = half = math.inf
        started, rounds = clock(), 0
        while rounds < 3 or (clock() - started < 2 * _BUDGET_S and rounds < 15):
            self._maker.bfloat16 = False
            if not rounds and not self._fits():
                self._maker.bfloat16 = True
                return "bfloat16: in float32 a batch does not fit into memory."
            in_single = self._once(rounds)
            self._maker.bfloat16 = True
            in_half = self._once(rounds)
            if rounds:  # the first of each compiles its primitives
                single, half = min(single, in_single), min(half, in_half)
            rounds += 1
        gain = single / half
        self._maker.bfloat16 = gain > 1
        if gain > 1:
            return f"bfloat16: {gain:.2f}× as fast as float32."
        return f"float32: bfloat16 is only {gain:.2f}× as fast."


def _why(chosen: int, timed: dict[int, float]) -> str:
    if len(timed) < 2:
        return "One CPU thread: the machine is busy or has one core."
    other = min(count for count in timed if count != 1)
    gain = timed[1] / timed[chosen if chosen != 1 else other]
    if chosen == 1:
        return f"One CPU thread: {other} would be {gain:.2f}× as fast, {GAIN_NEEDED}× is needed."
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
