"""Replay and the fused modules agree, for every cell, depth and direction."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells.catalogue import CELLS
from workbench.models.dropout import NoiseSource
from workbench.models.initialise import initialise_stack
from workbench.models.recurrent import RecurrentStack
from workbench.models.replay import Key, replay
from workbench.specs import ModelSpec


def make_stack(**changes: object) -> RecurrentStack:
    spec = ModelSpec(**{"hidden_size": 7, "embedding_size": 5, **changes})
    stack = RecurrentStack(spec, 5, NoiseSource()).eval()
    initialise_stack(stack, spec, torch.Generator().manual_seed(3))
    return stack


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("extras", [False, True], ids=["plain", "residual+norm"])
def test_replay_equals_fused(cell: str, layers: int, bidirectional: bool, extras: bool) -> None:
    stack = make_stack(
        cell=cell,
        num_layers=layers,
        bidirectional=bidirectional,
        residual=extras,
        layer_norm=extras,
    ).double()
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(3, 11, 5, generator=generator, dtype=torch.float64)
    state = tuple(
        torch.randn(part.shape, generator=generator, dtype=torch.float64)
        for part in stack.initial_state(3)
    )
    with torch.no_grad():
        output, end = stack(values, state)
    done = replay(stack, values, state)
    assert torch.allclose(done.output, output, atol=1e-12)
    for mine, fused in zip(done.state, end, strict=True):
        assert torch.allclose(mine, fused, atol=1e-12)
    assert set(done.quantities) == {
        Key(layer, direction, name)
        for layer in range(layers)
        for direction in range(2 if bidirectional else 1)
        for name in stack.cell.quantities
    }


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_ragged_batches_equal_each_sequence_alone(data: st.DataObject) -> None:
    """Padding changes nothing, whatever the shapes and whatever stands in it."""
    extras = data.draw(st.booleans(), "residual and layer norm")
    stack = make_stack(
        cell=data.draw(st.sampled_from(sorted(CELLS)), "cell"),
        num_layers=data.draw(st.integers(1, 3), "layers"),
        hidden_size=data.draw(st.integers(1, 6), "units"),
        bidirectional=data.draw(st.booleans(), "both directions"),
        residual=extras,
        layer_norm=extras,
    ).double()
    lengths = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=4), "lengths")
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99), "seed"))
    size = (len(lengths), max(lengths), 5)
    values = torch.randn(size, generator=generator, dtype=torch.float64)
    state = tuple(
        torch.randn(part.shape, generator=generator, dtype=torch.float64)
        for part in stack.initial_state(len(lengths))
    )
    done = replay(stack, values, state, torch.tensor(lengths))
    for row, length in enumerate(lengths):
        own = tuple(part[:, row : row + 1] for part in state)
        with torch.no_grad():
            output, end = stack(values[row : row + 1, :length], own)
        alone = replay(stack, values[row : row + 1, :length], own)
        assert torch.allclose(done.output[row, :length], output[0], atol=1e-12)
        for mine, fused in zip(done.state, end, strict=True):
            assert torch.allclose(mine[:, row], fused[:, 0], atol=1e-12)
        for key, part in done.quantities.items():
            assert torch.allclose(part[row, :length], alone.quantities[key][0], atol=1e-12)
            assert not part[row, length:].any()


def test_lstm_gates_by_hand() -> None:
    stack = make_stack(cell="lstm", num_layers=1)
    values = torch.randn(1, 4, 5, generator=torch.Generator().manual_seed(2))
    done = replay(stack, values)
    weights = stack.layer_weights(0, 0)
    hidden, cell = torch.zeros(7), torch.zeros(7)
    for step in range(4):
        sums = (
            weights.weight_ih @ values[0, step]
            + weights.bias_ih
            + weights.weight_hh @ hidden
            + weights.bias_hh
        )
        into, forget, candidate, out = sums.chunk(4)
        cell = torch.sigmoid(forget) * cell + torch.sigmoid(into) * torch.tanh(candidate)
        hidden = torch.sigmoid(out) * torch.tanh(cell)
        for name, expected in {
            "forget_gate": torch.sigmoid(forget), "input_gate": torch.sigmoid(into),
            "candidate": torch.tanh(candidate), "output_gate": torch.sigmoid(out),
            "cell": cell, "hidden": hidden,
        }.items():  # fmt: skip
            assert torch.allclose(done.quantities[Key(0, 0, name)][0, step], expected, atol=1e-6)


def test_forget_gate_bias_is_added_once() -> None:
    with_bias = make_stack(cell="lstm", num_layers=1, forget_gate_bias=2.0)
    without = make_stack(cell="lstm", num_layers=1, forget_gate_bias=0.0)
    difference = with_bias.layer_weights(0, 0).bias_ih - without.layer_weights(0, 0).bias_ih
    assert torch.allclose(difference[7:14], torch.full((7,), 2.0))
    assert difference[:7].abs().max() == 0
    assert difference[14:].abs().max() == 0
