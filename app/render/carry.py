"""A method's array as a binary frame: some of its units, made small or true, exact or as bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from app.explain.method import Frame
from app.render.frames import DATA_TYPES, DataType, Header, encode_frame
from app.render.quantise import Ends, quantise, ranges, spanned
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
    array = frame.array
    assert array is not None
    if array.dtype != torch.float32 or array.requires_grad or not array.is_cpu:
        # Only then: every torch call lets other threads in, and waits for its turn to go on.
        array = array.detach().to("cpu").float()
    values: NDArray[np.float32] = array.numpy()
    return values


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
    data, spans = as_type(array, frame, dtype, known_ranges(frame, units))
    return encode_frame({**header, **spans}, data)


def known_ranges(frame: Frame, units: Sequence[int] | None = None) -> tuple[Ends, Ends] | None:
    """The ranges of some units, without looking at their values; None where the method does not tell.

    Maps that were made small have them too, since each cell keeps the value largest in size.
    """
    if frame.extremes is None:
        return None
    least, greatest = (np.array(ends, np.float64) for ends in frame.extremes)
    chosen = slice(None) if units is None else list(units)
    return spanned(least[chosen], greatest[chosen], frame.kind)


def as_type(
    array: NDArray[np.float32], frame: Frame, dtype: DataType, known: tuple[Ends, Ends] | None
) -> tuple[NDArray[Any], Header]:
    """The array in the type that travels, and the part of the header that tells its range, known or not."""
    if dtype == "u8":
        quantised = quantise(array, frame.kind, has_ranges(frame), known)
        return quantised.data, spans(quantised.low, quantised.high, quantised.nonfinite, frame)
    rows = array.reshape(len(array), -1) if has_ranges(frame) else array.reshape(1, -1)
    low, high, nonfinite = (*known, 0) if known is not None else ranges(rows, frame.kind)
    with np.errstate(over="ignore"):
        return array.astype(DATA_TYPES[dtype]), spans(low, high, nonfinite, frame)


def spans(low: Ends, high: Ends, nonfinite: int, frame: Frame) -> Header:
    """`range` and `nonfinite` of a header; a list of ranges where each unit has one."""
    # Adding zero makes −0 plain.
    pairs = (np.stack((low, high), 1) + 0.0).tolist()
    return {"range": pairs if has_ranges(frame) else pairs[0], "nonfinite": nonfinite}


def whole_range(frame: Frame) -> list[float]:
    """The range of all finite values of an array, as its kind wants it."""
    if frame.extremes is not None:
        least, greatest = (np.array([end]) for end in (min(frame.extremes[0]), max(frame.extremes[1])))
        low, high = spanned(least, greatest, frame.kind)
    else:
        low, high, _ = ranges(numbers(frame).reshape(1, -1), frame.kind)
    return [float(low[0]), float(high[0])]
