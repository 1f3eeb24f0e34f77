"""Long columns brought down without losing a spike, at a cost that does not grow."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.views.plots.decimate import GrowingColumn, finite_range, minimum_maximum
from workbench.views.plots.run_column import RunColumn


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
    st.integers(1, 50),
)
def test_the_extremes_survive(values, buckets):
    y = np.array(values)
    x, kept = minimum_maximum(np.arange(len(y), dtype=float), y, buckets)
    assert kept.min() == y.min()
    assert kept.max() == y.max()
    assert len(kept) <= max(2 * buckets, len(y) if len(y) <= 2 * buckets else 0)
    assert (np.diff(x) >= 0).all()


def test_nan_gives_way_to_numbers_but_a_hole_stays_a_hole():
    y = np.ones(1000)
    y[100:103] = np.nan
    y[400:600] = np.nan
    x, kept = minimum_maximum(np.arange(1000.0), y, 100)
    assert np.isfinite(kept[(x > 90) & (x < 115)]).all()
    assert np.isnan(kept[(x > 420) & (x < 580)]).all()


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 10_000, 100_003])
def test_a_column_that_grew_in_bits_equals_one_taken_whole(count):
    values = np.random.default_rng(0).normal(size=count)
    whole, bits = GrowingColumn(), GrowingColumn()
    whole.follow(values)
    for end in (*range(0, count, 777), count):
        bits.follow(values[:end])
    for first, last in ((0, count), (count // 3, count // 2)):
        if last > first:
            a, b = (g.extremes(values, first, last, 50) for g in (whole, bits))
            np.testing.assert_array_equal(a[1], b[1])
            rows = np.arange(first, last)
            np.testing.assert_allclose(
                whole.moving_mean(rows, 10), bits.moving_mean(rows, 10), atol=1e-9
            )


def test_a_single_spike_in_a_million_steps_is_kept():
    values = np.zeros(1_000_000)
    values[654_321] = 7.0
    values[-1] = -3.0
    column = GrowingColumn()
    column.follow(values)
    rows, kept = column.extremes(values, 0, len(values), 500)
    assert kept.max() == 7.0
    assert kept.min() == -3.0
    assert abs(rows[kept.argmax()] - 654_321) < 5000
    assert len(kept) <= 1100


def test_moving_mean_is_the_mean_of_the_last_steps_without_what_is_no_number():
    values = np.array([1.0, 2.0, np.nan, 4.0, np.inf, 6.0])
    column = GrowingColumn()
    column.follow(values)
    found = column.moving_mean(np.arange(6), 3)
    np.testing.assert_allclose(found, [1, 1.5, 1.5, 3, 4, 5])
    empty = GrowingColumn()
    empty.follow(np.array([np.nan]))
    assert np.isnan(empty.moving_mean(np.array([0]), 5)).all()


def test_a_shorter_column_starts_again():
    column = RunColumn()
    column.follow(np.arange(1.0, 101), np.ones(100))
    column.follow(np.arange(1.0, 51), np.full(50, 2.0))
    assert len(column) == 50
    assert column.at(50) == 2.0
    assert column.extremes((0, 60), 20)[1].max() == 2.0


def test_steps_of_another_run_of_equal_length_start_again():
    column = RunColumn()
    column.follow(np.arange(1.0, 101), np.ones(100))
    column.follow(np.arange(1001.0, 1201), np.full(200, 2.0))
    np.testing.assert_array_equal(column.extremes((1000, 1300), 10)[1], 2.0)


def test_ten_hours_of_points_cost_no_more_than_ten_minutes():
    def cost(count):
        steps, values = np.arange(1.0, count + 1), np.random.default_rng(0).normal(size=count)
        column = RunColumn()
        column.follow(steps[:-100], values[:-100])
        times = []
        for end in range(count - 100, count, 10):
            begin = time.perf_counter()
            column.follow(steps[:end], values[:end])
            column.extremes((0, count), 800)
            column.moving_mean((0, count), 800, 100)
            times.append(time.perf_counter() - begin)
        return sorted(times)[len(times) // 2]

    short, long = cost(60_000), cost(3_600_000)
    assert long < 0.02, f"{1000 * long:.1f} ms a drawing"
    assert long < 8 * short


def test_finite_range():
    assert finite_range(np.array([np.nan, np.inf])) is None
    assert finite_range(np.array([])) is None
    assert finite_range(np.array([1.0, np.inf, 3.0, -np.inf]), 0, 100) == (1.0, 3.0)
    wild = np.append(np.random.default_rng(0).normal(size=10_000), 1e308)
    assert finite_range(wild)[1] < 10
