"""The asyncio side: somebody who follows a job's frames from an event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Self

from app.engine.ask import Answer, CheckedAsk
from app.engine.errors import Superseded
from app.engine.job import Job
from app.explain.method import Frame


class LocalListener:
    """Follows one job from the event loop in which it was made; see `app.engine.ask.Listener`.

    It reads from the job's own frames and holds none back, so a slow reader costs no memory and delays nobody.

    Args:
        client: who listens.
        slot: in which a newer listener of the same client takes this one's place.
        lock: the engine's.
        leave: tells the engine, under its lock, that this listener listens no more.
    """

    def __init__(
        self,
        client: str,
        slot: str | None,
        lock: AbstractContextManager[Any],
        leave: Callable[["LocalListener"], None],
    ) -> None:
        self.client = client
        self.slot = slot
        self.job: Job | None = None
        self.superseded = False
        self._lock = lock
        self._leave = leave
        self.closed = False
        self.loop = asyncio.get_running_loop()
        self.news = asyncio.Event()
        self.woken = False
        self._seen = 0
        self._unread: deque[Frame] = deque()

    @property
    def checked(self) -> CheckedAsk:
        """The ask as understood."""
        return self._followed.checked

    @property
    def answer(self) -> Answer:
        """The whole answer, as soon as the frames have ended."""
        if self._followed.answer is None:
            raise RuntimeError("There is no answer yet: read the frames to their end first.")
        return self._followed.answer

    @property
    def _followed(self) -> Job:
        if self.job is None:
            raise RuntimeError("This listener follows nothing yet.")
        return self.job

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while True:
            self._read()
            if self._unread:
                return self._unread.popleft()
            await self.news.wait()

    def _read(self) -> None:
        """Fetches news unless some are unread; raises whatever ended them."""
        with self._lock:
            # In this order: what is published from here on wakes it again.
            self.woken = False
            self.news.clear()
            if self.superseded:
                raise Superseded
            if self.closed:
                raise StopAsyncIteration
            if self._unread:
                return
            job = self._followed
            self._unread.extend(job.since(self._seen))
            self._seen = job.sequence
            if job.finished and not self._unread:
                self.closed = True
                self._leave(self)
                raise job.error.with_traceback(None) if job.error is not None else StopAsyncIteration

    def supersede(self) -> None:
        """Ends it because a newer ask took its slot."""
        with self._lock:
            if self.closed:
                return
            self.superseded = True
        self.close()

    def close(self) -> None:
        """Stops listening; the work stops with its last listener. From any thread, as often as one likes."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            self._leave(self)
        wake([self])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()


def wake(listeners: Iterable[LocalListener]) -> None:
    """Says that there is news, from any thread and outside the engine's lock, which they need at once.

    All of one event loop are told together, because waking it takes longer than what it then does.
    """
    sleeping: dict[asyncio.AbstractEventLoop, list[LocalListener]] = {}
    for listener in listeners:
        if not listener.woken:
            listener.woken = True
            sleeping.setdefault(listener.loop, []).append(listener)
    for loop, group in sleeping.items():
        try:
            loop.call_soon_threadsafe(announce, group)
        except RuntimeError:
            # The event loop ended without closing its listeners: nobody will ever read this.
            for listener in group:
                listener.close()


def announce(listeners: list[LocalListener]) -> None:
    """Ends their waiting. In their event loop."""
    for listener in listeners:
        listener.news.set()
