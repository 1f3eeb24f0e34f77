"""Gated recurrent unit, in torch's convention.

r, z = σ(…); n = tanh(W_n x + b_in + r ⊙ (U_n h + b_hn)); h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}.
So an update gate z near 1 keeps the state, the opposite of some papers.

Source: Cho et al. (2014).
"""

import numpy as np
import torch
from torch import Tensor, nn

from workbench.cells.base import Cell, State, reads_alone, tanh_


def _unroll(
    projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor, states: State
) -> None:
    hidden, hiddens = state[0], states[0]
    size = hidden.shape[-1]
    if reads_alone(projected):
        _unroll_alone(projected, hidden, recurrent, bias_hh, hiddens)
        return
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
        tanh_(candidate.addcmul_(reset, from_state[:, 2 * size :]))
        torch.lerp(candidate, hidden, update, out=next_hidden)
        hidden = next_hidden


def _unroll_alone(
    projected: Tensor, start: Tensor, recurrent: Tensor, bias_hh: Tensor, hiddens: Tensor
) -> None:
    """The same for one sequence, in numpy; σ(x) = ½ tanh(½x) + ½."""
    size = hiddens.shape[-1]
    back, bias, hidden = recurrent.numpy(), bias_hh.numpy(), start[0].numpy()
    sums, change = np.empty(3 * size, back.dtype), np.empty(size, back.dtype)
    for gates, next_hidden in zip(projected[:, 0].numpy(), hiddens[:, 0].numpy(), strict=True):
        np.dot(hidden, back, out=sums)
        sums += bias
        both, candidate, inner = gates[: 2 * size], gates[2 * size :], sums[2 * size :]
        both += sums[: 2 * size]
        both *= 0.5
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        inner *= both[:size]
        candidate += inner
        np.tanh(candidate, out=candidate)
        np.subtract(hidden, candidate, out=change)
        change *= both[size:]
        np.add(candidate, change, out=next_hidden)
        hidden = next_hidden


def _step(
    projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor
) -> tuple[Tensor, State]:
    hidden = state[0]
    reset, update, candidate = projected.chunk(3, dim=-1)
    back = (hidden @ recurrent + bias_hh).chunk(3, dim=-1)
    reset, update = (reset + back[0]).sigmoid(), (update + back[1]).sigmoid()
    candidate = (candidate + reset * back[2]).tanh()
    after = (1 - update) * candidate + update * hidden
    return torch.cat((reset, update, candidate), dim=-1), (after,)


GRU = Cell(
    "gru",
    "GRU",
    ("reset_gate", "update_gate", "candidate"),
    ("hidden",),
    nn.GRU,
    {},
    _unroll,
    _step,
)
