"""Values to colour-table entries, many cells to few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.views.colormaps import HIGHEST, LOWEST, MIDDLE, MISSING
from workbench.views.plots.raster import Levels, Scale, choose_scale, pool, rounded_up


def test_zero_of_a_signed_quantity_is_the_middle_entry():
    scale = Scale(-1, 1, diverging=True)
    entries = scale.entries(np.array([-1.0, 0.0, 1.0, -9, 9, np.inf, -np.inf, np.nan]))
    assert entries.tolist() == [
        LOWEST, MIDDLE, HIGHEST, LOWEST, HIGHEST, HIGHEST, LOWEST, MISSING,
    ]  # fmt: skip
    assert entries.dtype == np.uint8


SCALES = (Scale(), Scale(-1, 1, True), Scale(0.001, 1, log=True), Scale(-2, 2, True, True))


@pytest.mark.parametrize("scale", SCALES)
def test_entries_rise_with_the_value(scale):
    values = np.linspace(scale.low, scale.high, 501)
    entries = scale.entries(values).astype(int)
    assert (np.diff(entries) >= 0).all()
    assert (entries[0], entries[-1]) == (LOWEST, HIGHEST)


def test_logarithmic_signed_colours_keep_zero_in_the_middle_and_show_small_values():
    scale = Scale(-1, 1, diverging=True, log=True)
    entries = scale.entries(np.array([0.0, 0.01, -0.01])).astype(int)
    assert entries[0] == MIDDLE
    assert entries[1] > MIDDLE + 20
    assert entries[2] < MIDDLE - 20


@pytest.mark.parametrize(
    ("values", "kind", "low", "high"),
    [([[0.2, 0.4]], "gate", 0, 1), ([[0.2, -0.4]], "signed", -1, 1),
     ([[3.2, -0.4]], "signed", -5, 5), ([[0.2, np.inf]], "signed", -1, 1),
     ([[np.nan]], "signed", -1, 1), ([[1e-3, 5.0, 0, -1]], "log", 1e-3, 10)],
)  # fmt: skip
def test_ranges_are_fixed_or_round(values, kind, low, high):
    scale = choose_scale(np.array(values), kind)
    assert (scale.low, scale.high) == pytest.approx((low, high))
    places = [place for place, _ in scale.ticks()]
    assert all(0 <= place <= 1 for place in places)
    assert len(places) >= 2


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="'heat'"):
        choose_scale(np.zeros((1, 1)), "heat")


def test_rounding_up():
    assert [rounded_up(v) for v in (0.3, 1, 1.5, 3, 7, 60)] == [1, 1, 2, 5, 10, 100]


def test_pooling_keeps_what_is_farthest_from_zero_with_its_sign():
    row = np.array([[0.1, -0.9, 0.5, 0.2, np.nan, np.nan, np.nan, 0.3, 0.0]])
    np.testing.assert_array_equal(pool(row, 4, 1), [[-0.9, 0.3, 0.0]])
    np.testing.assert_array_equal(pool(np.full((1, 4), np.nan), 2, 1), [[np.nan, np.nan]])


@given(arrays.arrays(np.float32, (3, 96), elements=st.floats(-1, 1, width=32)), st.integers(1, 40))
def test_any_window_holds_the_strongest_value(values, most):
    cells, (_, width) = Levels(values).window(np.arange(3), (0, 96), (3, most))
    assert cells.shape[1] <= most
    assert cells.shape[1] * width >= 96
    np.testing.assert_array_equal(np.abs(cells).max(1), np.abs(values).max(1))


def test_rows_come_in_the_order_asked_for():
    values = np.arange(4, dtype=np.float32)[:, None] * np.ones((1, 1000), np.float32)
    cells, _ = Levels(values).window(np.array([2, 0, 3, 1]), (0, 1000), (4, 10))
    assert cells[:, 0].tolist() == [2, 0, 3, 1]


def test_poolings_of_many_steps_keep_gaps_spikes_and_infinite_values():
    values = np.zeros((5, 1003), np.float32)
    values[0, 517], values[1, 1002], values[2, :700] = -3.0, 2.0, np.nan
    values[3, 8], values[4, 16:24] = -np.inf, (1, -1, 1, -1, 1, -1, 1, -1)
    levels = Levels(values)
    assert levels.missing
    assert np.nanmax(np.abs(levels.farthest())) == np.inf
    cells, (_, width) = levels.window(np.arange(5), (0, 1003), (5, 60))
    assert cells[0, 517 // width] == -3.0
    assert cells[1, 1002 // width] == 2.0
    assert np.isnan(cells[2, : 700 // width]).all()
    assert not np.isnan(cells[2, 700 // width :]).any()
    assert cells[3, 8 // width] == -np.inf
    assert cells[4, 16 // width] == 1.0


@pytest.mark.parametrize("shape", [(0, 20), (20, 0), (1, 1), (3, 7)])
def test_matrices_of_any_size_are_pooled(shape):
    levels = Levels(np.ones(shape, np.float32))
    assert np.prod(levels.farthest().shape) == shape[0] * -(-shape[1] // 8)
