"""Slows down who sends too much, by not listening for a while."""

import asyncio


class Throttle:
    """A token bucket that waits instead of refusing.

    Args:
        rate: things a second in the long run.
        burst: things at once.
    """

    def __init__(self, rate: float, burst: int = 100) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = self._burst
        self._at = 0.0

    def delay(self, now: float) -> float:
        """Counts one more thing, and says how many seconds must pass before it may be done."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - 1
        self._at = now
        return max(0.0, -self._left / self._rate)

    async def wait(self) -> None:
        """Waits until one more thing may be done."""
        seconds = self.delay(asyncio.get_running_loop().time())
        if seconds > 0:
            await asyncio.sleep(seconds)
