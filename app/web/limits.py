"""How often one client may ask: a token bucket for each."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from app.explain.errors import AskError

CLIENTS = 10_000


class RateLimited(AskError):
    """This client asks too often; `seconds` from now it may again."""

    code = "rate_limited"

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"Too many requests. Wait {self.seconds} s, then go on more slowly.")


@dataclass
class Bucket:
    """What a client may still do at once, and when that was so."""

    left: float
    at: float


class RateLimit:
    """Lets each client do `burst` things at once and `rate` things a second in the long run."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> None:
        """Counts one thing that a client does; raises RateLimited."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(client, Bucket(self._burst, now))
            self._buckets.move_to_end(client)
            if len(self._buckets) > CLIENTS:
                self._buckets.popitem(last=False)
            bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._rate)
            bucket.at = now
            if bucket.left < 1:
                raise RateLimited((1 - bucket.left) / self._rate)
            bucket.left -= 1
