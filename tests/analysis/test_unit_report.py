"""What is known of one unit."""

from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.survey import HalfRows, Survey, survey_part
from workbench.analysis.unit_report import unit_report
from workbench.data.findings import Watch
from workbench.engine.loading import load_model
from workbench.models.replay import Key


def test_a_unit_that_follows_capitals() -> None:
    text = ("the Bell rang. The Boy ran, " * 20)[:500]
    generator = np.random.default_rng(0)
    hidden = generator.uniform(-0.2, 0.2, (500, 3)).astype(np.float16)
    hidden[:, 1] += np.array([0.7 * sign.isupper() for sign in text], np.float16)
    gate = np.full((500, 3), 0.9, np.float16)
    key = Key(0, 0, "hidden")
    survey = Survey(HalfRows({key: hidden, Key(0, 0, "update_gate"): gate}), texts=tuple(text))
    found = unit_report(survey, key, 1, Watch(), count=5)
    assert found.tracks[0][0] == "capital"
    assert found.tracks[0][1] == pytest.approx(1.0)
    assert all(text[place].isupper() for place in found.places)
    assert np.diff(np.sort(found.places)).min() > 5
    np.testing.assert_array_equal(found.values, hidden[found.places, 1].astype(float))
    assert (np.diff(np.abs(found.values)) <= 0).all()
    assert (found.gate, found.steps) == ("update_gate", 500)
    assert found.half_life == pytest.approx(6.58, abs=0.05)
    other = unit_report(survey, key, 0, Watch())
    assert other.tracks[0][2] < 0.4


def test_a_plain_rnn_has_no_gate(small_runs: dict[str, Path], tmp_path: Path) -> None:
    loaded = load_model(small_runs["plain"])
    survey = survey_part(loaded, "validation", 200, tmp_path / "t", Watch())
    found = unit_report(survey, Key(0, 0, "hidden"), 2, Watch())
    assert found.gate == found.label == ""
    assert np.isnan(found.half_life)
