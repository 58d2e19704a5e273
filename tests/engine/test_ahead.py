"""One item is computed while the last is made use of: the same items, errors and gradient mode, and no thread left."""

import threading
import time
from collections.abc import Iterator

import pytest
import torch

from app.engine.ahead import Ahead


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "convscope-ahead"]


def none_left() -> bool:
    for thread in threads():
        thread.join(timeout=10)
    return not threads()


def test_the_items_come_in_order_and_the_thread_ends_with_them() -> None:
    assert list(Ahead(iter(range(100)))) == list(range(100))
    assert none_left()


def test_it_is_one_item_ahead_and_no_more() -> None:
    begun = threading.Semaphore(0)
    computed: list[int] = []

    def items() -> Iterator[int]:
        for item in range(10):
            computed.append(item)
            begun.release()
            yield item

    ahead = Ahead(items())
    assert next(ahead) == 0
    # The second is computed although nobody asked for it, and once it waits to be fetched, the third.
    for _ in range(3):
        assert begun.acquire(timeout=10)
    time.sleep(0.05)
    assert computed == [0, 1, 2]
    ahead.close()
    assert none_left()
    assert computed == [0, 1, 2]
    assert list(ahead) == []


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no second one")

    ahead = Ahead(items())
    assert next(ahead) == 1
    for _ in range(2):
        with pytest.raises(ValueError, match="no second one"):
            next(ahead)
    assert none_left()


@pytest.mark.parametrize("gradients", [True, False])
def test_the_gradient_mode_and_the_number_of_threads_are_the_callers(gradients: bool) -> None:
    with torch.set_grad_enabled(gradients):
        ahead = Ahead((torch.is_grad_enabled(), torch.get_num_threads()) for _ in range(3))
        here = (gradients, torch.get_num_threads())
    assert list(ahead) == [here] * 3
