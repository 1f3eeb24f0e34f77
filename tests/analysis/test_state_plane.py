"""The plane of states, and fixed points that are known."""

import numpy as np
import pytest
import torch

from tests.analysis.models import language_model, symbols
from workbench.analysis.state_plane import (
    fixed_points,
    layer_input,
    neighbour_plane,
    principal_plane,
)
from workbench.analysis.trace import trace_model
from workbench.cells.catalogue import CELLS
from workbench.data.findings import Cancelled, Watch
from workbench.errors import UserError


def test_the_plane_holds_what_varies_most() -> None:
    generator = np.random.default_rng(0)
    basis = np.linalg.qr(generator.normal(size=(6, 6)))[0]
    hidden = generator.normal(size=(400, 6)) * [5, 3, 0.1, 0.1, 0.1, 0.1]
    states = hidden @ basis.T + 7
    plane = principal_plane(states)
    assert plane.shares.sum() > 0.99
    assert plane.shares[0] > plane.shares[1]
    places = plane.place(states)
    centred = states - states.mean(axis=0)
    np.testing.assert_allclose(
        np.linalg.norm(places, axis=1), np.linalg.norm(centred @ basis[:, :2], axis=1), atol=0.2
    )
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    with pytest.raises(UserError):
        principal_plane(states[:1])


def test_neighbours_stay_neighbours() -> None:
    generator = np.random.default_rng(1)
    states = np.concatenate([generator.normal(size=(30, 5)) + 20 * kind for kind in range(3)])
    places, steps = neighbour_plane(states)
    assert steps.tolist() == list(range(90))
    centres = places.reshape(3, 30, 2).mean(axis=1)
    nearest = np.linalg.norm(places[:, None] - centres[None], axis=-1).argmin(axis=1)
    assert (nearest == np.repeat([0, 1, 2], 30)).mean() > 0.95
    np.testing.assert_array_equal(neighbour_plane(states)[0], places)
    with pytest.raises(UserError, match="too few"):
        neighbour_plane(states[:5])


def test_fixed_points_of_a_known_rnn() -> None:
    """Two units that each keep their sign: four stable corners, saddles between, 0 amid them."""
    model = language_model(cell="rnn_tanh", num_layers=1, hidden_size=2)
    weights = model.stack.layer_weights(0, 0)
    with torch.no_grad():
        for weight in (weights.weight_ih, weights.bias_ih, weights.bias_hh):
            weight.zero_()
        weights.weight_hh.copy_(2 * torch.eye(2))
    trace = trace_model(model, symbols(5))
    key = trace.keys[0]
    trace.quantities[key] = np.random.default_rng(0).uniform(-1, 1, (1, 40, 2)).astype(np.float32)
    found = fixed_points(model, trace, (0, 0), np.zeros(5))
    root = 0.957504024
    corners = [point for point in found if point.stable]
    assert corners
    for point in corners:
        np.testing.assert_allclose(np.abs(point.state), root, atol=1e-6)
        np.testing.assert_allclose(point.eigenvalues.real, 2 * (1 - root**2), atol=1e-5)
    for point in found:
        zeros = int((np.abs(point.state) < 1e-6).sum())
        assert point.outward == zeros  # each unit at zero leads away
        assert point.speed < 1e-9
    assert len({tuple(np.round(point.state, 3)) for point in found}) == len(found) >= 3


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_what_is_found_stays_and_the_slope_is_right(cell: str) -> None:
    model = language_model(cell=cell, num_layers=2)
    trace = trace_model(model, symbols(30))
    constant = layer_input(model, trace, 1).mean(axis=0)
    found = fixed_points(model, trace, (1, 0))
    assert found
    point, stack = found[0], model.double().stack
    weights = stack.layer_weights(1, 0)
    projected = torch.from_numpy(constant) @ weights.weight_ih.t() + weights.bias_ih

    def step(state: np.ndarray) -> np.ndarray:
        parts = torch.from_numpy(state).split(stack.hidden_size)
        _, after = stack.cell.step(projected, parts, weights.weight_hh.t(), weights.bias_hh)
        return torch.cat(after).detach().numpy()

    np.testing.assert_allclose(step(point.state), point.state, atol=1e-4)
    size, small = len(point.state), 1e-6
    slope = np.stack([(step(point.state + small * row) - step(point.state)) / small
                      for row in np.eye(size)], axis=1)  # fmt: skip
    wanted = np.sort(np.abs(np.linalg.eigvals(slope)))
    np.testing.assert_allclose(np.sort(np.abs(point.eigenvalues)), wanted, atol=1e-3)


def test_the_input_of_an_upper_layer() -> None:
    model = language_model(num_layers=2, residual=True, layer_norm=True)
    given = symbols(6)
    trace = trace_model(model, given)
    with torch.no_grad():
        embedded = model.encode(given)
        outputs = model.stack.layers[0](embedded)[0]
        wanted = model.stack.combine(0, embedded, outputs)[0].numpy()
    np.testing.assert_allclose(layer_input(model, trace, 1), wanted, atol=1e-6)
    with pytest.raises(Cancelled):
        fixed_points(model, trace, (0, 0), watch=Watch(None, lambda: True))


def test_states_that_never_change_have_no_neighbours() -> None:
    with pytest.raises(UserError, match="never change"):
        neighbour_plane(np.full((40, 5), 0.3))
