"""A run: jobs of the same method, network and parameters whose images differ, driven in lockstep."""

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import torch

from app.engine.errors import MethodFailed, OutOfMemory
from app.engine.job import Job
from app.engine.views import Abandoned, SharedPass, SharingNetwork, WatchedNetwork
from app.explain.errors import AskError
from app.explain.method import Frame
from app.explain.network import Network

logger = logging.getLogger(__name__)


@dataclass
class Task:
    """A job's generator, its place in the shared pass, and the gradient mode that it left at its last yield."""

    job: Job
    index: int
    frames: Generator[Frame, None, None]
    gradients: bool = True


class Run:
    """One turn advances each of its jobs by one frame; the jobs share one forward pass.

    A run is driven by one thread at a time, but not always by the same one.
    """

    def __init__(self, job: Job) -> None:
        self.jobs = [job]
        self.begun = False
        self.seconds = 0.0
        self.key = shared_key(job)
        self.macs = sum(node.macs for node in job.checked.network.nodes.values())
        self._tasks: list[Task] = []
        self._shared: SharedPass | None = None
        job.run = self

    @property
    def memory(self) -> int:
        """Estimate of the bytes that all jobs take together."""
        return sum(job.checked.memory for job in self.jobs)

    @property
    def clients(self) -> set[str]:
        """Who listens."""
        return {listener.client for job in self.jobs for listener in job.listeners}

    def absorb(self, other: "Run") -> None:
        """Takes in the job of a run that has not started."""
        for job in other.jobs:
            job.run = self
        self.jobs = self.jobs + other.jobs

    def turn(self) -> Iterator[tuple[Job, Frame | Exception | None]]:
        """Advances each job by one frame: yields it with the frame, with the error that ended it, or with None."""
        if not self._tasks:
            self._tasks = list(self._begin())
        for task in list(self._tasks):
            began = time.perf_counter()
            frame = self._advance(task)
            self.seconds += time.perf_counter() - began
            if not isinstance(frame, Frame):
                self._end(task)
            if not isinstance(frame, Abandoned):
                yield task.job, frame

    def _begin(self) -> Iterator[Task]:
        network = self.jobs[0].checked.network
        images = [job.image for job in self.jobs if job.image is not None]
        self._shared = SharedPass(network, images) if len(images) > 1 else None
        for index, job in enumerate(self.jobs):

            def abandoned(job: Job = job) -> bool:
                return job.abandoned

            view = WatchedNetwork(network, abandoned)
            if self._shared is not None:
                view = SharingNetwork(network, abandoned, self._shared, index)
            yield Task(job, index, frames(job, view))

    def _end(self, task: Task) -> None:
        self._tasks.remove(task)
        # A new list, because other threads may be reading the old one.
        self.jobs = [job for job in self.jobs if job is not task.job]
        if self._shared is not None:
            self._shared.leave(task.index)

    def _advance(self, task: Task) -> Frame | Exception | Abandoned | None:
        """One frame; None at the end, Abandoned where nobody listens any more, else the error."""
        outside = torch.is_grad_enabled()
        torch.set_grad_enabled(task.gradients)
        try:
            if task.job.abandoned:
                task.frames.close()
                return Abandoned()
            return owned(next(task.frames))
        except StopIteration:
            return None
        except Abandoned as abandoned:
            return abandoned
        except Exception as error:
            return failure(task.job, error)
        finally:
            # A generator that yields inside `torch.enable_grad()` leaves that mode to whoever runs next.
            task.gradients = torch.is_grad_enabled()
            torch.set_grad_enabled(outside)


def shared_key(job: Job) -> tuple[str, ...] | None:
    """What jobs must agree on to share a pass: all but the image. None where the method or the job can't."""
    checked = job.checked
    if not checked.method.batch or job.image is None:
        return None
    return (checked.method.name, checked.ask.model, checked.weights, checked.params.model_dump_json())


def frames(job: Job, network: Network) -> Generator[Frame, None, None]:
    """The method's frames; as a generator of its own even where the method fails before its first one."""
    yield from job.checked.method.run(network, job.image, job.checked.params)


def owned(frame: Frame) -> Frame:
    """The frame with an array that keeps no larger memory and no graph alive."""
    if frame.array is None:
        return frame
    array = frame.array
    if array.requires_grad or not array.is_cpu:
        array = array.detach().cpu()
    if array.untyped_storage().nbytes() > array.nbytes:
        array = array.clone(memory_format=torch.contiguous_format)
    return frame if array is frame.array else replace(frame, array=array)


def failure(job: Job, error: Exception) -> AskError:
    """What the listeners are told when a method ends with an exception."""
    checked = job.checked
    title = f"{checked.method.title} on {checked.ask.model}"
    if isinstance(error, AskError):
        return error
    if is_out_of_memory(error):
        return OutOfMemory(
            f"The memory ran out in {title}. What was kept for speed is dropped now: ask again, or ask for fewer "
            f"nodes, fewer units or a smaller size."
        )
    logger.error("%s failed", title, exc_info=error)
    return MethodFailed(
        f"{title} failed: {error} ({type(error).__name__}). This is a fault in the program, not in the ask."
    )


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out; torch says so on the CPU by a plain RuntimeError."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error) for words in ("can't allocate memory", "not enough memory", "out of memory")
    )
