"""Holding units at their mean, all beside each other, equals doing it one by one."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.analysis.models import forecast_model, language_model, symbols, window
from workbench.analysis import ablation
from workbench.analysis.ablation import ablate
from workbench.analysis.intervention import Intervention, run_changed
from workbench.analysis.trace import trace_model
from workbench.data.findings import Cancelled, Watch
from workbench.models.replay import Key


@pytest.mark.parametrize("copies", [1, 4, 100])
def test_costs_of_a_text(copies: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "_MOST_COPIES", copies)
    model, given = language_model(num_layers=2), symbols(31)
    inputs, targets = given[:, :-1], given[:, 1:]

    def loss(output: np.ndarray) -> float:
        return float(functional.cross_entropy(torch.from_numpy(output[0]), targets[0]))

    plain = trace_model(model, inputs)
    found = ablate(model, (inputs,), targets, (1, 0))
    assert found.loss == pytest.approx(loss(plain.output), abs=1e-6)
    means = plain.quantities[Key(1, 0, "hidden")][0].mean(axis=0)
    np.testing.assert_allclose(found.means, means, atol=1e-6)
    for unit in range(9):
        held = Intervention(1, unit, value=float(means[unit]))
        changed = run_changed(model, inputs, interventions=[held])
        assert found.costs[unit] == pytest.approx(loss(changed.output) - found.loss, abs=1e-5)


def test_costs_of_a_forecast_leave_out_what_was_not_measured() -> None:
    model, given = forecast_model(), window()
    truth = torch.tensor([[[0.5], [float("nan")], [-1.0]]])
    found = ablate(model, given, truth, (0, 0))
    forecast = trace_model(model, *given).output[0, :, 0, 0]
    wanted = ((forecast[0] - 0.5) ** 2 + (forecast[2] + 1.0) ** 2) / 2
    assert found.loss == pytest.approx(float(wanted), rel=1e-5)
    assert np.isfinite(found.costs).all()


def test_both_directions_take_twice_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "MEMORY_BYTES", 1 << 18)
    models = [forecast_model(bidirectional=both) for both in (False, True)]
    one, both = (ablation._copies(model, model.encode(*window())) for model in models)
    assert abs(one - 2 * both) <= 1


def test_it_can_be_given_up() -> None:
    given = symbols(10)
    with pytest.raises(Cancelled):
        ablate(language_model(), (given[:, :-1],), given[:, 1:], (0, 0), Watch(None, lambda: True))
