"""What a cell is: its gates, its states and its recurrence.

Shapes: T time, B batch, H hidden units, G gates (blocks of the weight matrices).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]


Recurrence = Callable[[Tensor, State, Tensor, Tensor, State], None]
"""``(projected, state, recurrent, bias_hh, states)``: a recurrence carried out, everything kept.

``projected`` is ``x W_ihᵀ + b_ih`` of the steps to run, ``(T, B, G·H)``; it is overwritten with the
gate activations. ``state`` holds ``(B, H)`` tensors, ``recurrent`` is ``W_hhᵀ`` ``(H, G·H)``.
``states`` takes the state after each step, ``(T, B, H)`` for each of ``Cell.states``. For inference
only: no gradients."""


Step = Callable[[Tensor, State, Tensor, Tensor], tuple[Tensor, State]]
"""``(projected, state, recurrent, bias_hh) -> (gates, state)``: one step, differentiable.

``projected`` is ``x W_ihᵀ + b_ih`` ``(B, G·H)``; the gates ``(B, G·H)`` come in the order of
``Cell.gates`` (empty where there is none)."""


def tanh_(values: Tensor) -> Tensor:
    """Tanh in place: 2σ(2x) − 1 in single precision on the CPU, three times as fast as torch's."""
    if values.dtype != torch.float32 or values.device.type != "cpu":
        return values.tanh_()
    return values.mul_(2).sigmoid_().mul_(2).sub_(1)


def reads_alone(projected: Tensor) -> bool:
    """Whether a single sequence is read on the CPU, where numpy's products are the quicker ones.

    A matrix-vector product of 512 × 2048 takes 50 µs by OpenBLAS and 75–95 µs by MKL (AMD, one
    thread); small element-wise operations cost numpy half of what they cost torch.
    """
    return projected.shape[1] == 1 and projected.device.type == "cpu"


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
        step: One step of it, for what needs gradients or changes a state on the way.
    """

    name: str
    label: str
    gates: tuple[str, ...]
    states: tuple[str, ...]
    module: Callable[..., nn.RNNBase]
    module_options: dict[str, str]
    unroll: Recurrence
    step: Step

    @property
    def quantities(self) -> tuple[str, ...]:
        """Everything that can be looked at: states first, then gates."""
        return self.states + self.gates

    @property
    def blocks(self) -> int:
        """Blocks of H rows in a weight matrix; the plain RNN has one without a gate."""
        return max(len(self.gates), 1)
