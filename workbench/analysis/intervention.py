"""Changing what happens inside: a unit held, scaled or moved, a state taken from elsewhere.

Shapes: B batch, T time, H hidden units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from workbench.analysis.trace import Floats, Trace, gather
from workbench.cells.base import State
from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.models.language import LanguageModel
from workbench.models.recurrent import RecurrentStack
from workbench.models.replay import Change, replay
from workbench.tasks.language_model import write

KINDS = ("hold", "scale", "add", "swap")


@dataclass(frozen=True, eq=False)
class Intervention:
    """One change of a layer's state.

    Attributes:
        layer: 0 is next to the input.
        unit: Which; −1 is all of the layer.
        direction: 0 forward, 1 backward.
        first: From this step on, in the order in which the direction reads: in the backward
            direction 0 is the sequence's last step.
        kind: ``hold`` at the value, ``scale`` by it, ``add`` it, or ``swap``: take over the state
            in ``other``, once, after step ``first``; always of the whole layer.
        value: What is held, multiplied by or added.
        quantity: ``hidden``, or ``cell`` of an LSTM; a changed cell state also changes the hidden
            state of the same step.
        other: For ``swap`` the states to take over, ``(H,)`` for each of the cell.
    """

    layer: int
    unit: int = -1
    direction: int = 0
    first: int = 0
    kind: str = "hold"
    value: float = 0.0
    quantity: str = "hidden"
    other: tuple[Floats, ...] = ()


def as_change(stack: RecurrentStack, interventions: Sequence[Intervention]) -> Change | None:
    """The function that ``replay`` and ``Stepper`` call after each step; None without any.

    Raises:
        UserError: Where a layer, unit or quantity is not there.
    """
    for wanted in interventions:
        _check(stack, wanted)
    if not interventions:
        return None

    def change(layer: int, direction: int, step: int, gates: Tensor, state: State) -> None:
        for wanted in interventions:
            if (layer, direction) == (wanted.layer, wanted.direction) and step >= wanted.first:
                _apply(stack, wanted, step, gates, state)

    return change


def _check(stack: RecurrentStack, wanted: Intervention) -> None:
    if not (0 <= wanted.layer < stack.num_layers and 0 <= wanted.direction < stack.directions):
        raise UserError(
            f"There is no layer {wanted.layer + 1} in direction {wanted.direction}.",
            f"The network has {stack.num_layers} layers.",
        )
    if not -1 <= wanted.unit < stack.hidden_size:
        raise UserError(
            f"There is no unit {wanted.unit}.", f"Units go from 0 to {stack.hidden_size - 1}."
        )
    if wanted.kind not in KINDS or wanted.quantity not in stack.cell.states:
        raise UserError(
            f"{wanted.kind} of {wanted.quantity} is not possible in a {stack.cell.label}.",
            f"Choose one of {', '.join(KINDS)}, and {' or '.join(stack.cell.states)}.",
        )
    shapes = [np.shape(part) for part in wanted.other]
    if wanted.kind == "swap" and shapes != [(stack.hidden_size,)] * len(stack.cell.states):
        raise UserError(
            "The state to take over does not fit this layer.",
            f"Take it from a {stack.cell.label} of {stack.hidden_size} units.",
        )


def _apply(
    stack: RecurrentStack, wanted: Intervention, step: int, gates: Tensor, state: State
) -> None:
    if wanted.kind == "swap":
        if step == wanted.first:
            for part, other in zip(state, wanted.other, strict=True):
                part[:] = torch.as_tensor(np.asarray(other), dtype=part.dtype, device=part.device)
        return
    units = slice(None) if wanted.unit < 0 else slice(wanted.unit, wanted.unit + 1)
    part = state[stack.cell.states.index(wanted.quantity)]
    if wanted.kind == "hold":
        part[:, units] = wanted.value
    elif wanted.kind == "scale":
        part[:, units] *= wanted.value
    else:
        part[:, units] += wanted.value
    if wanted.quantity == "cell":
        size, place = stack.hidden_size, stack.cell.gates.index("output_gate")
        out = gates[:, place * size : (place + 1) * size]
        state[0][:, units] = out[:, units] * part[:, units].tanh()


@torch.no_grad()
def run_changed(
    model: SequenceModel,
    *inputs: Tensor,
    interventions: Sequence[Intervention] = (),
    state: State | None = None,
) -> Trace:
    """As ``trace_model``, with the changes carried out on the way.

    Args:
        model: In evaluation mode.
        inputs: As the model's ``forward`` takes them.
        interventions: Carried out in their order after each step.
        state: Initial state; None is zero.

    Raises:
        UserError: Where a layer, unit or quantity is not there, or a state does not fit.
        ValueError: Where the model is in training mode.
    """
    if model.training:
        raise ValueError("the model is in training mode; call model.eval() first")
    values = model.encode(*inputs)
    change = as_change(model.stack, interventions)
    done = replay(model.stack, values, state, change=change)
    return gather(model, inputs, values, done)


def write_changed(
    model: LanguageModel,
    prompt: Tensor,
    interventions: Sequence[Intervention],
    temperature: float,
    generator: torch.Generator,
) -> Iterator[tuple[int, float]]:
    """Write on after a prompt while units are held; as ``tasks.language_model.write``.

    The same generator and no intervention write the same text as without.

    Raises:
        UserError: Where a layer, unit or quantity is not there.
    """
    return write(model, prompt, temperature, generator, as_change(model.stack, interventions))
