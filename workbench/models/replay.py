"""Replay: run a recurrent stack again with every gate and state kept.

One input product for the whole sequence, then a lean recurrence that leaves the gates where they
arise: as exact as the fused module and about as fast as its forward pass.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.cells.base import State
from workbench.models.recurrent import RecurrentStack


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
        quantities: ``(B, T, H)`` per key.
        output: Output of the last layer ``(B, T, D·H)``.
        state: State after the last step.
    """

    quantities: dict[Key, Tensor]
    output: Tensor
    state: State


@torch.no_grad()
def replay(stack: RecurrentStack, values: Tensor, state: State | None = None) -> Replay:
    """Run ``stack`` on ``values`` as in evaluation mode, keeping everything.

    Args:
        stack: The recurrent stack; its mode is neither looked at nor changed.
        values: Input ``(B, T, I)``.
        state: Initial state as for the stack; None is zero.
    """
    given = stack.initial_state(values.shape[0]) if state is None else state
    quantities: dict[Key, Tensor] = {}
    ends: list[list[Tensor]] = [[] for _ in given]
    for layer in range(stack.num_layers):
        outputs = []
        for direction in range(stack.directions):
            row = layer * stack.directions + direction
            start = tuple(part[row] for part in given)
            states, end = _run(stack, layer, direction, values, start, quantities)
            outputs.append(states)
            for part, last in zip(ends, end, strict=True):
                part.append(last)
        values = stack.combine(layer, values, torch.cat(outputs, dim=-1))
    return Replay(quantities, values, tuple(torch.stack(part) for part in ends))


def _run(
    stack: RecurrentStack,
    layer: int,
    direction: int,
    values: Tensor,
    start: State,
    quantities: dict[Key, Tensor],
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run one layer in one direction; return its hidden states ``(B, T, H)`` and its last state."""
    weights = stack.layer_weights(layer, direction)
    inputs = values.transpose(0, 1)  # (T, B, I)
    if direction:
        inputs = inputs.flip(0)
    projected = torch.addmm(
        weights.bias_ih, inputs.reshape(-1, inputs.shape[-1]), weights.weight_ih.t()
    )
    projected = projected.view(inputs.shape[0], inputs.shape[1], -1)  # (T, B, G·H)
    recurrent = weights.weight_hh.t().contiguous()
    done = stack.cell.unroll(projected, start, recurrent, weights.bias_hh)

    def forward_in_time(part: Tensor) -> Tensor:
        return (part.flip(0) if direction else part).transpose(0, 1)  # (B, T, H)

    for name, part in zip(stack.cell.states, done.states, strict=True):
        quantities[Key(layer, direction, name)] = forward_in_time(part)
    for index, name in enumerate(stack.cell.gates):
        block = done.gates[..., index * stack.hidden_size : (index + 1) * stack.hidden_size]
        quantities[Key(layer, direction, name)] = forward_in_time(block)
    hidden = quantities[Key(layer, direction, "hidden")]
    return hidden, tuple(part[-1] for part in done.states)
