"""LocalEngine: asks answered by worker threads on this machine."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import torch
from torch import Tensor

from app.engine.ask import Answer, Ask, CheckedAsk, ImageSource, Metrics, ModelSource
from app.engine.cache import AnswerCache
from app.engine.check import check
from app.engine.errors import EngineClosed, UnknownAnswer, UnknownImage
from app.engine.listener import LocalListener
from app.engine.queue import FairQueue
from app.engine.scheduler import Scheduler
from app.explain.errors import AskError
from app.explain.method import Frame

GIBIBYTE = 2**30

CHECKERS = 4
"""Threads that check asks and fetch networks and images, so that neither the event loop nor a worker waits for it."""

LARGE = 100_000_000
"""Multiply-adds of a pass from which on several threads pay: in smaller ones they wait for each other at every node."""

Result = TypeVar("Result")


class LocalEngine:
    """Runs asks in worker threads; see `app.engine.ask.Engine` for what it promises.

    Each client has its turn: a long ask is set aside between two of its frames. Identical asks are one job. Waiting
    asks that differ only in their image share one forward pass.

    Args:
        models: where networks come from.
        images: where images come from.
        workers: threads that compute; by default one for four cores, each with its share of torch's threads.
        cache_bytes: what kept answers may hold together.
        ask_bytes: what one ask may take by its estimate.
        running_bytes: what all asks begun may take together; others wait.
        shared_bytes: what the asks of one shared pass may take together.
        waiting: how many asks may wait.
        waiting_per_client: how many of them for one client.
    """

    def __init__(
        self,
        models: ModelSource,
        images: ImageSource,
        *,
        workers: int | None = None,
        cache_bytes: int = GIBIBYTE,
        ask_bytes: int = 2 * GIBIBYTE,
        running_bytes: int = 4 * GIBIBYTE,
        shared_bytes: int = GIBIBYTE // 2,
        waiting: int = 1024,
        waiting_per_client: int = 128,
    ) -> None:
        cores = torch.get_num_threads()
        self._models = models
        self._images = images
        self._workers = workers or max(1, cores // 4)
        self._threads_per_worker = max(1, cores // self._workers)
        self._ask_bytes = ask_bytes
        self._scheduler = Scheduler(
            FairQueue(waiting, waiting_per_client), AnswerCache(cache_bytes), running_bytes, shared_bytes
        )
        self._threads: list[threading.Thread] = []
        self._checkers: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begins to answer. Idempotent."""
        if self._threads:
            return
        self._scheduler.open()
        self._checkers = ThreadPoolExecutor(CHECKERS, "convscope-check")
        self._threads = [
            threading.Thread(target=self._work, name=f"convscope-worker-{index}", daemon=True)
            for index in range(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends all work within a node and gives back what it held; listeners get EngineClosed. Idempotent."""
        self._scheduler.close()
        for thread in self._threads:
            thread.join()
        if self._checkers is not None:
            self._checkers.shutdown()
        self._threads, self._checkers = [], None
        self._scheduler.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def check(self, ask: Ask) -> CheckedAsk:
        """Finds everything an ask names and bounds its memory, without running it; raises AskError."""
        return await self._aside(lambda: check(ask, self._models, self._ask_bytes))

    async def ask(self, ask: Ask, *, client: str, slot: str | None = None) -> LocalListener:
        """Checks an ask and follows its answer, cached, joined or new; see `app.engine.ask.Engine.ask`."""
        listener = LocalListener(client, slot, self._scheduler.lock, self._scheduler.leave)
        previous = self._scheduler.take_slot(listener)
        try:
            with self._scheduler.checking():
                await self._aside(lambda: self._begin(listener, ask))
        except BaseException:
            listener.close()
            raise
        finally:
            # Only now, so that the same ask in the same slot goes on instead of beginning again.
            if previous is not None:
                previous.supersede()
        return listener

    async def answer(self, ask: Ask, *, client: str, progress: Callable[[Frame], None] | None = None) -> Answer:
        """The whole answer of an ask; each frame on the way is shown to `progress`."""
        async with await self.ask(ask, client=client) as listener:
            async for frame in listener:
                if progress is not None:
                    progress(frame)
        return listener.answer

    async def recall(self, answer_id: str, *, client: str) -> Answer:
        """An answer by its id: kept, or computed again; UnknownAnswer if it was never asked for here."""
        kept, ask = self._scheduler.known(answer_id)
        if kept is not None:
            return kept
        if ask is None:
            raise UnknownAnswer(answer_id)
        answer = await self.answer(ask, client=client)
        if answer.id != answer_id:
            # The network has other weights now.
            raise UnknownAnswer(answer_id)
        return answer

    def metrics(self) -> Metrics:
        """Gauges and counters, from any thread."""
        return self._scheduler.metrics()

    async def _aside(self, work: Callable[[], Result]) -> Result:
        if self._checkers is None:
            raise EngineClosed
        try:
            done = asyncio.get_running_loop().run_in_executor(self._checkers, work)
        except RuntimeError:
            # The engine closed between these two lines.
            raise EngineClosed from None
        return await done

    def _begin(self, listener: LocalListener, ask: Ask) -> None:
        """Lets a listener follow the answer of an ask. In a checker thread, at one go: each hand-over takes time."""
        checked = check(ask, self._models, self._ask_bytes)
        if not self._scheduler.join(listener, checked):
            self._scheduler.begin(listener, checked, self._image(checked))

    def _image(self, checked: CheckedAsk) -> Tensor | None:
        image, network = checked.ask.image, checked.network
        if image is None:
            return None
        if network.preprocessing is None:
            raise AskError(f"{network.name} does not say how a picture becomes its input.", "model")
        preprocessing = checked.method.seen(network.preprocessing, checked.params)
        try:
            return self._images.tensor(image, preprocessing, checked.ask.framing).detach()
        except LookupError:
            raise UnknownImage(image) from None

    def _work(self) -> None:
        while (run := self._scheduler.take()) is not None:
            torch.set_num_threads(self._threads_per_worker if run.macs >= LARGE else 1)
            try:
                self._scheduler.drive(run)
            finally:
                # Threads that first meet torch from now on take this number over.
                torch.set_num_threads(self._threads_per_worker)
