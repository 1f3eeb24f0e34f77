"""Weights cut by gate, and what moved over training."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model
from workbench.analysis.weights import recurrent_eigenvalues, weight_parts
from workbench.analysis.weights_over_training import over_training
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
    found = over_training(loaded, moments, Watch())
    assert found.steps.tolist() == [moment.step for moment in moments]
    for name, weight in load_model(small_runs["tale"], moments[-1].name).model.named_parameters():
        assert found.norms[name][-1] == pytest.approx(float(weight.detach().norm()), rel=1e-5)
        assert np.isnan(found.gradients[name][0])
        assert found.gradients[name][-1] > 0
    now = recurrent_eigenvalues(load_model(small_runs["tale"], moments[-1].name).model.stack, 0)
    radius = found.radii[0, 0, "forget_gate"]
    assert radius[-1] == pytest.approx(abs(now["forget_gate"][0]), rel=1e-5)
