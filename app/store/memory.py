"""A small memory of what was made last, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    """Keeps values until they take more than `limit` bytes; those used longest ago go first. For many threads."""

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self.limit = limit
        self._size = size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value kept under a key, or a new one. Two threads may both make it; one is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values and self._size(value) <= self.limit:
                self._values[key] = value
                self._bytes += self._size(value)
                while self._bytes > self.limit:
                    self._bytes -= self._size(self._values.popitem(last=False)[1])
        return value
