"""The weights of a model, each matrix cut into its gates.

Shapes: H hidden units.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.models.base import SequenceModel
from workbench.models.recurrent import RecurrentStack

_BINS = 41
_TINY = 1e-3

KINDS = {
    "weight_ih": "input weights",
    "weight_hh": "recurrent weights",
    "bias_ih": "input bias",
    "bias_hh": "recurrent bias",
}


@dataclass(frozen=True, eq=False)
class WeightPart:
    """One gate's part of a matrix, or a matrix outside the recurrent layers.

    Attributes:
        parameter: Name of the whole matrix in the model.
        block: Which of its gates this is, from 0.
        layer: From 0; −1 outside the recurrent layers.
        direction: 0 forward, 1 backward.
        gate: ``forget_gate`` …; ``hidden`` of a plain RNN; empty outside the layers.
        kind: ``input weights`` …, or the name of the module outside the layers.
        values: The numbers; a copy.
    """

    parameter: str
    block: int
    layer: int
    direction: int
    gate: str
    kind: str
    values: NDArray[np.float32]

    @property
    def norm(self) -> float:
        """Square root of the sum of squares."""
        return float(np.sqrt(np.square(self.values, dtype=np.float64).sum()))

    @property
    def tiny(self) -> float:
        """Share of numbers smaller than a thousandth of the largest."""
        size = np.abs(self.values)
        return float((size < _TINY * size.max(initial=0.0)).mean()) if size.size else 0.0

    def histogram(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Counts ``(bins,)`` and edges ``(bins + 1,)``, zero in the middle of the middle bin."""
        limit = float(np.abs(self.values).max(initial=0.0)) or 1.0
        counts, edges = np.histogram(self.values, _BINS, (-limit, limit))
        return counts.astype(np.int64), edges


def weight_parts(model: SequenceModel) -> list[WeightPart]:
    """Every trained number of a model, cut by gate, from the input on."""
    stack = model.stack
    names = {id(weight): name for name, weight in model.named_parameters()}
    found: list[WeightPart] = []
    inside: set[str] = set()
    for layer in range(stack.num_layers):
        for direction in range(stack.directions):
            weights = stack.layer_weights(layer, direction)
            for kind, words in KINDS.items():
                whole = getattr(weights, kind)
                name = names[id(whole)]
                inside.add(name)
                gates = zip(_gates(stack), _blocks(stack, whole), strict=True)
                for block, (gate, part) in enumerate(gates):
                    found.append(WeightPart(name, block, layer, direction, gate, words, part))
    for name, weight in model.named_parameters():
        if name not in inside:
            values = weight.detach().float().cpu().numpy().copy()
            found.append(WeightPart(name, 0, -1, 0, "", name, values))
    return found


def _gates(stack: RecurrentStack) -> tuple[str, ...]:
    return stack.cell.gates or ("hidden",)


def _blocks(stack: RecurrentStack, whole: Any) -> list[NDArray[np.float32]]:
    size = stack.hidden_size
    values = whole.detach().float().cpu().numpy()
    return [values[place * size : (place + 1) * size].copy() for place in range(stack.cell.blocks)]


def recurrent_eigenvalues(
    stack: RecurrentStack, layer: int, direction: int = 0
) -> dict[str, NDArray[np.complex128]]:
    """Eigenvalues of the recurrent matrix of each gate, ``(H,)`` each, the largest first.

    Args:
        stack: The recurrent layers.
        layer: 0 is next to the input.
        direction: 0 forward, 1 backward.
    """
    whole = stack.layer_weights(layer, direction).weight_hh
    found = {}
    for gate, part in zip(_gates(stack), _blocks(stack, whole), strict=True):
        values = np.linalg.eigvals(part.astype(np.float64))
        found[gate] = values[np.argsort(-np.abs(values), kind="stable")].astype(np.complex128)
    return found
