"""Ranges of units as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.explain.errors import AskError, UnknownUnit
from app.render.units import parse_units


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=8))
def test_what_is_written_is_read_in_order_each_once(parts):
    text = ",".join(f"{first}-{first + more}" if more else f"{first}" for first, more in parts)
    wanted = [unit for first, more in parts for unit in range(first, first + more + 1)]
    assert parse_units(text, 64, "conv") == list(dict.fromkeys(wanted))


@pytest.mark.parametrize("text", ["", "a", "1,,2", "-1", "1-", "1.0", "1e3", "٣", "9999999999", "0x3", "NaN"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(AskError, match="is no range of units: write numbers and ranges such as"):
        parse_units(text, 10, "conv")


def test_units_that_are_not_there_are_refused_before_they_are_listed():
    with pytest.raises(UnknownUnit, match="conv has no unit 999999999: its 10 units count from 0 to 9"):
        parse_units("0-999999999", 10, "conv")
    with pytest.raises(AskError, match="runs backwards: write 3-7"):
        parse_units("7-3", 10, "conv")
