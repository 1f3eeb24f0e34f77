"""Pairs of units, and distances."""

import numpy as np
import pytest
from scipy.special import softmax

from workbench.analysis.comparing import match_units, prediction_distance, state_distance


def test_a_shuffled_model_is_found_again() -> None:
    generator = np.random.default_rng(0)
    first = generator.normal(size=(200, 6))
    order = generator.permutation(6)
    second = first[:, order].copy()
    second[:, 0] *= -3  # a sign and a scale change nothing
    second[:, 1] += generator.normal(size=200)  # about 0.7
    second[:, 2] = generator.normal(size=200)
    second = np.concatenate((second, np.full((200, 1), 0.2)), axis=1)
    found = match_units(first, second)
    by_first = {pair.first: pair for pair in found if pair.first >= 0}
    for place in (0, 3, 4, 5):
        assert by_first[order[place]].second == place
        assert by_first[order[place]].label == "matched"
    assert by_first[order[0]].correlation == pytest.approx(-1.0)
    assert by_first[order[1]].label == "changed"
    assert by_first[order[2]].label == "lost"
    new = [pair.second for pair in found if pair.label == "new"]
    assert new == [2, 6]


def test_units_that_never_change_have_no_partner() -> None:
    values = np.random.default_rng(1).normal(size=(50, 3))
    values[:, 1] = 0.1
    labels = [pair.label for pair in match_units(values, values)]
    assert labels == ["matched", "lost", "matched", "new"]
    with pytest.raises(ValueError, match="cannot be compared"):
        match_units(values, values[:-1])


def test_distances() -> None:
    one, other = np.zeros((2, 4)), np.array([[0, 0, 0, 0.0], [3, 4, 0, 0]])
    np.testing.assert_allclose(state_distance(one, other), [0, 2.5])
    generator = np.random.default_rng(2)
    first, second = generator.normal(size=(2, 5, 7))
    wanted = np.abs(softmax(first, 1) - softmax(second, 1)).sum(1) / 2
    np.testing.assert_allclose(prediction_distance(first, second), wanted)
