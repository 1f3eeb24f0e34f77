"""Replay: run a recurrent stack again with every gate and state kept.

One input product for the whole sequence, then a lean recurrence that leaves the gates where they
arise: as exact as the fused module and about as fast as its forward pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from workbench.cells.base import State
from workbench.models.recurrent import RecurrentStack

_AHEAD = 2_000_000
"""Numbers that the products of the inputs may fill before the recurrence uses them."""


@dataclass(frozen=True)
class Key:
    """What one traced array is.

    Attributes:
        layer: 0 is next to the input.
        direction: 0 forward, 1 backward.
        quantity: A name of ``Cell.quantities``.
    """

    layer: int
    direction: int
    quantity: str


@dataclass(frozen=True)
class Replay:
    """Everything that happened inside a stack.

    Attributes:
        quantities: ``(B, T, H)`` per key; zero behind the end of a shorter sequence.
        output: Output of the last layer ``(B, T, D·H)``; not to be read behind a sequence's end.
        state: State after each sequence's last step.
    """

    quantities: dict[Key, Tensor]
    output: Tensor
    state: State


Change = Callable[[int, int, int, Tensor, State], None]
"""``(layer, direction, step, gates, state)``: changes the state ``(B, H)`` after a step, in place.

Steps count in the order in which the direction reads; ``gates`` ``(B, G·H)`` are those of the
step."""


@torch.no_grad()
def replay(
    stack: RecurrentStack,
    values: Tensor,
    state: State | None = None,
    lengths: Tensor | None = None,
    change: Change | None = None,
) -> Replay:
    """Run ``stack`` on ``values`` as in evaluation mode, keeping everything.

    Args:
        stack: The recurrent stack; its mode is neither looked at nor changed.
        values: Input ``(B, T, I)``.
        state: Initial state as for the stack; None is zero.
        lengths: int64 ``(B,)``, 1…T: steps of each sequence, the rest is padding; None is T.
        change: Called after every step, which is then run by itself; None changes nothing.
    """
    given = stack.initial_state(values.shape[0]) if state is None else state
    order = None if lengths is None else _Order(lengths.to(values.device), values.shape[1])
    quantities: dict[Key, Tensor] = {}
    ends: list[list[Tensor]] = [[] for _ in given]
    for layer in range(stack.num_layers):
        outputs = []
        for direction in range(stack.directions):
            row = layer * stack.directions + direction
            start = tuple(part[row] for part in given)
            touch = None if change is None else partial(change, layer, direction)
            gates, states = _run(stack, (layer, direction), values, start, order, touch)
            found, end = _in_time(stack, gates, states, direction, order)
            quantities |= {Key(layer, direction, name): part for name, part in found.items()}
            outputs.append(found["hidden"])
            for part, last in zip(ends, end, strict=True):
                part.append(last)
        values = stack.combine(layer, values, torch.cat(outputs, dim=-1))
    return Replay(quantities, values, tuple(torch.stack(part) for part in ends))


class _Order:
    """The order in which the steps of sequences of several lengths are run.

    Args:
        lengths: int64 ``(B,)``.
        steps: T.
    """

    def __init__(self, lengths: Tensor, steps: int) -> None:
        time = torch.arange(steps, device=lengths.device)[:, None]  # (T, 1)
        self.inside = time < lengths  # (T, B)
        self._backward = torch.where(self.inside, lengths - 1 - time, time)
        self._last = lengths - 1

    def turned(self, values: Tensor) -> Tensor:
        """Turn each sequence of ``(T, B, …)`` round within its own length."""
        return values.gather(0, self._backward[..., None].expand_as(values))

    def last(self, values: Tensor) -> Tensor:
        """What stands at the last step that was run of each sequence, ``(B, H)``."""
        return values[self._last, torch.arange(values.shape[1], device=values.device)]


def _run(
    stack: RecurrentStack,
    place: tuple[int, int],
    values: Tensor,
    start: State,
    order: _Order | None,
    touch: Callable[[int, Tensor, State], None] | None,
) -> tuple[Tensor, State]:
    """Run one layer in one direction, in the order in which it reads.

    The products of the inputs are made some steps ahead of the recurrence, so many as stay in the
    processor's cache.

    Returns:
        Gates ``(T, B, G·H)`` and states ``(T, B, H)``.
    """
    weights = stack.layer_weights(*place)
    inputs = values.transpose(0, 1)  # (T, B, I)
    if place[1]:
        inputs = order.turned(inputs) if order else inputs.flip(0)
    inputs = inputs.contiguous()
    steps, batch = inputs.shape[:2]
    gates = inputs.new_empty(steps, batch, weights.weight_ih.shape[0])
    states = tuple(inputs.new_empty(steps, batch, stack.hidden_size) for _ in start)
    into, back = weights.weight_ih.t(), weights.weight_hh.t().contiguous()
    ahead = max(1, _AHEAD // gates[0].numel())
    for first in range(0, steps, ahead):
        part = slice(first, first + ahead)
        _multiply(inputs[part].flatten(0, 1), into, gates[part].flatten(0, 1))
        gates[part] += weights.bias_ih
        kept = tuple(state[part] for state in states)
        if touch is None:
            stack.cell.unroll(gates[part], start, back, weights.bias_hh, kept)
            start = tuple(state[-1] for state in kept)
            continue
        for step in range(len(kept[0])):
            one = slice(step, step + 1)
            now = tuple(state[one] for state in kept)
            stack.cell.unroll(gates[part][one], start, back, weights.bias_hh, now)
            start = tuple(state[0] for state in now)
            touch(first + step, gates[first + step], start)
    return gates, states


def _multiply(rows: Tensor, weights: Tensor, product: Tensor) -> None:
    """Fill ``product``; numpy's (OpenBLAS) is the quicker one on a CPU by a fifth."""
    if rows.device.type == "cpu":
        np.matmul(rows.numpy(), weights.numpy(), out=product.numpy())
    else:
        torch.mm(rows, weights, out=product)


def _in_time(
    stack: RecurrentStack, gates: Tensor, states: State, direction: int, order: _Order | None
) -> tuple[dict[str, Tensor], tuple[Tensor, ...]]:
    """Quantities ``(B, T, H)`` in the order of time, and the last state."""

    def forward_in_time(part: Tensor) -> Tensor:
        if order is None:
            return (part.flip(0) if direction else part).transpose(0, 1)
        turned = order.turned(part) if direction else part
        return turned.masked_fill(~order.inside[..., None], 0.0).transpose(0, 1)

    blocks = torch.split(gates, stack.hidden_size, dim=-1) if stack.cell.gates else ()
    named = [*zip(stack.cell.states, states, strict=True),
             *zip(stack.cell.gates, blocks, strict=True)]  # fmt: skip
    found = {name: forward_in_time(part) for name, part in named}
    end = tuple(part[-1] if order is None else order.last(part) for part in states)
    return found, end
