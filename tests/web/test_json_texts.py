"""JSON is the same whether its lists were written before or not."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.web.json_texts import Texts, to_json

NUMBERS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_json_of_the_value_the_first_time_and_again(value):
    texts = Texts()
    assert json.loads(texts.write(value)) == value
    assert texts.write({"again": [value], "once more": value}) == to_json({"again": [value], "once more": value})


def test_what_is_not_finite_is_null():
    value = {"range": [float("nan"), 1.0], "norm": float("inf"), "table": {"mean": [float("-inf")]}}
    expected = {"range": [None, 1.0], "norm": None, "table": {"mean": [None]}}
    assert json.loads(Texts().write(value)) == json.loads(to_json(value)) == expected


def test_a_list_that_is_gone_is_not_taken_for_another():
    texts = Texts()
    assert [texts.write([number]) for number in range(1000)] == [f"[{number}]" for number in range(1000)]
