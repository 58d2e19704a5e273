"""Answers kept by content, least recently used first out, bounded in bytes."""

from collections import OrderedDict

from app.engine.ask import Answer


class AnswerCache:
    """Answers by id. Not safe from several threads: the engine's lock guards it.

    Args:
        limit: bytes that all answers together may hold; an answer larger than that is not kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._answers: OrderedDict[str, tuple[Answer, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, answer_id: str) -> Answer | None:
        """The answer of this id, used just now; None where it is not kept."""
        if answer_id not in self._answers:
            return None
        self._answers.move_to_end(answer_id)
        return self._answers[answer_id][0]

    def add(self, answer: Answer) -> None:
        """Keeps an answer, and drops as many of the longest unused as that takes."""
        self.discard(answer.id)
        size = answer.size
        if size > self.limit:
            return
        while self.size + size > self.limit:
            self.discard(next(iter(self._answers)))
        self._answers[answer.id] = (answer, size)
        self.size += size

    def discard(self, answer_id: str) -> None:
        """Drops one answer, if it is there."""
        if answer_id in self._answers:
            self.size -= self._answers.pop(answer_id)[1]

    def clear(self) -> None:
        """Drops all."""
        self._answers.clear()
        self.size = 0
