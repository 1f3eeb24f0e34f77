"""What the Data page shows of a table."""

import numpy as np
import pandas as pd
import pytest

from workbench.data.findings import Cancelled
from workbench.data.table_overview import curve, drawable_columns, look_at_table
from workbench.experiment import ColumnSpec, DataSpec, Experiment, TableSpec, TaskName, WindowSpec

ROWS = 400


def frame() -> pd.DataFrame:
    steps = np.arange(ROWS)
    values = np.sin(steps / 4.0) + 0.01 * np.random.default_rng(0).normal(size=ROWS)
    values[[10, 50]] = [np.nan, -200.0]
    return pd.DataFrame({"load": values, "wind": steps % 7, "note": ["a"] * ROWS})


def experiment(**windows: int) -> Experiment:
    columns = (
        ColumnSpec(name="load", role="target", sentinels=(-200.0,)),
        ColumnSpec(name="wind", role="input"),
        ColumnSpec(name="note", kind="text"),
    )
    table = TableSpec(
        columns=columns, windows=WindowSpec(**({"window": 20, "horizon": 5} | windows))
    )
    return Experiment(task=TaskName.FORECAST, data=DataSpec(table=table))


def test_overview_of_a_table_without_dates() -> None:
    overview = look_at_table(experiment(), frame())
    assert overview.problem is None
    assert overview.sentence.startswith("400 rows, 3 columns; no dates: rows are numbered")
    assert overview.sentence.endswith("to forecast: load")
    assert len(overview.starts["train"]) == 320 - 25 + 1
    assert overview.leakage == ()


def test_curve_shows_what_is_missing_and_how_it_is_filled() -> None:
    job = experiment()
    overview = look_at_table(job, frame())
    drawn = curve(overview, frame(), job.data.table.columns[0], 0)
    assert drawn is not None
    assert np.flatnonzero(np.isnan(drawn.measured)).tolist() == [10, 50]
    assert np.isfinite(drawn.filled).all()
    assert drawn.filled[50] == pytest.approx((drawn.filled[49] + drawn.filled[51]) / 2)
    assert curve(overview, frame(), job.data.table.columns[2], 0) is None


def test_what_cannot_be_trained_says_so_and_shows_the_rest() -> None:
    overview = look_at_table(experiment(window=350), frame())
    assert overview.problem is not None
    assert "320 rows" in overview.problem.found
    assert overview.prepared is not None
    no_target = experiment().with_value("data.table.columns.load.role", "ignored")
    overview = look_at_table(no_target, frame())
    assert overview.problem is not None
    assert "target" in overview.problem.found
    assert overview.timeline is not None
    other = frame().rename(columns={"load": "Load"})
    overview = look_at_table(experiment(), other)
    assert overview.problem is not None


def test_targets_are_drawn_first() -> None:
    columns = experiment().data.table.columns
    assert drawable_columns(frame()[["wind", "note", "load"]], columns) == ("load", "wind")


def test_cancelling_ends_it() -> None:
    with pytest.raises(Cancelled):
        look_at_table(experiment(), frame(), lambda: True)
