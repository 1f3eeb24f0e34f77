"""The plain recurrence: h_t = tanh or ReLU of (W x_t + b + U h_{t−1}).

Source: Elman (1990), Finding structure in time.
"""

from functools import partial

import numpy as np
from torch import Tensor, nn

from workbench.cells.base import Cell, State, reads_alone, tanh_


def _unroll(
    relu: bool, projected: Tensor, state: State, recurrent: Tensor, bias: Tensor, states: State
) -> None:
    projected += bias
    hidden = state[0]
    if reads_alone(projected):
        _unroll_alone(relu, projected, hidden, recurrent)
    else:
        for step in projected.unbind(0):
            step.addmm_(hidden, recurrent)
            hidden = step.relu_() if relu else tanh_(step)
    states[0].copy_(projected)


def _unroll_alone(relu: bool, projected: Tensor, start: Tensor, recurrent: Tensor) -> None:
    """The same for one sequence, in numpy."""
    back, hidden = recurrent.numpy(), start[0].numpy()
    sums = np.empty(back.shape[1], back.dtype)
    for step in projected[:, 0].numpy():
        np.dot(hidden, back, out=sums)
        step += sums
        hidden = np.maximum(step, 0, out=step) if relu else np.tanh(step, out=step)


def _step(
    relu: bool, projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor
) -> tuple[Tensor, State]:
    sums = projected + state[0] @ recurrent + bias_hh
    after = sums.relu() if relu else sums.tanh()
    return after[..., :0], (after,)


RNN_TANH = Cell(
    "rnn_tanh",
    "RNN (tanh)",
    (),
    ("hidden",),
    nn.RNN,
    {"nonlinearity": "tanh"},
    partial(_unroll, False),
    partial(_step, False),
)
RNN_RELU = Cell(
    "rnn_relu",
    "RNN (ReLU)",
    (),
    ("hidden",),
    nn.RNN,
    {"nonlinearity": "relu"},
    partial(_unroll, True),
    partial(_step, True),
)
