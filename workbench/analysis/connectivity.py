"""Which inputs moved an output: gradients, and attributions by a kept library.

Shapes: T steps of a text, H steps of a horizon, W steps of a window.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.models.differentiable import run_differentiably
from workbench.models.language import LanguageModel

METHODS = ("saliency", "integrated gradients", "input × gradient")
_IG_STEPS = 48
_AT_ONCE = 16


def connectivity_table(model: SequenceModel, inputs: tuple[Tensor, ...]) -> NDArray[np.float64]:
    """Length of the gradient of every output by every input.

    Of a text the logit of the likeliest next symbol at each step, by the embedding at each step
    before; of a forecast the mean of the targets at each step of the horizon, by the scaled
    channels of each step that is read.

    Args:
        model: In evaluation mode; it stays so.
        inputs: A batch of one.

    Returns:
        ``(T, T)``, 0 above the diagonal of a model that reads forwards; ``(H, W)`` of a forecast.

    Source:
        Madsen (2019), Visualizing memorization in RNNs.
    """
    with torch.enable_grad():
        start, function = _from_inputs(model, inputs)
        given = start.detach().requires_grad_()
        output = function(given)[0]
        outputs = output.amax(dim=-1) if isinstance(model, LanguageModel) else output.mean(dim=-1)
        rows = torch.eye(len(outputs), dtype=outputs.dtype, device=outputs.device)
        (found,) = torch.autograd.grad(outputs, given, rows, is_grads_batched=True)
    return np.asarray(found[:, 0].double().norm(dim=-1).cpu().numpy())


def attribute(
    model: SequenceModel, inputs: tuple[Tensor, ...], output: tuple[int, int], method: str
) -> NDArray[np.float64]:
    """What each input contributes to one output.

    Args:
        model: In evaluation mode; it stays so.
        inputs: A batch of one.
        output: Of a text the step and the symbol whose logit is meant; of a forecast the step of
            the horizon and the target.
        method: One of ``METHODS``.

    Returns:
        ``(T,)`` or ``(W,)``: of saliency the length of the gradient, of the others the signed sum
        over the embedding or channels; integrated gradients add up to the difference from an
        empty input (zero embeddings; scaled channels at zero).

    Raises:
        UserError: Where the step, the symbol or the method is not there.
    """
    from captum.attr import InputXGradient, IntegratedGradients, Saliency

    if method not in METHODS:
        raise UserError(f"There is no method {method!r}.", f"Choose {', '.join(METHODS)}.")
    with torch.enable_grad():
        start, function = _from_inputs(model, inputs)
        row, entry = output
        shape = function(start.detach()).shape[1:]
        if not (0 <= row < shape[0] and 0 <= entry < shape[1]):
            raise UserError(
                f"There is no output {entry} at step {row}.",
                f"Steps go up to {shape[0] - 1}, outputs up to {shape[1] - 1}.",
            )

        def one(given: Tensor) -> Tensor:
            return function(given)[:, row, entry]

        given = start.detach().requires_grad_()
        if method == "saliency":
            found = Saliency(one).attribute(given, abs=False)
            return np.asarray(found[0].double().norm(dim=-1).detach().cpu().numpy())
        if method == "integrated gradients":
            found = IntegratedGradients(one).attribute(
                given, n_steps=_IG_STEPS, internal_batch_size=_AT_ONCE
            )
        else:
            found = InputXGradient(one).attribute(given)
    return np.asarray(found[0].double().sum(dim=-1).detach().cpu().numpy())


def _from_inputs(
    model: SequenceModel, inputs: tuple[Tensor, ...]
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """What outputs are differentiated by, and the function from it to outputs ``(B, steps, n)``.

    The stack is run by the cells' own steps: the fused modules have no backward pass in evaluation
    mode on CUDA.
    """
    if isinstance(model, LanguageModel):

        def from_embedding(given: Tensor) -> Tensor:
            return model.decode(run_differentiably(model.stack, given)[0], *inputs)

        return model.encode(*inputs), from_embedding

    def from_values(given: Tensor) -> Tensor:
        whole = (given, *(part.expand(len(given), *part.shape[1:]) for part in inputs[1:]))
        hidden = run_differentiably(model.stack, model.encode(*whole))[0]
        return model.decode(hidden, *whole)[..., 0]

    return inputs[0], from_values
