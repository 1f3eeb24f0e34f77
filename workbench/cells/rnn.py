"""The plain recurrence: h_t = tanh or ReLU of (W x_t + b + U h_{t−1}).

Source: Elman (1990), Finding structure in time.
"""

from torch import Tensor, nn

from workbench.cells.base import Cell, State, Unrolled


def _unroll(
    relu: bool, projected: Tensor, state: State, recurrent: Tensor, bias: Tensor
) -> Unrolled:
    projected += bias
    hidden = state[0]
    for step in projected.unbind(0):
        step.addmm_(hidden, recurrent)
        hidden = step.relu_() if relu else step.tanh_()
    empty = projected.new_empty(projected.shape[0], projected.shape[1], 0)
    return Unrolled(gates=empty, states=(projected,))


def _tanh(projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor) -> Unrolled:
    return _unroll(False, projected, state, recurrent, bias_hh)


def _relu(projected: Tensor, state: State, recurrent: Tensor, bias_hh: Tensor) -> Unrolled:
    return _unroll(True, projected, state, recurrent, bias_hh)


RNN_TANH = Cell("rnn_tanh", "RNN (tanh)", (), ("hidden",), nn.RNN, {"nonlinearity": "tanh"}, _tanh)
RNN_RELU = Cell("rnn_relu", "RNN (ReLU)", (), ("hidden",), nn.RNN, {"nonlinearity": "relu"}, _relu)
