"""A job: one distinct ask in flight, its frames so far, and who listens."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from app.engine.ask import Answer, CheckedAsk, merge
from app.explain.method import Frame

if TYPE_CHECKING:
    from app.engine.listener import LocalListener
    from app.engine.run import Run


class Job:
    """What several listeners follow at once. The engine's lock guards it.

    Args:
        checked: the ask.
        image: preprocessed, 1×C×H×W, or None.
    """

    def __init__(self, checked: CheckedAsk, image: Tensor | None = None) -> None:
        self.id = checked.answer
        self.checked = checked
        self.image = image
        self.listeners: set[LocalListener] = set()
        self.run: Run | None = None
        self.sequence = 0
        self.abandoned = False
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self._frames: dict[str, tuple[int, Frame]] = {}
        self._values: dict[str, Any] = {}

    @classmethod
    def answered(cls, checked: CheckedAsk, answer: Answer) -> "Job":
        """A job that is done: for those who ask what is known."""
        job = cls(checked)
        for frame in answer.frames:
            job.publish(frame)
        job.answer = answer
        return job

    @property
    def finished(self) -> bool:
        """Whether no further frame comes."""
        return self.answer is not None or self.error is not None

    def publish(self, frame: Frame) -> None:
        """Adds a frame in place of the one of the same name, whose values it keeps."""
        merge(self._values, frame.values)
        _, previous = self._frames.pop(frame.name, (0, None))
        if previous is not None and previous.values:
            frame = replace(frame, values=merge(merge({}, previous.values), frame.values))
        self.sequence += 1
        self._frames[frame.name] = (self.sequence, frame)

    def since(self, sequence: int) -> list[Frame]:
        """The frames behind a place in the sequence, oldest first."""
        news = []
        for place, frame in reversed(self._frames.values()):
            if place <= sequence:
                break
            news.append(frame)
        return news[::-1]

    def finish(self, milliseconds: float) -> Answer:
        """Ends with the answer."""
        frames = tuple(frame for _, frame in self._frames.values())
        self.answer = Answer(self.id, self.checked.ask, frames, self._values, milliseconds)
        self.image = None
        return self.answer

    def fail(self, error: Exception) -> None:
        """Ends with an error."""
        # The traceback would keep every tensor of the method's frames alive.
        error.__cause__ = error.__context__ = None
        self.error = error.with_traceback(None)
        self.image = None
