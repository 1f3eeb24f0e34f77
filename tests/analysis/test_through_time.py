"""Gradients through time against autograd, and cells against numerical derivatives."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.analysis.models import forecast_model, window
from workbench.analysis.through_time import (
    BANDS,
    bands,
    decay,
    forecast_table,
    gradient_table,
    grows,
    horizon,
    untrained_curves,
)
from workbench.cells.catalogue import CELLS
from workbench.models.language import LanguageModel
from workbench.models.replay import Key, replay
from workbench.specs import ModelSpec


def model_of(cell: str, layers: int = 1, **changes: object) -> LanguageModel:
    spec = ModelSpec(cell=cell, num_layers=layers, hidden_size=7, embedding_size=5, **changes)
    return LanguageModel(spec, 9, torch.Generator().manual_seed(2)).eval().double()


def text(steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(0, 9, (1, steps + 1), generator=torch.Generator().manual_seed(4))
    return ids[:, :-1], ids[:, 1:]


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_gradcheck(cell: str) -> None:
    kind, size = CELLS[cell], 3
    generator = torch.Generator().manual_seed(1)

    def made(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64, requires_grad=True)

    def step(projected, recurrent, bias, *state):  # type: ignore[no-untyped-def]  # for gradcheck
        gates, after = kind.step(projected, state, recurrent, bias)
        return (gates, *after) if gates.numel() else after

    blocks = kind.blocks * size
    given = (made(2, blocks), made(size, blocks), made(blocks))
    assert torch.autograd.gradcheck(step, (*given, *(made(2, size) for _ in kind.states)))


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_steps_are_the_recurrence(cell: str) -> None:
    model = model_of(cell)
    values = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    whole = replay(model.stack, values)
    weights = model.stack.layer_weights(0, 0)
    state = tuple(part[0] for part in model.stack.initial_state(2))
    for step in range(6):
        projected = functional.linear(values[:, step], weights.weight_ih, weights.bias_ih)
        gates, state = model.stack.cell.step(
            projected, state, weights.weight_hh.t(), weights.bias_hh
        )
        for name, part in zip(model.stack.cell.states, state, strict=True):
            assert torch.allclose(part, whole.quantities[Key(0, 0, name)][:, step], atol=1e-12)
        for place, name in enumerate(model.stack.cell.gates):
            block = gates[:, place * 7 : (place + 1) * 7]
            assert torch.allclose(block, whole.quantities[Key(0, 0, name)][:, step], atol=1e-12)


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize(("layers", "layer"), [(1, 0), (2, 0), (2, 1)])
def test_table_against_autograd(cell: str, layers: int, layer: int) -> None:
    """A nudge of the state at step k, run on from there by hand, gives the same gradient."""
    model = model_of(cell, layers, residual=layers > 1)
    symbols, following = text(7)
    table = gradient_table(model, symbols, following, layer)
    assert set(table.norms) == set(model.stack.cell.states)
    for name, norms in table.norms.items():
        assert norms.shape == (7, 7)
        assert not np.triu(norms, 1).any(), "a loss does not reach later states"
        for row, column in ((6, 6), (6, 2), (3, 0)):
            expected = _by_hand(model, symbols, following, (layer, name, column))[row]
            assert norms[row, column] == pytest.approx(expected, rel=1e-9)


def _by_hand(model, symbols, following, place):  # type: ignore[no-untyped-def]  # any model
    layer, name, column = place
    stack = model.stack
    nudge = torch.zeros(1, 7, dtype=torch.float64, requires_grad=True)
    values = model.encode(symbols)
    for number in range(stack.num_layers):
        weights = stack.layer_weights(number, 0)
        state = tuple(part[number] for part in stack.initial_state(1))
        outputs = []
        for step in range(values.shape[1]):
            projected = functional.linear(values[:, step], weights.weight_ih, weights.bias_ih)
            gates, state = stack.cell.step(projected, state, weights.weight_hh.t(), weights.bias_hh)
            if (number, step) == (layer, column):
                if name == "cell":  # it is shown by the hidden state of the same step
                    cell = state[1] + nudge
                    state = (gates[:, 21:] * cell.tanh(), cell)
                else:
                    state = (state[0] + nudge, *state[1:])
            outputs.append(state[0])
        values = stack.combine(number, values, torch.stack(outputs, dim=1))
    losses = functional.cross_entropy(
        model.decode(values, symbols)[0], following[0], reduction="none"
    )
    found = [
        torch.autograd.grad(loss, nudge, retain_graph=True, allow_unused=True)[0] for loss in losses
    ]
    return [0.0 if part is None else float(part.norm()) for part in found]


def test_losses_are_the_model_s_own() -> None:
    model = model_of("lstm", 2)
    symbols, following = text(9)
    with torch.no_grad():
        logits, _ = model(symbols)
    expected = functional.cross_entropy(logits[0], following[0], reduction="none")
    np.testing.assert_allclose(gradient_table(model, symbols, following).losses, expected)


def test_decay_horizon_and_bands_by_hand() -> None:
    norms = np.array([[1.0, 0, 0, 0], [0.1, 1, 0, 0], [0.005, 0.1, 1, 0], [0.001, 0.005, 0.1, 1]])
    curve = decay(norms)
    np.testing.assert_allclose(curve, [1, 0.1, 0.005, 0.001])
    assert horizon(curve) == 2
    assert horizon(np.array([1.0, 0.5, 0.2])) is None
    assert horizon(np.array([0.0, 0.0])) == 0
    assert grows(np.array([1.0, 20.0]))
    assert not grows(curve)
    found = bands(norms)
    assert found.shape == (len(BANDS), 4)
    np.testing.assert_allclose(found[:3, 0], [1, 0.105, 0.001])
    np.testing.assert_allclose(found.sum(0), norms.sum(0))


def test_an_rnn_forgets_before_an_lstm() -> None:
    symbols, following = text(60)
    reach = {}
    for cell, name, changes in (("rnn_tanh", "hidden", {}), ("lstm", "cell", {})):
        model = model_of(cell, forget_gate_bias=3.0, **changes)
        found = horizon(decay(gradient_table(model, symbols, following).norms[name]))
        reach[cell] = 60 if found is None else found
    assert reach["rnn_tanh"] < reach["lstm"]


def test_what_cannot_be_computed_is_refused() -> None:
    symbols, following = text(4)
    with pytest.raises(ValueError, match="evaluation mode"):
        gradient_table(model_of("gru").train(), symbols, following)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_forecast_s_errors_by_the_states_of_its_window(cell: str) -> None:
    model = forecast_model(cell=cell, num_layers=1, linear_shortcut=True).double()
    given = tuple(part.double() for part in window())
    truth = torch.tensor([[[0.3], [float("nan")], [-0.4]]], dtype=torch.float64)
    found = forecast_table(model, given, truth)
    assert found.norms["hidden"].shape == (3, 8)
    assert found.losses[1] == 0
    for name, norms in found.norms.items():
        assert (norms[1] == 0).all(), name  # nothing was measured there
        assert np.isfinite(norms).all()
        assert (norms[[0, 2]] > 0).all()
    with torch.no_grad():
        hidden = model.stack(model.encode(*given))[0]
    last = hidden.clone().requires_grad_()
    loss = (model.decode(last, *given)[0, 0, 0, 0] - 0.3).square()
    (gradient,) = torch.autograd.grad(loss, last)
    assert found.norms["hidden"][0, -1] == pytest.approx(float(gradient[0, -1].norm()))
    curve = decay(found.norms["hidden"], found.distances)
    np.testing.assert_allclose(curve, found.norms["hidden"].mean(axis=0)[::-1])


def test_a_fresh_lstm_remembers_longer_than_a_fresh_rnn() -> None:
    found = untrained_curves(64, 40)
    ends = {name: horizon(curve) for name, curve in found.items()}
    assert list(ends) == ["RNN (tanh)", "LSTM", "GRU"]
    assert ends["RNN (tanh)"] is not None
    assert ends["LSTM"] is None or ends["LSTM"] > 2 * ends["RNN (tanh)"]


def test_a_window_as_long_as_the_horizon_is_no_text() -> None:
    """As many losses as states: distances are still those to the window's end."""
    model = forecast_model(cell="gru", num_layers=1, horizon=8).double()
    values, known = (part.double() for part in window())
    known = torch.cat((known, known[:, :5]), dim=1)
    found = forecast_table(model, (values, known), torch.zeros(1, 8, 1, dtype=torch.float64))
    norms = found.norms["hidden"]
    assert norms.shape == (8, 8)
    assert found.distances.tolist() == [list(range(7, -1, -1))] * 8
    np.testing.assert_allclose(decay(norms, found.distances), norms.mean(axis=0)[::-1])
    np.testing.assert_allclose(bands(norms, found.distances).sum(axis=0), norms.sum(axis=0))
