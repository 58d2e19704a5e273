"""Token buckets: each client has its own, and it fills again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.limits import CLIENTS, RateLimit, RateLimited


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(limit: RateLimit, client: str) -> bool:
    try:
        limit.take(client)
    except RateLimited:
        return False
    return True


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(2.0, 5, clock)
    assert [taken(limit, "a") for _ in range(7)] == [True] * 5 + [False] * 2
    clock.now += 1.0
    assert [taken(limit, "a") for _ in range(3)] == [True, True, False]


def test_others_are_not_affected() -> None:
    limit = RateLimit(1.0, 1, Clock())
    assert [taken(limit, client) for client in ("a", "a", "b")] == [True, False, True]


def test_it_says_how_long_to_wait() -> None:
    limit = RateLimit(0.1, 1, Clock())
    limit.take("a")
    with pytest.raises(RateLimited, match="Wait 10 s") as caught:
        limit.take("a")
    assert caught.value.seconds == 10


def test_clients_are_forgotten_rather_than_kept_for_ever() -> None:
    limit = RateLimit(1.0, 1, Clock())
    for client in range(CLIENTS + 10):
        limit.take(str(client))
    assert len(limit._buckets) == CLIENTS


@given(st.lists(st.floats(0, 2), max_size=60), st.floats(0.5, 5), st.integers(1, 5))
def test_never_more_than_burst_and_rate_allow(waits: list[float], rate: float, burst: int) -> None:
    clock = Clock()
    limit = RateLimit(rate, burst, clock)
    count = 0
    for wait in waits:
        clock.now += wait
        count += taken(limit, "a")
        assert count <= burst + rate * clock.now + 1e-6
