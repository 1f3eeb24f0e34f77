"""Orders of units."""

import numpy as np
import pytest

from workbench.analysis.ordering import by_activity, by_similarity, by_step


def test_activity_and_step() -> None:
    values = np.array([[0.1, -0.9, 0.5], [0.0, 0.8, 0.5]])
    assert by_activity(values).tolist() == [1, 2, 0]
    assert by_step(values, 0).tolist() == [2, 0, 1]


@pytest.mark.parametrize("most", [2, 300])
def test_units_that_move_alike_stand_together(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.analysis.ordering._MOST_OPTIMAL", most)
    generator = np.random.default_rng(0)
    shapes = generator.normal(size=(50, 3))
    kinds = generator.permutation(np.repeat([0, 1, 2], 4))
    values = shapes[:, kinds] + 0.05 * generator.normal(size=(50, 12))
    values = np.concatenate((values, np.full((50, 1), 0.3)), axis=1)
    order = by_similarity(values)
    assert sorted(order) == list(range(13))
    assert order[-1] == 12  # the one that never changes
    assert (np.diff(kinds[order[:-1]]) != 0).sum() == 2


def test_few_units_need_no_tree() -> None:
    assert by_similarity(np.zeros((5, 3))).tolist() == [0, 1, 2]
    assert by_similarity(np.array([[0.0, 1.0], [1.0, 0.0]])).tolist() == [0, 1]
