"""The trace equals a plain recurrence and the model's own forward pass."""

import numpy as np
import pytest
import torch

from workbench.analysis.trace import array_name, predictions, trace_model
from workbench.cells.catalogue import CELLS
from workbench.models.forecast import ForecastModel
from workbench.models.language import LanguageModel
from workbench.models.replay import Key
from workbench.specs import ModelSpec

SIZES = {"hidden_size": 9, "embedding_size": 5}


def language_model(**changes: object) -> LanguageModel:
    spec = ModelSpec(**{**SIZES, **changes})
    return LanguageModel(spec, 11, torch.Generator().manual_seed(3)).eval()


def by_hand(
    model: LanguageModel, values: torch.Tensor, states: list[list[torch.Tensor]]
) -> list[dict[str, torch.Tensor]]:
    """Step after step with matrix products of single vectors: hidden and cell of each layer."""
    cell = model.stack.cell.name
    found = []
    for layer in range(model.stack.num_layers):
        weights = model.stack.layer_weights(layer, 0)
        state = [part[layer] for part in states]
        kept: dict[str, list[torch.Tensor]] = {name: [] for name in model.stack.cell.states}
        for step in range(values.shape[0]):
            into = weights.weight_ih @ values[step] + weights.bias_ih
            back = weights.weight_hh @ state[0] + weights.bias_hh
            if cell == "lstm":
                i, f, g, o = (into + back).chunk(4)
                state[1] = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
                state[0] = torch.sigmoid(o) * torch.tanh(state[1])
            elif cell == "gru":
                (ir, iz, inew), (hr, hz, hnew) = into.chunk(3), back.chunk(3)
                keep = torch.sigmoid(iz + hz)
                new = torch.tanh(inew + torch.sigmoid(ir + hr) * hnew)
                state[0] = (1 - keep) * new + keep * state[0]
            else:
                state[0] = torch.tanh(into + back) if cell == "rnn_tanh" else (into + back).relu()
            for name, part in zip(kept, state, strict=True):
                kept[name].append(part)
        found.append({name: torch.stack(parts) for name, parts in kept.items()})
        values = model.stack.combine(layer, values, found[-1]["hidden"])
    return found


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("extras", [False, True], ids=["plain", "residual+norm"])
@pytest.mark.parametrize(("kind", "close"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_trace_equals_a_plain_recurrence(
    cell: str, layers: int, extras: bool, kind: torch.dtype, close: float
) -> None:
    model = language_model(cell=cell, num_layers=layers, residual=extras, layer_norm=extras)
    model = model.to(kind)
    generator = torch.Generator().manual_seed(1)
    symbols = torch.randint(0, 11, (1, 30), generator=generator)
    state = tuple(
        0.5 * torch.randn(part.shape, generator=generator, dtype=kind)
        for part in model.stack.initial_state(1)
    )
    traced = trace_model(model, symbols, state=state)
    with torch.no_grad():
        plain = by_hand(model, model.encode(symbols)[0], [list(part[:, 0]) for part in state])
    for layer, states in enumerate(plain):
        for name, expected in states.items():
            found = traced.quantities[Key(layer, 0, name)][0]
            assert np.abs(found - expected.numpy()).max() <= close


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_output_is_the_model_s_own(cell: str) -> None:
    model = language_model(cell=cell, num_layers=2)
    symbols = torch.randint(0, 11, (3, 20), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits, end = model(symbols)
    traced = trace_model(model, symbols)
    np.testing.assert_allclose(traced.output, logits.numpy(), atol=1e-5)
    for mine, fused in zip(traced.state, end, strict=True):
        np.testing.assert_allclose(mine, fused.numpy(), atol=1e-6)


def test_a_forecast_is_traced_too() -> None:
    model = ForecastModel(
        ModelSpec(hidden_size=6, num_layers=1), channels=2, known=3, targets=[0], window=12,
        horizon=4, generator=torch.Generator().manual_seed(1),
    ).eval()  # fmt: skip
    torch.nn.init.normal_(model.head.weight)
    given = torch.randn(2, 12, 2), torch.randn(2, 16, 3)
    with torch.no_grad():
        forecast, _ = model(*given)
    traced = trace_model(model, *given)
    np.testing.assert_allclose(traced.output, forecast.numpy(), atol=1e-6)
    assert traced.quantities[Key(0, 0, "hidden")].shape == (2, 12, 6)


def test_padding_is_left_out() -> None:
    model = language_model(num_layers=1)
    symbols = torch.randint(0, 11, (2, 8), generator=torch.Generator().manual_seed(1))
    traced = trace_model(model, symbols, lengths=torch.tensor([8, 3]))
    assert traced.inside.sum() == 11
    assert traced.rows(Key(0, 0, "hidden")).shape == (11, 9)
    alone = trace_model(model, symbols[1:, :3])
    np.testing.assert_allclose(
        traced.rows(Key(0, 0, "cell"))[8:], alone.rows(Key(0, 0, "cell")), atol=1e-7
    )


def test_predictions_by_hand() -> None:
    model = language_model(num_layers=1)
    symbols = torch.randint(0, 11, (2, 6), generator=torch.Generator().manual_seed(1))
    traced = trace_model(model, symbols, lengths=torch.tensor([6, 4]))
    found = predictions(traced, symbols.numpy(), 3)
    chances = torch.softmax(torch.from_numpy(traced.output), -1).numpy()
    for row, length in ((0, 6), (1, 4)):
        for step in range(length - 1):
            expected = chances[row, step, int(symbols[row, step + 1])]
            assert found.given[row, step] == pytest.approx(expected)
        assert np.isnan(found.given[row, length - 1 :]).all()
    order = np.argsort(-chances, axis=-1)[..., :3]
    inside = traced.inside
    np.testing.assert_array_equal(found.likeliest[inside], order[inside])
    expected = np.take_along_axis(chances, order, -1)
    np.testing.assert_allclose(found.chances[inside], expected[inside])
    assert predictions(traced, symbols.numpy(), 99).likeliest.shape[-1] == 11


def test_a_model_that_trains_is_refused() -> None:
    with pytest.raises(ValueError, match="training mode"):
        trace_model(language_model().train(), torch.zeros(1, 3, dtype=torch.int64))


def test_names_in_files() -> None:
    assert array_name(Key(0, 0, "hidden")) == "layer1/hidden"
    assert array_name(Key(1, 1, "cell")) == "layer2/backward/cell"
