"""Arrays as bytes: 8 bits per value and, per unit, the range that maps them back.

Byte 0 says "not finite" (NaN or infinite). Bytes 1…255 mean value = low + (byte − 1) / 254 · (high − low). Kinds
that diverge around zero have low = −high, so that zero is exactly byte 128; `positive` has low = 0, so that zero is
exactly byte 1. A `picture` has no range to find: bytes 0…255 are 0…1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.explain.method import Kind

Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]
Ends = NDArray[np.float64]
"""One end of each unit's range."""

DIVERGING: frozenset[Kind] = frozenset({"signed", "weight", "attribution"})
"""Kinds whose range is symmetric around zero."""

# Two such blocks, of values and of scaled values, stay in a core's second-level cache.
BLOCK_VALUES = 1 << 16

# Outside of these, 254 / (high − low) is no normal float32.
SINGLE_PRECISION = (1e-30, 1e30)


@dataclass(frozen=True)
class Quantised:
    """An array as bytes.

    Attributes:
        data: uint8, of the array's shape.
        low: smallest value that a byte can mean, one per unit.
        high: largest value that a byte can mean, one per unit.
        nonfinite: how many values are NaN or infinite.
    """

    data: Bytes
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    nonfinite: int


def extremes(rows: Floats) -> tuple[Ends, Ends, int]:
    """Least and greatest finite value of each row (0 where there is none), and the count of the values not finite.

    Args:
        rows: units × values.
    """
    if rows.shape[1] == 0:
        return np.zeros(len(rows)), np.zeros(len(rows)), 0
    smallest, largest = rows.min(axis=1).astype(np.float64), rows.max(axis=1).astype(np.float64)
    nonfinite = 0
    for row in np.flatnonzero(~np.isfinite(smallest) | ~np.isfinite(largest)):
        finite = rows[row][np.isfinite(rows[row])]
        nonfinite += rows.shape[1] - len(finite)
        smallest[row], largest[row] = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return smallest, largest, nonfinite


def spanned(smallest: Ends, largest: Ends, kind: Kind) -> tuple[Ends, Ends]:
    """The range of values between these, as their kind wants it: symmetric around zero where it diverges, else with
    zero inside; of a picture always 0…1."""
    if kind == "picture":
        return np.zeros(len(smallest)), np.ones(len(smallest))
    if kind in DIVERGING:
        largest = np.maximum(np.abs(smallest), np.abs(largest))
        return -largest, largest
    return np.minimum(smallest, 0.0), np.maximum(largest, 0.0)


def ranges(rows: Floats, kind: Kind) -> tuple[Ends, Ends, int]:
    """The range of each row's finite values, as its kind wants it, and the count of the others; rows as above."""
    if kind == "picture":
        nothing = np.zeros(len(rows))
        return *spanned(nothing, nothing, kind), int(np.count_nonzero(~np.isfinite(rows)))
    smallest, largest, nonfinite = extremes(rows)
    return *spanned(smallest, largest, kind), nonfinite


def quantise(array: Floats, kind: Kind, per_unit: bool = True, known: tuple[Ends, Ends] | None = None) -> Quantised:
    """Turns an array into bytes, each unit by its own range.

    Args:
        array: any shape; its first axis is the unit where `per_unit` is set.
        kind: what the numbers are, and so where zero lies.
        per_unit: one range per entry of the first axis; otherwise one for all.
        known: the range of each unit as `spanned` gives it, where it is known, and known that all values are finite.
    """
    rows = array.reshape(len(array) if per_unit else 1, -1) if array.size else array.reshape(len(array), 0)
    if kind == "picture":
        return picture_bytes(array, rows)
    low, high, nonfinite = (*known, 0) if known is not None else ranges(rows, kind)
    data = as_bytes(rows, kind, low, high)
    if nonfinite:
        data[~np.isfinite(rows)] = 0
    return Quantised(data.reshape(array.shape), low, high, nonfinite)


def as_bytes(rows: Floats, kind: Kind, low: Ends, high: Ends) -> Bytes:
    """The bytes of some rows: byte = ⌊value · 254 / (high − low) + zero + ½⌋, `zero` the byte of zero."""
    width = high - low
    scale = np.divide(254.0, width, out=np.zeros_like(width), where=width > 0)
    zero = (np.full_like(width, 128.0) if kind in DIVERGING else 1.0 - low * scale) + 0.5
    moderate = (width == 0) | ((width > SINGLE_PRECISION[0]) & (width < SINGLE_PRECISION[1]))
    precision = np.float32 if moderate.all() else np.float64
    factor, offset = scale.astype(precision)[:, None], zero.astype(precision)[:, None]
    data = np.empty(rows.shape, np.uint8)
    step = max(1, BLOCK_VALUES // max(1, rows.shape[1]))
    scratch = np.empty((min(step, len(rows)), rows.shape[1]), precision)
    with np.errstate(invalid="ignore"):
        for start in range(0, len(rows), step):
            block = slice(start, start + step)
            scaled = scratch[: len(rows) - start]
            np.multiply(rows[block], factor[block], out=scaled)
            np.add(scaled, offset[block], out=data[block], casting="unsafe", dtype=precision)
    return data


def picture_bytes(array: Floats, rows: Floats) -> Quantised:
    """A picture's values, 0…1, as bytes 0…255; what is outside is clipped, what isn't finite is black."""
    low, high, nonfinite = ranges(rows, "picture")
    clipped = np.clip(np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    return Quantised((clipped * 255 + 0.5).astype(np.uint8), low, high, nonfinite)


def dequantise(data: Bytes, low: Floats, high: Floats, kind: Kind) -> NDArray[np.float32]:
    """The values that bytes mean; NaN where they were not finite. `low` and `high` hold one entry per unit, or one."""
    if kind == "picture":
        return (data / np.float32(255)).astype(np.float32)
    rows = data.reshape(len(low), -1).astype(np.float64)
    values = low[:, None] + (rows - 1) / 254 * (high - low)[:, None]
    values[rows == 0] = np.nan
    return values.reshape(data.shape).astype(np.float32)
