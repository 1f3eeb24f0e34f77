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

from workbench.engine.loading import Loaded
from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.models.differentiable import run_differentiably
from workbench.models.forecast import ForecastModel
from workbench.models.language import LanguageModel
from workbench.models.recurrent import RecurrentStack
from workbench.specs import ModelSpec
from workbench.tasks.base import Probe

BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, None))
"""Distances between state and loss that are drawn together: first and last, None without end."""

FAINT = 0.01
"""Share of the nearest gradient below which nothing is learned any more."""

_FEWEST = 3
_SYMBOLS = 50


@dataclass(frozen=True, eq=False)
class GradientTable:
    """Norms of the gradient of every loss by the state at every step.

    Attributes:
        layer: Whose states; 0 is next to the input.
        losses: Loss of each row ``(R,)``: of a text nats of each step, of a forecast the squared
            error of each step of the horizon, in scaled units.
        norms: For each state of the cell (``hidden``, and ``cell`` of an LSTM) ``(R, T)``:
            ``‖∂L_t/∂s_k‖`` in row t, column k; of a text 0 where k > t.
        distances: Steps between state and loss, int64 ``(R, T)``: of a text t − k, negative where
            the loss comes first; of a forecast, whose losses all lie behind the window, the steps
            to its end.
    """

    layer: int
    losses: NDArray[np.float64]
    norms: dict[str, NDArray[np.float64]]
    distances: NDArray[np.int64]


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
        ValueError: Where the model is in training mode.
        UserError: Where it reads in both directions.
    """
    _check(model)
    with torch.enable_grad():
        hidden, states = run_differentiably(model.stack, model.encode(symbols).detach())
        logits = model.decode(hidden, symbols)[0]
        losses = functional.cross_entropy(logits, following[0], reduction="none")
        return _table(model.stack, layer, losses, states[layer, 0], between(len(losses)))


def forecast_table(
    model: ForecastModel, inputs: tuple[Tensor, ...], truth: Tensor, layer: int = 0
) -> GradientTable:
    """Gradient of the error at every step of the horizon by the state at every step read.

    Args:
        model: In evaluation mode, one direction.
        inputs: Of the model, a batch of one.
        truth: Scaled ``(1, H, M)``; what is NaN does not count.
        layer: Whose states.

    Raises:
        ValueError: Where the model is in training mode.
        UserError: Where it reads in both directions.
    """
    _check(model)
    with torch.enable_grad():
        hidden, states = run_differentiably(model.stack, model.encode(*inputs).detach())
        forecast = model.decode(hidden, *inputs)[0, ..., 0]
        # What is unknown is filled before it is subtracted: NaN would spread in the backward pass.
        known = torch.where(truth[0].isfinite(), truth[0], forecast.detach())
        losses = (forecast - known).square().mean(dim=1)
        far = np.tile(np.arange(hidden.shape[1])[::-1], (len(losses), 1))
        return _table(model.stack, layer, losses, states[layer, 0], far)


def table_of(loaded: Loaded, stretch: Probe, steps: int, layer: int) -> GradientTable:
    """The table of a loaded model on the first (of a window: all) steps of a stretch.

    Args:
        loaded: The model and its task.
        stretch: What it reads.
        steps: Symbols of a text that are followed back.
        layer: Whose states.

    Raises:
        UserError: Where the model reads in both directions, or there is too little to read.
    """
    if isinstance(loaded.model, LanguageModel):
        symbols = stretch.inputs[0][:, : steps + 1]
        if symbols.shape[1] < _FEWEST:
            raise UserError(
                f"{symbols.shape[1]} symbols are too few to follow a loss back.", "Read more."
            )
        return gradient_table(loaded.model, symbols[:, :-1], symbols[:, 1:], layer)
    assert isinstance(loaded.model, ForecastModel)
    assert stretch.truth is not None
    return forecast_table(loaded.model, stretch.inputs, stretch.truth, layer)


def _check(model: SequenceModel) -> None:
    if model.training:
        raise ValueError("the model must be in evaluation mode")
    if model.stack.directions != 1:
        raise UserError(
            "A network that reads in both directions sends its gradient both ways; there is no "
            "distance to draw it by.",
            "Look at a network that reads forwards.",
        )


def _table(
    stack: RecurrentStack,
    layer: int,
    losses: Tensor,
    states: tuple[list[Tensor], ...],
    far: NDArray[np.int64],
) -> GradientTable:
    """One batched backward pass for all losses at once."""
    steps = len(states[0])
    wanted = [part for parts in states for part in parts]
    rows = torch.eye(len(losses), dtype=losses.dtype, device=losses.device)
    found = torch.autograd.grad(losses, wanted, rows, is_grads_batched=True, allow_unused=True)
    sizes = [
        torch.zeros(len(losses)) if part is None
        else part.flatten(1).double().norm(dim=1).cpu()
        for part in found
    ]  # fmt: skip
    norms = {
        name: torch.stack(sizes[place * steps : (place + 1) * steps], dim=1).double().numpy()
        for place, name in enumerate(stack.cell.states)
    }
    return GradientTable(layer, losses.detach().double().cpu().numpy(), norms, far)


def untrained_curves(size: int, steps: int, seed: int = 1) -> dict[str, NDArray[np.float64]]:
    """Decay in a fresh RNN, LSTM and GRU of one layer and one size, on random symbols.

    Args:
        size: Hidden size.
        steps: T.
        seed: Of weights and symbols.

    Returns:
        Curves as from ``decay``, by the cell's label; of an LSTM that of its cell state.
    """
    found = {}
    for name in ("rnn_tanh", "lstm", "gru"):
        generator = torch.Generator().manual_seed(seed)
        spec = ModelSpec(cell=name, num_layers=1, hidden_size=size, embedding_size=min(size, 64))
        model = LanguageModel(spec, _SYMBOLS, generator).eval()
        symbols = torch.randint(_SYMBOLS, (1, steps + 1), generator=generator)
        table = gradient_table(model, symbols[:, :-1], symbols[:, 1:])
        cell = model.stack.cell
        found[cell.label] = decay(table.norms[cell.states[-1]])
    return found


def between(steps: int) -> NDArray[np.int64]:
    """Steps between the state in each column and the loss in each row of a text ``(T, T)``."""
    return np.arange(steps)[:, None] - np.arange(steps)[None]


def decay(
    norms: NDArray[np.floating[Any]], far: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Mean gradient by distance ``(T,)``.

    Args:
        norms: ``(R, T)``.
        far: As ``GradientTable.distances``; None is a text's: entry d is the mean of
            ``norms[t, t − d]``.
    """
    distance = between(len(norms)) if far is None else far
    inside = distance >= 0
    steps = norms.shape[1]
    total = np.bincount(distance[inside], weights=norms[inside], minlength=steps)
    return np.asarray(total / np.maximum(np.bincount(distance[inside], minlength=steps), 1))


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


def bands(
    norms: NDArray[np.floating[Any]], far: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Gradient that reaches each state, by how far ahead its loss lies: ``(len(BANDS), T)``.

    Args:
        norms: ``(R, T)``.
        far: As ``GradientTable.distances``; None is a text's.
    """
    distance = between(len(norms)) if far is None else far
    steps = norms.shape[1]
    found = np.zeros((len(BANDS), steps))
    for place, (first, last) in enumerate(BANDS):
        inside = (distance >= first) & (distance <= (steps if last is None else last))
        found[place] = np.where(inside, norms, 0.0).sum(axis=0)
    return found
