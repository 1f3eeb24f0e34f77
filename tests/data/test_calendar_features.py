"""Calendar features: the right cycles for the step, continuous, and in their place."""

import numpy as np
import pandas as pd
import pytest

from workbench.data.calendar_features import calendar_features, choose_calendar, feature_names

DAY = 86_400.0
YEARS = 3 * 366 * DAY


@pytest.mark.parametrize(
    ("step", "span", "cycles"),
    [
        (3600, YEARS, ("hour", "weekday", "day", "month")),
        (3600, 366 * DAY, ("hour", "weekday", "day")),
        (3600, 40 * DAY, ("hour", "weekday")),
        (900, 3 * DAY, ("hour",)),
        (DAY, YEARS, ("weekday", "day", "month")),
        (7 * DAY, YEARS, ("month",)),
        (30.4 * DAY, YEARS, ("month",)),
        (30.4 * DAY, 100 * DAY, ()),
        (365 * DAY, 100 * YEARS, ()),
        (0, 0, ()),
    ],
)
def test_only_cycles_that_the_step_tells_and_training_holds_twice(step, span, cycles):
    assert choose_calendar(step, span) == cycles


def test_a_cycle_is_a_circle():
    dates = pd.date_range("2023-01-01", "2024-12-31 23:00", freq="h").to_numpy().astype("M8[us]")
    cycles = ("hour", "weekday", "day", "month")
    features = calendar_features(dates, cycles)
    assert features.shape == (len(dates), 8)
    assert features.dtype == np.float32
    assert feature_names(cycles)[:2] == ("hour sine", "hour cosine")
    np.testing.assert_allclose(features[:, ::2] ** 2 + features[:, 1::2] ** 2, 1, atol=1e-5)
    largest = np.abs(np.diff(features, axis=0)).max(axis=0)
    assert (largest < [0.27, 0.27, 0.9, 0.9, 0.23, 0.23, 0.02, 0.02]).all()


def test_places_in_the_cycle():
    dates = np.array(["2024-01-01 06:00", "2024-01-08 18:00"], dtype="M8[us]")  # two Mondays
    hour = calendar_features(dates, ("hour",))
    np.testing.assert_allclose(hour[:, 0], [1, -1], atol=1e-6)
    np.testing.assert_allclose(calendar_features(dates, ("weekday",)), [[0, 1]] * 2, atol=1e-6)


def test_dates_before_1970():
    features = calendar_features(np.array(["1749-01-01"], dtype="M8[us]"), ("day", "month"))
    np.testing.assert_allclose(features, [[0, 1, 0, 1]], atol=1e-6)
