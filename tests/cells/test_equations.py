"""The equations that are shown are the ones torch computes: each is read and worked out."""

import re

import pytest
import torch

from workbench.cells.catalogue import CELLS
from workbench.cells.equations import EQUATIONS, sizes, weight_count

INPUT, HIDDEN = 3, 4
_TOKEN = re.compile(
    r"\s*(\\mathrm\{ReLU\}|\\[a-z]+|[A-Za-z]+(?:_(?:\{[^}]*\}|[A-Za-z]))?|\d|[()+\-])"
)
_FUNCTIONS = {r"\tanh": torch.tanh, r"\sigma": torch.sigmoid, r"\mathrm{ReLU}": torch.relu}
ORDERS = {"lstm": "ifgo", "gru": "rzn", "rnn_tanh": "h", "rnn_relu": "h"}


class Reader:
    """Works out one formula: sums of products; W x is a matrix product, ⊙ goes by element."""

    def __init__(self, text: str, values: dict[str, torch.Tensor]) -> None:
        self.tokens = _TOKEN.findall(text)
        assert "".join(self.tokens) == re.sub(r"\s", "", text)
        self.values = values

    def take(self) -> str:
        return self.tokens.pop(0)

    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def sum(self) -> torch.Tensor:
        total = self.product()
        while self.next() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            total = total + sign * self.product()
        return total

    def product(self) -> torch.Tensor:
        left = self.factor()
        while self.next() not in ("", "+", "-", ")"):
            if self.next() == r"\odot":
                self.take()
                left = left * self.factor()
            else:
                left = left @ self.factor()
        return left

    def factor(self) -> torch.Tensor:
        token = self.take()
        if token in _FUNCTIONS or token == "(":
            if token != "(":
                assert self.take() == "("
            inner = self.sum()
            assert self.take() == ")"
            return _FUNCTIONS[token](inner) if token != "(" else inner
        return torch.tensor(float(token)) if token.isdigit() else self.values[token]


def named_weights(cell: str, module: torch.nn.RNNBase) -> dict[str, torch.Tensor]:
    """Every block of the fused weights under its name in the equations."""
    found = {}
    for index, letter in enumerate(ORDERS[cell]):
        rows = slice(index * HIDDEN, (index + 1) * HIDDEN)
        for side in "ih":
            found[f"W_{{{side}{letter}}}"] = module.get_parameter(f"weight_{side}h_l0")[rows]
            found[f"b_{{{side}{letter}}}"] = module.get_parameter(f"bias_{side}h_l0")[rows]
    return found


@pytest.mark.parametrize("cell", list(CELLS))
def test_the_equations_are_what_torch_computes(cell: str) -> None:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    kind = CELLS[cell]
    module = kind.module(INPUT, HIDDEN, **kind.module_options)
    for parameter in module.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator))
    x = torch.randn(INPUT, generator=generator)
    state = [torch.randn(1, HIDDEN, generator=generator) for _ in kind.states]
    values = named_weights(cell, module)
    values |= {"x_t": x, "h_{t-1}": state[0][0]}
    if len(state) > 1:
        values["c_{t-1}"] = state[1][0]
    for line in EQUATIONS[cell]:
        name, formula = line.latex.split(" = ")
        values[name] = Reader(formula, values).sum()
    given = tuple(state) if len(state) > 1 else state[0]
    output, _ = module(x[None], given)
    torch.testing.assert_close(values["h_t"], output[0])


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_quantity_has_its_equation(cell: str) -> None:
    shown = [line.quantity for line in EQUATIONS[cell]]
    assert sorted(shown) == sorted(set(CELLS[cell].quantities))
    assert all(line.meaning for line in EQUATIONS[cell])


@pytest.mark.parametrize("cell", list(CELLS))
def test_weight_count_is_torch_s(cell: str) -> None:
    kind = CELLS[cell]
    module = kind.module(INPUT, HIDDEN, **kind.module_options)
    assert weight_count(cell, INPUT, HIDDEN) == sum(p.numel() for p in module.parameters())


def test_sizes_hold_the_real_numbers() -> None:
    text = " ".join(line.latex for line in sizes("lstm", 128, 256))
    assert r"256 \times 128" in text
    assert r"256 \times 256" in text
    assert "c_t" in text
    assert not any("c_t" in line.latex for line in sizes("gru", 8, 16))
    with pytest.raises(KeyError):
        sizes("elman", 1, 1)
