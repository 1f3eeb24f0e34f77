"""Gated recurrent unit, in torch's convention.

r, z = σ(…); n = tanh(W_n x + b_in + r ⊙ (U_n h + b_hn)); h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}.
So an update gate z near 1 keeps the state, the opposite of some papers.

Source: Cho et al. (2014).
"""

import torch
from torch import Tensor, nn

from workbench.cells.base import Cell, State, Unrolled


def _unroll(projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor) -> Unrolled:
    hidden = state[0]
    size = hidden.shape[-1]
    hiddens = projected.new_empty(*projected.shape[:2], size)
    from_state = projected.new_empty(projected.shape[1], 3 * size)
    rows = zip(
        projected[..., : 2 * size].unbind(0),
        projected[..., :size].unbind(0),
        projected[..., size : 2 * size].unbind(0),
        projected[..., 2 * size :].unbind(0),
        hiddens.unbind(0),
        strict=True,
    )
    for both, reset, update, candidate, next_hidden in rows:
        torch.addmm(bias_hh, hidden, recurrent, out=from_state)
        both.add_(from_state[:, : 2 * size]).sigmoid_()
        candidate.addcmul_(reset, from_state[:, 2 * size :]).tanh_()
        torch.lerp(candidate, hidden, update, out=next_hidden)
        hidden = next_hidden
    return Unrolled(gates=projected, states=(hiddens,))


GRU = Cell(
    "gru", "GRU", ("reset_gate", "update_gate", "candidate"), ("hidden",), nn.GRU, {}, _unroll
)
