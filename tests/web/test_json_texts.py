"""JSON is the same whether its lists were written before or not."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.web.json_texts import LONG, Texts, to_json

NUMBERS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_json_of_the_value_the_first_time_and_again(value):
    texts = Texts()
    assert json.loads(texts.write({"value": value})) == {"value": value}
    assert texts.write({"again": [value], "once more": value}) == to_json({"again": [value], "once more": value})


def test_what_is_not_finite_is_null():
    value = {"range": [float("nan"), 1.0], "norm": float("inf"), "table": {"mean": [float("-inf")]}}
    expected = {"range": [None, 1.0], "norm": None, "table": {"mean": [None]}}
    assert json.loads(Texts().write(value)) == json.loads(to_json(value)) == expected


def test_a_list_that_is_gone_is_not_taken_for_another():
    texts = Texts()
    written = [texts.write({"list": [number] * LONG}) for number in range(1000)]
    assert written == [to_json({"list": [number] * LONG}) for number in range(1000)]


def test_a_long_list_is_the_same_each_time_it_is_said():
    texts, numbers = Texts(), [float(number) for number in range(LONG)]
    message = {"statistics": {"conv1": {"mean": numbers, "order": [1, 2]}}}
    assert texts.write(message) == texts.write(message) == to_json(message)
