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
            "hidden state, which is also the output",
            "hidden",
        ),
    )


def _gate(name: str, letter: str, meaning: str, quantity: str) -> Equation:
    inner = (
        rf"W_{{i{letter}}} x_t + b_{{i{letter}}} + W_{{h{letter}}} h_{{t-1}} + b_{{h{letter}}}"
    )
    activation = r"\tanh" if quantity == "candidate" else r"\sigma"
    return Equation(rf"{name}_t = {activation}({inner})", meaning, quantity)


EQUATIONS: dict[str, tuple[Equation, ...]] = {
    "rnn_tanh": _plain(r"\tanh"),
    "rnn_relu": _plain(r"\mathrm{ReLU}"),
    "lstm": (
        _gate("i", "i", "input gate: how much is written", "input_gate"),
        _gate("f", "f", "forget gate: how much is kept", "forget_gate"),
        _gate("g", "g", "candidate: what is written", "candidate"),
        _gate("o", "o", "output gate: how much is shown", "output_gate"),
        Equation(r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "cell state: the memory", "cell"),
        Equation(r"h_t = o_t \odot \tanh(c_t)", "hidden state, which is also the output", "hidden"),
    ),
    "gru": (
        _gate("r", "r", "reset gate: how much of the old state is read", "reset_gate"),
        _gate("z", "z", "update gate: near 1 keeps the old state", "update_gate"),
        Equation(
            r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
            "candidate: the new content",
            "candidate",
        ),
        Equation(
            r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
            "hidden state, which is also the output",
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
    letters = ",\\, ".join(blocks)
    tail = rf",\quad \ast \in \{{{letters}\}}" if len(blocks) > 1 else ""
    return (
        Equation(
            rf"x_t \in \mathbb{{R}}^{{{input_size}}},\quad "
            rf"{states} \in \mathbb{{R}}^{{{hidden_size}}}",
            "what comes in at one step, and what is carried on",
        ),
        Equation(
            rf"W_{{i{star}}} \in \mathbb{{R}}^{{{hidden_size} \times {input_size}}},\quad "
            rf"W_{{h{star}}} \in \mathbb{{R}}^{{{hidden_size} \times {hidden_size}}},\quad "
            rf"b \in \mathbb{{R}}^{{{hidden_size}}}{tail}",
            "weights and biases",
        ),
    )
