"""Seasons are found where there are some, and nowhere else."""

import numpy as np
import pandas as pd
import pytest

from workbench.data.frequency import parse_frequency
from workbench.data.season import find_season, season_candidates, season_name


def _wave(period, count=1000, noise=0.3, trend=0.0, seed=0):
    steps = np.arange(count)
    rng = np.random.default_rng(seed)
    return np.sin(2 * np.pi * steps / period) + rng.normal(0, noise, count) + trend * steps


@pytest.mark.parametrize(
    ("period", "alias"),
    [
        (24, "h"),
        (168, "h"),
        (7, "D"),
        (12, "MS"),
        (4, "QS"),
        (96, "15min"),
        (52, "W-MON"),
        (5, "B"),
    ],
)
def test_seasons_of_the_calendar(period, alias):
    assert find_season(_wave(period), parse_frequency(alias)) == period
    assert find_season(_wave(period, trend=0.05), parse_frequency(alias)) == period


@pytest.mark.parametrize("period", [9, 11, 37, 100])
def test_any_season_where_the_calendar_knows_none(period):
    found = find_season(_wave(period, noise=0.1), None)
    assert found is not None
    assert abs(found - period) <= 1
    assert find_season(_wave(11, noise=0.1), parse_frequency("YS")) == 11


@pytest.mark.parametrize("alias", ["h", "D", "MS", "B", "YS", None])
def test_noise_and_random_walks_have_none(alias):
    frequency = None if alias is None else parse_frequency(alias)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        noise = rng.normal(0, 1, 600)
        assert find_season(noise, frequency) is None
        assert find_season(np.cumsum(noise), frequency) is None


def test_daily_within_weekly_takes_the_plainer_day():
    day = np.tile(np.sin(np.arange(24) / 24 * 2 * np.pi), 7 * 20)
    assert find_season(day, parse_frequency("h")) == 24
    week = np.repeat(np.tile([1, 1, 1, 1, 1, 0.0, 0.0], 20), 24)
    assert find_season(day * (0.2 + week) + 3 * week, parse_frequency("h")) == 168


def test_missing_values_and_several_columns():
    wave = _wave(24)
    wave[::7] = np.nan
    assert find_season(wave, parse_frequency("h")) == 24
    both = np.stack((wave, np.full(1000, np.nan)), axis=1)
    assert find_season(both, parse_frequency("h")) == 24


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0, 3.0], [5.0] * 50, [np.nan] * 50])
def test_too_little_to_tell(values):
    assert find_season(np.array(values, dtype=float), parse_frequency("h")) is None


def test_one_seasonal_column_among_others_is_enough():
    rng = np.random.default_rng(0)
    others = rng.normal(0, 1, (1000, 3))
    columns = np.column_stack((others, _wave(24)))
    assert find_season(columns, parse_frequency("h")) == 24


def test_two_cycles_are_too_few():
    assert find_season(_wave(24, 48, noise=0), parse_frequency("h")) is None


def test_names_of_the_naive_rule():
    names = {
        ("h", 24): "same hour yesterday", ("h", 168): "same hour last week",
        ("15min", 96): "same time yesterday", ("D", 7): "same day last week",
        ("B", 5): "same day last week", ("MS", 12): "same month last year",
        ("QS", 4): "same quarter last year", ("W-MON", 52): "same week last year",
        ("YS", 11): "11 steps before",
    }  # fmt: skip
    for (alias, season), name in names.items():
        assert season_name(season, parse_frequency(alias)) == name
    assert season_name(37, None) == "37 steps before"
    assert season_candidates(None) == {}


@pytest.mark.parametrize(
    ("file", "alias", "season"),
    [
        ("ts-classic/airline-passengers.csv", "MS", 12),
        ("ts-classic/monthly_champagne_sales.csv", "MS", 12),
        ("ts-classic/monthly-mean-temp.csv", "MS", 12),
        ("ts-classic/monthly-car-sales.csv", "MS", 12),
        ("ts-classic/daily-min-temperatures.csv", "D", 365),
        ("ts-classic/daily-max-temperatures.csv", "D", 365),
        ("ts-classic/monthly-robberies.csv", "MS", 12),
        ("ts-classic/shampoo.csv", "MS", None),
        ("etth1/ETTh1.csv", "h", 24),
        ("opsd-germany/opsd_germany_daily.csv", "D", 7),
    ],
)
def test_real_series(shared_data, file, alias, season):
    columns = pd.read_csv(shared_data / file).iloc[:, 1:].to_numpy(dtype=float)
    assert find_season(columns[:, 0], parse_frequency(alias)) == season
    assert find_season(columns, parse_frequency(alias)) == season
