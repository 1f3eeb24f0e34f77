"""Weights cut by gate, and what moved over training."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model
from workbench.analysis.weights import recurrent_eigenvalues, weight_parts
from workbench.analysis.weights_over_training import MomentNumbers, over_training
from workbench.cells.catalogue import CELLS
from workbench.data.findings import Watch
from workbench.engine.loading import load_model
from workbench.runs import list_moments


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_parts_put_together_are_the_model(cell: str) -> None:
    model = language_model(cell=cell, num_layers=2, bidirectional=True)
    parts = weight_parts(model)
    for name, weight in model.named_parameters():
        own = [part.values for part in parts if part.parameter == name]
        np.testing.assert_array_equal(np.concatenate(own), weight.detach().numpy())
    assert sum(part.values.size for part in parts) == sum(w.numel() for w in model.parameters())
    gates = {part.gate for part in parts if part.layer >= 0}
    assert gates == set(model.stack.cell.gates or ("hidden",))


def test_numbers_of_a_part() -> None:
    model = forecast_model(cell="gru")
    part = weight_parts(model)[0]
    assert part.norm == pytest.approx(float(np.linalg.norm(part.values)), rel=1e-6)
    counts, edges = part.histogram()
    assert counts.sum() == part.values.size
    assert edges[0] == -edges[-1]
    part.values[:] = 0
    part.values[0, 0] = 1
    assert part.tiny == pytest.approx(1 - 1 / part.values.size)
    assert not np.shares_memory(part.values, model.stack.layer_weights(0, 0).weight_ih.detach())


def test_eigenvalues_of_a_known_matrix() -> None:
    model = language_model(num_layers=1, hidden_size=2)
    with torch.no_grad():
        model.stack.layer_weights(0, 0).weight_hh[2:4] = torch.tensor([[0.0, -2.0], [0.5, 0.0]])
    found = recurrent_eigenvalues(model.stack, 0)
    assert list(found) == list(model.stack.cell.gates)
    np.testing.assert_allclose(np.sort_complex(found["forget_gate"]), [-1j, 1j], atol=1e-6)


def test_over_training(small_runs: dict[str, Path]) -> None:
    loaded = load_model(small_runs["tale"])
    moments = list_moments(small_runs["tale"])
    known: dict[int, MomentNumbers] = {}
    found = over_training(loaded, moments, known, Watch())
    assert [numbers.step for numbers in found] == [moment.step for moment in moments]
    last = load_model(small_runs["tale"], moments[-1].name).model
    for part in weight_parts(last):
        key = (part.parameter, part.block)
        assert found[-1].norms[key] == pytest.approx(part.norm)
        assert found[-1].gradients[key] >= 0
        assert key not in found[0].gradients  # nothing had been learned
    radius = abs(recurrent_eigenvalues(last.stack, 0)["forget_gate"][0])
    assert found[-1].radii[0, 0, "forget_gate"] == pytest.approx(radius, rel=1e-5)
    told: list[float] = []
    assert over_training(loaded, moments, known, Watch(told.append)) == found
    assert not told  # every moment is known
