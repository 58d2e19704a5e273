"""The binary frame: an array with what must be known to read it.

A 4-byte little-endian length, that many bytes of UTF-8 JSON, zeros until the whole is a multiple of 8 bytes long, then
the array in C order, little-endian.
"""

import json
import struct
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

Header = dict[str, Any]
DataType = Literal["u8", "f16", "f32"]

DATA_TYPES: dict[DataType, np.dtype[Any]] = {"u8": np.dtype("u1"), "f16": np.dtype("<f2"), "f32": np.dtype("<f4")}
"""The names that travel, and what they mean."""

MOST_DIMENSIONS = 8


class FrameError(ValueError):
    """Bytes that are no frame; the message says what was wrong."""


def encode_frame(header: Header, array: NDArray[Any]) -> bytes:
    """Writes a frame. `dtype` and `shape` are added to the header from the array.

    Raises:
        FrameError: the array is neither uint8 nor float16 nor float32, or the header is not JSON (NaN isn't).
    """
    names = [name for name, dtype in DATA_TYPES.items() if dtype == array.dtype.newbyteorder("<")]
    if not names or array.ndim > MOST_DIMENSIONS:
        raise FrameError(f"An array of {array.dtype} with {array.ndim} axes cannot travel; u8, f16 and f32 can.")
    try:
        head = write_header({**header, "dtype": names[0], "shape": array.shape})
    except (TypeError, ValueError) as error:
        raise FrameError(f"The header is not JSON: {error}.") from error
    padding = -(4 + len(head)) % 8
    body = np.ascontiguousarray(array, DATA_TYPES[names[0]])
    return b"".join((struct.pack("<I", len(head)), head, bytes(padding), body.reshape(-1).view(np.uint8).data))


def write_header(header: Header) -> bytes:
    """A header as JSON."""
    text = orjson.dumps(header)
    if b"null" in text:
        # orjson writes null for NaN too, which is no range.
        json.dumps(header, allow_nan=False)
    return text


def decode_frame(data: bytes) -> tuple[Header, NDArray[Any]]:
    """Reads a frame: its header, and its array (read-only, without a copy).

    Raises:
        FrameError: these bytes are no frame.
    """
    if len(data) < 4:
        raise FrameError(f"A frame begins with 4 bytes of length; there are {len(data)} bytes.")
    (length,) = struct.unpack_from("<I", data)
    start = 4 + length + -(4 + length) % 8
    if start > len(data):
        raise FrameError(f"The header should be {length} bytes long, but the frame has only {len(data)} bytes.")
    header = read_header(data[4 : 4 + length])
    shape, dtype = header["shape"], DATA_TYPES[header["dtype"]]
    expected = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(data) - start != expected:
        raise FrameError(
            f"An array of {shape} {header['dtype']} takes {expected} bytes; there are {len(data) - start}."
        )
    return header, np.frombuffer(data, dtype, offset=start).reshape(shape)


def read_header(text: bytes) -> Header:
    """A frame's header with a `dtype` and a `shape` that can be trusted."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("The header is not UTF-8 JSON.") from error
    if not isinstance(header, dict) or header.get("dtype") not in DATA_TYPES:
        raise FrameError(f"The header should be an object with a dtype out of {', '.join(DATA_TYPES)}.")
    shape = header.get("shape")
    if not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS or not all(map(is_side, shape)):
        raise FrameError("The header should have a shape: a list of at most 8 whole numbers.")
    return header


def is_side(value: object) -> bool:
    """Whether this can be the length of an axis."""
    return type(value) is int and 0 <= value < 1 << 31
