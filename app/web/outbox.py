"""What waits to be sent on one connection: ordered by what is looked at, encoded only when its turn comes.

Texts go ahead of everything. Arrays wait in a heap as closures, so that what is discarded costs nothing, and only as
many bytes are on the way as the client has room for: at most `window` of them are unacknowledged at any time.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

MEBIBYTE = 1 << 20

WINDOW_BYTES = MEBIBYTE
"""Binary bytes that may be unacknowledged."""

STALL_SECONDS = 30.0
"""How long a client may acknowledge nothing while something waits."""

INLINE_BYTES = MEBIBYTE
"""Encoding what is larger would hold up everybody else, and goes to a thread."""

TEXT_BACKLOG_BYTES = 4 * MEBIBYTE
ARRAY_BACKLOG_BYTES = 256 * MEBIBYTE
"""Beyond these nothing more is made for this connection until it has taken some."""

TURN_BYTES = 256 << 10
"""Bytes that are sent before other connections have their turn."""

SendText = Callable[[str], Awaitable[None]]
SendBytes = Callable[[bytes], Awaitable[None]]


class AcknowledgementError(ValueError):
    """More bytes were acknowledged than were sent."""


class Cargo(Protocol):
    """What a parcel holds. Only `encode` may be called in another thread."""

    @property
    def largest(self) -> int:
        """Bytes that `encode` makes at most."""
        ...

    @property
    def weight(self) -> int:
        """Bytes that `encode` reads, and that waiting keeps alive."""
        ...

    def open(self) -> bool:
        """Its turn has come: whether there is still anything to send."""
        ...

    def encode(self) -> bytes:
        """Makes the bytes."""
        ...

    def sent(self) -> None:
        """They have gone out."""
        ...


@dataclass(order=True)
class Parcel:
    """An array that waits.

    Attributes:
        priority: the smaller goes first; equals in the order of coming.
        owner: whose it is.
        name: what it belongs to, so that it can be replaced.
        cargo: the array itself.
        gone: called when it waits no longer, sent or empty; not when it is discarded.
    """

    priority: tuple[int, ...]
    number: int = field(init=False, default=0)
    owner: object = field(compare=False)
    name: str = field(compare=False)
    cargo: Cargo = field(compare=False)
    gone: Callable[[], None] = field(compare=False)


class Outbox:
    """The queue of one connection. Belongs to one event loop.

    Args:
        window: binary bytes that may be unacknowledged.
        stall: seconds without an acknowledgement, while something waits for one, after which `stalled` is called.
        stalled: what to do then.
    """

    def __init__(self, stalled: Callable[[], None], window: int = WINDOW_BYTES, stall: float = STALL_SECONDS) -> None:
        self.window = window
        self.sent = 0
        self.acknowledged = 0
        self._stall = stall
        self._stalled = stalled
        self._texts: deque[str] = deque()
        self._text_bytes = 0
        self._heap: list[Parcel] = []
        self._weight = 0
        self._current: Parcel | None = None
        self._numbers = count()
        self._last_move = 0.0
        self._turn_bytes = 0
        self._news = asyncio.Event()
        self._news_sent = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._heard = asyncio.Event()
        self._heard.set()

    @property
    def unacknowledged(self) -> int:
        """Binary bytes on the way."""
        return self.sent - self.acknowledged

    def holds(self, owner: object) -> bool:
        """Whether an array of this owner waits, or is being encoded or sent."""
        current = self._current is not None and self._current.owner is owner
        return current or any(parcel.owner is owner for parcel in self._heap)

    def say(self, text: str) -> None:
        """Queues a text message. It waits for no credit."""
        self._texts.append(text)
        self._text_bytes += len(text)
        self._changed()

    def put(self, parcel: Parcel) -> None:
        """Queues an array.

        Raises:
            ValueError: it is larger than the window, and so could never be sent.
        """
        if parcel.cargo.largest > self.window:
            raise ValueError(f"A frame of {parcel.cargo.largest} bytes does not fit into a window of {self.window}.")
        if not self._heap:
            self._moved()
        parcel.number = next(self._numbers)
        heapq.heappush(self._heap, parcel)
        self._weight += parcel.cargo.weight
        self._changed()

    def discard(self, unwanted: Callable[[Parcel], bool]) -> None:
        """Forgets arrays that nobody wants any more; they are never encoded, and one being encoded is not sent."""
        self._heap = [parcel for parcel in self._heap if not unwanted(parcel)]
        heapq.heapify(self._heap)
        self._weight = sum(parcel.cargo.weight for parcel in self._heap)
        if self._current is not None and unwanted(self._current):
            self._current = None
        self._changed()

    def reorder(self, owner: object, priority: Callable[[Parcel], tuple[int, ...]]) -> None:
        """Gives the arrays of an owner that wait other priorities."""
        for parcel in self._heap:
            if parcel.owner is owner:
                parcel.priority = priority(parcel)
        heapq.heapify(self._heap)

    def acknowledge(self, total: int) -> None:
        """Takes note that so many binary bytes have arrived since the connection opened.

        Raises:
            AcknowledgementError: so many were never sent.
        """
        if total > self.sent:
            raise AcknowledgementError(f"{total} bytes were acknowledged, but only {self.sent} were sent.")
        if total > self.acknowledged:
            self.acknowledged = total
            self._moved()
            self._changed()

    async def room(self) -> None:
        """Waits until the backlog is small enough to add to it."""
        await self._room.wait()

    async def said(self) -> None:
        """Waits until every text has been sent: the client reads as fast as it is told."""
        while self._texts:
            self._news_sent.clear()
            await self._news_sent.wait()

    async def heard(self) -> None:
        """Waits until the client has taken most of what it was told."""
        await self._heard.wait()

    async def run(self, send_text: SendText, send_bytes: SendBytes) -> None:
        """Sends what waits, for as long as it is let."""
        while True:
            self._news.clear()
            if self._texts:
                text = self._texts.popleft()
                await send_text(text)
                self._text_bytes -= len(text)
                self._news_sent.set()
                self._changed()
            elif self._heap and self._heap[0].cargo.largest <= self.window - self.unacknowledged:
                await self._send_first(send_bytes)
            else:
                await self._wait()

    async def _send_first(self, send_bytes: SendBytes) -> None:
        parcel = self._current = heapq.heappop(self._heap)
        self._weight -= parcel.cargo.weight
        if parcel.cargo.open():
            encode = parcel.cargo.encode
            data = await asyncio.to_thread(encode) if parcel.cargo.weight > INLINE_BYTES else encode()
            if self._current is parcel:
                # Counted before it is sent: an acknowledgement may come before `send_bytes` returns.
                self.sent += len(data)
                self._moved()
                await send_bytes(data)
                parcel.cargo.sent()
                await self._take_turns(len(data))
        if self._current is parcel:
            self._current = None
            parcel.gone()
        self._changed()

    async def _take_turns(self, count: int) -> None:
        """Lets others in, which sending does not do by itself."""
        self._turn_bytes += count
        if self._turn_bytes >= TURN_BYTES:
            self._turn_bytes = 0
            await asyncio.sleep(0)

    async def _wait(self) -> None:
        """Waits for news; where something waits for credit, only until the client counts as stalled."""
        try:
            async with asyncio.timeout_at(self._last_move + self._stall if self._heap else None):
                await self._news.wait()
        except TimeoutError:
            self._stalled()
            self.discard(lambda parcel: True)

    def _moved(self) -> None:
        self._last_move = asyncio.get_running_loop().time()

    def _changed(self) -> None:
        self._news.set()
        heard = self._text_bytes <= TEXT_BACKLOG_BYTES
        flag(self._heard, heard)
        flag(self._room, heard and self._weight <= ARRAY_BACKLOG_BYTES)


def flag(event: asyncio.Event, value: bool) -> None:
    """Sets or clears an event."""
    if value:
        event.set()
    else:
        event.clear()
