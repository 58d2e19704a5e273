"""Answers written as files: a picture, or NumPy's archive of arrays."""

import io

import numpy as np

from app.engine.ask import Answer
from app.explain.errors import AskError
from app.explain.method import Frame
from app.render.carry import numbers
from app.render.picture import picture


class UnknownArray(AskError):
    """The answer has no array of this name."""

    code = "unknown_array"


def array_of(answer: Answer, name: str | None) -> Frame:
    """An answer's array by its name, or its first.

    Raises:
        UnknownArray: there is none of this name, or none at all.
    """
    arrays = answer.arrays
    if not arrays:
        raise UnknownArray(f"The answer of {answer.ask.method} has no arrays: ask for it as application/json.", "array")
    if name is None:
        return next(iter(arrays.values()))
    if name not in arrays:
        names = list(arrays)
        shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
        raise UnknownArray(f"The answer has no array “{name[:80]}”. Its arrays are: {shown}.", "array")
    return arrays[name]


def as_png(answer: Answer, name: str | None = None) -> bytes:
    """One array as a picture; raises UnknownArray."""
    return picture(array_of(answer, name))


def as_npz(answer: Answer) -> bytes:
    """All arrays in float32, each under its name."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: numbers(frame) for name, frame in answer.arrays.items()})  # type: ignore[arg-type]
    return buffer.getvalue()
