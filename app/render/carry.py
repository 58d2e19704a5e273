"""A method's array as a binary frame: some of its units, made small or true, exact or as bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.explain.method import Frame
from app.render.frames import DATA_TYPES, DataType, Header, encode_frame
from app.render.quantise import quantise, ranges
from app.render.strips import shrink


def has_units(frame: Frame) -> bool:
    """Whether the first axis of its array counts units."""
    return bool(frame.axes) and frame.axes[0] == "unit"


def has_ranges(frame: Frame) -> bool:
    """Whether each unit has a range of its own: it has more than one value."""
    return has_units(frame) and len(frame.axes) > 1


def has_maps(frame: Frame) -> bool:
    """Whether its array consists of maps that can be made small: units × rows × columns."""
    return frame.axes == ("unit", "row", "column")


def numbers(frame: Frame) -> NDArray[np.float32]:
    """The array of a frame, without a copy where it lies in this machine's memory as float32."""
    assert frame.array is not None
    array: NDArray[np.float32] = frame.array.detach().to("cpu").float().numpy()
    return array


def carry(
    frame: Frame,
    identity: str,
    dtype: DataType = "u8",
    units: Sequence[int] | None = None,
    size: int | None = None,
) -> bytes:
    """Writes the array of a frame, or a part of it, as a binary frame.

    Args:
        frame: holds an array.
        identity: what the header's `id` says: an ask's on the stream, an answer's over HTTP.
        dtype: `u8` with the ranges that map it back, or floats.
        units: which entries of the first axis, in this order; all by default. Only for arrays with a `unit` axis.
        size: most pixels per side; true pixels by default. Only for units × rows × columns.
    """
    whole = numbers(frame)
    array = whole if units is None else whole[list(units)]
    if size is not None and has_maps(frame):
        array = shrink(array, size)
    reduced = array.shape[1:] != whole.shape[1:]
    header: Header = {
        "id": identity,
        "node": frame.node,
        "name": frame.name,
        "axes": frame.axes,
        "kind": frame.kind,
        "unit": frame.unit,
        "detail": "strip" if reduced else "map",
        "full_shape": whole.shape,
        "step": frame.step,
        "steps": frame.steps,
    }
    if units is not None:
        header["units"] = list(units)
    elif has_ranges(frame):
        header["units"] = list(range(len(array)))
    data, spans = as_type(array, frame, dtype)
    return encode_frame({**header, **spans}, data)


def as_type(array: NDArray[np.float32], frame: Frame, dtype: DataType) -> tuple[NDArray[Any], Header]:
    """The array in the type that travels, and the part of the header that tells its range."""
    if dtype == "u8":
        quantised = quantise(array, frame.kind, has_ranges(frame))
        return quantised.data, spans(quantised.low, quantised.high, quantised.nonfinite, frame)
    rows = array.reshape(len(array), -1) if has_ranges(frame) else array.reshape(1, -1)
    low, high, nonfinite = ranges(rows, frame.kind)
    with np.errstate(over="ignore"):
        return array.astype(DATA_TYPES[dtype]), spans(low, high, nonfinite, frame)


def spans(low: NDArray[np.float64], high: NDArray[np.float64], nonfinite: int, frame: Frame) -> Header:
    """`range` and `nonfinite` of a header; a list of ranges where each unit has one."""
    pairs = (np.column_stack((low, high)) + 0.0).tolist()
    return {"range": pairs if has_ranges(frame) else pairs[0], "nonfinite": nonfinite}
