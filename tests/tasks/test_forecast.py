"""The forecasting task: batches, baselines, metrics, pictures; on made and on real series."""

import json
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch

from workbench.data.findings import Watch
from workbench.data.series import SeriesCodec, prepare_series
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import (
    ColumnSpec,
    DataSpec,
    ModelSpec,
    PreviewSpec,
    SplitSpec,
    TableSpec,
    TimeSpec,
    TrainingSpec,
    WindowSpec,
)
from workbench.tasks.base import PreviewRequest
from workbench.tasks.forecast import ForecastTask, prepare_forecast

torch.set_num_threads(1)
ROWS = 600


def never():
    return False


def _frame(rows=ROWS, seed=0):
    rng = np.random.default_rng(seed)
    steps = np.arange(rows)
    day = np.sin(2 * np.pi * steps / 24)
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=rows, freq="h"),
            "Temp (C)": 15 + 8 * day + rng.normal(0, 0.5, rows),
            "load": 1000 + 200 * day + rng.normal(0, 20, rows),
            "wind": rng.normal(0, 1, rows),
            "price": (steps // 24 % 3).astype(float),
        }
    )


def _experiment(targets=("Temp (C)", "load"), window=48, horizon=12, **parts):
    roles = {"wind": "input", "price": "known_future", "date": "date"}
    names = ("date", "wind", "Temp (C)", "load", "price")
    columns = tuple(
        ColumnSpec(
            name=name,
            role="target" if name in targets else roles.get(name, "input"),
            kind="date" if name == "date" else "number",
        )
        for name in names
    )
    table = TableSpec(
        columns=columns,
        time=TimeSpec(columns=("date",)),
        windows=WindowSpec(window=window, horizon=horizon, stride=parts.pop("stride", 1)),
    )
    defaults = {
        "model": ModelSpec(num_layers=1, hidden_size=8),
        "training": TrainingSpec(batch_size=16),
    }
    split = parts.pop("split", SplitSpec())
    return Experiment(
        task="forecast", data=DataSpec(table=table, split=split), **(defaults | parts)
    )


def _task(experiment=None, frame=None, **parts):
    experiment = experiment or _experiment(**parts)
    frame = _frame() if frame is None else frame
    data = experiment.data
    prepared = prepare_series(frame, data.table, data.split, calendar=experiment.model.calendar)
    return ForecastTask(experiment, prepared)


def _model(task):
    return task.build_model(torch.Generator().manual_seed(1)).eval()


# ---------------------------------------------------------------------- batches


def test_a_batch_holds_the_window_and_what_follows_it():
    task = _task()
    batch = task.batch("validation", 0, 0)
    values, known = batch.inputs
    series = task.prepared.series[0]
    first = task.prepared.splits["validation"][0, 0] - 48
    assert values.shape == (len(batch.targets), 48, 3)
    assert known.shape == (len(batch.targets), 60, 5)  # price, hour and weekday
    assert batch.targets.shape[1:] == (12, 2)
    assert batch.items == len(values)
    scaled = torch.from_numpy(task.codec.encode(series.values))
    assert torch.equal(values[3], scaled[first + 3 : first + 51])
    assert torch.equal(known[3], torch.from_numpy(series.known[first + 3 : first + 63]))
    targets = list(task.codec.target_indices)
    assert torch.equal(batch.targets[3], scaled[first + 51 : first + 63][:, targets])


def test_every_training_window_comes_once_in_an_order_of_seed_and_epoch():
    task = _task()

    def order(job, epoch):
        return torch.cat(
            [job.batch("train", epoch, i).inputs[0][:, 0, 0] for i in range(job.batches("train"))]
        )

    first = order(task, 0)
    assert len(first) == 480 - 60 + 1
    assert len(first.unique()) == len(first)
    assert not torch.equal(first, order(task, 1))
    assert torch.equal(first.sort().values, order(task, 1).sort().values)
    assert torch.equal(first, order(_task(), 0))
    other = _experiment().model_copy(update={"seed": 2})
    assert not torch.equal(first, order(_task(other), 0))


