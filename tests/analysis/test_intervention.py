"""Changing states on the way: equal to a loop by hand, and to nothing where nothing is changed."""

from itertools import islice

import numpy as np
import pytest
import torch

from tests.analysis.models import forecast_model, language_model, symbols, window
from workbench.analysis.intervention import Intervention, run_changed, write_changed
from workbench.analysis.trace import trace_model
from workbench.cells.catalogue import CELLS
from workbench.errors import UserError
from workbench.models.replay import Key
from workbench.tasks.language_model import write


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_no_change_is_a_trace(cell: str) -> None:
    model, given = language_model(cell=cell, num_layers=2), symbols(20)
    plain, changed = trace_model(model, given), run_changed(model, given)
    for key in plain.keys:
        np.testing.assert_array_equal(plain.quantities[key], changed.quantities[key])
    scaled = run_changed(model, given, interventions=[Intervention(0, 2, kind="scale", value=1.0)])
    np.testing.assert_allclose(scaled.output, plain.output, atol=1e-5)


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("kind", ["hold", "scale", "add"])
def test_a_changed_unit_against_a_loop(cell: str, kind: str) -> None:
    model, given = language_model(cell=cell, num_layers=2).double(), symbols(12)
    wanted = Intervention(0, 4, first=3, kind=kind, value=0.7)
    found = run_changed(model, given, interventions=[wanted])
    stack, values = model.stack, model.encode(given)[0].detach()
    for layer in range(2):
        weights = stack.layer_weights(layer, 0)
        state = tuple(part[layer] for part in stack.initial_state(1))
        rows = []
        for step in range(12):
            projected = values[step : step + 1] @ weights.weight_ih.t() + weights.bias_ih
            _, state = stack.cell.step(projected, state, weights.weight_hh.t(), weights.bias_hh)
            state = tuple(part.detach().clone() for part in state)
            if layer == 0 and step >= 3:
                before = state[0][0, 4]
                state[0][0, 4] = {"hold": 0.7, "scale": 0.7 * before, "add": before + 0.7}[kind]
            rows.append(state[0][0])
        values = torch.stack(rows)
        np.testing.assert_allclose(
            found.quantities[Key(layer, 0, "hidden")][0], values.numpy(), atol=1e-12
        )


def test_a_held_cell_state_shows_in_the_hidden_state() -> None:
    model, given = language_model(num_layers=1).double(), symbols(6)
    held = run_changed(model, given, interventions=[Intervention(0, 1, value=2.0, quantity="cell")])
    gate = held.quantities[Key(0, 0, "output_gate")][0, :, 1]
    np.testing.assert_allclose(held.quantities[Key(0, 0, "cell")][0, :, 1], 2.0)
    np.testing.assert_allclose(
        held.quantities[Key(0, 0, "hidden")][0, :, 1], gate * np.tanh(2.0), atol=1e-12
    )


def test_a_swapped_state_goes_on_as_the_other_sequence() -> None:
    model = language_model(num_layers=1)
    first, second, tail = symbols(9, 1), symbols(9, 2), symbols(5, 3)
    other = trace_model(model, first).state
    swap = Intervention(0, first=8, kind="swap", other=tuple(part[0, 0] for part in other))
    swapped = run_changed(model, torch.cat((second, tail), 1), interventions=[swap])
    wanted = trace_model(model, torch.cat((first, tail), 1))
    np.testing.assert_allclose(swapped.output[0, 9:], wanted.output[0, 9:], atol=1e-6)
    assert np.abs(swapped.output[0, 7] - wanted.output[0, 7]).max() > 1e-3


def test_a_changed_forecast() -> None:
    model, given = forecast_model(cell="gru"), window()
    plain = trace_model(model, *given)
    held = run_changed(model, *given, interventions=[Intervention(0, 2, value=1.0)])
    assert np.abs(held.output - plain.output).max() > 1e-3
    ends = run_changed(model, *given, interventions=[Intervention(0, 2, first=8, value=1.0)])
    np.testing.assert_allclose(ends.output, plain.output)  # behind the last step


def test_without_a_change_the_same_text_is_written() -> None:
    model, prompt = language_model(num_layers=2), symbols(10)

    def made(changes: list[Intervention] | None) -> list[tuple[int, float]]:
        generator = torch.Generator().manual_seed(1)
        stream = (
            write(model, prompt, 0.8, generator) if changes is None
            else write_changed(model, prompt, changes, 0.8, generator)
        )  # fmt: skip
        return list(islice(stream, 40))

    assert made([]) == made(None)
    late = made([Intervention(1, -1, first=20, value=0.9)])
    assert late[:11] == made(None)[:11]  # ten symbols of the prompt and ten that were written
    assert late != made(None)


@pytest.mark.parametrize(
    "wrong",
    [
        Intervention(2, 0), Intervention(0, 9), Intervention(0, 0, direction=1),
        Intervention(0, 0, kind="turn"), Intervention(0, 0, quantity="mood"),
        Intervention(0, 0, direction=-1), Intervention(0, kind="swap"),
        Intervention(0, kind="swap", other=(np.zeros(9),)),
        Intervention(0, kind="swap", other=(np.zeros(5), np.zeros(5))),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(wrong: Intervention) -> None:
    with pytest.raises(UserError):
        run_changed(language_model(num_layers=2), symbols(4), interventions=[wrong])


def test_a_model_in_training_is_refused() -> None:
    with pytest.raises(ValueError, match="training mode"):
        run_changed(language_model().train(), symbols(4))
