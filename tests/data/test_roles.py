"""What follows from giving columns another role."""

import pytest

from workbench.data.findings import Finding
from workbench.data.roles import column_changes, repair_changes, still_open
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, DataSpec, TableSpec, TimeSpec

TABLE = TableSpec(
    columns=(
        ColumnSpec(name="day", role="date", kind="date"),
        ColumnSpec(name="shop", role="series_id", kind="text"),
        ColumnSpec(name="sales", role="target"),
        ColumnSpec(name="sales.eur", role="input"),
        ColumnSpec(name="weather", role="input", kind="text"),
    ),
    time=TimeSpec(columns=("day",), format="%Y-%m-%d"),
)
EXPERIMENT = Experiment(data=DataSpec(table=TABLE))


def after(names: list[str], field: str, value: object) -> Experiment:
    return EXPERIMENT.with_values(column_changes(TABLE, names, field, value))


def roles(experiment: Experiment) -> dict[str, str]:
    return {item.name: item.role for item in experiment.data.table.columns}


def test_one_field_of_one_column_is_one_assignment() -> None:
    changes = column_changes(TABLE, ["sales"], "scaler", "robust")
    assert changes == {"data.table.columns.sales.scaler": "robust"}
    assert column_changes(TABLE, ["sales"], "scaler", "standard") == {}
    assert column_changes(TABLE, ["gone"], "role", "input") == {}


def test_names_with_dots_that_clash_are_still_told_apart() -> None:
    assert roles(after(["sales.eur"], "role", "target"))["sales.eur"] == "target"
    assert roles(after(["sales"], "role", "ignored"))["sales.eur"] == "input"


def test_date_columns_follow_the_role() -> None:
    without = after(["day"], "role", "ignored")
    assert without.data.table.time.columns == ()
    both = after(["shop"], "role", "date")
    assert both.data.table.time.columns == ("day", "shop")
    assert both.data.table.time.format == "auto"


def test_there_is_one_series_id() -> None:
    changed = roles(after(["weather", "sales.eur"], "role", "series_id"))
    assert [name for name, role in changed.items() if role == "series_id"] == ["sales.eur"]
    assert changed["shop"] == "ignored"


@pytest.mark.parametrize("name", ["weather", "sales.eur"])
def test_a_target_holds_numbers(name: str) -> None:
    changed = next(i for i in after([name], "role", "target").data.table.columns if i.name == name)
    assert (changed.role, changed.kind) == ("target", "number")


@pytest.mark.parametrize("name", ["a=b", "<img src=x>", "x.role=input", "päö"])
def test_repair_of_a_column_with_any_name(name: str) -> None:
    table = TableSpec(columns=(ColumnSpec(name=name, role="known_future"),))
    experiment = Experiment(data=DataSpec(table=table))
    changes = repair_changes(experiment, f"data.table.columns.{name}.sentinels=[-200, 9999]")
    assert experiment.with_values(changes).data.table.columns[0].sentinels == (-200.0, 9999.0)
    changes = repair_changes(experiment, f"data.table.columns.{name}.role=input")
    assert experiment.with_values(changes).data.table.columns[0].role == "input"


def test_repair_of_the_time_axis() -> None:
    assert repair_changes(EXPERIMENT, "data.table.time.sort=false") == {
        "data.table.time.sort": False
    }
    with pytest.raises(UserError):
        repair_changes(EXPERIMENT, "data.table.time.gaps=later")


def test_a_finding_whose_repair_was_made_is_mended() -> None:
    repair = "data.table.columns.sales.sentinels=[-200]"
    finding = Finding("column", "-200 may mean 'no value'", "3 × -200", "doubt", repair)
    broken = Finding("column", "x", "y", "doubt", "data.table.nonsense=1")
    assert still_open((finding, broken), EXPERIMENT) == (finding, broken)
    mended = EXPERIMENT.with_values(repair_changes(EXPERIMENT, repair))
    (done, same) = still_open((finding, broken), mended)
    assert (done.level, done.repair, done.found) == ("repaired", "", finding.found)
    assert same == broken
