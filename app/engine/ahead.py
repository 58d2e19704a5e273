"""Computing one step ahead: while one thread makes use of a value, another computes the next."""

import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

import torch

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """An iterator whose next item a thread of its own computes while the last one is made use of.

    At most one item waits. The thread has the caller's gradient mode and number of threads, and ends with the items,
    with their error, or at the next item after `close`. An error comes again however often one asks for more.

    Args:
        items: read by that thread only.
    """

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self._ready: list[Item] = []
        self._error: Exception | None = None
        self._ended = False
        self._changed = threading.Condition()
        modes = (torch.is_grad_enabled(), torch.get_num_threads())
        threading.Thread(target=self._work, args=modes, name="convscope-ahead", daemon=True).start()

    def __iter__(self) -> "Ahead[Item]":
        return self

    def __next__(self) -> Item:
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended)
            if self._ready:
                item = self._ready.pop()
                self._changed.notify_all()
                return item
        if self._error is not None:
            raise self._error
        raise StopIteration

    def close(self) -> None:
        """Computes no further item and drops the one that waits."""
        with self._changed:
            self._ended = True
            self._ready.clear()
            self._changed.notify_all()

    def _work(self, gradients: bool, threads: int) -> None:
        torch.set_num_threads(threads)
        try:
            with torch.set_grad_enabled(gradients):
                for item in self._items:
                    if not self._hand_over(item):
                        break
                    del item
        except Exception as error:
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _hand_over(self, item: Item) -> bool:
        """Waits until there is room; False where nobody wants any more."""
        with self._changed:
            self._changed.wait_for(lambda: not self._ready or self._ended)
            if not self._ended:
                self._ready.append(item)
                self._changed.notify_all()
            return not self._ended
