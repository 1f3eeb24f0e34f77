"""Terms of a step add up to what the trace holds; changed numbers move what follows them."""

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model, symbols, window
from workbench.analysis.stepping import Steps, next_crossing, next_label
from workbench.analysis.trace import trace_model
from workbench.cells.catalogue import CELLS
from workbench.models.replay import Key


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
def test_terms_equal_the_trace(cell: str, both: bool) -> None:
    model = language_model(
        cell=cell, num_layers=2, bidirectional=both, residual=True, layer_norm=True
    )
    given = symbols(7)
    trace = trace_model(model, given)
    steps = Steps(model, (given,), trace)
    for key in trace.keys:
        for step in (0, 3, 6):
            terms = steps.at((key.layer, key.direction), step)
            found = next(t for t in terms if t.quantity == key.quantity and t.role in
                         ("gate", "state"))  # fmt: skip
            wanted = trace.quantities[key][0, step]
            np.testing.assert_allclose(found.values, wanted, atol=1e-6, err_msg=str((key, step)))


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_the_untouched_output_is_the_model_s_own(cell: str) -> None:
    model, given = language_model(cell=cell, num_layers=2), symbols(9)
    trace = trace_model(model, given)
    steps = Steps(model, (given,), trace)
    for layer in (0, 1):
        output = steps.output((layer, 0), 4, steps.at((layer, 0), 4))
        np.testing.assert_allclose(output, trace.output[0, 4], atol=1e-5)


def test_a_changed_number_moves_what_follows_and_nothing_before() -> None:
    model, given = language_model(num_layers=1), symbols(9)
    trace = trace_model(model, given)
    steps = Steps(model, (given,), trace)
    plain = steps.at((0, 0), 5)
    name = "f = σ(a_f)"
    changed = steps.at((0, 0), 5, {(name, 2): 0.0})
    place = [term.name for term in plain].index(name)
    for before, after in zip(plain[:place], changed[:place], strict=True):
        np.testing.assert_array_equal(before.values, after.values)
    values = {term.name: term.values for term in changed}
    assert values[name][2] == 0.0
    assert values["f ⊙ c′"][2] == 0.0
    assert values["c = f ⊙ c′ + i ⊙ g"][2] == values["i ⊙ g"][2]
    others = np.arange(9) != 2
    for before, after in zip(plain, changed, strict=True):
        np.testing.assert_array_equal(before.values[others], after.values[others])
    output = steps.output((0, 0), 5, changed)
    assert np.abs(output - trace.output[0, 5]).max() > 1e-4
    held = {("h′", 0): 5.0}
    assert (steps.at((0, 0), 5, held)[2].values == plain[2].values).all()  # W_ii x
    moved = {term.name: term.values for term in steps.at((0, 0), 5, held)}
    weights = model.stack.layer_weights(0, 0).weight_hh.detach().numpy()
    before = trace.quantities[Key(0, 0, "hidden")][0, 4].copy()
    before[0] = 5.0
    np.testing.assert_allclose(moved["W_hi h"], weights[:9] @ before, atol=1e-5)


@pytest.mark.parametrize("both", [False, True])
def test_a_changed_step_moves_the_forecast(both: bool) -> None:
    model, given = forecast_model(cell="gru", bidirectional=both), window()
    trace = trace_model(model, *given)
    steps = Steps(model, given, trace)
    for direction in range(1 + both):
        plain = steps.output((0, direction), 6, steps.at((0, direction), 6))
        np.testing.assert_allclose(plain, trace.output[0], atol=1e-5)
        changed = steps.at((0, direction), 6, {("z = σ(a_z)", 1): 0.0})
        assert np.abs(steps.output((0, direction), 6, changed) - plain).max() > 1e-5


def test_running_on() -> None:
    line = np.array([0.1, 0.2, 0.8, 0.9, 0.3, 0.7])
    assert next_crossing(line, 0.5, 0) == 2
    assert next_crossing(line, 0.5, 2) == 4
    assert next_crossing(line, 0.5, 5) == -1
    assert next_crossing(line, 0.5, 5, forwards=False) == 4
    assert next_label(("a", "b", "\n", "b"), "b", 1) == 3
    assert next_label(("a", "b"), "z", 0) == -1
    assert next_label(tuple("the cat, the dog"), "the", 0) == 9
    assert next_label(tuple("the cat, th"), "the", 0) == -1
    assert next_label(("Mon 1", "Tue 2", "Wed 3"), "Wed", 0) == 2


@pytest.mark.parametrize("layer", [0, 1])
def test_the_changed_output_against_a_loop(layer: int) -> None:
    model = language_model(num_layers=2, residual=True, layer_norm=True).double()
    given, stack = symbols(8), model.stack
    steps = Steps(model, (given,), trace_model(model, given))
    changed = {("o = σ(a_o)", 3): 0.123, ("W_hf h", 1): 2.0}
    terms = steps.at((layer, 0), 4, changed)
    after = {term.quantity: term.values for term in terms if term.role == "state"}
    rows = model.encode(given)[0].detach()
    for at in range(2):
        weights = stack.layer_weights(at, 0)
        state, outputs = tuple(part[at] for part in stack.initial_state(1)), []
        for step in range(8):
            projected = rows[step : step + 1] @ weights.weight_ih.t() + weights.bias_ih
            _, state = stack.cell.step(projected, state, weights.weight_hh.t(), weights.bias_hh)
            if (at, step) == (layer, 4):
                state = tuple(torch.from_numpy(after[name])[None] for name in stack.cell.states)
            outputs.append(state[0][0])
        rows = stack.combine(at, rows, torch.stack(outputs)).detach()
    wanted = model.head(rows[4]).detach().numpy()
    np.testing.assert_allclose(steps.output((layer, 0), 4, terms), wanted, atol=1e-6)
