"""What each unit is worth: the loss it costs to hold it at its mean.

Shapes: T time, H hidden units, R copies of the sequence that run beside each other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from workbench.cells.base import State
from workbench.data.findings import Watch
from workbench.models.base import SequenceModel
from workbench.models.language import LanguageModel
from workbench.models.replay import Key, replay

MEMORY_BYTES = 256 << 20
"""Bytes the copies may take while they run."""
_MOST_COPIES = 128


@dataclass(frozen=True, eq=False)
class Ablation:
    """What was found of one layer and direction.

    Attributes:
        layer: 0 is next to the input.
        direction: 0 forward, 1 backward.
        loss: Loss of the untouched model: nats per symbol, or mean squared error in scaled units.
        costs: What holding each unit at its mean adds to it ``(H,)``.
        means: What each was held at ``(H,)``.
    """

    layer: int
    direction: int
    loss: float
    costs: NDArray[np.float64]
    means: NDArray[np.float64]


@torch.no_grad()
def ablate(
    model: SequenceModel,
    inputs: tuple[Tensor, ...],
    targets: Tensor,
    place: tuple[int, int],
    watch: Watch | None = None,
) -> Ablation:
    """Hold every unit of a layer at its mean, one after the other.

    Args:
        model: In evaluation mode.
        inputs: A batch of one.
        targets: Following symbols ``(1, T)`` of a language model; ``(1, H, M)`` scaled values of a
            forecast, NaN where nothing was measured.
        place: Layer and direction.
        watch: Told how far it is.

    Raises:
        Cancelled: Where ``watch`` says so.
    """
    stack, (layer, direction) = model.stack, place
    values = model.encode(*inputs)
    plain = replay(stack, values)
    means = plain.quantities[Key(layer, direction, "hidden")][0].mean(dim=0)
    loss = float(_losses(model, plain.output, inputs, targets)[0])
    costs = np.empty(stack.hidden_size)
    copies = _copies(model, values)
    for first in range(0, stack.hidden_size, copies):
        units = torch.arange(first, min(first + copies, stack.hidden_size))
        (watch or Watch()).step(first / stack.hidden_size)
        found = _held(model, values, place, (units, means))
        given = tuple(part.expand(len(units), *part.shape[1:]) for part in inputs)
        expanded = targets.expand(len(units), *targets.shape[1:])
        costs[first : first + len(units)] = _losses(model, found, given, expanded).cpu().numpy()
    return Ablation(layer, direction, loss, costs - loss, means.double().cpu().numpy())


def _copies(model: SequenceModel, values: Tensor) -> int:
    stack, steps = model.stack, values.shape[1]
    width = stack.output_size * len(stack.cell.quantities) * stack.num_layers
    width += 3 * model.head.out_features if isinstance(model, LanguageModel) else 0
    return max(1, min(_MOST_COPIES, MEMORY_BYTES // (values.element_size() * 2 * steps * width)))


def _held(
    model: SequenceModel, values: Tensor, place: tuple[int, int], held: tuple[Tensor, Tensor]
) -> Tensor:
    """Output ``(R, T, D·H)`` of copies in each of which another unit is held."""
    units, means = held
    rows = torch.arange(len(units))

    def change(layer: int, direction: int, _step: int, _gates: Tensor, state: State) -> None:
        if (layer, direction) == place:
            state[0][rows, units] = means[units]

    copies = values.expand(len(units), *values.shape[1:]).contiguous()
    return replay(model.stack, copies, change=change).output


def _losses(
    model: SequenceModel, output: Tensor, inputs: tuple[Tensor, ...], targets: Tensor
) -> Tensor:
    """Loss of each copy ``(R,)``."""
    made: Any = model.decode(output, *inputs)
    if isinstance(model, LanguageModel):
        steps = targets.shape[1]
        flat = made[:, :steps].flatten(0, 1).float()
        found: Tensor = functional.cross_entropy(flat, targets.flatten(), reduction="none")
        return found.view(-1, steps).mean(dim=1)
    errors: Tensor = made[..., 0].float() - targets
    return errors.square().flatten(1).nanmean(dim=1)
