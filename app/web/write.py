"""Answers written as files: a picture, NumPy's archive of arrays, or a table."""

import csv
import io
import re
from collections.abc import Sequence

import numpy as np

from app.engine.ask import Answer
from app.explain.errors import AskError
from app.explain.method import Frame
from app.render.carry import numbers
from app.render.film import film, is_film
from app.render.picture import picture


def saved_as(name: str) -> dict[str, str]:
    """The header by which a browser saves a response under a name."""
    return {"Content-Disposition": f'attachment; filename="{re.sub(r"[^A-Za-z0-9_.-]+", "_", name)}"'}


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


def as_webp(answer: Answer, name: str | None = None) -> bytes:
    """A film; raises UnknownArray where there is none."""
    return webp_of(array_of(answer, name or next((n for n, array in answer.arrays.items() if is_film(array)), None)))


def webp_of(frame: Frame) -> bytes:
    """An array as a film.

    Raises:
        UnknownArray: it is none.
    """
    if not is_film(frame):
        raise UnknownArray(
            f"{frame.name} is no film: deep_dream makes one where its parameter film says how many pictures, such as "
            "48.",
            "array",
        )
    return film(frame)


def as_npz(answer: Answer) -> bytes:
    """All arrays in float32, each under its name."""
    return npz_of(*answer.arrays.values())


def npz_of(*frames: Frame, units: Sequence[int] | None = None) -> bytes:
    """Arrays in float32, each under its name; of each all units, or these."""
    buffer = io.BytesIO()
    arrays = {frame.name: numbers(frame) if units is None else numbers(frame)[list(units)] for frame in frames}
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def as_csv(answer: Answer, name: str | None = None) -> bytes:
    """One array as a table; raises UnknownArray."""
    return csv_of(array_of(answer, name))


def csv_of(frame: Frame, units: Sequence[int] | None = None) -> bytes:
    """An array as a table with one value per line, behind its place along each axis: `unit,row,column,value`.

    A value is written with the fewest digits that read as the same float32.

    Args:
        frame: holds the array.
        units: which entries of the first axis, in this order; all by default.
    """
    array = numbers(frame)
    first = np.arange(len(array)) if units is None else np.array(units)
    chosen = array[first]
    places = np.indices(chosen.shape)
    places[0] = first[places[0]]
    lines = io.StringIO(newline="")
    table = csv.writer(lines)
    table.writerow([*frame.axes, "value"])
    table.writerows(zip(*(place.ravel().tolist() for place in places), chosen.ravel().astype(str), strict=True))
    return lines.getvalue().encode()
