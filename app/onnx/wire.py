"""The protobuf wire format: the fields of one message, one after the other."""

import struct
from collections.abc import Iterator

import numpy as np

from app.onnx.errors import BadOnnx

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
MOST_FIELDS = 100_000
"""Fields of one message; a network's graph has one for each node and each tensor."""

Field = tuple[int, int | memoryview]
"""A field's number, and its value: a whole number, or the bytes that it holds (a float's too)."""


def fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message in their order; nothing is copied, and nothing inside a field is read.

    Raises:
        BadOnnx: the bytes are no protobuf message.
    """
    for number, value, _ in spans(message):
        yield number, value


def spans(message: memoryview) -> Iterator[tuple[int, int | memoryview, memoryview]]:
    """The same, each with all the bytes that it takes; raises BadOnnx."""
    position, end, count = 0, len(message), 0
    while position < end:
        begin = position
        count += 1
        if count > MOST_FIELDS:
            raise broken(f"one of its messages has more than {MOST_FIELDS} fields")
        key, position = varint(message, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            value, position = varint(message, position)
            yield number, value, message[begin:position]
            continue
        if wire_type == BYTES:
            length, position = varint(message, position)
        elif wire_type in (FIXED64, FIXED32):
            length = 8 if wire_type == FIXED64 else 4
        else:
            raise broken(f"a field of the unknown wire type {wire_type}")
        if number == 0 or length > end - position:
            raise broken("it ends in the middle of a field" if number else "a field without a number")
        held, position = message[position : position + length], position + length
        yield number, held, message[begin:position]


def varint(message: memoryview, position: int) -> tuple[int, int]:
    """An unsigned number of up to 64 bits at a position, and the position behind it."""
    value = 0
    for i, byte in enumerate(message[position : position + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + i + 1
    raise broken("a number that does not end")


def field(number: int, held: bytes | memoryview) -> bytes:
    """A field of bytes as it is written."""
    head = bytearray()
    for value in (number << 3 | BYTES, len(held)):
        while value >= 0x80:
            head.append(value & 0x7F | 0x80)
            value >>= 7
        head.append(value)
    return bytes(head) + bytes(held)


def signed(value: int) -> int:
    """A varint as the int64 that it stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value


def varints(packed: memoryview) -> np.ndarray:
    """All numbers of a packed field, as int64."""
    data = np.frombuffer(packed, np.uint8)
    ends = np.flatnonzero(data < 0x80)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        raise broken("a number that does not end")
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lengths = ends - starts + 1
    if len(lengths) and lengths.max() > LONGEST_VARINT:
        raise broken("a number that does not end")
    values = np.zeros(len(ends), np.uint64)
    for place in range(int(lengths.max()) if len(lengths) else 0):
        there = lengths > place
        part = (data[starts[there] + place] & 0x7F).astype(np.uint64)
        values[there] |= part << np.uint64(7 * place)
    return values.view(np.int64)


def floating(value: int | memoryview) -> float:
    """A field of four bytes as the float that it holds."""
    if isinstance(value, int) or len(value) != 4:
        raise broken("a number of another type than its field's")
    return float(struct.unpack("<f", value)[0])


def whole(value: int | memoryview) -> int:
    """A field as a signed whole number."""
    if not isinstance(value, int):
        raise broken("bytes where a number belongs")
    return signed(value)


def content(value: int | memoryview) -> memoryview:
    """A field as the bytes that it holds."""
    if isinstance(value, int):
        raise broken("a number where bytes belong")
    return value


def text(value: int | memoryview) -> str:
    """A field as text; what is not UTF-8 is replaced."""
    return bytes(content(value)).decode("utf-8", errors="replace")


def broken(reason: str) -> BadOnnx:
    """The error of bytes that are no protobuf."""
    return BadOnnx(f"This is no whole ONNX file: {reason}. Export the network again, or upload the file again.")
