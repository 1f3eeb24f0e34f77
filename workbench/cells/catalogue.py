"""All cells by name."""

from workbench.cells.base import Cell
from workbench.cells.gru import GRU
from workbench.cells.lstm import LSTM
from workbench.cells.rnn import RNN_RELU, RNN_TANH

CELLS: dict[str, Cell] = {cell.name: cell for cell in (RNN_TANH, RNN_RELU, LSTM, GRU)}
