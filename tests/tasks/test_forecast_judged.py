"""Judging with a forecast task: whole files, batches that are cut, doubts."""

import pytest

from tests.tasks.test_forecast import _frame, _model, _task, never
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.tasks.forecast import prepare_forecast

# ---------------------------------------------------------------------- a whole file


def test_a_whole_file_is_one_part_judged_with_what_was_stored(tmp_path):
    task, path = _task(), tmp_path / "later.csv"
    _frame(100, seed=7).to_csv(path, index=False)
    experiment = task.experiment.with_value("data.path", str(path))
    judged = prepare_forecast(experiment, Watch(), task.codec_json(), True)
    assert judged.windows("test") == 100 - 48 - 12 + 1
    assert judged.windows("train") == judged.windows("validation") == 0
    assert judged.scale == task.scale
    found = judged.evaluate(_model(judged), "test", never)
    assert found["mse"] > 0
    assert found["mase"] > 0
    assert set(judged.baselines("test")) == {"last value", "same hour yesterday"}


def test_a_file_too_short_to_judge_is_said(tmp_path):
    task, path = _task(), tmp_path / "short.csv"
    _frame(50).to_csv(path, index=False)
    experiment = task.experiment.with_value("data.path", str(path))
    with pytest.raises(UserError, match=r"No window of 48 \+ 12 steps fits into these 50 rows"):
        prepare_forecast(experiment, Watch(), task.codec_json(), True)


def test_cutting_evaluation_batches_changes_no_metric():
    task = _task()
    model = _model(task)
    whole = task.evaluate(model, "test", never)
    assert task.evaluate(model, "test", never, 7) == pytest.approx(whole, rel=1e-6)


def test_leaks_are_doubts():
    frame = _frame()
    frame["price"] = frame["load"] * 2
    (doubt,) = _task(frame=frame).doubts()
    assert "the target load is known at forecast time" in doubt
    assert _task().doubts() == ()
