"""What an engine can answer instead of an answer."""

from collections.abc import Iterable

from app.explain.errors import AskError


class UnknownMethod(AskError):
    """There is no method of this name."""

    code = "unknown_method"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no method “{name[:80]}”. The methods are: {', '.join(known)}.", "method")


class UnknownModel(AskError):
    """There is no network of this name."""

    code = "unknown_model"


class UnknownImage(AskError):
    """There is no image of this id."""

    code = "unknown_image"

    def __init__(self, image: str) -> None:
        super().__init__(f"There is no image “{image[:80]}”. Upload it first, and ask with the id it gets.", "image")


class UnknownAnswer(AskError):
    """No answer of this id was given here."""

    code = "unknown_answer"

    def __init__(self, answer: str) -> None:
        super().__init__(
            f"There is no answer “{answer[:80]}”. Ask for it again: the same ask gets the same id.", "answer"
        )


class BadParameter(AskError):
    """A parameter is missing, unknown, of another type or out of its bounds."""


class Busy(AskError):
    """More asks are waiting than the queue holds. `position` is where this one would have been."""

    code = "busy"

    def __init__(self, detail: str, position: int) -> None:
        super().__init__(detail)
        self.position = position


class OutOfMemory(AskError):
    """The memory ran out while answering, although the estimate allowed the ask."""

    code = "out_of_memory"


class MethodFailed(AskError):
    """The method itself failed: a fault of the program, not of the ask."""

    code = "internal"


class EngineClosed(AskError):
    """The engine is not running: not started yet, or closing."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__("The engine is not running. Ask again in a moment.")


class Superseded(Exception):
    """A newer ask took the slot of this one; its frames end here."""
