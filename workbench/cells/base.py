"""What a cell is: its gates, its states and its recurrence.

Shapes: T time, B batch, H hidden units, G gates (blocks of the weight matrices).
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

State = tuple[Tensor, ...]


@dataclass(frozen=True)
class Unrolled:
    """A recurrence carried out step by step, with everything kept.

    Attributes:
        gates: Gate activations ``(T, B, G·H)``, blocks in the order of ``Cell.gates``.
        states: State after each step, ``(T, B, H)`` for each of ``Cell.states``.
    """

    gates: Tensor
    states: tuple[Tensor, ...]


Recurrence = Callable[[Tensor, State, Tensor, Tensor], Unrolled]
"""``(projected, state, recurrent, bias_hh) -> Unrolled``.

``projected`` is ``x W_ihᵀ + b_ih`` for the whole sequence, ``(T, B, G·H)``; it is overwritten
with the gate activations. ``state`` holds ``(B, H)`` tensors, ``recurrent`` is ``W_hhᵀ``
``(H, G·H)``, contiguous. Inference only (no gradients)."""


@dataclass(frozen=True)
class Cell:
    """One kind of recurrent cell.

    Attributes:
        name: Name in an experiment.
        label: Name shown to people.
        gates: Names of the gate blocks, in torch's order.
        states: Names of the states, hidden first.
        module: The fused torch module.
        module_options: Further arguments of the module.
        unroll: The recurrence with everything kept.
    """

    name: str
    label: str
    gates: tuple[str, ...]
    states: tuple[str, ...]
    module: Callable[..., nn.RNNBase]
    module_options: dict[str, str]
    unroll: Recurrence

    @property
    def quantities(self) -> tuple[str, ...]:
        """Everything that can be looked at: states first, then gates."""
        return self.states + self.gates

    @property
    def blocks(self) -> int:
        """Blocks of H rows in a weight matrix; the plain RNN has one without a gate."""
        return max(len(self.gates), 1)
