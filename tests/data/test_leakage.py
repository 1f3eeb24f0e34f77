"""Each leak is planted and found; clean data has none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.data.leakage import check_leakage
from workbench.data.scaling import Scaler
from workbench.data.series import prepare_series
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, DataSpec, SplitSpec, TableSpec, TimeSpec, WindowSpec

ROWS = 400


def _walk(seed=0, rows=ROWS):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0, 1, rows)) + 3 * np.sin(np.arange(rows) / 24 * 2 * np.pi)


def _job(frame, *columns, **time):
    given = (ColumnSpec(name="y", role="target"), *columns)
    table = TableSpec(
        columns=(ColumnSpec(name="date", role="date", kind="date"), *given),
        time=TimeSpec(columns=("date",), **time),
        windows=WindowSpec(window=24, horizon=6),
    )
    experiment = Experiment(task="forecast", data=DataSpec(table=table, split=SplitSpec()))
    return experiment, prepare_series(frame, table, SplitSpec(), calendar=True)


def _frame(**columns):
    dates = pd.date_range("2024-01-01", periods=ROWS, freq="h")
    return pd.DataFrame({"date": dates, "y": _walk(), **columns})


def _found(experiment, prepared):
    return [(f.subject, f.found) for f in check_leakage(experiment, prepared)]


def test_clean_data_has_no_leak():
    other = _walk(1)
    columns = (
        ColumnSpec(name="x", role="input"), ColumnSpec(name="lagged", role="input"),
        ColumnSpec(name="k", role="known_future"),
    )  # fmt: skip
    frame = _frame(x=other, lagged=np.roll(_walk(), 3), k=np.arange(ROWS) % 2.0)
    assert _found(*_job(frame, *columns)) == []


# ---------------------------------------------------------------------- the target among inputs


def test_the_target_itself_as_known_future():
    frame = _frame(k=_walk() * 1.8 + 32)
    experiment, prepared = _job(frame, ColumnSpec(name="k", role="known_future"))
    (leak,) = check_leakage(experiment, prepared)
    assert leak.found == "the target y is known at forecast time"
    assert leak.level == "problem"
    mended = experiment.with_text_values([leak.repair])
    again = prepare_series(frame, mended.data.table, SplitSpec(), calendar=True)
    assert check_leakage(mended, again) == []


@pytest.mark.parametrize(("shift", "words"), [(-2, "2 steps later"), (3, "3 steps before")])
def test_the_shifted_target_as_known_future(shift, words):
    frame = _frame(k=np.roll(_walk(), shift))[5:-5]
    experiment, prepared = _job(frame, ColumnSpec(name="k", role="known_future"))
    assert _found(experiment, prepared) == [
        ("column k", f"the target y of {words} is known at forecast time")
    ]


def test_a_lag_longer_than_the_horizon_is_no_leak():
    frame = _frame(k=np.roll(_walk(), 6))[10:]
    assert _found(*_job(frame, ColumnSpec(name="k", role="known_future"))) == []


def test_an_input_that_holds_the_next_value():
    frame = _frame(x=np.roll(_walk(), -1))[:-1]
    experiment, prepared = _job(frame, ColumnSpec(name="x", role="input"))
    (leak,) = check_leakage(experiment, prepared)
    assert leak.found == "it holds the target y of 1 step later"
    assert leak.repair == "data.table.columns.x.role=ignored"


def test_a_smooth_target_is_no_copy_of_its_neighbour():
    smooth = np.cumsum(_walk())
    frame = _frame(x=smooth + np.random.default_rng(2).normal(0, 1, ROWS)).assign(y=smooth)
    assert _found(*_job(frame, ColumnSpec(name="x", role="input"))) == []


# ---------------------------------------------------------------------- scalers


@pytest.mark.parametrize("kind", ["standard", "minmax", "robust"])
def test_a_scaler_fitted_on_all_rows(kind):
    frame = _frame()
    frame["y"] += np.where(np.arange(ROWS) < 320, 0, 40)
    experiment, prepared = _job(frame)
    assert check_leakage(experiment, prepared) == []
    (channel,) = prepared.codec.channels
    leaked = replace(channel, scaler=Scaler.fit(frame.y.to_numpy(), kind))
    codec = replace(prepared.codec, channels=(leaked,))
    assert _found(experiment, replace(prepared, codec=codec)) == [("scaler", "fitted on all rows")]


def test_a_scaler_is_not_accused_for_filled_values():
    frame = _frame()
    frame.loc[10:200, "y"] = np.nan
    experiment, prepared = _job(frame, ColumnSpec(name="z", role="ignored"))
    assert ("scaler", "fitted on all rows") not in _found(experiment, prepared)


# ---------------------------------------------------------------------- parts


def test_windows_that_overlap_across_the_split():
    experiment, prepared = _job(_frame())
    splits = prepared.splits | {"train": np.array([[0, 330]])}
    found = check_leakage(experiment, replace(prepared, splits=splits))
    assert found[0].found == "windows of train reach into validation"
    assert found[0].why.startswith("10 steps to be forecast")
    assert found[0].level == "problem"


def test_validation_and_test_that_overlap():
    experiment, prepared = _job(_frame())
    splits = prepared.splits | {"test": np.array([[350, 400]])}
    assert ("split", "windows of validation reach into test") in _found(
        experiment, replace(prepared, splits=splits)
    )


def test_windows_that_run_against_time():
    experiment, prepared = _job(_frame()[::-1].reset_index(drop=True), sort=False)
    leaks = check_leakage(experiment, prepared)
    assert "validation does not lie after train" in [leak.found for leak in leaks]
    assert leaks[0].repair == "data.table.time.sort=true"


def test_one_date_on_both_sides_of_the_split():
    frame = _frame()
    frame.loc[320, "date"] = frame.loc[319, "date"]
    experiment, prepared = _job(frame, duplicates="keep", gaps="leave")
    assert _found(experiment, prepared) == [("split", "validation does not lie after train")]


# ---------------------------------------------------------------------- repeated rows


def test_rows_of_training_that_stand_in_test_too():
    frame = _frame(x=_walk(1))
    frame.loc[370:379, ["y", "x"]] = frame.loc[100:109, ["y", "x"]].to_numpy()
    experiment, prepared = _job(frame, ColumnSpec(name="x", role="input"))
    (leak,) = check_leakage(experiment, prepared)
    assert leak.found == "test repeats training"
    assert leak.why.startswith("10 of 40 rows")


def test_coarse_values_repeat_by_nature_but_stretches_do_not():
    coarse = np.round(_walk())
    experiment, prepared = _job(_frame().assign(y=coarse))
    assert check_leakage(experiment, prepared) == []
    copied = coarse.copy()
    copied[340:360] = copied[50:70]
    experiment, prepared = _job(_frame().assign(y=copied))
    (leak,) = check_leakage(experiment, prepared)
    assert leak.found == "validation repeats training"
    assert "stretches of 12 rows" in leak.why


def test_nights_of_zeros_are_no_stretches():
    day = np.maximum(np.sin(np.arange(ROWS) / 48 * 2 * np.pi), 0)
    noisy = day * np.random.default_rng(0).uniform(0.5, 1, ROWS)
    assert _found(*_job(_frame().assign(y=noisy))) == []


# ---------------------------------------------------------------------- filled inputs


def test_an_input_drawn_as_a_line_to_the_answer():
    frame = _frame()
    frame.loc[[340, 341, 345], "y"] = np.nan
    experiment, prepared = _job(frame)
    (leak,) = check_leakage(experiment, prepared)
    assert leak.found == "inputs filled by a line to a later value"
    assert leak.repair == "data.table.columns.y.missing=forward"
    mended = experiment.with_text_values([leak.repair])
    again = prepare_series(frame, mended.data.table, SplitSpec(), calendar=True)
    assert check_leakage(mended, again) == []


@pytest.mark.parametrize("fault", ["one wild cell", "five missing", "a month missing"])
def test_a_few_bad_cells_do_not_hide_a_copy(fault):
    ahead = np.append(_walk()[1:], 0.0)
    if fault == "one wild cell":
        ahead[100] = 99_999.0
    elif fault == "five missing":
        ahead[50:300:50] = np.nan
    frame = _frame(x=ahead)
    if fault == "a month missing":
        frame = frame.drop(index=range(120, 150)).reset_index(drop=True)
    experiment, prepared = _job(frame, ColumnSpec(name="x", role="input", kind="number"))
    assert ("column x", "it holds the target y of 1 step later") in _found(experiment, prepared)
