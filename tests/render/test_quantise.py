"""Bytes mean the values they were made from, and zero stays exactly zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.render.quantise import BLOCK_VALUES, DIVERGING, dequantise, quantise

SHAPES = arrays.array_shapes(min_dims=2, max_dims=4, max_side=6)
FINITE = arrays.arrays(np.float32, SHAPES, elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
POSITIVE = arrays.arrays(np.float32, SHAPES, elements=st.floats(0, width=32, allow_nan=False, allow_infinity=False))
ANY = arrays.arrays(np.float32, SHAPES, elements=st.floats(width=32))


def half_a_step(quantised, rank):
    """How far a value may be from what its byte means: half of the range's 254th part, and rounding in float32."""
    width = (quantised.high - quantised.low) * (0.5 / 254 + 1e-5)
    return width.reshape(-1, *[1] * (rank - 1))


@given(FINITE, st.sampled_from(sorted(DIVERGING)))
def test_signed_values_come_back_within_half_a_step(array, kind):
    quantised = quantise(array, kind)
    values = dequantise(quantised.data, quantised.low, quantised.high, kind)
    assert np.all(np.abs(values.astype(np.float64) - array) <= half_a_step(quantised, array.ndim) + 1e-45)
    assert quantised.nonfinite == 0


@given(POSITIVE)
def test_positive_values_come_back_within_half_a_step(array):
    quantised = quantise(array, "positive")
    values = dequantise(quantised.data, quantised.low, quantised.high, "positive")
    assert np.all(np.abs(values.astype(np.float64) - array) <= half_a_step(quantised, array.ndim) + 1e-45)


@given(FINITE, st.sampled_from(sorted(DIVERGING)))
def test_zero_and_the_ends_of_signed_values_are_exact(array, kind):
    quantised = quantise(array, kind)
    assert np.all(quantised.data[array == 0] == 128)
    assert np.array_equal(quantised.low, -quantised.high)
    assert np.array_equal(quantised.high, np.abs(array.reshape(len(array), -1)).max(axis=1).astype(np.float64))
    assert np.all(quantised.data >= 1)


@given(POSITIVE)
def test_zero_and_the_top_of_positive_values_are_exact(array):
    quantised = quantise(array, "positive")
    assert np.all(quantised.data[array == 0] == 1)
    tops = array.reshape(len(array), -1).max(axis=1)
    assert np.array_equal(quantised.high, tops.astype(np.float64))
    assert all(255 in row for row, top in zip(quantised.data.reshape(len(array), -1), tops, strict=True) if top > 0)


@given(ANY, st.sampled_from(["signed", "positive"]))
def test_what_is_not_finite_is_byte_0_and_counted_and_leaves_the_range_alone(array, kind):
    quantised = quantise(array, kind)
    hole = ~np.isfinite(array)
    assert np.array_equal(quantised.data == 0, hole)
    assert quantised.nonfinite == hole.sum()
    assert np.all(np.isfinite(quantised.low)) and np.all(np.isfinite(quantised.high))
    without = np.where(hole, np.float32(0), array)
    assert np.array_equal(quantised.high, quantise(without, kind).high)
    assert np.array_equal(np.isnan(dequantise(quantised.data, quantised.low, quantised.high, kind)), hole)


@given(arrays.arrays(np.uint8, (2, 3, 4, 3)))
def test_a_picture_made_of_bytes_comes_back_as_these_bytes(data):
    assert np.array_equal(quantise((data / 255).astype(np.float32), "picture").data, data)


def test_a_picture_is_clipped_and_black_where_it_is_not_finite():
    picture = np.array([[-1, 0, 0.5, 1, 2, np.nan, np.inf]], np.float32)
    quantised = quantise(picture, "picture")
    assert quantised.data.tolist() == [[0, 0, 128, 255, 255, 0, 0]]
    assert quantised.nonfinite == 2


def test_many_units_in_blocks_equal_each_unit_alone():
    array = np.random.default_rng(0).normal(size=(7, BLOCK_VALUES // 3)).astype(np.float32)
    together = quantise(array, "signed")
    for unit in range(len(array)):
        alone = quantise(array[unit : unit + 1], "signed")
        assert np.array_equal(together.data[unit], alone.data[0])
        assert together.high[unit] == alone.high[0]


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 4, 4)])
def test_nothing_gives_nothing(shape):
    assert quantise(np.zeros(shape, np.float32), "signed").data.shape == shape


def test_one_range_for_all_where_there_are_no_units():
    quantised = quantise(np.array([[1, 2], [3, 4]], np.float32), "positive", per_unit=False)
    assert quantised.high.tolist() == [4.0]
    assert quantised.data.tolist() == [[65, 128], [192, 255]]
