"""The Experiment: fields by dotted name, TOML, and errors that say what is allowed."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import UserError
from workbench.experiment import FORMAT_VERSION, Experiment, FieldDescription, fields

COLUMN = "data.table.columns.<name>."
PLAIN = [item for item in fields() if not item.name.startswith(COLUMN)]
NUMBERS = [
    item for item in PLAIN if item.kind in ("int", "float") and item.name != "format_version"
]

WITH_COLUMNS = Experiment.from_dict(
    {
        "task": "forecast",
        "data": {
            "table": {
                "columns": [
                    {"name": "day", "role": "date", "kind": "date"},
                    {"name": "Temp (C)", "role": "target"},
                    {"name": "a.b", "role": "input"},
                    {"name": "a.b.role", "role": "ignored"},
                ]
            }
        },
    }
)


def _refused(experiment: Experiment, name: str, value: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        experiment.with_value(name, value)
    assert caught.value.todo
    return caught.value


# ---------------------------------------------------------------------- dotted names


@pytest.mark.parametrize("item", PLAIN, ids=lambda item: item.name)
def test_every_field_is_reached_by_its_name(item: FieldDescription):
    experiment = Experiment()
    value = experiment.value(item.name)
    assert value == (list(item.default) if isinstance(item.default, tuple) else item.default)
    assert experiment.with_value(item.name, value) == experiment
    assert item.label
    assert len(item.help) > 10
    assert item.range


@pytest.mark.parametrize("item", fields(COLUMN), ids=lambda item: item.name)
def test_fields_of_columns_are_reached_by_the_columns_name(item: FieldDescription):
    field = item.name.removeprefix(COLUMN)
    value = WITH_COLUMNS.value(f"data.table.columns.Temp (C).{field}")
    assert value == getattr(WITH_COLUMNS.data.table.columns[1], field) or value == []


def test_columns_with_dots_in_their_names():
    assert WITH_COLUMNS.value("data.table.columns.a.b.role") == "input"
    changed = WITH_COLUMNS.with_value("data.table.columns.a.b.scaler", "robust")
    assert changed.data.table.columns[2].scaler == "robust"
    assert changed.data.table.columns[3].scaler == "standard"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("model.hiden_size", "model.hidden_size"),
        ("hidden_size", "model.hidden_size"),
        ("training.model.cell", "model.cell"),
        ("data.table.time.gap", "data.table.time.gaps"),
        ("qqqq", "workbench fields"),
        ("model.cell.lstm", "model.cell"),
        ("", "workbench fields"),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest(name: str, hint: str):
    error = _refused(Experiment(), name, 1)
    assert repr(name) in error.what
    assert hint in error.todo
    with pytest.raises(UserError):
        Experiment().value(name)


def test_an_unknown_column_is_no_field():
    error = _refused(WITH_COLUMNS, "data.table.columns.gone.role", "input")
    assert "data.table.columns.gone.role" in error.what


# ---------------------------------------------------------------------- text values


def test_texts_are_read_as_toml_and_else_as_text():
    changed = Experiment().with_text_values(
        [
            "model.num_layers=1", "model.dropout = 0.25", "model.tie_weights=true",
            "name=a plain text", 'data.path="with = and \\" in it"', "model.quantiles=[0.1, 0.9]",
            "training.learning_rate=1e-3", "data.table.time.columns=['year', 'month']",
            "data.table.reading.separator=;", "data.table.reading.decimal=,",
        ]
    )  # fmt: skip
    assert (changed.model.num_layers, changed.model.dropout) == (1, 0.25)
    assert changed.model.tie_weights is True
    assert (changed.name, changed.data.path) == ("a plain text", 'with = and " in it')
    assert changed.model.quantiles == (0.1, 0.9)
    assert changed.training.learning_rate == 1e-3
    assert changed.data.table.time.columns == ("year", "month")
    assert (changed.data.table.reading.separator, changed.data.table.reading.decimal) == (";", ",")


def test_values_that_need_each_other_are_set_together():
    changed = Experiment().with_text_values(
        ["data.split.train=0.2", "data.split.validation=0.7", "data.split.test=0.1"]
    )
    assert changed.data.split.validation == 0.7


@pytest.mark.parametrize("text", ["model.num_layers", "", "=3"])
def test_an_assignment_without_a_name_or_sign_is_refused(text: str):
    with pytest.raises(UserError):
        Experiment().with_text_values([text])


# ---------------------------------------------------------------------- values not allowed


def _beyond(item: FieldDescription) -> list[float]:
    """Numbers just outside."""
    found = []
    for bound, outwards, open_ in (
        (item.minimum, -1.0, item.above), (item.maximum, 1.0, item.below),
    ):  # fmt: skip
        if bound is not None:
            found.append(bound if open_ else bound + outwards)
    return [int(value) for value in found] if item.kind == "int" else found


@pytest.mark.parametrize("item", NUMBERS, ids=lambda item: item.name)
def test_a_number_out_of_range_is_named_with_what_is_allowed(item: FieldDescription):
    assert item.minimum is not None
    for value in (*_beyond(item), math.nan, math.inf, "many", None, [1]):
        error = _refused(Experiment(), item.name, value)
        assert error.what.startswith(f"{item.name} is {value!r}; it must be ")
        for bound in (item.minimum, item.maximum):
            assert bound is None or f"{bound:g}" in error.what


@pytest.mark.parametrize(
    "item", [item for item in NUMBERS if not item.above and item.minimum is not None],
    ids=lambda item: item.name,
)  # fmt: skip
def test_the_lowest_number_itself_is_allowed(item: FieldDescription):
    assert item.minimum is not None
    low = int(item.minimum) if item.kind == "int" else item.minimum
    assert Experiment().with_value(item.name, low).value(item.name) == low


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("model.dropout", 1, "it must be at least 0 and below 1"),
        ("training.learning_rate", 0, "it must be above 0 and at most 1000"),
        ("data.split.train", 0, "it must be above 0"),
        ("model.hidden_size", 0, "it must be between 1 and 8192"),
        ("model.hidden_size", 2.5, "it must be between 1 and 8192"),
        ("model.bidirectional", "perhaps", "it must be true, false"),
        ("name", 3, "it must be a text"),
        ("model.quantiles", ["low"], "model.quantiles.0 is 'low'; it must be a list of numbers"),
        ("model.quantiles", [0.9, 0.1], "quantiles must rise"),
        ("model.quantiles", [0.0, 0.5], "quantiles holds 0; each must lie between 0 and 1"),
        ("data.split.train", 0.95, "train + validation + test is 1.15; it must be at most 1"),
        ("model.bidirectional", True, "a language model must be false"),
        ("model", 3, "model is 3"),
    ],
)
def test_what_is_wrong_is_said_in_words(name: str, value: Any, words: str):
    assert words in _refused(Experiment(), name, value).what


@pytest.mark.parametrize(
    "item", [item for item in PLAIN if item.kind == "choice"], ids=lambda item: item.name
)
def test_a_choice_lists_what_there_is(item: FieldDescription):
    error = _refused(Experiment(), item.name, "banana")
    assert f"{item.name} is 'banana'; it must be one of " in error.what
    for choice in item.choices:
        assert choice in error.what
        assert Experiment().with_value(item.name, choice).value(item.name) == choice


def test_a_columns_problem_names_the_column():
    error = _refused(WITH_COLUMNS, "data.table.columns.Temp (C).role", "taret")
    assert error.what.startswith("data.table.columns.Temp (C).role is 'taret'; it must be one of ")


def test_all_problems_are_told_at_once():
    with pytest.raises(UserError) as caught:
        Experiment.from_dict({"model": {"cell": "x", "num_layers": 0}, "sed": 1})
    for words in ("model.cell is 'x'", "model.num_layers is 0", "sed is not a field"):
        assert words in caught.value.what


def test_a_column_listed_twice_is_refused():
    values = WITH_COLUMNS.to_dict()
    values["data"]["table"]["columns"].append({"name": "day"})
    with pytest.raises(UserError, match="column 'day' is listed more than once"):
        Experiment.from_dict(values)


# ---------------------------------------------------------------------- TOML


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def _values(item: FieldDescription) -> st.SearchStrategy[Any]:
    if item.choices:
        return st.sampled_from(item.choices)
    low, high = item.minimum, item.maximum
    if item.kind == "int":
        return st.integers(int(low or 0), int(high or 1e6))
    if item.kind == "float":
        return st.floats(
            low, high if high is not None else 1e6, exclude_min=item.above, exclude_max=item.below
        )
    return {
        "bool": st.booleans(), "str": TEXTS, "texts": st.lists(TEXTS, max_size=3),
        "numbers": st.lists(
            st.floats(0.001, 0.999), max_size=3, unique=True
        ).map(sorted),
    }[item.kind]  # fmt: skip


FREE = [item for item in PLAIN if item.name != "format_version" and "split" not in item.name]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_experiment_is_read_back_from_its_toml(data: st.DataObject):
    chosen = data.draw(st.lists(st.sampled_from(FREE), max_size=8, unique_by=lambda i: i.name))
    changes = {item.name: data.draw(_values(item), label=item.name) for item in chosen}
    if changes.get("task", "language_model") == "language_model":
        changes.pop("model.bidirectional", None)
    names = data.draw(st.lists(TEXTS.filter(bool), max_size=3, unique=True))
    columns = [{"name": name, "sentinels": [-9.5]} for name in names]
    experiment = Experiment().with_values(changes | {"data.table.columns": columns})
    assert Experiment.from_toml(experiment.to_toml()) == experiment
    assert Experiment.from_dict(experiment.to_dict()) == experiment


def test_a_newer_format_is_refused_and_says_which():
    text = Experiment().to_toml()
    newer = text.replace(f"format_version = {FORMAT_VERSION}", "format_version = 99")
    assert newer != text
    with pytest.raises(UserError, match=f"format_version is 99; .* up to {FORMAT_VERSION}"):
        Experiment.from_toml(newer)


@pytest.mark.parametrize("text", ["name = ", "a = [", "=", "[" * 2000, "name = 'a'\nname = 'b'"])
def test_what_is_no_toml_names_the_place(text: str):
    with pytest.raises(UserError, match="not valid TOML"):
        Experiment.from_toml(text)


def test_a_relative_path_is_that_of_the_files_folder(tmp_path: Path):
    file = tmp_path / "jobs" / "job.toml"
    file.parent.mkdir()
    file.write_text(Experiment().with_value("data.path", "../data/x.csv").to_toml())
    assert Experiment.load(file).data.path == str((tmp_path / "data" / "x.csv").resolve())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"gone\.toml: No such file"):
        Experiment.load(tmp_path / "gone.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes("name = 'Größe'".encode("cp1252"))
    with pytest.raises(UserError, match=r"latin\.toml: it is not UTF-8 text"):
        Experiment.load(latin)
    with pytest.raises(UserError, match="Cannot read the experiment"):
        Experiment.load(tmp_path)


def test_the_part_of_the_other_task_is_left_out_where_untouched():
    assert "table" not in Experiment().to_dict()["data"]
    assert "text" not in WITH_COLUMNS.to_dict()["data"]
    kept = Experiment().with_value("data.table.windows.window", 7).to_dict()
    assert kept["data"]["table"]["windows"]["window"] == 7
