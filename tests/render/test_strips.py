"""Small maps keep the peaks of the large ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.render.quantise import ranges
from app.render.strips import shrink

MAPS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(1, 23), st.integers(1, 23)),
    elements=st.floats(-1e3, 1e3, width=32),
)


def by_hand(maps, side):
    """Each cell's value largest in size, one cell after the other."""
    cell = -(-max(maps.shape[1:]) // side)
    rows, columns = -(-maps.shape[1] // cell), -(-maps.shape[2] // cell)
    small = np.zeros((len(maps), rows, columns), np.float32)
    for unit, row, column in np.ndindex(small.shape):
        window = maps[unit, row * cell : (row + 1) * cell, column * cell : (column + 1) * cell].ravel()
        small[unit, row, column] = max(window, key=lambda value: (abs(value), value))
    return small


@given(MAPS, st.integers(1, 25))
def test_each_cell_keeps_the_value_largest_in_size_with_its_sign(maps, side):
    small = shrink(maps, side)
    assert max(small.shape[1:]) <= side
    assert np.array_equal(small, by_hand(maps, side))


@given(MAPS, st.integers(1, 25), st.sampled_from(["signed", "positive"]))
def test_a_strip_has_the_range_of_its_map(maps, side, kind):
    maps = np.abs(maps) if kind == "positive" else maps
    small = shrink(maps, side)
    whole, strip = (ranges(array.reshape(len(array), -1), kind) for array in (maps, small))
    assert np.array_equal(whole[0], strip[0]) and np.array_equal(whole[1], strip[1])


def test_a_cell_with_a_hole_is_a_hole():
    maps = np.ones((1, 4, 4), np.float32)
    maps[0, 3, 0] = np.nan
    small = shrink(maps, 2)
    assert np.isnan(small[0, 1, 0]) and np.isfinite(small).sum() == 3


def test_what_is_small_enough_is_left_alone():
    maps = np.ones((2, 5, 5), np.float32)
    assert shrink(maps, 5) is maps
