"""Clients take turns, whatever is put, taken back and shared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.errors import Busy
from app.engine.queue import FairQueue


def everything(item: object) -> bool:
    return True


def drained(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (item := queue.take(everything)) is not None:
        taken.append(item)
    return taken


def test_a_client_with_many_asks_does_not_hold_up_the_others() -> None:
    queue: FairQueue[str] = FairQueue(100, 100)
    for item in ("a1", "a2", "a3", "a4", "b1", "c1", "c2"):
        queue.admit(item, item[0])
    assert drained(queue) == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"]


def test_an_item_of_two_clients_is_taken_once_at_the_first_ones_turn() -> None:
    queue: FairQueue[str] = FairQueue(100, 100)
    for item in ("a1", "a2", "both"):
        queue.admit(item, "a")
    queue.put("both", ["b"])
    assert len(queue) == 3
    assert drained(queue) == ["a1", "both", "a2"]


def test_leaving_ends_the_waiting_for_one_client_only() -> None:
    queue: FairQueue[str] = FairQueue(100, 100)
    queue.put("both", ["a", "b"])
    queue.leave("both", "a")
    assert "both" in queue
    queue.leave("both", "b")
    queue.leave("both", "b")
    assert "both" not in queue
    assert len(queue) == 0


def test_a_full_queue_refuses_with_the_position() -> None:
    queue: FairQueue[int] = FairQueue(3, 2)
    queue.admit(1, "a")
    queue.admit(2, "a")
    with pytest.raises(Busy, match="You already have 2 asks waiting") as mine:
        queue.admit(3, "a")
    queue.admit(4, "b")
    with pytest.raises(Busy, match="3 asks are already waiting") as everybodys:
        queue.admit(5, "c")
    assert (mine.value.position, everybodys.value.position) == (3, 4)
    assert list(queue) == [1, 2, 4]


def test_what_is_not_ready_keeps_its_place() -> None:
    queue: FairQueue[str] = FairQueue(100, 100)
    for item in ("a1", "b1", "a2"):
        queue.admit(item, item[0])
    assert queue.take(lambda item: item.startswith("b")) == "b1"
    assert drained(queue) == ["a1", "a2"]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 1000)), unique=True, max_size=40))
def test_every_item_comes_out_once_and_nobody_is_passed_over(items: list[tuple[str, int]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue(100, 100)
    for item in items:
        queue.admit(item, item[0])
    waiting = {client: [item for item in items if item[0] == client] for client in "abcd"}
    served: dict[str, int] = {}
    turn = 0
    while (taken := queue.take(everything)) is not None:
        client = taken[0]
        assert taken == waiting[client].pop(0), "first come, first served within a client"
        for other, rest in waiting.items():
            if rest and other != client:
                assert served.get(other, -1) >= served.get(client, -1), f"{other} waited longer than {client}"
        turn += 1
        served[client] = turn
    assert not any(waiting.values())
