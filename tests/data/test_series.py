"""From a table to prepared series: roles, filling, split, and a codec fitted on training only."""

import json

import numpy as np
import pandas as pd
import pytest

from workbench.data.findings import Cancelled, Watch
from workbench.data.series import SeriesCodec, prepare_series
from workbench.errors import UserError
from workbench.specs import ColumnSpec, SplitSpec, TableSpec, TimeSpec

ROWS = 100


def _frame(**columns):
    dates = pd.date_range("2024-01-01", periods=ROWS, freq="D")
    rng = np.random.default_rng(0)
    return pd.DataFrame({"date": dates, "y": rng.normal(10, 3, ROWS), **columns})


def _table(*columns, **time):
    given = [
        column if isinstance(column, ColumnSpec) else ColumnSpec(**column) for column in columns
    ]
    if not any(column.role == "target" for column in given):
        given.insert(0, ColumnSpec(name="y", role="target"))
    return TableSpec(
        columns=(ColumnSpec(name="date", role="date", kind="date"), *given),
        time=TimeSpec(columns=("date",), **time),
    )


def _prepare(frame, table, split=None, calendar=False, codec=None):
    return prepare_series(frame, table, split or SplitSpec(), calendar=calendar, codec=codec)


def test_shapes_types_and_order():
    frame = _frame(x=np.arange(ROWS, dtype=float), z=np.arange(ROWS) % 7)
    columns = (
        ColumnSpec(name="x", role="input"), ColumnSpec(name="y", role="target"),
        ColumnSpec(name="z", role="known_future"),
    )  # fmt: skip
    prepared = _prepare(frame, _table(*columns), calendar=True)
    (series,) = prepared.series
    assert prepared.codec.names == ("x", "y")
    assert prepared.codec.target_indices == (1,)
    assert prepared.codec.known_names == ("z", "weekday sine", "weekday cosine", "day sine",
                                          "day cosine")  # fmt: skip
    assert (series.values.shape, series.known.shape) == ((ROWS, 2), (ROWS, 5))
    assert (series.values.dtype, series.known.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(series.values[:, 0], np.arange(ROWS))  # the user's own units
    assert series.usable.all()
    assert series.observed.all()
    assert prepared.splits["train"].tolist() == [[0, 80]]


def test_scalers_see_the_training_part_only():
    frame = _frame()
    shifted = frame.assign(y=np.where(np.arange(ROWS) < 80, frame.y, frame.y + 1e4))
    assert _prepare(frame, _table()).codec == _prepare(shifted, _table()).codec
    scaler = _prepare(frame, _table()).codec.channels[0].scaler
    assert scaler.centre == pytest.approx(frame.y[:80].mean())
    assert scaler.scale == pytest.approx(frame.y[:80].std(ddof=0))


def test_encode_decode_and_json():
    prepared = _prepare(
        _frame(wind=np.resize(["N", "S"], ROWS)),
        _table({"name": "wind", "role": "input", "kind": "category"}),
        calendar=True,
    )
    codec = SeriesCodec.from_json(json.loads(json.dumps(prepared.codec.to_json())))
    assert codec == prepared.codec
    values = prepared.series[0].values
    scaled = codec.encode(values)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(codec.decode(scaled), values, atol=1e-4)
    targets = scaled[:, [0]][None, :, :, None]  # (B, H, M, Q)
    np.testing.assert_allclose(
        codec.decode_targets(targets, axis=2)[0, :, 0, 0], values[:, 0], atol=1e-4
    )


@pytest.mark.parametrize(
    "damage",
    [
        None,
        {},
        {"channels": [], "known": [], "calendar": []},
        {"channels": [{"name": "y"}], "known": [], "calendar": []},
        {"channels": 5, "known": [], "calendar": []},
    ],
)
def test_a_damaged_codec_is_refused(damage):
    with pytest.raises(UserError, match="not valid"):
        SeriesCodec.from_json(damage)


def test_a_damaged_calendar_is_refused():
    values = _prepare(_frame(), _table()).codec.to_json() | {"calendar": ["moon"]}
    with pytest.raises(UserError, match="not valid"):
        SeriesCodec.from_json(values)


# ---------------------------------------------------------------------- categories


def test_categories_are_one_hot_and_an_unknown_one_is_none():
    wind = np.resize(["N", "S", "S"], ROWS).astype(object)
    wind[90], wind[91] = "E", None  # first seen in validation; missing
    prepared = _prepare(
        _frame(wind=wind), _table({"name": "wind", "role": "input", "kind": "category"})
    )
    assert prepared.codec.names == ("y", "wind=S", "wind=N")
    one_hot = prepared.series[0].values[:, 1:]
    assert one_hot[:3].tolist() == [[0, 1], [1, 0], [1, 0]]
    assert one_hot[90:92].tolist() == [[0, 0], [0, 0]]
    np.testing.assert_array_equal(prepared.codec.encode(prepared.series[0].values)[:, 1:], one_hot)


def test_too_many_categories_keep_the_most_frequent_and_say_so():
    many = [f"c{i % 60}" for i in range(ROWS)]
    prepared = _prepare(_frame(c=many), _table({"name": "c", "role": "input", "kind": "category"}))
    assert len(prepared.codec.channels) == 51
    assert [f.found for f in prepared.findings] == ["60 categories"]


def test_free_text_as_an_input_is_refused():
    notes = [f"note {i}" for i in range(ROWS)]
    with pytest.raises(UserError, match="80 different texts") as caught:
        _prepare(_frame(n=notes), _table({"name": "n", "role": "input", "kind": "text"}))
    assert "ignored" in caught.value.todo


def test_a_row_put_in_goes_on_with_the_category_before_it():
    frame = _frame(c=np.resize(["a", "b"], ROWS)).drop(10)
    prepared = _prepare(frame, _table({"name": "c", "role": "input", "kind": "category"}))
    values = prepared.series[0].values
    assert values[10, 1:].tolist() == values[9, 1:].tolist()


# ---------------------------------------------------------------------- missing values


def test_missing_values_are_filled_but_never_a_truth():
    frame = _frame()
    frame.loc[[5, 6, 50], "y"] = np.nan
    prepared = _prepare(frame, _table())
    series = prepared.series[0]
    assert np.isfinite(series.values).all()
    assert np.flatnonzero(~series.observed[:, 0]).tolist() == [5, 6, 50]
    expected = frame.y[4] + (frame.y[7] - frame.y[4]) / 3
    assert series.values[5, 0] == pytest.approx(expected, rel=1e-5)
    finding = next(f for f in prepared.findings if f.subject == "column y")
    assert (finding.found, finding.level) == ("3 missing values", "repaired")


def test_zero_means_nothing_was_counted_and_is_a_truth():
    frame = _frame().drop([20, 21])
    frame.loc[5, "y"] = np.nan
    table = _table({"name": "y", "role": "target", "missing": "zero"}, gaps="zero")
    series = _prepare(frame, table).series[0]
    assert series.observed.all()
    assert series.values[[5, 20, 21], 0].tolist() == [0, 0, 0]


def test_gaps_and_missing_values_are_filled_by_their_own_rules():
    frame = _frame().drop([20])
    frame.loc[5, "y"] = np.nan
    table = _table({"name": "y", "role": "target", "missing": "forward"}, gaps="zero")
    series = _prepare(frame, table).series[0]
    assert series.values[5, 0] == series.values[4, 0]
    assert series.values[20, 0] == 0
    assert series.observed[[5, 20], 0].tolist() == [False, True]


def test_cut_blocks_windows_at_missing_values():
    frame = _frame()
    frame.loc[[5, 6], "y"] = np.nan
    series = _prepare(frame, _table({"name": "y", "role": "target", "missing": "cut"})).series[0]
    assert np.flatnonzero(~series.usable).tolist() == [5, 6]


def test_the_mean_is_that_of_the_training_part():
    frame = _frame()
    frame.loc[5, "y"] = np.nan
    frame.loc[90:, "y"] = 1e6
    series = _prepare(frame, _table({"name": "y", "role": "target", "missing": "mean"})).series[0]
    assert series.values[5, 0] == pytest.approx(frame.y[:80].mean())


def test_sentinels_are_missing_and_do_not_shape_the_scaler():
    frame = _frame()
    frame.loc[[3, 4], "y"] = -200.0
    table = _table({"name": "y", "role": "target", "sentinels": (-200.0,)})
    prepared = _prepare(frame, table)
    assert prepared.codec.channels[0].scaler.centre == pytest.approx(
        frame.y[:80].drop([3, 4]).mean()
    )
    assert not prepared.series[0].observed[[3, 4]].any()


# ---------------------------------------------------------------------- several series


def test_several_series_have_one_codec_and_their_own_axis():
    frame = pd.concat([_frame().assign(id="a"), _frame().assign(id="b")[:60]])
    prepared = _prepare(frame, _table({"name": "id", "role": "series_id", "kind": "category"}))
    assert [series.name for series in prepared.series] == ["a", "b"]
    assert [len(series.time) for series in prepared.series] == [100, 60]
    assert prepared.codec.names == ("y",)


def test_rows_without_dates_are_numbered():
    table = TableSpec(columns=(ColumnSpec(name="y", role="target"),))
    prepared = _prepare(_frame(), table, calendar=True)
    assert prepared.series[0].time.tolist() == list(range(ROWS))
    assert prepared.codec.calendar == ()
    assert prepared.frequency is None


def test_a_date_role_alone_names_the_axis():
    table = _table()
    table = table.model_copy(update={"time": TimeSpec()})
    assert _prepare(_frame(), table).frequency.alias == "D"


# ---------------------------------------------------------------------- another file


def test_another_file_is_read_with_the_codec_of_training():
    fitted = _prepare(_frame(x=np.arange(ROWS) % 9), _table({"name": "x", "role": "input"})).codec
    other = _frame(x=np.ones(ROWS))
    other["y"] *= 100
    prepared = _prepare(other, _table({"name": "x", "role": "input"}), codec=fitted)
    assert prepared.codec is fitted
    assert prepared.series[0].values.shape == (ROWS, 2)  # a constant here is not dropped


def test_another_file_without_a_column_of_training():
    fitted = _prepare(_frame(x=np.arange(ROWS) % 9), _table({"name": "x", "role": "input"})).codec
    with pytest.raises(UserError, match="trained with column 'x'"):
        _prepare(_frame(), _table(), codec=fitted)


# ---------------------------------------------------------------------- what the user can mend


def test_no_target():
    table = TableSpec(columns=(ColumnSpec(name="y", role="input"),))
    with pytest.raises(UserError, match="No column is a target"):
        _prepare(_frame(), table)


def test_a_column_that_is_not_there():
    with pytest.raises(UserError, match="no column 'nope'; it has date, y"):
        _prepare(_frame(), _table({"name": "nope", "role": "input"}))


def test_a_target_that_is_a_category():
    with pytest.raises(UserError, match="'y' is of kind category; a forecast needs numbers"):
        _prepare(_frame(), _table({"name": "y", "role": "target", "kind": "category"}))


def test_a_target_without_any_value():
    with pytest.raises(UserError, match="'y' has no value in the table") as caught:
        _prepare(_frame().assign(y=np.nan), _table())
    assert "data.table.columns.y.role=ignored" in caught.value.todo


def test_a_target_that_begins_after_training():
    frame = _frame()
    frame.loc[:85, "y"] = np.nan
    with pytest.raises(UserError, match="no value in the training part"):
        _prepare(frame, _table())


def test_a_constant_target():
    with pytest.raises(UserError, match="Every target is constant"):
        _prepare(_frame().assign(y=5.0), _table())


def test_one_constant_target_among_others_is_a_doubt():
    table = _table({"name": "y", "role": "target"}, {"name": "z", "role": "target"})
    prepared = _prepare(_frame(z=1.0), table)
    assert [(f.subject, f.level) for f in prepared.findings] == [("column z", "doubt")]
    assert prepared.findings[0].repair == "data.table.columns.z.role=ignored"


@pytest.mark.parametrize("values", [np.full(ROWS, np.nan), np.ones(ROWS)])
def test_empty_and_constant_inputs_are_left_out_and_named(values):
    prepared = _prepare(_frame(x=values), _table({"name": "x", "role": "input"}))
    assert prepared.codec.names == ("y",)
    assert [f.found for f in prepared.findings if f.level == "doubt"] == ["left out"]


def test_text_where_numbers_were_expected():
    with pytest.raises(UserError, match=r"holds text: '1,5'") as caught:
        _prepare(_frame(x=["1,5"] * ROWS), _table({"name": "x", "role": "input"}))
    assert "decimal mark" in caught.value.todo


def test_no_rows():
    with pytest.raises(UserError, match="no rows"):
        _prepare(_frame()[:0], _table())


def test_small_changes_of_a_large_number_are_doubted():
    prepared = _prepare(_frame(y=4e9 + np.arange(ROWS)), _table())
    assert [f.found for f in prepared.findings] == ["small changes of a large number"]


def test_integers_and_truth_values_are_numbers():
    frame = _frame(a=pd.array([1, None] * 50, dtype="Int64"), b=[True, False] * 50)
    frame["a"] = frame["a"] + pd.array(range(ROWS), dtype="Int64")
    table = _table({"name": "a", "role": "input"}, {"name": "b", "role": "input"})
    prepared = _prepare(frame, table)
    assert prepared.series[0].values[:3, 1:].tolist() == [[1, 1], [2, 0], [3, 1]]


def test_the_season_is_that_of_the_training_part():
    day = np.tile(np.sin(np.arange(7) / 7 * 2 * np.pi), 15)[:ROWS]
    prepared = _prepare(_frame(y=day), _table())
    assert prepared.season == 7


# ---------------------------------------------------------------------- long work


def test_preparing_tells_how_far_it_is_and_gives_up_when_asked():
    shares: list[float] = []
    table = _table()
    prepare_series(_frame(), table, SplitSpec(), calendar=True, watch=Watch(shares.append))
    assert shares == sorted(shares)
    assert len(shares) >= 5
    for given_up in range(len(shares)):
        left = iter([False] * given_up + [True])
        with pytest.raises(Cancelled):
            prepare_series(
                _frame(), table, SplitSpec(), calendar=True,
                watch=Watch(cancelled=lambda answers=left: next(answers)),
            )  # fmt: skip


def test_a_large_table_gives_the_same_series_without_keeping_columns(monkeypatch):
    frame = _frame(x=np.arange(ROWS) % 9)
    table = _table({"name": "x", "role": "input"})
    kept = _prepare(frame, table, calendar=True)
    monkeypatch.setattr("workbench.data.series_columns._KEPT_CELLS", 0)
    anew = _prepare(frame, table, calendar=True)
    assert anew.codec == kept.codec
    assert anew.findings == kept.findings
    assert np.array_equal(anew.series[0].values, kept.series[0].values)


def test_a_counter_keeps_what_changes():
    count = 1e8 + np.sin(np.arange(ROWS))
    prepared = _prepare(
        pd.DataFrame({"date": pd.date_range("2024-01-01", periods=ROWS), "y": count}),
        _table(ColumnSpec(name="y", role="target", kind="number")),
    )
    scaled = prepared.codec.encode(prepared.series[0].values)
    assert len(np.unique(scaled)) == ROWS
    np.testing.assert_allclose(prepared.codec.decode(scaled)[:, 0], count, atol=1e-6)
