"""Gradients through time: how far back a loss still reaches.

Ordinary back-propagation adds the losses of all steps; here each loss is kept apart.

Shapes: T steps; rows are the step of the loss, columns the step of the state.

Source:
    Cashman et al. (2018), RNNbow; the vanishing gradient: Hochreiter (1991), Bengio et al. (1994).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from workbench.models.language import LanguageModel
from workbench.models.recurrent import RecurrentStack

BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, None))
"""Distances between state and loss that are drawn together: first and last, None without end."""

FAINT = 0.01
"""Share of the nearest gradient below which nothing is learned any more."""


@dataclass(frozen=True, eq=False)
class GradientTable:
    """Norms of the gradient of every loss by the state at every step.

    Attributes:
        layer: Whose states; 0 is next to the input.
        losses: Loss of each step ``(T,)``, nats.
        norms: For each state of the cell (``hidden``, and ``cell`` of an LSTM) ``(T, T)``:
            ``‖∂L_t/∂s_k‖`` in row t, column k; 0 where k > t.
    """

    layer: int
    losses: NDArray[np.float64]
    norms: dict[str, NDArray[np.float64]]


def gradient_table(
    model: LanguageModel, symbols: Tensor, following: Tensor, layer: int = 0
) -> GradientTable:
    """Gradient of the loss at every step by the state at every step before.

    Args:
        model: In evaluation mode, one direction.
        symbols: int64 ``(1, T)``.
        following: The symbols that follow each, int64 ``(1, T)``.
        layer: Whose states.

    Raises:
        ValueError: Where the model reads in both directions, or is in training mode.
    """
    if model.training or model.stack.directions != 1:
        raise ValueError("the model must read forwards and be in evaluation mode")
    with torch.enable_grad():
        hidden, states = _unrolled(model.stack, model.encode(symbols), layer)
        logits = model.decode(hidden, symbols)[0]
        losses = functional.cross_entropy(logits, following[0], reduction="none")
        norms = _norms(losses, states)
    names = model.stack.cell.states
    kept = dict(zip(names, norms, strict=True))
    return GradientTable(layer, losses.detach().double().cpu().numpy(), kept)


def _unrolled(
    stack: RecurrentStack, values: Tensor, wanted: int
) -> tuple[Tensor, list[list[Tensor]]]:
    """Run the stack step by step; the output, and the states of one layer as they went on."""
    kept: list[list[Tensor]] = []
    start = stack.initial_state(values.shape[0])
    for layer in range(stack.num_layers):
        weights = stack.layer_weights(layer, 0)
        projected = functional.linear(values, weights.weight_ih, weights.bias_ih)
        state = tuple(part[layer] for part in start)
        found: list[list[Tensor]] = [[] for _ in state]
        for step in projected.unbind(1):
            _, state = stack.cell.step(step, state, weights.weight_hh.t(), weights.bias_hh)
            for parts, part in zip(found, state, strict=True):
                parts.append(part)
        if layer == wanted:
            kept = found
        values = stack.combine(layer, values, torch.stack(found[0], dim=1))
    return values, kept


def _norms(losses: Tensor, states: list[list[Tensor]]) -> list[NDArray[np.float64]]:
    steps = len(losses)
    tables = [np.zeros((steps, steps)) for _ in states]
    for row in range(steps):
        wanted = [part for parts in states for part in parts[: row + 1]]
        found = torch.autograd.grad(losses[row], wanted, retain_graph=True, allow_unused=True)
        sizes = [0.0 if part is None else float(part.double().norm()) for part in found]
        for number, table in enumerate(tables):
            table[row, : row + 1] = sizes[number * (row + 1) : (number + 1) * (row + 1)]
    return tables


def decay(norms: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Mean gradient by distance: ``(T,)``, entry d is the mean over t of ``norms[t, t − d]``."""
    return np.array([np.diagonal(norms, -distance).mean() for distance in range(len(norms))])


def horizon(curve: NDArray[np.floating[Any]]) -> int | None:
    """Distance from which on the gradient stays below 1 % of the nearest; None where it never does.

    Args:
        curve: As from ``decay``.
    """
    far = np.flatnonzero(curve >= FAINT * curve[0]) if curve[0] > 0 else np.array([-1])
    first = int(far[-1]) + 1 if len(far) else 0
    return first if first < len(curve) else None


def grows(curve: NDArray[np.floating[Any]]) -> bool:
    """Whether gradients explode: some distance has ten times the gradient of the nearest."""
    return bool(curve.max() > 10 * curve[0] > 0)


def bands(norms: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Gradient that reaches each state, by how far ahead its loss lies: ``(len(BANDS), T)``."""
    steps = len(norms)
    distance = np.arange(steps)[:, None] - np.arange(steps)[None]
    found = np.zeros((len(BANDS), steps))
    for place, (first, last) in enumerate(BANDS):
        inside = (distance >= first) & (distance <= (steps if last is None else last))
        found[place] = np.where(inside, norms, 0.0).sum(axis=0)
    return found
