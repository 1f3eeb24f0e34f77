"""Long short-term memory.

i, f, o = σ(…), g = tanh(…); c_t = f ⊙ c_{t−1} + i ⊙ g; h_t = o ⊙ tanh(c_t).
Torch keeps the blocks in the order input, forget, candidate, output.

Source: Hochreiter and Schmidhuber (1997); forget gate: Gers, Schmidhuber and Cummins (2000).
"""

import torch
from torch import Tensor, nn

from workbench.cells.base import Cell, State, Unrolled


def _unroll(projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor) -> Unrolled:
    hidden, cell = state
    size = hidden.shape[-1]
    projected += bias_hh
    hiddens = projected.new_empty(*projected.shape[:2], size)
    cells = torch.empty_like(hiddens)
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
        candidate.tanh_()
        out.sigmoid_()
        torch.mul(forget, cell, out=next_cell)
        next_cell.addcmul_(inp, candidate)
        torch.tanh(next_cell, out=next_hidden)
        next_hidden.mul_(out)
        hidden, cell = next_hidden, next_cell
    return Unrolled(gates=projected, states=(hiddens, cells))


LSTM = Cell(
    "lstm",
    "LSTM",
    ("input_gate", "forget_gate", "candidate", "output_gate"),
    ("hidden", "cell"),
    nn.LSTM,
    {},
    _unroll,
)
