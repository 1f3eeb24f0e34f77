"""The equations of each cell in LaTeX, as torch computes them, with the real sizes."""

from workbench.views.numbers import grouped

_TEXT = {
    "rnn_tanh": ((r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})", "hidden"),),
    "rnn_relu": ((r"h_t = \max(0,\; W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})", "hidden"),),
    "lstm": (
        (r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})", "input gate"),
        (r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})", "forget gate"),
        (r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})", "candidate"),
        (r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})", "output gate"),
        (r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "cell state"),
        (r"h_t = o_t \odot \tanh(c_t)", "hidden state"),
    ),
    "gru": (
        (r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})", "reset gate"),
        (r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
         "update gate; near 1 keeps the old state"),
        (r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))", "candidate"),
        (r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}", "hidden state"),
    ),
}  # fmt: skip
_BLOCKS = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}


def cell_equations(cell: str, input_size: int, hidden_size: int) -> list[tuple[str, str]]:
    """Return LaTeX and a caption for each equation of a cell, then two lines on the sizes.

    Args:
        cell: ``rnn_tanh``, ``rnn_relu``, ``lstm`` or ``gru``.
        input_size: Numbers in x at one step.
        hidden_size: Units.

    Raises:
        KeyError: For another cell.
    """
    names = {"lstm": "h_t,\\, c_t"}.get(cell, "h_t")
    blocks = _BLOCKS[cell]
    wide, tall = grouped(input_size), grouped(hidden_size)
    total = blocks * hidden_size * (input_size + hidden_size + 2)
    each = "" if blocks == 1 else f" in each of {blocks} blocks"
    sizes = (
        rf"x_t \in \mathbb{{R}}^{{{input_size}}},\quad "
        rf"{names} \in \mathbb{{R}}^{{{hidden_size}}}"
    )
    caption = f"W to x: {tall} × {wide}, W to h: {tall} × {tall}{each}; {grouped(total)} in all"
    return [*_TEXT[cell], (sizes, ""), ("", caption)]
