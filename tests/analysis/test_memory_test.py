"""How far back the input matters: nothing behind what a model can know, all of what it must."""

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model, symbols, window
from workbench.analysis.memory_test import memory_test
from workbench.data.findings import Cancelled, Watch


def test_a_model_without_recurrence_knows_only_the_last_input() -> None:
    model = language_model(cell="rnn_tanh", num_layers=1)
    weights = model.stack.layer_weights(0, 0)
    with torch.no_grad():
        weights.weight_hh.zero_()
    found = memory_test(model, (symbols(20),), trials=2)
    assert found.distances.tolist() == list(range(20))
    assert found.mean[0] > 0.01
    np.testing.assert_allclose(found.mean[1:], 0, atol=1e-6)
    assert (found.low <= found.mean).all()
    assert (found.mean[:1] <= found.high[:1]).all()


def test_change_against_two_runs_by_hand() -> None:
    model, given = language_model(), symbols(6)
    given[0] = torch.tensor([1, 2, 1, 2, 1, 2])  # another symbol than 1 can only be 2
    found = memory_test(model, (given,), trials=1)

    def chances(ids: torch.Tensor) -> np.ndarray:
        with torch.no_grad():
            return model(ids)[0][0].softmax(-1).numpy()

    plain, wanted = chances(given), []
    for place in range(6):
        other = given.clone()
        other[0, place] = 3 - given[0, place]
        wanted.append(np.abs(chances(other) - plain).sum(1) / 2)
    for far in range(6):
        values = [wanted[place][place + far] for place in range(6 - far)]
        assert found.mean[far] == pytest.approx(np.mean(values), abs=1e-6)


def test_a_forecast_has_one_output() -> None:
    model, given = forecast_model(), window()
    found = memory_test(model, given, trials=3)
    assert found.distances.tolist() == list(range(8))
    assert (found.mean > 0).any()
    again = memory_test(model, given, trials=3)
    np.testing.assert_array_equal(found.mean, again.mean)  # its draws are its own


def test_long_texts_are_changed_at_some_places_only_and_it_can_be_given_up() -> None:
    model = language_model()
    assert memory_test(model, (symbols(100),), trials=1).distances[-1] == 99
    with pytest.raises(Cancelled):
        memory_test(model, (symbols(100),), watch=Watch(None, lambda: True))


def test_little_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = language_model(), symbols(30)
    usual = memory_test(model, (given,), trials=2)
    monkeypatch.setattr("workbench.analysis.memory_test.MEMORY_BYTES", 1)
    np.testing.assert_allclose(memory_test(model, (given,), trials=2).mean, usual.mean, atol=1e-6)
