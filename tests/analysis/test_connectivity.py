"""Gradients of outputs by inputs, against autograd on the model itself and finite differences."""

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model, symbols, window
from workbench.analysis.connectivity import METHODS, attribute, connectivity_table
from workbench.cells.catalogue import CELLS
from workbench.errors import UserError
from workbench.models.differentiable import run_differentiably


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
def test_the_differentiable_run_is_the_stack_s_own(cell: str, both: bool) -> None:
    stack = language_model(
        cell=cell, num_layers=2, bidirectional=both, residual=True, layer_norm=True
    ).double().stack  # fmt: skip
    values = torch.randn(2, 6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    start = tuple(torch.full_like(part, 0.3) for part in stack.initial_state(2))
    output, states = run_differentiably(stack, values, start)
    wanted, end = stack(values, start)
    torch.testing.assert_close(output, wanted, atol=1e-12, rtol=0)
    torch.testing.assert_close(states[1, 0][0][-1], end[0][2 if both else 1], atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_table_of_a_text_against_autograd(cell: str) -> None:
    model, given = language_model(cell=cell, num_layers=2).double(), symbols(7)
    found = connectivity_table(model, (given,))
    embedded = model.encode(given).detach().requires_grad_()
    logits = model.decode(model.stack(embedded)[0], given)[0]
    for row in range(7):
        (gradient,) = torch.autograd.grad(logits[row].max(), embedded, retain_graph=True)
        np.testing.assert_allclose(found[row], gradient[0].norm(dim=-1).numpy(), atol=1e-12)
    assert (np.triu(found, 1) == 0).all()
    assert not model.training


def test_table_of_a_forecast_goes_through_levels_and_shortcut() -> None:
    model = forecast_model(linear_shortcut=True, instance_norm="mean_std").double()
    values, known = (part.double() for part in window())
    found = connectivity_table(model, (values, known))
    step = 1e-6
    for at in (0, 5):
        gradient = np.zeros((3, 2))
        for channel in range(2):
            moved = values.clone()
            moved[0, at, channel] += step
            with torch.no_grad():
                change = (model(moved, known)[0] - model(values, known)[0])[0, :, 0, 0] / step
            gradient[:, channel] = change.numpy()
        np.testing.assert_allclose(found[:, at], np.linalg.norm(gradient, axis=1), rtol=1e-3)


def test_the_model_is_never_put_into_training_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = language_model(), symbols(5)

    def forbidden(_self: object, mode: bool = True) -> None:
        raise AssertionError(f"train({mode}) was called")

    monkeypatch.setattr(torch.nn.Module, "train", forbidden)
    connectivity_table(model, (given,))
    for method in METHODS:
        attribute(model, (given,), (4, 2), method)
    assert all(weight.grad is None for weight in model.parameters())


def test_integrated_gradients_add_up_to_the_difference() -> None:
    model, given = language_model(num_layers=1), symbols(8)
    found = attribute(model, (given,), (6, 3), "integrated gradients")
    with torch.no_grad():
        embedded = model.encode(given)
        ends = [
            float(model.decode(model.stack(start)[0], given)[0, 6, 3])
            for start in (embedded, torch.zeros_like(embedded))
        ]
    assert found.sum() == pytest.approx(ends[0] - ends[1], rel=0.01, abs=1e-4)
    assert found[7] == 0  # it was read after the output


def test_saliency_and_input_times_gradient() -> None:
    model, given = language_model(), symbols(6)
    embedded = model.encode(given).detach().requires_grad_()
    logit = model.decode(model.stack(embedded)[0], given)[0, 5, 2]
    (gradient,) = torch.autograd.grad(logit, embedded)
    saliency = attribute(model, (given,), (5, 2), "saliency")
    np.testing.assert_allclose(saliency, gradient[0].norm(dim=-1).numpy(), rtol=1e-4)
    product = attribute(model, (given,), (5, 2), "input × gradient")
    wanted = (gradient * embedded)[0].sum(-1).detach().numpy()
    np.testing.assert_allclose(product, wanted, rtol=1e-4, atol=1e-7)


def test_of_a_forecast_and_what_is_not_there() -> None:
    model, given = forecast_model(), window()
    assert attribute(model, given, (2, 0), "integrated gradients").shape == (8,)
    for output, method in (((3, 0), "saliency"), ((0, 1), "saliency"), ((0, 0), "guess")):
        with pytest.raises(UserError):
            attribute(model, given, output, method)
