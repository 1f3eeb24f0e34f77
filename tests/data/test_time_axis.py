"""The report on a time axis equals the truth that was planted in it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.time_axis import LISTED, REPAIRS, examine_time
from workbench.experiment import Experiment
from workbench.specs import TimeSpec


def _hours(count=48, start="2024-01-01"):
    return pd.Series(pd.date_range(start, periods=count, freq="h"))


def _levels(report):
    return {finding.subject: finding.level for finding in report.findings}


def test_a_clean_axis():
    report = examine_time(_hours())
    assert (report.order, report.frequency, report.step_words) == ("ascending", "h", "hour")
    assert report.gaps == report.duplicates == ()
    assert set(_levels(report).values()) == {"info"}
    assert report.findings[0].why == "2024-01-01 to 2024-01-02 23:00"


def test_newest_first_and_unsorted():
    assert examine_time(_hours()[::-1]).order == "descending"
    shuffled = _hours().sample(frac=1, random_state=1)
    report = examine_time(shuffled)
    assert report.order == "unsorted"
    assert _levels(report)["dates"] == "repaired"
    kept = examine_time(shuffled, time=TimeSpec(sort=False))
    assert [f.repair for f in kept.findings if f.subject == "dates"] == [
        "data.table.time.sort=true"
    ]


def test_gaps_are_listed_with_their_neighbours():
    dates = _hours(100).drop([10, 11, 12, 50])
    report = examine_time(dates)
    assert report.missing_steps == 4
    assert [(g.start, g.end, g.missing) for g in report.gaps] == [
        (pd.Timestamp("2024-01-01 09:00"), pd.Timestamp("2024-01-01 13:00"), 3),
        (pd.Timestamp("2024-01-03 01:00"), pd.Timestamp("2024-01-03 03:00"), 1),
    ]
    finding = next(f for f in report.findings if f.subject == "missing dates")
    assert finding.found == "4 steps missing in 2 gaps"
    assert "2024-01-01 09:00 to 2024-01-01 13:00 (3)" in finding.why


def test_repeats_are_listed_with_their_count():
    dates = pd.concat([_hours(20), _hours(20)[[3, 3, 7]]])
    report = examine_time(dates)
    assert [(d.date.hour, d.count) for d in report.duplicates] == [(3, 3), (7, 2)]
    assert report.duplicate_rows == 3
    kept = examine_time(dates, time=TimeSpec(duplicates="keep"))
    assert _levels(kept)["repeated dates"] == "doubt"


def test_series_are_looked_at_apart():
    dates = pd.concat([_hours(24), _hours(24).drop(5)])
    ids = pd.Series(["a"] * 24 + ["b"] * 23)
    report = examine_time(dates, ids)
    assert report.series == ("a", "b")
    assert report.duplicate_rows == 0
    assert [gap.series for gap in report.gaps] == ["b"]


def test_interleaved_series_in_ascending_order_are_ascending():
    dates = _hours(24).repeat(2)
    assert examine_time(dates, pd.Series(["a", "b"] * 24)).order == "ascending"


def test_months_and_business_days_have_no_false_gaps():
    for alias in ("MS", "ME", "QS", "YE", "B", "W-TUE"):
        report = examine_time(pd.Series(pd.date_range("2015-01-31", periods=30, freq=alias)))
        assert (report.frequency, report.missing_steps) == (alias, 0)


def test_a_holiday_is_a_gap_of_business_days():
    days = pd.Series(pd.date_range("2024-01-01", periods=60, freq="B")).drop([10])
    report = examine_time(days)
    assert (report.frequency, report.missing_steps) == ("B", 1)


def test_a_weekday_never_seen_is_named():
    days = pd.Series(pd.date_range("2024-01-01", periods=120, freq="D"))
    report = examine_time(days[days.dt.day_of_week != 6])
    finding = next(f for f in report.findings if f.subject == "missing dates")
    assert "never a row on Sunday" in finding.why


def test_mostly_gaps_is_a_doubt_with_a_way_out():
    hours = _hours(24 * 30)
    day = hours[(hours.dt.hour >= 9) & (hours.dt.hour < 17)]
    finding = next(f for f in examine_time(day).findings if f.subject == "missing dates")
    assert finding.level == "doubt"
    assert finding.repair == "data.table.time.gaps=cut"


def test_irregular_dates_say_so():
    rng = np.random.default_rng(0)
    dates = pd.Series(np.cumsum(rng.exponential(3600e6, 100)).astype("int64").astype("M8[us]"))
    report = examine_time(dates)
    assert report.frequency == ""
    assert _levels(report)["frequency"] == "doubt"


def test_rows_without_a_date_are_counted():
    dates = _hours(20)
    dates[4] = pd.NaT
    report = examine_time(dates)
    assert report.undated == 1
    assert report.missing_steps == 1
    assert report.findings[0].found == "1 row without a date"


@pytest.mark.parametrize("count", [0, 1])
def test_no_or_one_date(count):
    report = examine_time(_hours(count))
    assert report.frequency == ""
    assert (report.start is None) == (count == 0)


def test_all_dates_missing():
    report = examine_time(pd.Series([pd.NaT, pd.NaT], dtype="datetime64[us]"))
    assert report.undated == 2
    assert report.start is None


def test_only_so_many_are_listed_but_all_are_counted():
    dates = pd.Series(pd.date_range("2024-01-01", periods=4 * LISTED, freq="min"))
    report = examine_time(dates[dates.index % 3 != 0])
    assert len(report.gaps) == LISTED
    assert report.missing_steps > LISTED
    assert any("1,000+ gaps" in finding.found for finding in report.findings)


def test_every_repair_is_an_assignment_of_an_experiment():
    for kind in REPAIRS.values():
        for repair in kind:
            assert Experiment().with_text_values([repair.assignment])


@given(
    holes=st.sets(st.integers(1, 58), max_size=25),
    doubled=st.sets(st.integers(0, 59), max_size=10),
    seed=st.integers(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_what_is_planted_is_found(holes, doubled, seed):
    every = _hours(60)
    rows = [i for i in range(60) if i not in holes]
    rows += [i for i in doubled if i not in holes]
    dates = every[rows].sample(frac=1, random_state=seed)
    report = examine_time(dates, time=TimeSpec(frequency="h"))
    assert report.missing_steps == len(holes)
    assert sum(gap.missing for gap in report.gaps) == len(holes)
    assert {d.date.hour + 24 * (d.date.day - 1) for d in report.duplicates} == doubled - holes
