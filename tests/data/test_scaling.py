"""Scalers: fitted once, undone exactly, safe on constant and missing values."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.scaling import KINDS, Scaler
from workbench.errors import UserError

NUMBERS = st.lists(
    st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6, allow_subnormal=False)), max_size=50
)


def test_standard_is_the_population_deviation():
    scaler = Scaler.fit(np.array([1.0, 3.0, np.nan]), "standard")
    assert (scaler.centre, scaler.scale, scaler.deviation) == (2, 1, 1)


def test_minmax_maps_onto_nought_to_one():
    scaler = Scaler.fit(np.array([4.0, 2.0, 6.0]), "minmax")
    assert scaler.encode(np.array([2.0, 6.0, 8.0])).tolist() == [0, 1, 1.5]


def test_robust_does_not_see_an_outlier_and_agrees_with_standard_on_normal_numbers():
    normal = np.random.default_rng(0).normal(5, 3, 100_000)
    normal[0] = 1e9
    scaler = Scaler.fit(normal, "robust")
    assert scaler.centre == pytest.approx(5, abs=0.05)
    assert scaler.scale == pytest.approx(3, rel=0.02)


def test_robust_where_most_values_are_equal_takes_the_deviation():
    scaler = Scaler.fit(np.array([0.0] * 9 + [10.0]), "robust")
    assert scaler.scale == pytest.approx(3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [[], [np.nan], [7.0], [7.0] * 5, [1e12] * 3, [0.0, 0.0]])
def test_nothing_or_a_constant_is_scaled_by_one(kind, values):
    scaler = Scaler.fit(np.array(values, dtype=float), kind)
    assert (scaler.scale, scaler.deviation) == (1, 1)
    assert np.isfinite(scaler.encode(np.array([7.0]))).all()


@given(values=NUMBERS, kind=st.sampled_from(KINDS))
def test_decode_undoes_encode_and_json_keeps_it(values, kind):
    numbers = np.array(values, dtype=float)
    scaler = Scaler.from_json(json.loads(json.dumps(Scaler.fit(numbers, kind).to_json())))
    assert scaler == Scaler.fit(numbers, kind)
    scaled = scaler.encode(numbers)
    assert (np.isnan(scaled) == np.isnan(numbers)).all()
    back = scaler.decode(scaled)
    np.testing.assert_allclose(back, numbers, atol=1e-6 * (scaler.scale + abs(scaler.centre) + 1e6))


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="must be one of"):
        Scaler.fit(np.array([1.0]), "log")


@pytest.mark.parametrize(
    "values",
    [
        {},
        [],
        None,
        {"kind": "standard", "centre": 0, "scale": 0, "deviation": 1},
        {"kind": "standard", "centre": float("nan"), "scale": 1, "deviation": 1},
        {"kind": "os.system", "centre": 0, "scale": 1, "deviation": 1},
        {"kind": "none", "centre": "x", "scale": 1, "deviation": 1},
    ],
)
def test_a_damaged_scaler_is_refused(values):
    with pytest.raises(UserError, match="stored scaler is not valid"):
        Scaler.from_json(values)
