"""One connection of the stream: reads messages, follows asks, fills the outbox."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.engine.ask import Answer, Ask, Engine
from app.engine.errors import Busy, Superseded
from app.explain.errors import AskError
from app.store.runs import Runs
from app.web.describe import describe_array
from app.web.json_texts import to_json
from app.web.outbox import INLINE_BYTES, AcknowledgementError, Outbox
from app.web.problems import problem, problem_of
from app.web.stream_delivery import Delivery
from app.web.stream_messages import (
    AckMessage,
    AskMessage,
    BadMessage,
    CancelMessage,
    ClientMessage,
    Look,
    LookMessage,
    WatchMessage,
    read_message,
)
from app.web.stream_watch import updates
from app.web.throttle import Throttle

log = logging.getLogger("convscope")

MOST_ASKS = 64
"""Asks of one connection that may be under way at once."""

MOST_WATCHED = 8
"""Runs that one connection may watch at once."""

MOST_REMEMBERED = 64
"""Asks done that a look may come back to."""


class Ended(Exception):
    """The connection is over: closed by us with this code, or gone (None)."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass
class Asked:
    """An ask under way: being computed, or computed and not yet sent altogether."""

    message: AskMessage
    silent: bool = False
    looks: Sequence[Look] = ()
    delivery: Delivery | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)
    ended: bool = False

    def end(self) -> None:
        """Sends nothing more of it. Its work is ended elsewhere."""
        self.ended = True
        if self.delivery is not None:
            self.delivery.drop()


