"""Answers are kept within the bound, the longest unused dropped first."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from app.engine.ask import Answer, Ask, merge
from app.engine.cache import AnswerCache
from app.explain.method import Frame

ASK = Ask(method="steps", model="toy")


def answer(name: str, numbers: int = 100) -> Answer:
    return Answer(name, ASK, (Frame("array", torch.zeros(numbers)),))


SIZE = answer("any").size


def test_an_answers_size_counts_arrays_and_values() -> None:
    frame = Frame("array", torch.zeros(100, dtype=torch.float64))
    small = Answer("id", ASK, (frame,))
    large = Answer("id", ASK, (frame,), {"table": {"list": [0.5] * 1000}})
    assert small.size >= 800
    assert large.size - small.size >= 8 * 1000


def test_the_longest_unused_goes_first() -> None:
    cache = AnswerCache(2 * SIZE)
    for name in ("one", "two"):
        cache.add(answer(name))
    assert cache.get("one") is not None
    cache.add(answer("three"))
    assert [cache.get(name) is not None for name in ("one", "two", "three")] == [True, False, True]


def test_an_answer_larger_than_the_cache_drops_nothing() -> None:
    cache = AnswerCache(2 * SIZE)
    cache.add(answer("one"))
    cache.add(answer("large", 10_000))
    assert cache.get("large") is None
    assert cache.get("one") is not None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 400)), max_size=60))
def test_the_bound_holds_and_the_count_is_exact(additions: list[tuple[str, int]]) -> None:
    cache = AnswerCache(1500)
    for name, numbers in additions:
        cache.add(answer(name, numbers))
        kept = [found for name in "abcdef" if (found := cache.get(name)) is not None]
        assert cache.size == sum(item.size for item in kept) <= 1500
        assert len(cache) == len(kept)
    cache.clear()
    assert cache.size == len(cache) == 0


def test_merging_goes_into_tables_and_leaves_the_given_ones_alone() -> None:
    first, second = {"nodes": {"a": {"min": 1}}}, {"nodes": {"a": {"max": 2}, "b": {}}, "sum": 3}
    assert merge(merge({}, first), second) == {"nodes": {"a": {"min": 1, "max": 2}, "b": {}}, "sum": 3}
    assert first == {"nodes": {"a": {"min": 1}}}
    assert second == {"nodes": {"a": {"max": 2}, "b": {}}, "sum": 3}
