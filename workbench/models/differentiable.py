"""A recurrent stack run step by step with gradients kept, in evaluation mode on every device.

The fused modules refuse a backward pass in evaluation mode on CUDA; the cells' own steps do not.
"""

import torch
from torch import Tensor
from torch.nn import functional

from workbench.cells.base import State
from workbench.models.recurrent import RecurrentStack

Steps = dict[tuple[int, int], tuple[list[Tensor], ...]]
"""States of each layer and direction: for each of the cell one ``(B, H)`` per step, in time."""


def run_differentiably(
    stack: RecurrentStack, values: Tensor, state: State | None = None
) -> tuple[Tensor, Steps]:
    """Run the stack as in evaluation mode, without dropout.

    Args:
        stack: Its mode is neither looked at nor changed.
        values: Input ``(B, T, I)``.
        state: Initial state as for the stack; None is zero.

    Returns:
        Output ``(B, T, D·H)``, and every state on the way.
    """
    given = stack.initial_state(values.shape[0]) if state is None else state
    kept: Steps = {}
    for layer in range(stack.num_layers):
        outputs = []
        for direction in range(stack.directions):
            row = layer * stack.directions + direction
            found = _run(stack, (layer, direction), values, tuple(part[row] for part in given))
            kept[layer, direction] = found
            outputs.append(torch.stack(found[0], dim=1))
        values = stack.combine(layer, values, torch.cat(outputs, dim=-1))
    return values, kept


def _run(
    stack: RecurrentStack, place: tuple[int, int], values: Tensor, state: State
) -> tuple[list[Tensor], ...]:
    weights = stack.layer_weights(*place)
    projected = functional.linear(values, weights.weight_ih, weights.bias_ih)
    found: tuple[list[Tensor], ...] = tuple([] for _ in state)
    steps = projected.unbind(1)
    for step in reversed(steps) if place[1] else steps:
        _, state = stack.cell.step(step, state, weights.weight_hh.t(), weights.bias_hh)
        for parts, part in zip(found, state, strict=True):
            parts.append(part)
    return tuple(parts[::-1] for parts in found) if place[1] else found