class Session:
    """One connection.

    Args:
        websocket: accepted.
        engine: that answers.
        runs: that can be watched.
        client: who asks, of all connections this one alone: slots and turns are its own.
        throttle: how fast it may send messages.
        stall: seconds for which it may acknowledge nothing while something waits.
    """

    def __init__(
        self, websocket: WebSocket, engine: Engine, runs: Runs, client: str, throttle: Throttle, stall: float
    ) -> None:
        self._websocket = websocket
        self._runs = runs
        self._watched: dict[str, asyncio.Task[None]] = {}
        self._engine = engine
        self._client = client
        self._throttle = throttle
        self._outbox = Outbox(self._stalled, stall=stall)
        self._asks: dict[str, Asked] = {}
        self._looking: dict[str, Asked] = {}
        self._done: OrderedDict[str, AskMessage] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serves the connection until it ends; then nothing of it goes on."""
        sender = asyncio.create_task(self._outbox.run(self._websocket.send_text, self._websocket.send_bytes))
        try:
            await self._listen()
        except Ended as end:
            await self._stop(sender)
            if end.code is not None:
                await self._close(end.code, end.reason)
        finally:
            await self._stop(sender)

    async def _stop(self, sender: asyncio.Task[None]) -> None:
        tasks = [sender, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            # The peer, or the server that shuts down, closed it in the same moment.
            log.debug("A connection was closed from both sides.")

    async def _listen(self) -> None:
        while True:
            await self._throttle.wait()
            await self._outbox.heard()
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                raise Ended
            text = event.get("text")
            if text is None:
                raise Ended(1003, "Only text messages are taken; pictures are uploaded by POST /api/v1/images.")
            self._take(text)

    def _take(self, text: str) -> None:
        """Does what a message says. Whatever is wrong with it is told, and the connection goes on."""
        try:
            message = read_message(text)
        except BadMessage as error:
            self._tell(error, error.identity)
            return
        try:
            self._obey(message)
        except AskError as error:
            self._tell(error, getattr(message, "id", None))

    def _obey(self, message: ClientMessage) -> None:
        match message:
            case AskMessage():
                self._ask(message)
            case CancelMessage():
                self._cancel(message.id)
            case LookMessage():
                self._look(message)
            case WatchMessage():
                self._watch(message)
            case AckMessage():
                try:
                    self._outbox.acknowledge(message.bytes)
                except AcknowledgementError as error:
                    raise BadMessage(str(error), "bytes") from None

    def _ask(self, message: AskMessage) -> None:
        if message.id in self._asks:
            raise BadMessage(f"The id “{message.id}” is in use: give every ask an id of its own.", "id")
        for older in [asked for asked in self._asks.values() if message.slot and asked.message.slot == message.slot]:
            # The engine ends its work as soon as the newer ask has joined what they have in common.
            self._forget(older)
        if len(self._asks) >= MOST_ASKS:
            raise Busy(f"This connection has {MOST_ASKS} asks under way, the most it may have.", MOST_ASKS + 1)
        self._leave_off(message.id)
        self._done.pop(message.id, None)
        asked = self._asks[message.id] = Asked(message)
        self._start(asked)

    def _watch(self, message: WatchMessage) -> None:
        if message.id in self._asks or message.id in self._watched:
            raise BadMessage(f"The id “{message.id}” is in use: give every watch an id of its own.", "id")
        if len(self._watched) >= MOST_WATCHED:
            raise Busy(f"This connection watches {MOST_WATCHED} runs, the most it may.", MOST_WATCHED + 1)
        task = self._watched[message.id] = asyncio.create_task(self._follow_run(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow_run(self, message: WatchMessage) -> None:
        """Tells what is new of a run, as fast as the client takes it."""
        try:
            async for update in updates(self._runs, message.run, message.since, message.rate):
                self._say({"type": "run", "id": message.id, **update})
                await self._outbox.said()
        except AskError as error:
            self._tell(error, message.id)
        except Exception as error:
            log.error("A run cannot be watched", exc_info=error)
            self._say({"type": "error", "id": message.id, "problem": problem_of(error)})
        finally:
            self._watched.pop(message.id, None)

    def _cancel(self, identity: str) -> None:
        watching = self._watched.pop(identity, None)
        if watching is not None:
            watching.cancel()
            self._say({"type": "cancelled", "id": identity})
        self._leave_off(identity)
        asked = self._asks.get(identity)
        if asked is not None:
            self._forget(asked)
            if asked.task is not None:
                asked.task.cancel()

    def _look(self, message: LookMessage) -> None:
        asked = self._asks.get(message.id)
        if asked is not None:
            if asked.delivery is not None:
                asked.delivery.look(message.nodes)
            asked.looks = message.nodes
        elif message.id in self._done:
            self._leave_off(message.id)
            # The answer is known by its content: what is looked at now comes from the cache.
            again = self._done[message.id].model_copy(update={"slot": None, "deliver": "none"})
            asked = self._looking[message.id] = Asked(again, silent=True, looks=message.nodes)
            self._start(asked)
        else:
            raise BadMessage(f"There is no ask “{message.id}” here: it was never made, cancelled, or failed.", "id")

    def _leave_off(self, identity: str) -> None:
        """Ends the look that came after an ask was done."""
        asked = self._looking.pop(identity, None)
        if asked is not None:
            asked.end()
            if asked.task is not None:
                asked.task.cancel()

    def _start(self, asked: Asked) -> None:
        asked.task = asyncio.create_task(self._answer(asked))
        self._tasks.add(asked.task)
        asked.task.add_done_callback(self._tasks.discard)

    def _forget(self, asked: Asked) -> None:
        """Ends an ask that is not wanted any more, and says so."""
        asked.end()
        self._asks.pop(asked.message.id, None)
        self._say({"type": "cancelled", "id": asked.message.id})

    def _fail(self, asked: Asked, error: Exception) -> None:
        if not isinstance(error, AskError):
            log.error("An ask failed", exc_info=error)
        self._end_with(asked, problem_of(error))

    def _end_with(self, asked: Asked, document: dict[str, Any]) -> None:
        if asked.ended:
            return
        asked.end()
        self._asks.pop(asked.message.id, None)
        self._say({"type": "error", "id": asked.message.id, "problem": document})

    async def _answer(self, asked: Asked) -> None:
        """Follows an ask until all frames have come; sending may take longer."""
        try:
            await self._follow(asked)
        except Superseded:
            if not asked.ended:
                self._forget(asked)
        except Exception as error:
            self._fail(asked, error)

    async def _follow(self, asked: Asked) -> None:
        message = asked.message
        ask = Ask(**{name: getattr(message, name) for name in Ask.model_fields})
        async with await self._engine.ask(ask, client=self._client, slot=message.slot) as listener:
            checked = listener.checked
            delivery = Delivery(message.id, checked.network, self._outbox, message.deliver, message.dtype, asked.silent)
            if not asked.silent and not asked.ended:
                understood = checked.ask.model_dump(mode="json")
                delivery.say({"type": "accepted", "id": message.id, "answer": checked.answer, "ask": understood})
            if asked.looks:
                self._look_first(asked, delivery)
            asked.delivery = delivery
            async for frame in listener:
                if not asked.ended:
                    delivery.frame(frame)
                    await self._outbox.room()
            answer = listener.answer
        done: dict[str, Any] = {"type": "done", "id": message.id, "answer": answer.id, "values": answer.values}
        done |= {"arrays": await described(answer), "milliseconds": answer.milliseconds}
        if not asked.ended:
            delivery.finish(lambda: self._settle(asked, done))

    def _look_first(self, asked: Asked, delivery: Delivery) -> None:
        """Takes a look that came before the ask was accepted."""
        try:
            delivery.look(asked.looks)
        except AskError as error:
            self._tell(error, asked.message.id)

    def _settle(self, asked: Asked, done: dict[str, Any]) -> None:
        """All of an ask has been sent."""
        asked.end()
        if asked.silent:
            self._looking.pop(asked.message.id, None)
            return
        self._asks.pop(asked.message.id, None)
        self._done[asked.message.id] = asked.message
        if len(self._done) > MOST_REMEMBERED:
            self._done.popitem(last=False)
        assert asked.delivery is not None
        asked.delivery.say(done)

    def _say(self, message: dict[str, Any]) -> None:
        self._outbox.say(to_json(message))

    def _tell(self, error: AskError, identity: str | None) -> None:
        message: dict[str, Any] = {"type": "error", "problem": problem_of(error)}
        self._say(message | ({"id": identity} if identity is not None else {}))

    def _stalled(self) -> None:
        """The client acknowledges nothing: nothing more is kept for it."""
        detail = "Nothing was acknowledged for too long while data waited. Acknowledge what arrives, and ask again."
        for asked in [*self._asks.values(), *self._looking.values()]:
            self._end_with(asked, problem("stalled", detail))
            if asked.task is not None:
                asked.task.cancel()
        self._looking.clear()


async def described(answer: Answer) -> dict[str, Any]:
    """What an answer's arrays are and where they are to be had; finding the ranges of large ones takes a while."""

    def describe() -> dict[str, Any]:
        return {name: describe_array(answer.id, frame) for name, frame in answer.arrays.items()}

    read = sum(frame.array.nbytes for frame in answer.frames if frame.array is not None)
    return describe() if read <= INLINE_BYTES else await asyncio.to_thread(describe)
