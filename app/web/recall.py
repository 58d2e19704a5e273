"""An engine whose answers can be recalled after a restart: it writes down what each answer was asked as."""

import asyncio
import logging
import threading
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor

from app.engine.ask import Answer, Ask, CheckedAsk, Engine, Listener, Metrics
from app.engine.errors import UnknownAnswer
from app.explain.method import Frame
from app.store.asks import AskStore
from app.store.errors import DiskFull

log = logging.getLogger("convscope")


class RememberingEngine:
    """Passes everything on to another engine, and keeps each ask that it accepts.

    Args:
        engine: that answers.
        asks: where they are kept.
        passing: images that will be gone; asks about them are not kept.
    """

    def __init__(self, engine: Engine, asks: AskStore, passing: Container[str] = ()) -> None:
        self._engine = engine
        self._passing = passing
        self._asks = asks
        self._pending: dict[str, Ask] = {}
        self._lock = threading.Lock()
        self._writer: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begins to answer."""
        self._engine.start()
        self._writer = ThreadPoolExecutor(1, "convscope-asks")

    def close(self) -> None:
        """Ends all work; what was asked is kept."""
        self._engine.close()
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None

    async def check(self, ask: Ask) -> CheckedAsk:
        """As the engine does; nothing is kept."""
        return await self._engine.check(ask)

    async def ask(self, ask: Ask, *, client: str, slot: str | None = None) -> Listener:
        """As the engine does; the ask is kept."""
        listener = await self._engine.ask(ask, client=client, slot=slot)
        self._keep(listener.checked)
        return listener

    async def answer(self, ask: Ask, *, client: str, progress: Callable[[Frame], None] | None = None) -> Answer:
        """The whole answer; the ask is kept."""
        async with await self.ask(ask, client=client) as listener:
            async for frame in listener:
                if progress is not None:
                    progress(frame)
        return listener.answer

    async def recall(self, answer_id: str, *, client: str) -> Answer:
        """An answer by its id, computed again where it must be.

        Raises:
            UnknownAnswer: it was never asked for, or the network's weights are others now.
        """
        try:
            return await self._engine.recall(answer_id, client=client)
        except UnknownAnswer:
            ask = await asyncio.to_thread(self._asks.get, answer_id)
        if ask is None:
            raise UnknownAnswer(answer_id)
        answer = await self._engine.answer(ask, client=client)
        if answer.id != answer_id:
            raise UnknownAnswer(answer_id)
        return answer

    def metrics(self) -> Metrics:
        """The engine's own."""
        return self._engine.metrics()

    def _keep(self, checked: CheckedAsk) -> None:
        """Has an ask written down beside the event loop: no answer waits for the disk."""
        if self._writer is None or self._asks.has(checked.answer) or checked.ask.image in self._passing:
            return
        with self._lock:
            self._pending[checked.answer] = checked.ask
        self._writer.submit(self._write)

    def _write(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, {}
        if not pending:
            return
        try:
            self._asks.put(pending)
        # The answers stand all the same; only their links will not outlive the server.
        except DiskFull as error:
            log.warning("Asks could not be kept. %s", error)
        except Exception:
            log.exception("Asks could not be kept")
