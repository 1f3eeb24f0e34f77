"""Response of units to symbols against the definition."""

import numpy as np
import pytest

from workbench.analysis import response
from workbench.analysis.response import QUANTILES, co_clusters, expected_response
from workbench.errors import UserError


def planted() -> tuple[np.ndarray, np.ndarray]:
    """Unit 0 rises at symbol 1, unit 1 falls at symbol 2, unit 2 answers to nothing."""
    generator = np.random.default_rng(0)
    symbols = generator.integers(0, 4, 2000)
    change = 0.01 * generator.normal(size=(2000, 3))
    change[symbols == 1, 0] += 1.0
    change[symbols == 2, 1] -= 0.5
    return change.cumsum(axis=0), symbols


@pytest.mark.parametrize("at_once", [1, 1100, 1 << 20])
def test_mean_and_spread(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "_AT_ONCE", at_once)
    states, symbols = planted()
    found = expected_response(states, symbols)
    change = np.diff(states, axis=0)
    for place, symbol in enumerate(found.symbols):
        rows = change[symbols[1:] == symbol]
        assert found.counts[place] == len(rows)
        np.testing.assert_allclose(found.mean[place], rows.mean(axis=0), atol=1e-4)
        wanted = np.quantile(rows, QUANTILES, axis=0)
        np.testing.assert_allclose(found.quantiles[:, place], wanted, atol=1e-3)
    assert (np.diff(found.counts) <= 0).all()
    assert found.symbols[found.of_unit(0, 1)[-1]] == 1
    assert found.symbols[found.of_unit(1, 1)[0]] == 2
    place = int(np.flatnonzero(found.symbols == 2)[0])
    assert found.of_symbol(place)[0] == 1


def test_rare_symbols_are_left_out() -> None:
    states, symbols = planted()
    symbols[5:8] = 9
    assert 9 not in expected_response(states, symbols).symbols
    assert len(expected_response(states, symbols, most=2).symbols) == 2
    with pytest.raises(UserError, match="often enough"):
        expected_response(states[:4], np.arange(4))


def test_groups_bring_units_and_their_symbols_together() -> None:
    generator = np.random.default_rng(1)
    symbols = generator.integers(0, 6, 3000)
    change = 0.01 * generator.normal(size=(3000, 8))
    for symbol in range(6):
        group = symbol // 3
        units = slice(4 * group, 4 * group + 4)
        change[symbols == symbol, units] += 1.0 if group else -1.0
    found = expected_response(change.cumsum(axis=0), symbols)
    groups = co_clusters(found, 2)
    of_symbol = dict(zip(found.symbols.tolist(), groups.symbols.tolist(), strict=True))
    assert len({of_symbol[s] for s in (0, 1, 2)}) == 1
    assert of_symbol[0] != of_symbol[5]
    assert set(groups.units[:4]) == {of_symbol[0]}
    first = of_symbol[0]
    assert groups.links[first, first] == pytest.approx(-1.0, abs=0.02)
    assert groups.links[1 - first, 1 - first] == pytest.approx(1.0, abs=0.02)


def test_nothing_to_group_is_said() -> None:
    with pytest.raises(UserError, match="too few"):
        co_clusters(expected_response(np.zeros((50, 3)), np.arange(50) % 5))
