"""Every term of a cell's equations in the order of computation, so that a step can be followed.

Letters are those of ``equations``: ``W_if`` acts on the input, ``W_hf`` on the state.

Source: the formulas in the documentation of ``torch.nn.RNN``, ``LSTM`` and ``GRU``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Values = Mapping[str, Tensor]


@dataclass(frozen=True)
class TermRule:
    """How one term comes from those before it.

    Attributes:
        name: Formula in plain signs, such as ``σ(a_f)``; unique in a cell.
        role: ``term``, ``sum``, ``gate`` or ``state``.
        quantity: Gate or state it is, as in ``Cell.quantities``, or empty.
        compute: From the terms before it by name; each ``(H,)``.
    """

    name: str
    role: str
    quantity: str
    compute: Callable[[Values], Tensor]


def given_names(letters: str) -> list[tuple[str, str, str, str]]:
    """Names of the four given terms of each block: from x, its bias, from h, its bias."""
    return [(f"W_i{l} x", f"b_i{l}", f"W_h{l} h", f"b_h{l}") for l in letters]  # noqa: E741 (a letter)


def _sum(letter: str) -> TermRule:
    names = given_names(letter)[0]
    return TermRule(
        f"a_{letter}", "sum", "", lambda known: sum((known[n] for n in names), torch.zeros(()))
    )


def _gate(letter: str, quantity: str, squash: Callable[[Tensor], Tensor], sign: str) -> TermRule:
    return TermRule(
        f"{letter} = {sign}(a_{letter})",
        "gate",
        quantity,
        lambda known: squash(known[f"a_{letter}"]),
    )


def _product(name: str, first: str, second: str) -> TermRule:
    return TermRule(name, "term", "", lambda known: known[first] * known[second])


def _plain(squash: Callable[[Tensor], Tensor], sign: str) -> tuple[TermRule, ...]:
    return (
        _sum("h"),
        TermRule(f"h = {sign}(a_h)", "state", "hidden", lambda known: squash(known["a_h"])),
    )


_I, _F, _G, _O = "i = σ(a_i)", "f = σ(a_f)", "g = tanh(a_g)", "o = σ(a_o)"
_R, _Z, _N = "r = σ(a_r)", "z = σ(a_z)", "n = tanh(a_n)"

RULES: dict[str, tuple[TermRule, ...]] = {
    "rnn_tanh": _plain(torch.tanh, "tanh"),
    "rnn_relu": _plain(torch.relu, "ReLU"),
    "lstm": (
        _sum("i"),
        _gate("i", "input_gate", torch.sigmoid, "σ"),
        _sum("f"),
        _gate("f", "forget_gate", torch.sigmoid, "σ"),
        _sum("g"),
        _gate("g", "candidate", torch.tanh, "tanh"),
        _sum("o"),
        _gate("o", "output_gate", torch.sigmoid, "σ"),
        _product("f ⊙ c′", _F, "c′"),
        _product("i ⊙ g", _I, _G),
        TermRule("c = f ⊙ c′ + i ⊙ g", "state", "cell", lambda k: k["f ⊙ c′"] + k["i ⊙ g"]),
        TermRule("tanh(c)", "term", "", lambda k: k["c = f ⊙ c′ + i ⊙ g"].tanh()),
        TermRule("h = o ⊙ tanh(c)", "state", "hidden", lambda k: k[_O] * k["tanh(c)"]),
    ),
    "gru": (
        _sum("r"),
        _gate("r", "reset_gate", torch.sigmoid, "σ"),
        _sum("z"),
        _gate("z", "update_gate", torch.sigmoid, "σ"),
        TermRule("W_hn h + b_hn", "sum", "", lambda k: k["W_hn h"] + k["b_hn"]),
        TermRule("r ⊙ (W_hn h + b_hn)", "term", "", lambda k: k[_R] * k["W_hn h + b_hn"]),
        TermRule(
            "a_n", "sum", "", lambda k: k["W_in x"] + k["b_in"] + k["r ⊙ (W_hn h + b_hn)"]
        ),
        _gate("n", "candidate", torch.tanh, "tanh"),
        TermRule("(1 − z) ⊙ n", "term", "", lambda k: (1 - k[_Z]) * k[_N]),
        _product("z ⊙ h′", _Z, "h′"),
        TermRule("h = (1 − z) ⊙ n + z ⊙ h′", "state", "hidden",
                 lambda k: k["(1 − z) ⊙ n"] + k["z ⊙ h′"]),
    ),
}  # fmt: skip
"""The recurrence of each cell by its name in an experiment."""

LETTERS = {"rnn_tanh": "h", "rnn_relu": "h", "lstm": "ifgo", "gru": "rzn"}
"""Letters of the weight blocks, in torch's order."""

BEFORE = {"hidden": "h′", "cell": "c′"}
"""Names of the states of the step before."""
