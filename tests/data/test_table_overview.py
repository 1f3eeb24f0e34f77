"""What the Data page shows of a table."""

import numpy as np
import pandas as pd
import pytest

from workbench.data.findings import Cancelled
from workbench.data.table_chart import chart_series, offered_columns, split_sizes
from workbench.data.table_overview import look_at_table
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, DataSpec, TableSpec, TaskName, WindowSpec

ROWS = 400

SPLIT = ("data.split.train", "data.split.validation", "data.split.test")


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


def test_chart_shows_what_is_missing_and_the_parts() -> None:
    job = experiment()
    overview = look_at_table(job, frame())
    drawn = chart_series(overview, frame(), job.data.table, (("load", "note"), 0))
    assert drawn is not None
    assert list(drawn.columns) == ["load"]
    assert np.flatnonzero(np.isnan(drawn.columns["load"])).tolist() == [10, 50]
    assert drawn.cuts == (320, 360, 400)


def test_a_dragged_border_of_one_series_becomes_shares_of_all() -> None:
    rows = pd.concat([frame().assign(note="a"), frame().iloc[:200].assign(note="b")])
    job = experiment().with_value("data.table.columns.note.role", "series_id")
    overview = look_at_table(job, rows.reset_index(drop=True))
    split = job.data.split
    sizes = split_sizes(overview, split, 0, (0.5, 0.25, 0.25))
    assert sizes == pytest.approx((400 / 600, 100 / 600, 100 / 600), abs=1e-3)
    again = look_at_table(
        job.with_values(dict(zip(SPLIT, sizes, strict=True))), rows.reset_index(drop=True)
    )
    assert again.prepared is not None
    assert again.prepared.splits["train"][0].tolist() == [0, 200]


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
    assert offered_columns(frame()[["wind", "note", "load"]], columns) == ("load", "wind")


def test_cancelling_ends_it() -> None:
    with pytest.raises(Cancelled):
        look_at_table(experiment(), frame(), lambda: True)