def test_a_batch_depends_on_nothing_but_its_arguments():
    task = _task()
    wanted = task.batch("train", 3, 5)
    for epoch, index in ((0, 0), (3, 1), (7, 2)):
        task.batch("train", epoch, index)
    again = task.batch("train", 3, 5)
    assert all(torch.equal(a, b) for a, b in zip(wanted.inputs, again.inputs, strict=True))
    assert torch.equal(wanted.targets, again.targets)


def test_batches_are_copies():
    task = _task()
    before = task.batch("validation", 0, 0).inputs[0].clone()
    task.batch("validation", 0, 0).inputs[0].zero_()
    assert torch.equal(task.batch("validation", 0, 0).inputs[0], before)


def test_stride_thins_training_only():
    one, five = _task(), _task(stride=5)
    assert len(five._starts["train"]) == math.ceil(len(one._starts["train"]) / 5)
    assert len(five._starts["test"]) == len(one._starts["test"])


def test_no_known_channels():
    experiment = _experiment(model=ModelSpec(num_layers=1, hidden_size=8, calendar=False))
    columns = tuple(
        item.model_copy(update={"role": "ignored"}) if item.name == "price" else item
        for item in experiment.data.table.columns
    )
    table = experiment.data.table.model_copy(update={"columns": columns})
    data = experiment.data.model_copy(update={"table": table})
    task = _task(experiment.model_copy(update={"data": data}))
    batch = task.batch("train", 0, 0)
    assert batch.inputs[1].shape == (16, 60, 0)
    assert _model(task)(*batch.inputs)[0].shape == (16, 12, 2, 1)


# ---------------------------------------------------------------------- learning and judging


def test_it_overfits_one_batch():
    task = _task()
    model = task.build_model(torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    batch = task.batch("train", 0, 0)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = task.loss(model(*batch.inputs)[0], batch.targets)
        loss.backward()
        optimizer.step()
        losses.append(task.reported_loss(loss.item(), batch))
    assert losses[-1] < 0.05 * losses[0]


def test_metrics_are_those_of_all_windows_in_user_units():
    task = _task()
    found = task.evaluate(_model(task), "test", never)
    # an untrained model repeats the last value
    series = task.prepared.series[0]
    start, end = task.prepared.splits["test"][0]
    firsts = np.arange(start, end - 12 + 1)
    errors = [
        series.values[first : first + 12, 2] - series.values[first - 1, 2] for first in firsts
    ]
    assert task.codec.names[2] == "load"
    assert found["mae[load]"] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    assert found["rmse[load]"] == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-4)
    assert found["mse"] == pytest.approx(task.baselines("test")["last value"], rel=1e-5)
    assert found["mse"] == pytest.approx((found["mse[load]"] + found["mse[Temp (C)]"]) / 2)


@pytest.mark.parametrize("kind", ["minmax", "robust", "none"])
def test_the_metric_that_counts_does_not_depend_on_the_scaler(kind):
    def judged(scaler):
        experiment = _experiment()
        columns = tuple(
            item.model_copy(update={"scaler": scaler}) for item in experiment.data.table.columns
        )
        table = experiment.data.table.model_copy(update={"columns": columns})
        data = experiment.data.model_copy(update={"table": table})
        return _task(experiment.model_copy(update={"data": data})).baseline_metrics("test")

    for name, values in judged("standard").items():
        assert judged(kind)[name] == pytest.approx(values, rel=1e-3)


