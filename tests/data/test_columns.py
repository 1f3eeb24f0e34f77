"""Values of a column, collected block by block."""

import numpy as np
import pandas as pd
import pytest

from workbench.data.columns import ColumnPlan, ColumnStore, number_date_form
from workbench.specs import ReadingSpec


def _collected(blocks: list[list[float]], *, compact: bool) -> pd.Series:
    store = ColumnStore(ColumnPlan("x", "number"), ReadingSpec(), compact=compact)
    for block in blocks:
        store.add_numbers(pd.Series(block), np.arange(len(block), dtype=np.int64))
    return store.finish()


def test_blocks_of_any_length_stand_one_after_the_other():
    blocks = [[1.0, 2.0], [], [3.5], [4.0] * 1000, [np.nan]]
    values = _collected(blocks, compact=False)
    assert values.dtype == np.float64
    assert np.array_equal(values, np.concatenate(blocks), equal_nan=True)


def test_measurements_of_a_large_file_take_half_the_memory():
    values = _collected([[0.1, 0.2], [1e6 + 0.25]], compact=True)
    assert values.dtype == np.float32
    assert values.tolist() == pytest.approx([0.1, 0.2, 1e6 + 0.25])


@pytest.mark.parametrize("number", [16_777_217.0, 1e300])
def test_what_single_precision_would_change_is_kept_whole(number: float):
    values = _collected([[0.5, 1.0], [number], [2.5]], compact=True)
    assert values.tolist()[2] == number
    assert len(values) == 4


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("%Y%m%d%H", [f"202303{day:02}{hour:02}" for day in (1, 2) for hour in range(24)]),
        ("%Y%m%d%H%M", [f"20230301{hour:02}{m:02}" for hour in range(24) for m in (0, 30)]),
    ],
)
def test_digits_alone_are_a_moment_before_they_are_a_count(form: str, cells: list[str]):
    assert number_date_form("time", pd.Series(cells), 0) == form
