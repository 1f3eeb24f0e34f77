"""Saturation, half-lives and labels against values by hand."""

import math

import numpy as np
import pytest
import torch

from workbench.analysis.saturation import (
    gate_saturation,
    half_life,
    label_of,
    saturation,
    unit_memory,
)
from workbench.analysis.trace import trace_model
from workbench.models.language import LanguageModel
from workbench.models.replay import Key
from workbench.specs import ModelSpec


def traced(cell: str, **weights: float):
    spec = ModelSpec(cell=cell, num_layers=2, hidden_size=6, embedding_size=4)
    model = LanguageModel(spec, 9, torch.Generator().manual_seed(3)).eval()
    symbols = torch.randint(0, 9, (2, 40), generator=torch.Generator().manual_seed(1))
    return model, trace_model(model, symbols, lengths=torch.tensor([40, 17]))


def test_shares_are_counted() -> None:
    gates = np.array([[0.05, 0.95, 0.5], [0.05, 0.2, 0.91], [0.95, 0.99, 0.5], [0.0, 1.0, 0.09]])
    found = saturation(Key(0, 0, "forget_gate"), gates)
    np.testing.assert_allclose(found.shut, [0.75, 0, 0.25])
    np.testing.assert_allclose(found.open, [0.25, 0.75, 0.25])
    np.testing.assert_allclose(found.mean, gates.mean(0))


def test_half_lives_of_known_gates() -> None:
    found = half_life(np.array([0.9, 0.93, 0.99, 0.5, 0.0, 1.0]))
    np.testing.assert_allclose(found[:4], [6.58, 9.55, 68.97, 1.0], atol=0.01)
    assert found[4] == 0
    assert math.isinf(found[5])


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 3), ("gru", 2), ("rnn_tanh", 0)])
def test_every_gate_is_counted_without_padding(cell: str, gates: int) -> None:
    _, trace = traced(cell)
    found = gate_saturation(trace)
    assert len(found) == 2 * gates
    for item in found:
        values = np.concatenate([trace.quantities[item.key][0], trace.quantities[item.key][1, :17]])
        np.testing.assert_allclose(item.shut, (values < 0.1).mean(0))
        np.testing.assert_allclose(item.mean, values.mean(0), atol=1e-6)


def test_a_unit_that_never_forgets_is_an_integrator() -> None:
    model, _ = traced("lstm")
    with torch.no_grad():
        model.stack.layer_weights(0, 0).bias_ih[6 + 2] = 40.0  # forget gate of unit 2
        model.stack.layer_weights(0, 0).bias_ih[6 + 3] = -40.0
    symbols = torch.randint(0, 9, (1, 50), generator=torch.Generator().manual_seed(1))
    units = unit_memory(trace_model(model, symbols))
    assert len(units) == 12
    kept = {(unit.layer, unit.unit): unit for unit in units}
    assert kept[0, 2].label == "stuck open"
    assert kept[0, 2].half_life > 1e6
    assert kept[0, 3].label == "stuck shut"
    assert kept[0, 3].half_life < 0.1
    assert unit_memory(traced("rnn_relu")[1]) == []
    assert {unit.gate for unit in unit_memory(traced("gru")[1])} == {"update_gate"}


@pytest.mark.parametrize(
    ("shut", "open_", "largest", "label"),
    [
        (0.0, 0.0, 0.0, "dead"), (0.0, 0.99, 0.5, "stuck open"), (0.99, 0.0, 0.5, "stuck shut"),
        (0.1, 0.6, 0.5, "integrator"), (0.6, 0.1, 0.5, "pass-through"), (0.2, 0.2, 0.5, ""),
    ],
)  # fmt: skip
def test_labels(shut: float, open_: float, largest: float, label: str) -> None:
    assert label_of(shut, open_, largest) == label
