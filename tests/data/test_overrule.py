"""Reading a table another way than was detected."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.data.overrule import merge_columns, overruled, reread
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, ReadingSpec, TableSpec, TimeSpec

FOUND = ReadingSpec(
    encoding="utf-8", separator=",", decimal=".", thousands="none", header="yes", skip_rows=0,
    date_order="ymd",
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    reading: ReadingSpec
    columns: tuple[ColumnSpec, ...]
    time: TimeSpec


def test_what_depends_on_a_setting_is_found_anew() -> None:
    reading = overruled(FOUND, {"separator": ";"})
    assert (reading.separator, reading.decimal, reading.skip_rows) == (";", "auto", -1)
    assert (reading.encoding, reading.date_order) == ("utf-8", "ymd")
    assert overruled(FOUND, {"decimal": ","}).separator == ","
    both = overruled(FOUND, {"separator": ";", "decimal": ","})
    assert both.decimal == ","
    with pytest.raises(UserError):
        overruled(FOUND, {"decimal": "x"})


def test_choices_for_columns_that_stay_are_kept() -> None:
    before = (
        ColumnSpec(name="day", role="date", kind="date"),
        ColumnSpec(name="load", role="target", scaler="robust", sentinels=(-200.0,)),
        ColumnSpec(name="wind", role="ignored"),
    )
    found = (
        ColumnSpec(name="day", role="date", kind="date"),
        ColumnSpec(name="load", role="input", decimal=","),
        ColumnSpec(name="wind", role="input"),
        ColumnSpec(name="new", role="target"),
    )
    day, load, wind, new = merge_columns(before, found)
    assert (load.role, load.scaler, load.sentinels, load.decimal) == (
        "target", "robust", (-200.0,), ",",
    )  # fmt: skip
    assert (day.role, wind.role, new.role) == ("date", "ignored", "target")


def test_where_no_target_stays_the_suggestion_counts() -> None:
    before = (ColumnSpec(name="a;load", role="target"), ColumnSpec(name="wind", role="ignored"))
    found = (ColumnSpec(name="load", role="target"), ColumnSpec(name="wind", role="input"))
    assert merge_columns(before, found) == found


def test_a_target_that_is_no_number_any_more_is_none() -> None:
    before = (ColumnSpec(name="a", role="target"), ColumnSpec(name="b", role="target"))
    found = (
        ColumnSpec(name="a", role="ignored", kind="text"),
        ColumnSpec(name="b", role="input"),
    )
    assert [item.role for item in merge_columns(before, found)] == ["ignored", "target"]


def test_reread_gives_assignments_that_fit() -> None:
    asked: list[ReadingSpec] = []

    def preview(_path: object, reading: ReadingSpec) -> Read:
        asked.append(reading)
        columns = (
            ColumnSpec(name="day", role="date", kind="date"),
            ColumnSpec(name="x", role="target"),
        )
        return Read(
            FOUND.model_copy(update={"separator": ";"}), columns, TimeSpec(columns=("day",))
        )

    table = TableSpec(reading=FOUND, time=TimeSpec(gaps="cut", duplicates="last"))
    source, changes = reread(Path("x.csv"), table, {"separator": ";"}, preview)
    assert asked[0].separator == ";"
    after = Experiment().with_values(changes).data.table
    assert after.reading.separator == ";"
    assert [item.name for item in after.columns] == ["day", "x"]
    assert (after.time.columns, after.time.gaps, after.time.duplicates) == (("day",), "cut", "last")
    assert source.reading.separator == ";"
