"""From a file to an experiment: what is known already, and what a person says instead."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.data.overrule import reread
from workbench.data.roles import assigned
from workbench.data.series import prepare_series
from workbench.data.suggest import open_source, suggest_experiment
from workbench.data.table import TableSource, preview_table
from workbench.data.windows import suggest_windows
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import DataSpec, ReadingSpec, TableSpec

ROWS = 60
LINES = [
    "made by hand",
    "Tag;Größe;w",
    *(f"{1 + n % 12:02d}/{1 + n // 12:02d}/2021;{n}.125;{n % 9},5" for n in range(ROWS)),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes("\n".join(LINES).encode("cp1252"))
    return path


def _read(path: Path, **changes: object) -> TableSource:
    reading = ReadingSpec.model_validate(changes)
    data = DataSpec(table=TableSpec(reading=reading))
    source = suggest_experiment(path, data)[1]
    assert isinstance(source, TableSource)
    return source


def test_nothing_said_finds_all_of_it(table: Path):
    source = _read(table)
    assert list(source.frame.columns) == ["Tag", "Größe", "w"]
    assert (source.reading.encoding, source.reading.separator) == ("cp1252", ";")
    assert source.reading.skip_rows == 1
    assert source.frame["w"].tolist()[:3] == [0.5, 1.5, 2.5]
    first = source.encodings[0]
    assert (first.name, first.reads, first.fits) == ("cp1252", "Größe", True)


OVERRULED = [
    ("encoding", "cp1251", lambda frame: frame.columns[1] == "GrцЯe"),
    ("encoding", "mac-roman", lambda frame: frame.columns[1] == "Grˆﬂe"),
    ("skip_rows", 4, lambda frame: len(frame) == ROWS - 2),
    ("header", "no", lambda frame: list(frame.columns)[:2] == ["column 1", "column 2"]),
    ("decimal", ",", lambda frame: frame["w"].iloc[1] == 1.5),
    ("thousands", ".", lambda frame: frame["Größe"].iloc[1] == 1125),
    ("date_order", "dmy", lambda frame: frame["Tag"].iloc[1] == pd.Timestamp("2021-01-02")),
    ("date_order", "mdy", lambda frame: frame["Tag"].iloc[1] == pd.Timestamp("2021-02-01")),
    ("missing_markers", ["", "3,5"], lambda frame: frame["w"].isna().sum() == 7),
    ("last_rows", 2, lambda frame: len(frame) == ROWS - 2),
]


@pytest.mark.parametrize(("field", "value", "holds"), OVERRULED)
def test_each_setting_said_by_hand_changes_what_is_read(table: Path, field, value, holds):
    assert holds(_read(table, **{field: value}).frame)
    described = suggest_experiment(table)[0].data.table
    source, changes = reread(table, described, {field: value}, preview_table)
    assert holds(source.frame)
    assert json.loads(json.dumps(changes["data.table.reading"]))[field] == value


def test_a_separator_said_by_hand_cuts_there(table: Path):
    source, _ = reread(table, suggest_experiment(table)[0].data.table, {"separator": "/"})
    assert len(source.frame.columns) == 3
    assert source.frame.iloc[:, 2].iloc[0].startswith("2021;0.125")


def test_a_file_whose_detection_fails_opens_with_what_is_said(tmp_path: Path):
    path = tmp_path / "odd.csv"
    rows = [f"x{n % 7}~{n * 3 % 11}" for n in range(40)]
    path.write_text("\n".join(["a~b", *rows]))
    with pytest.raises(UserError):
        suggest_experiment(path)
    source = _read(path, separator="~")
    assert source.frame["b"].tolist()[:3] == [0, 3, 6]


# ---------------------------------------------------------------------- assignments


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    days = pd.date_range("2021-01-01", periods=40)
    frame = pd.DataFrame(
        {
            "made": days.strftime("%Y-%m-%d"),
            "due": (days + pd.Timedelta(days=400)).strftime("%Y-%m-%d"),
            "load.kW": np.arange(40) % 7 + 0.5,
            "temp": np.arange(40) % 5 + 0.25,
        }
    )
    path = tmp_path / "dated.csv"
    frame.to_csv(path, index=False)
    return path


def _roles(experiment: Experiment) -> dict[str, str]:
    return {item.name: item.role for item in experiment.data.table.columns}


@pytest.mark.parametrize(
    "said", ['data.table.time.columns=["due"]', "data.table.columns.due.role=date"]
)
def test_another_date_column_takes_over(dated: Path, said: str):
    experiment = suggest_experiment(dated)[0]
    assert experiment.data.table.time.columns == ("made",)
    others = [] if "time" in said else ["data.table.columns.made.role=ignored"]
    changed = assigned(experiment, [said, *others])
    assert changed.data.table.time.columns == ("due",)
    assert _roles(changed) == {
        "made": "ignored", "due": "date", "load.kW": "target", "temp": "target",
    }  # fmt: skip
    source = open_source(changed)
    prepared = prepare_series(source.frame, changed.data.table, changed.data.split, calendar=False)
    assert str(prepared.series[0].time[0]) == "2022-02-05T00:00:00.000000"


def test_no_date_column_numbers_the_rows(dated: Path):
    changed = assigned(suggest_experiment(dated)[0], ["data.table.time.columns=[]"])
    assert _roles(changed)["made"] == "ignored"
    prepared = prepare_series(
        open_source(changed).frame, changed.data.table, changed.data.split, calendar=False
    )
    assert prepared.series[0].time.tolist() == list(range(40))


def test_other_fields_and_columns_are_assigned_together(dated: Path):
    changed = assigned(
        suggest_experiment(dated)[0],
        ["model.num_layers=3", "data.table.columns.load.kW.role=input", "seed=7"],
    )
    assert (changed.model.num_layers, changed.seed) == (3, 7)
    assert _roles(changed)["load.kW"] == "input"
    with pytest.raises(UserError, match=r"no field 'data\.table\.columns\.gone\.role'"):
        assigned(changed, ["data.table.columns.gone.role=input"])


# ---------------------------------------------------------------------- season


@pytest.mark.parametrize("season", [7, 24, 36])
def test_suggested_windows_and_task_see_the_same_season(tmp_path: Path, season: int):
    steps = np.arange(600)
    values = np.sin(2 * np.pi * steps / season) + np.random.default_rng(0).normal(0, 0.05, 600)
    dates = pd.date_range("2020-01-01", periods=600, freq="h")
    path = tmp_path / "waves.csv"
    pd.DataFrame({"date": dates, "v": values.round(4)}).to_csv(path, index=False)
    experiment, source = suggest_experiment(path)
    assert isinstance(source, TableSource)
    data = experiment.data
    prepared = prepare_series(source.frame, data.table, data.split, calendar=True)
    assert prepared.season == season
    assert data.table.windows == suggest_windows(600, prepared.season, prepared.frequency)


def test_a_season_that_is_not_in_the_training_part_does_not_count(tmp_path: Path):
    steps = np.arange(600)
    noise = np.random.default_rng(0).normal(0, 1, 600)
    values = np.where(steps < 440, noise, 50 * np.sin(2 * np.pi * steps / 24))
    path = tmp_path / "late.csv"
    pd.DataFrame({"v": values.round(4)}).to_csv(path, index=False)
    experiment, source = suggest_experiment(path)
    assert isinstance(source, TableSource)
    data = experiment.data
    prepared = prepare_series(source.frame, data.table, data.split, calendar=False)
    assert prepared.season is None
    assert data.table.windows == suggest_windows(600, None, None)
