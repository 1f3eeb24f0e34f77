"""Ticks: grouped numbers, powers of ten, dates, labels."""

import itertools

import numpy as np
import pytest

from workbench.views.plots.axes import (
    DateAxis,
    PlainAxis,
    RowAxis,
    StepAxis,
    date_text,
    moment,
    seconds,
)


def words(axis, low, high, size):
    return [
        (value, text)
        for spacing, values in axis.tickValues(low, high, size)
        for value, text in zip(values, axis.tickStrings(values, 1, spacing), strict=True)
    ]


def test_numbers_are_grouped_and_have_the_digits_their_spacing_needs(qapp):
    axis = PlainAxis("left")
    assert axis.tickStrings([10_000, 15_000], 1, 5000) == ["10\u202f000", "15\u202f000"]
    assert axis.tickStrings([0.0015, 0.002], 1, 0.0005) == ["0.0015", "0.002"]
    assert axis.tickStrings([1000.1, 1000.2], 1, 0.1) == ["1\u202f000.1", "1\u202f000.2"]


@pytest.mark.parametrize("bounds", [(0, 1), (-3e-9, 7e-9), (1e6, 1e6 + 1), (-1e15, 1e15)])
def test_number_ticks_are_round_and_apart(qapp, bounds):
    found = words(PlainAxis("left"), *bounds, 300)
    assert 3 <= len(found) <= 11
    assert all(bounds[0] <= value <= bounds[1] for value, _ in found)
    texts = [text for _, text in found]
    assert len(set(texts)) == len(texts)


def test_title_is_plain_text(qapp):
    axis = PlainAxis("left")
    axis.set_title("<img src=x> a<b", "°C")
    assert axis.title == "<img src=x> a<b (°C)"
    assert axis.label.toPlainText().strip() == "<img src=x> a<b (°C)"


@pytest.mark.parametrize("bounds", [(-9.0, 2.0), (0.17, 0.6), (0.30, 0.31), (-300, 5), (0, 1)])
def test_logarithmic_ticks_are_round_and_apart(qapp, bounds):
    axis = PlainAxis("left")
    axis.setLogMode(False, True)
    ticks = [v for _, values in axis.tickValues(*bounds, 400) for v in values]
    assert len(ticks) >= 2
    pixels = np.diff(sorted(ticks)) * 400 / (bounds[1] - bounds[0])
    assert (pixels > 8).all()


DAY = 86_400
SPANS = [10, 3600, 6 * 3600, DAY, 3 * DAY, 20 * DAY, 90 * DAY, 400 * DAY, 2000 * DAY, 40_000 * DAY]


@pytest.mark.parametrize(("span", "width"), list(itertools.product(SPANS, (150, 400, 1200))))
def test_date_ticks_are_round_few_and_different(qapp, span, width):
    start = float(seconds(np.array(["2016-02-27T22:31:07"], "datetime64[s]"))[0])
    found = words(DateAxis("bottom"), start, start + span, width)
    assert len(found) <= width / 60
    if width >= 400:
        assert len(found) >= 2
    texts = [text for _, text in found]
    assert all(a != b for a, b in itertools.pairwise(texts))
    for place, _ in found:
        assert start <= place <= start + span
    if span > 300 * DAY:
        assert all(str(moment(place)).endswith("-01T00:00:00") for place, _ in found)
    if span > 40 * 365 * DAY:
        assert all(str(moment(place)).endswith("-01-01T00:00:00") for place, _ in found)


def test_first_tick_of_a_day_names_the_day(qapp):
    start = float(seconds(np.array(["2016-07-01T20:00"], "datetime64[s]"))[0])
    texts = [text for _, text in words(DateAxis("bottom"), start, start + 12 * 3600, 500)]
    assert "2 Jul" in texts
    assert texts[0].startswith("1 Jul, 2")


def test_dates_before_1970_and_missing_dates(qapp):
    values = seconds(np.array(["1850-01-01", "NaT", "2016-07-01"], "datetime64[D]"))
    assert values[0] < 0
    assert np.isnan(values[1])
    assert date_text(values[0], DAY) == "1850-01-01"
    assert date_text(values[2], 3600) == "2016-07-01 00:00"
    assert date_text(np.nan) == "–"
    assert words(DateAxis("bottom"), values[0], values[2], 500)


@pytest.mark.parametrize("axis", [DateAxis, PlainAxis, StepAxis])
@pytest.mark.parametrize("bounds", [(np.nan, 1), (0, np.inf), (1, 1)])
def test_impossible_ranges_have_no_ticks_and_do_not_hang(qapp, axis, bounds):
    assert axis("bottom").tickValues(*bounds, 300) == []


def test_step_labels_show_signs_and_thin_out(qapp):
    axis = StepAxis()
    axis.set_labels(list("to be\n"))
    assert [text for _, text in words(axis, -0.5, 5.5, 300)] == ["t", "o", "␣", "b", "e", "↵"]
    axis.set_labels([f"2016-07-01 {hour:02d}:00" for hour in range(24)])
    assert 1 <= len(words(axis, -0.5, 23.5, 300)) <= 3


def test_rows_follow_the_order_and_an_inverted_axis(qapp):
    axis = RowAxis()
    axis.set_names(["7", "3", "5"])
    assert [text for _, text in words(axis, 2.5, -0.5, 200)] == ["7", "3", "5"]


def test_a_low_axis_still_has_two_ticks():
    axis = PlainAxis("left")
    (_, places), *_ = axis.tickValues(0.0, 0.00105, 42.0)
    assert len(places) >= 2
