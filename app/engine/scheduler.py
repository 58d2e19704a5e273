"""What is asked, waiting, in flight and kept, under one lock: where the event loop and the workers meet."""

import gc
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor

from app.engine.ask import Answer, Ask, CheckedAsk, Metrics
from app.engine.cache import AnswerCache
from app.engine.errors import EngineClosed, OutOfMemory, Superseded
from app.engine.job import Job
from app.engine.listener import LocalListener, wake
from app.engine.queue import FairQueue
from app.engine.run import Run, failure
from app.explain.method import Frame

TURN = 0.05
"""Seconds that work goes on before others have their turn: short enough to feel at once, long against a hand-over."""

GATHER = 0.01
"""Seconds that a run which others may share waits at most for asks that are being checked: who asks together, like a
class that is told to, is answered together."""

SHARED = 32
"""Asks that share one pass at most, so that the first of them needn't wait for too many others' nodes."""

REMEMBERED = 10_000
"""Asks remembered by their answer's id, to compute an answer again that the cache dropped."""


COUNTERS = ("asked", "answered", "joined", "from_cache", "batched", "cancelled", "failed")


class Scheduler:
    """Jobs, their listeners, the queue and the cache. Every method may be called from any thread.

    Args:
        queue: in which runs wait.
        cache: of answers.
        running_bytes: what all runs begun may take together; others wait.
        shared_bytes: what the jobs of one shared pass may take together.
    """

    def __init__(self, queue: FairQueue[Run], cache: AnswerCache, running_bytes: int, shared_bytes: int) -> None:
        lock = threading.RLock()
        self.lock = threading.Condition(lock)
        self._checked = threading.Condition(lock)
        self._checking = 0
        self._queue = queue
        self._cache = cache
        self._running_limit = running_bytes
        self._shared_limit = shared_bytes
        self._jobs: dict[str, Job] = {}
        self._slots: dict[tuple[str, str], LocalListener] = {}
        self._asked: OrderedDict[str, Ask] = OrderedDict()
        self._begun: set[Run] = set()
        self._counts: Counter[str] = Counter()
        self._open = False

    def open(self) -> None:
        """Lets asks in."""
        with self.lock:
            self._open = True

    def close(self) -> None:
        """Ends all jobs, for every listener by EngineClosed, and lets the workers go."""
        with self.lock:
            self._open = False
            jobs = list(self._jobs.values())
            listeners = [listener for job in jobs for listener in job.listeners]
            for job in jobs:
                self._fail(job, EngineClosed())
            self.lock.notify_all()
        wake(listeners)

    def clear(self) -> None:
        """Drops what is kept and what no worker finished."""
        with self.lock:
            self._queue.clear()
            self._begun.clear()
            self._cache.clear()

    def known(self, answer_id: str) -> tuple[Answer | None, Ask | None]:
        """The answer of this id, if it is kept, and the ask, if it is remembered."""
        with self.lock:
            return self._cache.get(answer_id), self._asked.get(answer_id)

    def metrics(self) -> Metrics:
        """Gauges and counters."""
        with self.lock:
            return Metrics(
                queued=len(self._queue),
                running=sum(len(run.jobs) for run in self._begun),
                running_bytes=self._begun_bytes(),
                cached=len(self._cache),
                cached_bytes=self._cache.size,
                **{name: self._counts[name] for name in COUNTERS},
            )

    # What the event loop does.

    def take_slot(self, listener: LocalListener) -> LocalListener | None:
        """Gives a listener its slot at once, so that asks keep their order however long their checks take.

        Returns:
            The listener that had the slot.
        """
        if listener.slot is None:
            return None
        with self.lock:
            previous = self._slots.get((listener.client, listener.slot))
            self._slots[listener.client, listener.slot] = listener
            return previous

    @contextmanager
    def checking(self) -> Iterator[None]:
        """While an ask is being checked."""
        with self.lock:
            self._checking += 1
        try:
            yield
        finally:
            with self.lock:
                self._checking -= 1
                self._checked.notify_all()

    def join(self, listener: LocalListener, checked: CheckedAsk) -> bool:
        """Lets a listener follow an answer that is kept or in flight; False where there is none."""
        with self.lock:
            self._admit(listener)
            answer_id = checked.answer
            kept = self._cache.get(answer_id)
            if kept is not None:
                self._counts["from_cache"] += 1
                self._follow(listener, Job.answered(checked, kept))
            elif answer_id in self._jobs:
                self._counts["joined"] += 1
                job = self._jobs[answer_id]
                self._follow(listener, job)
                if job.run is not None and job.run in self._queue:
                    self._queue.put(job.run, [listener.client])
            else:
                return False
            return True

    def begin(self, listener: LocalListener, checked: CheckedAsk, image: Tensor | None) -> None:
        """Lets a listener follow a new job, unless somebody else has begun the same one meanwhile.

        Raises:
            Busy: too many asks are waiting.
        """
        with self.lock:
            if self.join(listener, checked):
                return
            job = Job(checked, image)
            self._queue.admit(Run(job), listener.client)
            self._jobs[job.id] = job
            self._follow(listener, job)
            self.lock.notify()

    def leave(self, listener: LocalListener) -> None:
        """A listener listens no more. The last one's leaving ends the work."""
        with self.lock:
            key = (listener.client, listener.slot or "")
            if self._slots.get(key) is listener:
                del self._slots[key]
            job = listener.job
            if job is None or listener not in job.listeners:
                return
            job.listeners.discard(listener)
            if not job.listeners and not job.finished:
                self._counts["cancelled"] += 1
                self._abandon(job)
            elif job.run is not None and listener.client not in job.run.clients:
                self._queue.leave(job.run, listener.client)

    def _admit(self, listener: LocalListener) -> None:
        if not self._open:
            raise EngineClosed
        # Closed while its ask was being checked: whoever made it has gone.
        if listener.superseded or listener.closed:
            raise Superseded

    def _follow(self, listener: LocalListener, job: Job) -> None:
        self._counts["asked"] += 1
        listener.job = job
        if not job.finished:
            job.listeners.add(listener)
        self._asked[job.id] = job.checked.ask
        self._asked.move_to_end(job.id)
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def _abandon(self, job: Job) -> None:
        """Nobody may join it any more. A run that has begun stays where it is: a worker ends it."""
        job.abandoned = True
        if self._jobs.get(job.id) is job:
            del self._jobs[job.id]
        if job.run is not None and not job.run.begun:
            self._queue.remove(job.run)

    # What the workers do.

    def take(self) -> Run | None:
        """The next run in turn, as soon as there is one; None when the engine closes."""
        with self.lock:
            while self._open:
                run = self._queue.take(self._ready())
                if run is not None:
                    if not run.begun:
                        self._share(run)
                        run.begun = True
                        self._begun.add(run)
                    return run
                self.lock.wait()
            return None

    def drive(self, run: Run) -> None:
        """Goes on with a run until it ends, or others wait and its time is over. Never raises."""
        try:
            over = self._drive(run)
        except Exception as error:
            # What a method yields may be no proper frame; its worker must outlive that.
            over = True
            with self.lock:
                listeners = [listener for job in run.jobs for listener in job.listeners]
                for job in run.jobs:
                    self._fail(job, failure(job, error))
            wake(listeners)
        if over:
            with self.lock:
                self._begun.discard(run)
                self.lock.notify_all()

    def _drive(self, run: Run) -> bool:
        """Whether it has ended."""
        until = time.monotonic() + TURN
        while run.jobs:
            wake([listener for job, event in run.turn() for listener in self._record(run, job, event)])
            with self.lock:
                # A run that nobody follows has no lane to wait in; its next turn ends it.
                if run.jobs and len(self._queue) and time.monotonic() > until and (clients := run.clients):
                    self._queue.put(run, clients)
                    self.lock.notify()
                    return False
        return True

    def _ready(self) -> Callable[[Run], bool]:
        """Which runs may go on: all that have begun, and new ones up to the first that doesn't fit in memory yet.

        That one is not overtaken by smaller ones, or it might wait for ever.
        """
        room = self._running_limit - self._begun_bytes() if self._begun else None
        blocked = False

        def ready(run: Run) -> bool:
            nonlocal blocked
            if run.begun:
                return True
            blocked = blocked or (room is not None and run.memory > room)
            return not blocked

        return ready

    def _begun_bytes(self) -> int:
        return sum(run.memory for run in self._begun)

    def _share(self, run: Run) -> None:
        """Takes all waiting asks that differ only in their image into one run, as far as memory goes."""
        key = run.key
        if key is None:
            return
        self._checked.wait_for(lambda: not self._checking, GATHER)
        room = min(self._shared_limit, self._running_limit - self._begun_bytes())
        for other in list(self._queue):
            if len(run.jobs) >= SHARED or run.memory + other.memory > room:
                break
            if not other.begun and other.key == key:
                self._queue.remove(other)
                run.absorb(other)
        if len(run.jobs) > 1:
            self._counts["batched"] += len(run.jobs)

    def _record(self, run: Run, job: Job, event: Frame | Exception | None) -> list[LocalListener]:
        """Publishes what a job has come to, and says who waits for it."""
        with self.lock:
            listeners = list(job.listeners)
            if job.abandoned:
                return []
            if isinstance(event, Frame):
                job.publish(event)
            elif event is not None:
                self._fail(job, event)
            else:
                self._jobs.pop(job.id, None)
                self._cache.add(job.finish(1000 * run.seconds))
                job.listeners.clear()
                self._counts["answered"] += 1
            return listeners

    def _fail(self, job: Job, error: Exception) -> None:
        self._abandon(job)
        job.fail(error)
        job.listeners.clear()
        self._counts["failed"] += 1
        if isinstance(error, OutOfMemory):
            self._cache.clear()
            gc.collect()
