"""One optimiser step: forward, backward, clipping, update, and what to do when it goes wrong."""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_value_, clip_grads_with_norm_, get_total_norm
from torch.optim import Optimizer

from workbench.engine.devices import clear_memory, is_out_of_memory
from workbench.engine.seeding import mixed_seed
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.models.dropout import Dropout
from workbench.tasks.base import Batch, State, Task


@dataclass(frozen=True)
class StepResult:
    """What one step measured.

    Attributes:
        loss: Mean training loss over its batches, in the unit it is drawn in.
        gradient_norm: Before clipping.
        items: Symbols or windows seen.
        state: Recurrent state after it, detached.
        finite: False where the update was not made because loss or gradient was not finite.
    """

    loss: float
    gradient_norm: float
    items: int
    state: State | None
    finite: bool


class StepMaker:
    """Makes optimiser steps on one model.

    Attributes:
        clip_norm: Gradients longer than this are shortened; 0 is off.
        clip_value: Gradients are cut to ± this; 0 is off.
        splits: Parts each batch is cut into, gradients added up (after memory ran out).
        bfloat16: Whether the forward pass runs in bfloat16.
    """

    def __init__(
        self,
        task: Task,
        model: SequenceModel,
        optimizer: Optimizer,
        experiment: Experiment,
        bfloat16: bool,
    ) -> None:
        self.task = task
        self.model = model
        self.optimizer = optimizer
        self.clip_norm = experiment.training.clip_norm
        self.clip_value = experiment.training.clip_value
        self.splits = 1
        self._seed = experiment.seed
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._device = self._parameters[0].device
        self.bfloat16 = bfloat16
        self._weight_drop = experiment.model.weight_drop > 0
        self._noise = model.noise
        self._noise.generator = torch.Generator(device=self._device)
        self._dropouts = [part for part in model.modules() if isinstance(part, Dropout)]

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """The precision the forward pass runs in."""
        if self.bfloat16:
            return torch.autocast(self._device.type, dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def gradients(
        self, batches: list[Batch], state: State | None, step: int
    ) -> tuple[float, int, State | None]:
        """Compute gradients of the mean loss over ``batches``, which follow each other in time.

        Dropout masks depend on (seed, step) only, so a repeated step draws the same ones.

        Returns:
            Loss in the unit it is drawn in, items seen, and the state after the last batch.
        """
        self._seed_noise(step)
        self.optimizer.zero_grad(set_to_none=True)
        total, items = 0.0, 0
        for batch in batches:
            ends, loss_sum = [], 0.0
            for rows, share in self._rows(batch):
                given = (
                    None if state is None else tuple(part[:, rows].contiguous() for part in state)
                )
                with self.autocast():
                    output, end = self.model(*(part[rows] for part in batch.inputs), state=given)
                    loss: Tensor = self.task.loss(output, batch.targets[rows])
                torch.autograd.backward(loss * (share / len(batches)))
                loss_sum += loss.item() * share
                ends.append(end)
            if self.task.carries_state:
                state = tuple(torch.cat(parts, dim=1).detach() for parts in zip(*ends, strict=True))
            total += self.task.reported_loss(loss_sum, batch)
            items += batch.items
        return total / len(batches), items, state

    def _seed_noise(self, step: int) -> None:
        if self._weight_drop or any(part.share for part in self._dropouts):
            assert self._noise.generator is not None
            self._noise.generator.manual_seed(mixed_seed(self._seed, "noise", step))

    def _rows(self, batch: Batch) -> Iterator[tuple[slice, float]]:
        """Cut a batch into ``splits`` parts; each with its share of the whole."""
        size = batch.targets.shape[0]
        length = math.ceil(size / self.splits)
        for start in range(0, size, length):
            end = min(start + length, size)
            yield slice(start, end), (end - start) / size

    def make(
        self, batches: list[Batch], state: State | None, step: int, learning_rate: float
    ) -> StepResult:
        """Make one step; where loss or gradient is not finite, no weight is touched."""
        loss, items, after = self.gradients(batches, state, step)
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        norm = get_total_norm(gradients)
        length = norm.item()
        if not (math.isfinite(loss) and math.isfinite(length)):
            return StepResult(loss, length, items, state, finite=False)
        if self.clip_norm:
            clip_grads_with_norm_(self._parameters, self.clip_norm, norm)
        if self.clip_value:
            clip_grad_value_(self._parameters, self.clip_value)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        return StepResult(loss, length, items, after, finite=True)

    def make_within_memory(
        self, batches: list[Batch], state: State | None, step: int, learning_rate: float
    ) -> tuple[StepResult | None, str]:
        """Make one step; where memory runs out, cut batches in two and make none.

        Returns:
            As ``make``, or None; and, where batches were cut, a sentence that says so.

        Raises:
            UserError: Where not even a single sequence fits.
        """
        try:
            return self.make(batches, state, step, learning_rate), ""
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        return None, self.cut(batches[0])

    def cut(self, batch: Batch) -> str:
        """Cut batches in two from now on, after memory ran out; returns a sentence that says so.

        Call it outside the except block: the error holds what took the memory.

        Raises:
            UserError: Where not even a single sequence fits.
        """
        rows = batch.targets.shape[0]
        if self.splits >= rows:
            raise UserError(
                "Memory ran out even with one sequence at a time.",
                "Lower model.hidden_size, training.bptt_length or the window.",
            )
        clear_memory(self._device)
        self.splits *= 2
        return (
            f"Memory ran out: batches of {rows} now pass in parts of "
            f"{math.ceil(rows / self.splits)}; their gradients are added up, so the effective "
            "batch stays the same."
        )

    def first_bad_tensor(self, batches: list[Batch], state: State | None, step: int) -> str:
        """Name the first tensor that is not finite, in the order things are computed.

        Args:
            batches: Of the step that went wrong, whose gradients are still there.
            state: It began with.
            step: As given to ``gradients``: the same dropout masks are drawn again.
        """
        given = [(f"input {i} of the batch", t) for b in batches for i, t in enumerate(b.inputs)]
        given += [("the targets of the batch", b.targets) for b in batches]
        given += [("the carried state", part) for part in state or ()]
        weights = list(self.model.named_parameters())
        gradients = [(f"gradient of {name}", w.grad) for name, w in weights if w.grad is not None]
        return (
            _first_bad(given)
            or _first_bad([(f"weight {name}", weight) for name, weight in weights])
            or self._first_bad_output(batches, state, step)
            or _first_bad(gradients)
            or f"norm of all gradients (largest: {max(gradients, key=_largest)[0]})"
        )

    @torch.no_grad()
    def _first_bad_output(self, batches: list[Batch], state: State | None, step: int) -> str:
        """Run the forward pass again and name the first module whose output is not finite."""
        self._seed_noise(step)
        found: list[str] = []

        def watch(name: str) -> Callable[[nn.Module, Any, Any], None]:
            def look(_module: nn.Module, _inputs: Any, outputs: Any) -> None:
                parts = outputs if isinstance(outputs, tuple) else (outputs,)
                if any(isinstance(p, Tensor) and not p.isfinite().all() for p in parts):
                    found.append(f"output of {name}")

            return look

        hooks = [
            part.register_forward_hook(watch(name))
            for name, part in self.model.named_modules()
            if name and not any(part.children())
        ]
        try:
            for batch in batches:
                with self.autocast():
                    output, end = self.model(*batch.inputs, state=state)
                    loss = self.task.loss(output, batch.targets)
                if not loss.isfinite():
                    found.append("the loss")
                state = end if self.task.carries_state else state
        finally:
            for hook in hooks:
                hook.remove()
        return found[0] if found else ""


def _largest(named: tuple[str, Tensor]) -> float:
    return float(named[1].abs().max())


def _first_bad(tensors: list[tuple[str, Tensor]]) -> str:
    for name, tensor in tensors:
        if tensor.is_floating_point() and not tensor.isfinite().all():
            return name
    return ""
