"""Frequencies are inferred from dates, and ticks and dates are inverse to each other."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.frequency import infer_frequency, parse_frequency
from workbench.errors import UserError

ALIASES = ["us", "ms", "s", "min", "15min", "h", "6h", "D", "7D", "W-MON", "W-FRI", "B", "MS", "ME",
           "QS", "QE", "YS", "YE"]  # fmt: skip


def _dates(alias, count=40, start="2019-03-01"):
    return pd.date_range(start, periods=count, freq=alias).to_numpy().astype("M8[us]")


def _infer(dates):
    dates = np.asarray(dates, dtype="M8[us]")
    found = infer_frequency(dates, np.zeros(len(dates), dtype=np.int64))
    return None if found is None else found.alias


@pytest.mark.parametrize("alias", ALIASES)
def test_regular_dates_give_their_frequency(alias):
    found = _infer(_dates(alias))
    names = {"7D": "W-FRI"}
    assert found == names.get(alias, alias)


@pytest.mark.parametrize("alias", ALIASES)
def test_a_tenth_of_the_rows_missing_changes_nothing(alias):
    dates = _dates(alias, 60)
    keep = np.ones(60, dtype=bool)
    keep[[7, 8, 20, 33, 34, 50]] = False
    found = _infer(dates[keep])
    assert found == ("W-FRI" if alias == "7D" else alias)


@pytest.mark.parametrize("alias", ALIASES)
def test_ticks_count_the_steps_of_pandas_and_come_back(alias):
    dates = _dates(alias)
    frequency = parse_frequency(alias)
    ticks = frequency.ticks(dates, dates[:1])
    assert ticks.tolist() == list(range(40))
    assert (frequency.dates(ticks, dates[:1]) == dates).all()
    assert not frequency.off_grid(dates, dates[:1]).any()


@given(
    alias=st.sampled_from(ALIASES),
    start=st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    holes=st.sets(st.integers(1, 28)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_ticks_and_dates_are_inverse_anywhere_in_time(alias, start, holes):
    dates = _dates(alias, 30, start)
    kept = np.delete(dates, sorted(holes))
    frequency = parse_frequency(alias)
    ticks = frequency.ticks(kept, kept[:1])
    assert (np.diff(ticks) >= 1).all()
    assert (frequency.dates(ticks, kept[:1]) == kept).all()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_unit_of_datetime64_changes_nothing(unit):
    dates = pd.Series(_dates("h").astype(f"M8[{unit}]"))
    assert _infer(dates.to_numpy(dtype="datetime64[us]")) == "h"


def test_months_on_the_same_day_and_business_month_ends():
    assert _infer(_dates("MS", 24) + np.timedelta64(14, "D")) == "MS"
    ends = pd.bdate_range("2020-01-01", periods=24, freq="BME").to_numpy().astype("M8[us]")
    assert _infer(ends) == "ME"


def test_weekdays_without_a_weekend_are_business_days_but_a_single_week_is_days():
    assert _infer(_dates("B", 12)) == "B"
    assert _infer(pd.date_range("2024-01-01", periods=5, freq="D").to_numpy()) == "D"


def test_wavering_stamps_have_a_nominal_step():
    rng = np.random.default_rng(0)
    dates = _dates("5min", 200) + rng.integers(-9_000_000, 9_000_000, 200).astype("m8[us]")
    assert _infer(np.sort(dates)) == "5min"


def test_random_dates_have_no_frequency():
    rng = np.random.default_rng(0)
    numbers = np.cumsum(rng.exponential(3600e6, 200)).astype(np.int64)
    assert _infer(numbers.astype("M8[us]")) is None


def test_one_date_has_no_frequency():
    assert _infer(_dates("h", 1)) is None
    assert _infer(_dates("h", 0)) is None


def test_several_series_are_looked_at_apart():
    a, b = _dates("D", 10), _dates("D", 10, "2024-01-01")
    found = infer_frequency(np.concatenate((a, b)), np.repeat([0, 1], 10))
    assert found is not None
    assert found.alias == "D"


@pytest.mark.parametrize(
    ("old", "new"), [("H", "h"), ("T", "min"), ("M", "ME"), ("A", "YE"), ("15T", "15min")]
)
def test_old_names_are_understood(old, new):
    assert parse_frequency(old).alias == new


@pytest.mark.parametrize("alias", ["fortnight", "", "h5", "0h", "-1D"])
def test_an_unknown_frequency_is_said(alias):
    with pytest.raises(UserError, match="not known; allowed are") as caught:
        parse_frequency(alias)
    assert "data.table.time.frequency" in caught.value.todo


def test_words():
    words = [
        parse_frequency(a).words for a in ("h", "15min", "MS", "QE", "YS", "B", "2W-FRI", "2MS")
    ]
    assert words == ["hour", "15 minutes", "month", "quarter", "year", "business day", "2 weeks",
                     "2 months"]  # fmt: skip
