"""The equations of each cell in LaTeX, in torch's names and convention. No torch is needed here.

Shapes: I input size, H hidden size. ``W_{i*}`` act on the input, ``W_{h*}`` on the state.
In torch's GRU an update gate z near 1 keeps the old state; some papers write it the other way.

Source: the formulas in the documentation of ``torch.nn.RNN``, ``LSTM`` and ``GRU``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Equation:
    """One line.

    Attributes:
        latex: The formula, or empty for a line of words.
        meaning: What it is, in plain words.
        quantity: Name of the gate or state it gives, as in ``Cell.quantities``, or empty.
    """

    latex: str
    meaning: str
    quantity: str = ""


def _plain(activation: str) -> tuple[Equation, ...]:
    return (
        Equation(
            rf"h_t = {activation}(W_{{ih}} x_t + b_{{ih}} + W_{{hh}} h_{{t-1}} + b_{{hh}})",
            "hidden state, output",
            "hidden",
        ),
    )


def _gate(name: str, letter: str, meaning: str, quantity: str) -> Equation:
    inner = rf"W_{{i{letter}}} x_t + b_{{i{letter}}} + W_{{h{letter}}} h_{{t-1}} + b_{{h{letter}}}"
    activation = r"\tanh" if quantity == "candidate" else r"\sigma"
    return Equation(rf"{name}_t = {activation}({inner})", meaning, quantity)


EQUATIONS: dict[str, tuple[Equation, ...]] = {
    "rnn_tanh": _plain(r"\tanh"),
    "rnn_relu": _plain(r"\mathrm{ReLU}"),
    "lstm": (
        _gate("i", "i", "input gate: writes", "input_gate"),
        _gate("f", "f", "forget gate: 1 keeps", "forget_gate"),
        _gate("g", "g", "candidate", "candidate"),
        _gate("o", "o", "output gate: shows", "output_gate"),
        Equation(r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "cell state, memory", "cell"),
        Equation(r"h_t = o_t \odot \tanh(c_t)", "hidden state, output", "hidden"),
    ),
    "gru": (
        _gate("r", "r", "reset gate: reads back", "reset_gate"),
        _gate("z", "z", "update gate: 1 keeps", "update_gate"),
        Equation(
            r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
            "candidate",
            "candidate",
        ),
        Equation(
            r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
            "hidden state, output",
            "hidden",
        ),
    ),
}
"""The recurrence of each cell by its name in an experiment."""

_BLOCKS = {"rnn_tanh": "h", "rnn_relu": "h", "lstm": "ifgo", "gru": "rzn"}
"""Letters of the weight blocks, in torch's order."""


def weight_count(cell: str, input_size: int, hidden_size: int) -> int:
    """Trained numbers in one layer and direction.

    Args:
        cell: A name in ``EQUATIONS``.
        input_size: Numbers in x at one step, ≥ 1.
        hidden_size: Units, ≥ 1.
    """
    return len(_BLOCKS[cell]) * hidden_size * (input_size + hidden_size + 2)


def sizes(cell: str, input_size: int, hidden_size: int) -> tuple[Equation, ...]:
    """The sizes of everything in the equations, as further lines.

    Args:
        cell: A name in ``EQUATIONS``.
        input_size: Numbers in x at one step, ≥ 1.
        hidden_size: Units, ≥ 1.

    Raises:
        KeyError: For another cell.
    """
    blocks = _BLOCKS[cell]
    states = r"h_t,\, c_t" if cell == "lstm" else "h_t"
    star = r"\ast" if len(blocks) > 1 else "h"
    each = f"for each of {', '.join(blocks)}" if len(blocks) > 1 else "weights"
    space = r"\in \mathbb{R}"
    wide = rf"^{{{hidden_size} \times {input_size}}}"
    square = rf"^{{{hidden_size} \times {hidden_size}}}"
    return (
        Equation(rf"x_t {space}^{{{input_size}}}", "input of one step"),
        Equation(rf"{states} {space}^{{{hidden_size}}}", "state carried on"),
        Equation(rf"W_{{i{star}}} {space}{wide}", each),
        Equation(rf"W_{{h{star}}} {space}{square}", each),
        Equation(rf"b_{{i{star}}},\, b_{{h{star}}} {space}^{{{hidden_size}}}", each),
    )
