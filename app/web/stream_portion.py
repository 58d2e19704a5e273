"""A part of an array on its way to a client: which units, how small, and how many bytes that takes at most."""

from collections.abc import Iterator, Sequence
from math import prod

from app.explain.method import Frame
from app.render.carry import carry, has_maps, has_ranges
from app.render.frames import DATA_TYPES, DataType

FRAME_BYTES = 256 << 10
"""Bytes of an array that travel in one binary frame, unless one unit alone takes more."""

# What a header takes at most: for its own words, for a unit's number and range, for a character that JSON escapes.
HEADER_BYTES = 1024
HEADER_BYTES_PER_UNIT = 64
HEADER_BYTES_PER_CHARACTER = 6


class Portion:
    """Some units of a frame's array, or all of it.

    Args:
        frame: holds the array.
        identity: the `id` of the binary frame.
        dtype: how the values travel.
        known: the units whose true pixels the client has; shared by all portions of one array.
        units: entries of the first axis, or None for the whole array.
        size: most pixels per side, or None for the true ones.
    """

    def __init__(
        self,
        frame: Frame,
        identity: str,
        dtype: DataType,
        known: set[int],
        units: Sequence[int] | None = None,
        size: int | None = None,
    ) -> None:
        assert frame.array is not None
        self._frame = frame
        self._identity = identity
        self._dtype = dtype
        self._known = known
        self._units = units
        shape = frame.array.shape
        self._size = size if has_maps(frame) and size is not None and max(shape[1:]) > size else None
        count = 1 if units is None else len(units)
        words = (identity, frame.name, frame.node or "", frame.unit, *frame.axes)
        header = HEADER_BYTES + HEADER_BYTES_PER_UNIT * count + HEADER_BYTES_PER_CHARACTER * sum(map(len, words))
        per_unit = unit_bytes(frame, dtype, self._size) if units is not None else travelling_bytes(shape, dtype)
        self.largest = header + count * per_unit
        """Bytes of the binary frame at most."""
        self.weight = frame.array.nbytes if units is None else count * frame.array.nbytes // max(1, shape[0])
        """Bytes that encoding reads."""

    def open(self) -> bool:
        """Leaves out the units that the client has by now; whether anything is left to send."""
        if self._units is None or self._size is not None:
            return True
        self._units = [unit for unit in self._units if unit not in self._known]
        return bool(self._units)

    def encode(self) -> bytes:
        """The binary frame."""
        return carry(self._frame, self._identity, self._dtype, self._units, self._size)

    def sent(self) -> None:
        """Takes note that the client has it."""
        if self._units is not None and self._size is None:
            self._known.update(self._units)


def travelling_bytes(shape: Sequence[int], dtype: DataType) -> int:
    """Bytes of an array as it travels."""
    return prod(shape) * DATA_TYPES[dtype].itemsize


def unit_bytes(frame: Frame, dtype: DataType, size: int | None) -> int:
    """Bytes that one unit's part of the array takes as it travels."""
    assert frame.array is not None
    shape = tuple(frame.array.shape[1:])
    cell = 1 if size is None else max(1, -(-max(shape) // size))
    return travelling_bytes([-(-side // cell) for side in shape], dtype)


def portions(
    frame: Frame,
    identity: str,
    dtype: DataType,
    known: set[int],
    units: Sequence[int] | None = None,
    size: int | None = None,
) -> Iterator[Portion]:
    """Parts of an array that fit into one binary frame each; see `Portion` for the arguments.

    An array of values without rows and columns travels whole and exact: its header would outweigh bytes and ranges.
    """
    assert frame.array is not None
    if not has_ranges(frame):
        yield Portion(frame, identity, dtype if len(frame.axes) > 1 else "f32", known)
        return
    units = range(len(frame.array)) if units is None else units
    smaller = size if has_maps(frame) else None
    step = max(1, FRAME_BYTES // (unit_bytes(frame, dtype, smaller) + HEADER_BYTES_PER_UNIT))
    for start in range(0, len(units), step):
        yield Portion(frame, identity, dtype, known, units[start : start + step], size)
