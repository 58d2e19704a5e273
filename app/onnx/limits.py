"""How large a network may be that is read from a file."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds on what a file may ask for.

    Attributes:
        file_bytes: size of the file, with the data files beside it.
        nodes: operations.
        tensors: stored tensors.
        memory_bytes: all values of one pass over one picture, in float32.
        macs: multiply-adds of one pass over one picture.
    """

    file_bytes: int = 1024 * MEBIBYTE
    nodes: int = 5_000
    tensors: int = 20_000
    memory_bytes: int = 6144 * MEBIBYTE
    macs: int = 200_000_000_000
