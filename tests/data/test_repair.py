"""Repairs do exactly what the time specification says, and lose nothing silently."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.repair import fill, lay_timeline, mark_missing
from workbench.errors import UserError
from workbench.specs import TimeSpec


def _lay(dates, time=None, ids=None):
    dates = None if dates is None else pd.Series(pd.to_datetime(dates))
    rows = len(ids) if dates is None else len(dates)
    return lay_timeline(dates, None if ids is None else pd.Series(ids), time or TimeSpec(), rows)


DAYS = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-06", "2024-01-07"]


def test_descending_rows_are_turned_round():
    line = _lay(DAYS[:3][::-1])
    assert line.numbers(np.array([3.0, 2.0, 1.0])).tolist() == [1, 2, 3]
    assert [f.level for f in line.findings] == ["repaired"]


def test_rows_are_put_in_where_days_are_missing():
    line = _lay(DAYS)
    assert line.inserted.tolist() == [False] * 3 + [True] * 2 + [False] * 2
    assert np.datetime_as_string(line.time, "D").tolist() == [
        f"2024-01-0{day}" for day in range(1, 8)
    ]
    assert np.isnan(line.numbers(np.arange(5.0))).tolist() == line.inserted.tolist()
    assert line.usable.all()


def test_cut_puts_one_untouchable_row_into_each_gap():
    line = _lay(DAYS, TimeSpec(gaps="cut"))
    assert line.inserted.tolist() == [False] * 3 + [True] + [False] * 2
    assert line.usable.tolist() == (~line.inserted).tolist()


def test_leave_takes_rows_as_neighbours():
    line = _lay(DAYS, TimeSpec(gaps="leave"))
    assert not line.inserted.any()
    assert line.numbers(np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("first", [1, 10]), ("last", [2, 30]), ("mean", [1.5, 20]), ("keep", [1, 2, 10, 20, 30])],
)
def test_repeated_dates(policy, expected):
    dates = ["2024-01-01"] * 2 + ["2024-01-02"] * 3
    line = _lay(dates, TimeSpec(duplicates=policy))
    assert line.numbers(np.array([1, 2, 10, 20, 30.0])).tolist() == expected


def test_the_mean_of_repeated_dates_skips_missing_values():
    line = _lay(["2024-01-01"] * 3 + ["2024-01-02"] * 2)
    values = line.numbers(np.array([1, np.nan, 3, np.nan, np.nan]))
    assert values[0] == 2
    assert np.isnan(values[1])


def test_series_keep_apart_and_begin_where_they_begin():
    dates = ["2024-01-05", "2024-01-01", "2024-01-02", "2024-01-06", "2024-01-04"]
    line = _lay(dates, ids=["b", "a", "a", "b", "a"])
    assert line.names == ("b", "a")
    assert line.offsets.tolist() == [0, 2, 6]
    assert line.numbers(np.arange(5.0)).tolist()[:4] == [0, 3, 1, 2]
    assert line.inserted.tolist() == [False] * 4 + [True, False]
    assert line.series_of.tolist() == [0, 0, 1, 1, 1, 1]


def test_without_dates_rows_are_numbered_in_each_series():
    line = _lay(None, ids=["a", "b", "a", "b", "b"])
    assert line.time.tolist() == [0, 1, 0, 1, 2]
    assert line.numbers(np.arange(5.0)).tolist() == [0, 2, 1, 3, 4]


def test_without_leave_to_sort_nothing_is_reordered_and_it_is_said():
    line = _lay(DAYS[::-1], TimeSpec(sort=False))
    assert line.numbers(np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]
    assert line.findings[0].level == "doubt"
    assert line.findings[0].repair == "data.table.time.sort=true"


def test_rows_without_a_date_are_left_out_and_counted():
    line = _lay(["2024-01-01", None, "2024-01-02"])
    assert line.numbers(np.array([1.0, 2.0, 3.0])).tolist() == [1, 3]
    assert "1 rows without a date" in [f.found for f in line.findings]


def test_no_date_at_all_is_an_error():
    with pytest.raises(UserError, match="None of the 2 rows has a date"):
        _lay([None, None])


def test_a_longer_frequency_gathers_rows():
    hours = pd.date_range("2024-01-01 06:00", periods=42, freq="h")
    line = _lay(hours, TimeSpec(frequency="D"))
    assert np.datetime_as_string(line.time, "D").tolist() == ["2024-01-01", "2024-01-02"]
    assert line.numbers(np.arange(42.0)).tolist() == [
        np.arange(18).mean(),
        np.arange(18, 42).mean(),
    ]


def test_gathering_into_months():
    days = pd.date_range("2024-01-10", periods=60, freq="D")
    line = _lay(days, TimeSpec(frequency="MS"))
    assert np.datetime_as_string(line.time, "M").tolist() == ["2024-01", "2024-02", "2024-03"]


def test_wavering_stamps_are_not_taken_for_gaps():
    rng = np.random.default_rng(0)
    dates = pd.date_range("2024-01-01", periods=100, freq="5min") + pd.to_timedelta(
        rng.integers(-9, 9, 100), unit="s"
    )
    line = _lay(dates)
    assert not line.inserted.any()
    assert len(line.time) == 100


def test_filling_a_vast_gap_is_refused_with_a_way_out():
    dates = [
        *pd.date_range("1990-01-01", periods=20, freq="s"),
        "2024-01-01",
        "2024-01-01 00:00:01",
    ]
    with pytest.raises(UserError, match="Filling the gaps would put 1,0") as caught:
        _lay(dates)
    assert "cut" in caught.value.todo
    assert _lay(dates, TimeSpec(gaps="cut")).inserted.sum() == 1


@given(
    rows=st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60),
    gaps=st.sampled_from(["leave", "interpolate", "cut"]),
    duplicates=st.sampled_from(["keep", "first", "last", "mean"]),
)
@settings(max_examples=150, deadline=None)
def test_every_row_keeps_its_date_and_its_value(rows, gaps, duplicates):
    """Against a plain account with dictionaries."""
    dates = [pd.Timestamp("2024-01-01") + pd.Timedelta(hours=hour) for hour, _ in rows]
    values = np.arange(len(rows), dtype=float)
    spec = TimeSpec(gaps=gaps, duplicates=duplicates, frequency="h")
    line = _lay(dates, spec, [name for _, name in rows])
    laid = line.numbers(values)
    for place, name in enumerate(line.names):
        here = slice(line.offsets[place], line.offsets[place + 1])
        truth: dict[int, list[float]] = {}
        for (hour, owner), value in zip(rows, values, strict=True):
            if owner == name:
                truth.setdefault(hour, []).append(value)
        pick = {"first": lambda v: v[:1], "last": lambda v: v[-1:], "keep": list,
                "mean": lambda v: [float(np.mean(v))]}[duplicates]  # fmt: skip
        wanted = [(hour, value) for hour in sorted(truth) for value in pick(truth[hour])]
        hours = (line.time[here] - np.datetime64("2024-01-01")).astype("m8[h]").astype(int)
        real = ~line.inserted[here]
        got = list(zip(hours[real].tolist(), laid[here][real].tolist(), strict=True))
        assert got == wanted
        steps = np.diff(sorted(truth))
        holes = {"leave": 0, "cut": (steps > 1).sum(), "interpolate": (steps - 1).sum()}[gaps]
        assert line.inserted[here].sum() == holes
        if gaps == "interpolate" and duplicates != "keep":
            assert (np.diff(hours) == 1).all()


# ---------------------------------------------------------------------- missing values

ONE = np.array([0, 7])
HOLES = np.array([np.nan, 2, np.nan, np.nan, 8, np.nan, np.nan])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("interpolate", [2, 2, 4, 6, 8, 8, 8]),
        ("forward", [2, 2, 2, 2, 8, 8, 8]),
        ("cut", [2, 2, 2, 2, 8, 8, 8]),
        ("zero", [0, 2, 0, 0, 8, 0, 0]),
        ("mean", [5, 2, 5, 5, 8, 5, 5]),
    ],
)
def test_policies(policy, expected):
    assert fill(HOLES, ONE, policy, 5.0).tolist() == expected


def test_nothing_is_filled_across_series():
    values = np.array([1, np.nan, np.nan, 9, np.nan, np.nan])
    offsets = np.array([0, 2, 4, 6])
    assert fill(values, offsets, "interpolate", 5.0).tolist() == [1, 1, 9, 9, 5, 5]
    assert fill(values, offsets, "forward", 5.0).tolist() == [1, 1, 9, 9, 5, 5]


@given(
    values=st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=40),
    cut=st.integers(0, 40),
)
def test_lines_equal_those_of_pandas(values, cut):
    given_values = np.array([np.nan if v is None else v for v in values])
    cut = min(cut, len(values))
    got = fill(given_values, np.array([0, cut, len(values)]), "interpolate", 7.0)
    wanted = [
        pd.Series(part, dtype=float).interpolate(limit_direction="both").fillna(7.0)
        for part in (given_values[:cut], given_values[cut:])
    ]
    np.testing.assert_allclose(got, np.concatenate(wanted), atol=1e-9)


def test_sentinels_and_infinities_are_missing():
    marked = mark_missing(np.array([1.0, -200.0, np.inf, 9999.0]), (-200.0, 9999.0))
    assert np.isnan(marked).tolist() == [False, True, True, True]


# ---------------------------------------------------------------------- even rows


@pytest.mark.parametrize("step", ["s", "min", "15min", "h", "D", "7D", "W-WED"])
def test_even_rows_are_laid_out_as_any_others(step: str, monkeypatch: pytest.MonkeyPatch):
    dates = pd.Series(pd.date_range("2021-03-03", periods=50, freq=step)).astype("M8[us]")
    quick = lay_timeline(dates, None, TimeSpec(), len(dates))
    assert quick.source is quick.position
    monkeypatch.setattr("workbench.data.repair._even", lambda _dates: None)
    slow = lay_timeline(dates, None, TimeSpec(), len(dates))
    assert quick.frequency == slow.frequency
    assert quick.findings == slow.findings
    for name in ("offsets", "time", "inserted", "usable", "source", "position"):
        assert np.array_equal(getattr(quick, name), getattr(slow, name)), name
    column = np.arange(50.0)
    assert np.array_equal(quick.numbers(column), slow.numbers(column))


@pytest.mark.parametrize("place", [1, 25, 48])
def test_one_row_out_of_step_is_noticed(place: int):
    dates = pd.Series(pd.date_range("2021-03-01", periods=50, freq="h")).astype("M8[us]")
    line = lay_timeline(dates.drop(place), None, TimeSpec(), 49)
    assert line.inserted.sum() == 1
