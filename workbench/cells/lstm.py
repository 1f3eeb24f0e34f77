"""Long short-term memory.

i, f, o = σ(…), g = tanh(…); c_t = f ⊙ c_{t−1} + i ⊙ g; h_t = o ⊙ tanh(c_t).
Torch keeps the blocks in the order input, forget, candidate, output.

Source: Hochreiter and Schmidhuber (1997); forget gate: Gers, Schmidhuber and Cummins (2000).
"""

import numpy as np
import torch
from torch import Tensor, nn

from workbench.cells.base import Cell, State, reads_alone, tanh_


def _unroll(
    projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor, states: State
) -> None:
    hidden, cell = state
    hiddens, cells = states
    size = hidden.shape[-1]
    projected += bias_hh
    if reads_alone(projected):
        _unroll_alone(projected, state, recurrent, hiddens, cells)
        return
    rows = zip(
        projected.unbind(0),
        projected[..., : 2 * size].unbind(0),
        projected[..., 2 * size : 3 * size].unbind(0),
        projected[..., 3 * size :].unbind(0),
        projected[..., :size].unbind(0),
        projected[..., size : 2 * size].unbind(0),
        hiddens.unbind(0),
        cells.unbind(0),
        strict=True,
    )
    for gates, both, candidate, out, inp, forget, next_hidden, next_cell in rows:
        gates.addmm_(hidden, recurrent)
        both.sigmoid_()
        tanh_(candidate)
        out.sigmoid_()
        torch.mul(forget, cell, out=next_cell)
        next_cell.addcmul_(inp, candidate)
        next_hidden.copy_(next_cell)
        tanh_(next_hidden)
        next_hidden.mul_(out)
        hidden, cell = next_hidden, next_cell


def _unroll_alone(
    projected: Tensor, state: State, recurrent: Tensor, hiddens: Tensor, cells: Tensor
) -> None:
    """The same for one sequence, in numpy; all four gates pass through one tanh."""
    size = hiddens.shape[-1]
    back, hidden, cell = recurrent.numpy(), state[0][0].numpy(), state[1][0].numpy()
    sums, inner = np.empty(4 * size, back.dtype), np.empty(size, back.dtype)
    half, shift = np.full_like(sums, 0.5), np.full_like(sums, 0.5)  # σ(x) = ½ tanh(½x) + ½
    half[2 * size : 3 * size], shift[2 * size : 3 * size] = 1.0, 0.0
    steps = zip(projected[:, 0].numpy(), hiddens[:, 0].numpy(), cells[:, 0].numpy(), strict=True)
    for gates, next_hidden, next_cell in steps:  # rows of the arrays, changed in place
        np.dot(hidden, back, out=sums)
        gates += sums
        gates *= half
        np.tanh(gates, out=gates)
        gates *= half
        gates += shift
        np.multiply(gates[size : 2 * size], cell, out=next_cell)
        np.multiply(gates[:size], gates[2 * size : 3 * size], out=inner)
        next_cell += inner
        np.tanh(next_cell, out=next_hidden)
        next_hidden *= gates[3 * size :]
        hidden, cell = next_hidden, next_cell


def _step(
    projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor
) -> tuple[Tensor, State]:
    hidden, cell = state
    inp, forget, candidate, out = (projected + hidden @ recurrent + bias_hh).chunk(4, dim=-1)
    inp, forget, out = inp.sigmoid(), forget.sigmoid(), out.sigmoid()
    candidate = candidate.tanh()
    cell = forget * cell + inp * candidate
    return torch.cat((inp, forget, candidate, out), dim=-1), (out * cell.tanh(), cell)


LSTM = Cell(
    "lstm",
    "LSTM",
    ("input_gate", "forget_gate", "candidate", "output_gate"),
    ("hidden", "cell"),
    nn.LSTM,
    {},
    _unroll,
    _step,
)