def test_a_trained_model_beats_the_naive_rules():
    task = _task(window=24, horizon=6)
    model = task.build_model(torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for epoch in range(6):
        for index in range(task.batches("train")):
            batch = task.batch("train", epoch, index)
            optimizer.zero_grad()
            task.loss(model(*batch.inputs)[0], batch.targets).backward()
            optimizer.step()
    found = task.evaluate(model.eval(), "test", never)
    assert found["mse"] < min(task.baselines("test").values())
    assert found["mase"] < 1


def test_cancelling_gives_no_metrics():
    task = _task()
    assert task.evaluate(_model(task), "validation", lambda: True) == {}


def test_a_part_without_windows_has_no_metrics():
    task = _task(split=SplitSpec(train=0.8, validation=0.2, test=0))
    assert task.evaluate(_model(task), "test", never) == {}
    assert task.baselines("test") == {}


def test_quantiles_have_a_coverage():
    model = ModelSpec(num_layers=1, hidden_size=8, quantiles=(0.1, 0.9))
    task = _task(model=model)
    batch = task.batch("train", 0, 0)
    network = task.build_model(torch.Generator().manual_seed(0))
    assert network(*batch.inputs)[0].shape == (16, 12, 2, 3)
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    for epoch in range(4):
        for index in range(task.batches("train")):
            batch = task.batch("train", epoch, index)
            optimizer.zero_grad()
            task.loss(network(*batch.inputs)[0], batch.targets).backward()
            optimizer.step()
    found = task.evaluate(network.eval(), "test", never)
    assert 0.55 < found["coverage"] <= 1
    window = task.preview(network, PreviewRequest(), torch.Generator()).values["windows"][0]
    low, high = window["quantiles"]["0.1"], window["quantiles"]["0.9"]
    assert all(a <= b for a, b in zip(low, high, strict=True))


# ---------------------------------------------------------------------- naive rules


def test_seasonal_naive_repeats_the_day_before_whatever_the_horizon():
    frame = _frame()
    frame["load"] = np.arange(ROWS) % 24 * 10.0
    frame["Temp (C)"] = np.arange(ROWS) % 24 * 1.0
    for horizon in (6, 24, 40):
        task = _task(frame=frame, window=10, horizon=horizon)
        assert task.season == 24
        assert list(task.naive_rules) == ["last value", "same hour yesterday"]
        assert task.baselines("test")["same hour yesterday"] == pytest.approx(0, abs=1e-9)


def test_a_rule_that_cannot_reach_back_repeats_the_last_value():
    task = _task(window=4, horizon=2)
    firsts = torch.tensor([0, 18, 30])  # of the series' beginning: 24 steps back is before it
    naive = task._store.naive(firsts, 24)
    scaled = torch.from_numpy(task.codec.encode(task.prepared.series[0].values))
    scaled = scaled[:, list(task.codec.target_indices)]
    assert torch.equal(naive[0], scaled[[3, 3]])
    assert torch.equal(naive[1], scaled[[21, 21]])
    assert torch.equal(naive[2], scaled[[10, 11]])


def test_no_rule_looks_at_the_horizon():
    """Changing what is to be forecast changes no naive forecast."""
    frame = _frame()
    changed = frame.copy()
    changed.loc[100:, ["Temp (C)", "load"]] = 1e6
    split = SplitSpec(unit="rows", train=90, validation=200, test=200)
    one, two = _task(frame=frame, split=split), _task(frame=changed, split=split)
    firsts = torch.tensor([100 - 48])
    for season in (0, 24, 7, 1):
        assert torch.equal(one._store.naive(firsts, season), two._store.naive(firsts, season))


def test_a_cut_between_stops_the_seasonal_rule():
    frame = _frame().drop(range(100, 130))
    experiment = _experiment(window=6, horizon=2).with_value("data.table.time.gaps", "cut")
    task = _task(experiment, frame)
    # row 100 is the cut; the window 101 … 106 could only reach 24 steps back across it
    naive = task._store.naive(torch.tensor([101]), 24)
    scaled = torch.from_numpy(task.codec.encode(task.prepared.series[0].values))
    assert torch.equal(naive[0], scaled[[106, 106]][:, list(task.codec.target_indices)])
    touched = {int(first) + step for _, first in task._starts["train"] for step in range(8)}
    assert 100 not in touched


# ---------------------------------------------------------------------- missing values


def test_made_up_targets_are_inputs_but_never_scored():
    frame = _frame()
    holes = np.random.default_rng(3).random(ROWS) < 0.2
    frame.loc[holes, "load"] = np.nan
    task = _task(frame=frame)
    batch = task.batch("validation", 0, 0)
    assert batch.targets.shape[-1] == 4
    truth, weight = batch.targets[..., :2], batch.targets[..., 2:]
    assert torch.isfinite(batch.targets).all()
    start = task.prepared.splits["validation"][0, 0]
    assert (weight[0, :, 1] == torch.from_numpy(~holes[start : start + 12])).all()
    assert (weight[..., 0] == 1).all()
    assert (truth[..., 1][weight[..., 1] == 0] == 0).all()
    found = task.evaluate(_model(task), "validation", never)
    assert all(math.isfinite(value) for value in found.values())
    window = task.preview(_model(task), PreviewRequest(), torch.Generator()).values["windows"][1]
    assert None in window["truth"]
    json.dumps(window, allow_nan=False)


def test_filled_values_change_no_loss():
    frame = _frame()
    frame.loc[500:505, "load"] = np.nan
    experiment = _experiment()
    linear = _task(experiment, frame)
    zeros = _task(experiment.with_value("data.table.columns.load.missing", "forward"), frame)
    forecast = torch.zeros(1, 12, 2, 1)
    for job in (linear, zeros):
        batch = job._batch(torch.tensor([500 - 48 - 3]))
        job.found = job.loss(forecast, batch.targets)
    assert linear.found == zeros.found


# ---------------------------------------------------------------------- pictures


def test_preview_shows_held_out_windows_in_user_units():
    task = _task()
    shown = task.preview(_model(task), PreviewRequest(), torch.Generator())
    windows = shown.values["windows"]
    assert shown.kind == "forecasted"
    assert [window["target"] for window in windows[:2]] == ["Temp (C)", "load"]
    assert len({window["future_x"][0] for window in windows}) == 4
    first = windows[0]
    assert (first["unit"], windows[1]["unit"]) == ("C", "")
    assert first["title"].startswith("Temp (C) · 2024-01-2")
    assert len(first["past"]) == len(first["past_x"]) == 48
    assert len(first["truth"]) == len(first["forecast"]) == len(first["naive"]) == 12
    assert first["naive_name"] == "same hour yesterday"
    frame = _frame().set_index("date")
    for window in windows:
        dates = pd.to_datetime(window["past_x"] + window["future_x"], format="mixed")
        truth = frame.loc[dates, window["target"]].to_numpy()
        np.testing.assert_allclose(window["past"] + window["truth"], truth, rtol=1e-5)
        day_before = frame.loc[dates[-12:] - pd.Timedelta(days=1), window["target"]].to_numpy()
        np.testing.assert_allclose(window["naive"], day_before, rtol=1e-4)
        start = task.prepared.splits["validation"][0]
        assert frame.index[start[0]] <= dates[48] <= frame.index[start[1] - 1]
    json.dumps(windows, allow_nan=False)


def test_preview_is_a_copy_that_changes_nothing():
    task = _task()
    model = _model(task)
    before = task.evaluate(model, "validation", never)
    task.preview(model, PreviewRequest(), torch.Generator())
    assert task.evaluate(model, "validation", never) == before


def test_the_probe_is_the_chosen_validation_window():
    task = _task(preview=PreviewSpec(probe_window=2))
    probe = task.probe()
    batch = task.batch("validation", 0, 0)
    assert torch.equal(probe.inputs[0][0], batch.inputs[0][2])
    assert len(probe.labels) == 48
    start = task.prepared.splits["validation"][0, 0] - 48 + 2
    labels = pd.to_datetime(list(probe.labels), format="mixed")
    assert (labels == _frame().date[start : start + 48]).all()
    last = _task(preview=PreviewSpec(probe_window=10**9)).probe()
    assert last.inputs[0].shape == (1, 48, 3)


def test_rows_without_dates_are_shown_by_number():
    experiment = _experiment().with_values(
        {"data.table.time.columns": [], "data.table.columns.date.role": "ignored"}
    )
    task = _task(experiment)
    labels = task.probe().labels
    assert labels[:2] == ("432", "433")
    assert all(int(b) == int(a) + 1 for a, b in pairwise(labels))


# ---------------------------------------------------------------------- another file


def test_the_stored_codec_judges_another_file_with_the_scale_of_training():
    task = _task()
    stored = json.loads(json.dumps(task.codec_json(), allow_nan=False))
    other = _frame(seed=5)
    other[["Temp (C)", "load"]] *= 3
    data = task.experiment.data
    codec = SeriesCodec.from_json(stored["series"])
    prepared = prepare_series(other, data.table, data.split, calendar=True, codec=codec)
    again = ForecastTask(task.experiment, prepared, stored)
    assert again.scale == task.scale
    assert again.season == 24
    values = again.batch("test", 0, 0).inputs[0]
    assert values[..., 2].mean() > 5  # three times the level of training, not centred anew


def test_a_short_other_file_is_judged_where_it_can_be():
    task = _task()
    stored = task.codec_json()
    data = task.experiment.data
    prepared = prepare_series(_frame(200), data.table, data.split, calendar=True, codec=task.codec)
    again = ForecastTask(task.experiment, prepared, stored)
    assert again.evaluate(_model(again), "test", never)["mse"] > 0


def test_prepared_from_a_file(tmp_path):
    path = tmp_path / "weather.csv"
    _frame().to_csv(path, index=False)
    experiment = _experiment().with_value("data.path", str(path))
    task = prepare_forecast(experiment)
    assert task.message == (
        "600 rows, one every hour; 3 channels, 2 targets; window 48 → 12; 421 / 49 / 49 windows to "
        "train, validate, test"
    )
    again = prepare_forecast(experiment, Watch(cancelled=never), task.codec_json())
    assert again.codec == task.codec
    assert again.scale == task.scale


# ---------------------------------------------------------------------- what the user can mend


def test_too_few_rows_for_the_window():
    frame = _frame(105)
    with pytest.raises(UserError) as caught:
        _task(frame=frame, window=96, horizon=24)
    assert caught.value.what == "84 rows in training; window 96 + horizon 24 needs 120."
    assert "data.table.windows.window to at most 60" in caught.value.todo
    with pytest.raises(UserError, match=r"10 rows in validation; horizon 24 needs 24"):
        _task(frame=frame, window=60, horizon=24)


def test_a_horizon_longer_than_the_data():
    with pytest.raises(UserError) as caught:
        _task(frame=_frame(30), window=10, horizon=40)
    assert "horizon to at most 12 and window to at most 12" in caught.value.todo


def test_cuts_that_leave_no_window():
    frame = _frame().drop(range(20, ROWS, 21))
    experiment = _experiment(window=20, horizon=5).with_value("data.table.time.gaps", "cut")
    with pytest.raises(UserError, match="No window of 25 steps fits into the train part"):
        _task(experiment, frame)


# ---------------------------------------------------------------------- several series


def test_windows_never_cross_from_one_series_to_another():
    frame = pd.concat([_frame(200, seed).assign(id=f"s{seed}") for seed in range(3)])
    experiment = _experiment(window=20, horizon=5)
    columns = (*experiment.data.table.columns, ColumnSpec(name="id", role="series_id"))
    table = experiment.data.table.model_copy(update={"columns": columns})
    data = experiment.data.model_copy(update={"table": table})
    task = _task(experiment.model_copy(update={"data": data}), frame)
    assert len(task._starts["train"]) == 3 * (160 - 25 + 1)
    for part, pairs in task._starts.items():
        firsts = task._store.firsts[part].numpy()
        assert (firsts // 200 == pairs[:, 0]).all()
        assert ((firsts + 24) // 200 == pairs[:, 0]).all()
    titles = [
        window["title"]
        for window in task.preview(_model(task), PreviewRequest(), torch.Generator()).values[
            "windows"
        ]
    ]
    assert any(title.startswith("s2 · ") for title in titles)
