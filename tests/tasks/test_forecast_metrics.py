"""Metrics against plain formulas in numpy, in the user's units."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.scaling import Scaler
from workbench.tasks.forecast_metrics import (
    TargetScale,
    add_tallies,
    finish_metrics,
    forecast_loss,
    pinball,
    tally_errors,
)

SCALERS = (Scaler("standard", 10.0, 4.0, 4.0), Scaler("minmax", -3.0, 50.0, 8.0))


def _scale(levels=()):
    return TargetScale(("a", "b"), SCALERS, (2.0, float("nan")), levels)


def _case(seed=0, quantiles=0):
    rng = torch.Generator().manual_seed(seed)
    forecast = torch.randn(5, 3, 2, 1 + quantiles, generator=rng)
    return forecast, torch.randn(5, 3, 2, generator=rng)


def test_every_metric_against_numpy():
    forecast, truth = _case()
    found = finish_metrics(tally_errors(forecast, truth, None, _scale()), _scale())
    scale, centre, deviation = np.array([4.0, 50.0]), np.array([10.0, -3.0]), np.array([4.0, 8.0])
    y = truth.numpy() * scale + centre
    f = forecast[..., 0].numpy() * scale + centre
    z = (f - y) / deviation
    rmse = np.sqrt(((f - y) ** 2).mean(axis=(0, 1)))
    mae = np.abs(f - y).mean(axis=(0, 1))
    smape = (200 * np.abs(f - y) / (np.abs(f) + np.abs(y))).mean(axis=(0, 1))
    expected = {
        "mse": (z**2).mean(), "mae_scaled": np.abs(z).mean(),
        "rmse": rmse.mean(), "mae": mae.mean(), "smape": smape.mean(), "mase": mae[0] / 2,
        "rmse[a]": rmse[0], "rmse[b]": rmse[1], "mae[a]": mae[0], "mae[b]": mae[1],
        "smape[a]": smape[0], "smape[b]": smape[1], "mase[a]": mae[0] / 2,
        "mse[a]": (z[..., 0] ** 2).mean(), "mse[b]": (z[..., 1] ** 2).mean(),
    }  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-5)
    assert next(iter(found)) == "mse"


@given(cut=st.integers(1, 4), seed=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_batches_add_up(cut, seed):
    forecast, truth = _case(seed)
    parts = [
        tally_errors(forecast[rows], truth[rows], None, _scale())
        for rows in (slice(0, cut), slice(cut, None))
    ]
    whole = finish_metrics(tally_errors(forecast, truth, None, _scale()), _scale())
    assert finish_metrics(add_tallies(parts), _scale()) == pytest.approx(whole, rel=1e-5)


def test_what_was_not_measured_counts_for_nothing():
    forecast, truth = _case(quantiles=2)
    weight = torch.ones_like(truth)
    weight[3:] = 0
    wild = truth.clone()
    wild[3:] = 1e6
    scale = _scale((0.1, 0.9))
    found = finish_metrics(tally_errors(forecast, wild, weight, scale), scale)
    right = finish_metrics(tally_errors(forecast[:3], truth[:3], None, scale), scale)
    assert found == pytest.approx(right, rel=1e-5)


def test_a_target_never_measured_is_left_out():
    forecast, truth = _case()
    weight = torch.ones_like(truth)
    weight[..., 1] = 0
    found = finish_metrics(tally_errors(forecast, truth, weight, _scale()), _scale())
    assert "mae[a]" in found
    assert "mae[b]" not in found
    assert found["mae"] == found["mae[a]"]
    assert all(np.isfinite(value) for value in found.values())


def test_nothing_measured_gives_no_metrics():
    forecast, truth = _case()
    weight = torch.zeros_like(truth)
    assert finish_metrics(tally_errors(forecast, truth, weight, _scale()), _scale()) == {}
    assert finish_metrics(add_tallies([]), _scale()) == {}


def test_nought_against_nought_is_no_error():
    scale = TargetScale(("a",), (Scaler(),), (1.0,))
    zeros = torch.zeros(2, 2, 1)
    found = finish_metrics(tally_errors(zeros[..., None], zeros, None, scale), scale)
    assert (found["smape"], found["mse"]) == (0, 0)
    assert "mae[a]" not in found  # one target: the same as mae


def test_coverage_counts_truths_between_the_outer_quantiles():
    scale = TargetScale(("a",), (Scaler(),), (1.0,), (0.1, 0.9))
    truth = torch.tensor([0.0, 1.0, 2.0, 5.0]).view(1, 4, 1)
    fan = torch.tensor([1.0, 0.5, 2.5]).expand(1, 4, 1, 3)
    crossed = torch.tensor([1.0, 2.5, 0.5]).expand(1, 4, 1, 3)
    for forecast in (fan, crossed):
        found = finish_metrics(tally_errors(forecast, truth, None, scale), scale)
        assert found["coverage"] == 0.5
    assert found["pinball"] > 0


def test_pinball_is_least_at_the_quantile():
    sample = torch.randn(20_000, generator=torch.Generator().manual_seed(0))
    places = torch.linspace(-2, 2, 81)
    for level, quantile in ((0.1, -1.2816), (0.5, 0.0), (0.9, 1.2816)):
        losses = torch.stack(
            [
                pinball(p.expand(len(sample), 1), sample, torch.tensor([level])).mean()
                for p in places
            ]
        )
        assert places[losses.argmin()].item() == pytest.approx(quantile, abs=0.06)


@pytest.mark.parametrize("kind", ["auto", "mse", "mae", "huber"])
def test_losses(kind):
    forecast, truth = _case()
    error = (forecast[..., 0] - truth).numpy()
    huber = np.where(np.abs(error) < 1, error**2 / 2, np.abs(error) - 0.5)
    each = {"auto": error**2, "mse": error**2, "mae": np.abs(error), "huber": huber}[kind]
    assert forecast_loss(forecast, truth, None, kind, ()).item() == pytest.approx(each.mean(), 1e-5)
    weight = torch.zeros_like(truth)
    weight[:2] = 1
    found = forecast_loss(forecast, truth, weight, kind, ())
    assert found.item() == pytest.approx(each[:2].mean(), 1e-5)


def test_quantiles_with_auto_learn_median_and_quantiles():
    forecast, truth = _case(quantiles=2)
    found = forecast_loss(forecast, truth, None, "auto", (0.1, 0.9))
    levels = torch.tensor([0.5, 0.1, 0.9])
    each = pinball(forecast, truth, levels)
    wanted = 2 * each[..., 0].mean() + 2 * each[..., 1:].mean()
    assert found.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_a_batch_without_a_measured_target_has_loss_nought_and_a_gradient_of_noughts():
    forecast, truth = _case()
    forecast.requires_grad_()
    loss = forecast_loss(forecast, truth, torch.zeros_like(truth), "mse", ())
    loss.backward()
    assert loss.item() == 0
    assert (forecast.grad == 0).all()


def test_half_precision_forecasts_are_judged_in_single():
    forecast, truth = _case()
    found = forecast_loss(forecast.bfloat16(), truth, None, "mse", ())
    assert found.dtype == torch.float32
