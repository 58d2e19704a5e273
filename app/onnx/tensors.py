"""Stored tensors as torch's: checked against what their bytes can hold before anything is made of them."""

from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from app.onnx.errors import BadOnnx, quoted
from app.onnx.messages import TensorMessage

STORED: dict[int, tuple[str, torch.dtype]] = {
    1: ("<f4", torch.float32),
    2: ("u1", torch.uint8),
    3: ("i1", torch.int8),
    4: ("<u2", torch.int64),
    5: ("<i2", torch.int64),
    6: ("<i4", torch.int32),
    7: ("<i8", torch.int64),
    9: ("u1", torch.bool),
    10: ("<f2", torch.float32),
    11: ("<f8", torch.float32),
    12: ("<u4", torch.int64),
    13: ("<i8", torch.int64),
    16: ("<u2", torch.float32),
}
"""How the bytes of each type of onnx.proto are read, and what becomes of them here."""

HALF, BRAIN = 10, 16
KINDS = {
    8: "text", 14: "complex64", 15: "complex128", 17: "float8", 18: "float8", 19: "float8", 20: "float8", 21: "uint4",
    22: "int4", 23: "float4",
}  # fmt: skip


@dataclass
class Sources:
    """Where the bytes of a file's tensors are.

    Attributes:
        folder: that holds the file; data files beside it may be read, and only there. None for an upload.
        file_bytes: how many bytes all data files may have.
        opened: the data files that were read, by name.
        other_types: names of the types that were turned into float32.
    """

    folder: Path | None
    file_bytes: int
    opened: dict[str, memoryview] = field(default_factory=dict)
    other_types: set[str] = field(default_factory=set)

    def tensor(self, message: TensorMessage) -> Tensor:
        """The tensor: floats as float32, whole numbers as they are.

        Raises:
            BadOnnx: its bytes do not fit its shape, or its type is not read.
        """
        if message.kind not in STORED:
            kind = KINDS.get(message.kind, f"the unknown type {message.kind}")
            raise BadOnnx(
                f"The tensor {quoted(message.name)} holds {kind}: floats, whole numbers and truth values are read."
            )
        stored, dtype = STORED[message.kind]
        count = self.counted(message)
        raw = self.outside(message, count) if message.external is not None else message.raw
        if raw is not None:
            values = self.fitting(message, raw, count)
        else:
            numbers = message.numbers if message.numbers is not None else np.zeros(0, stored)
            if len(numbers) != count:
                raise BadOnnx(self.sizes(message, count, f"{len(numbers)} numbers"))
            # The two types of sixteen bits are kept as whole numbers.
            values = numbers.astype("<u2").view(stored) if message.kind in (HALF, BRAIN) else numbers.astype(stored)
        if message.kind == BRAIN:
            values = (values.astype(np.uint32) << 16).view(np.float32)
        if dtype == torch.float32 and message.kind != 1:
            self.other_types.add({HALF: "float16", BRAIN: "bfloat16"}.get(message.kind, "float64"))
        native = np.ascontiguousarray(values).astype(str(dtype).removeprefix("torch."), copy=True)
        return torch.from_numpy(native.reshape(message.shape))

    def counted(self, message: TensorMessage) -> int:
        """How many numbers a tensor of its shape has."""
        if any(size < 0 for size in message.shape):
            raise BadOnnx(f"The tensor {quoted(message.name)} has an axis of negative size.")
        return prod(message.shape)

    def fitting(self, message: TensorMessage, raw: memoryview, count: int) -> np.ndarray:
        """Raw bytes as numbers, if they are as many as the shape says."""
        stored = np.dtype(STORED[message.kind][0])
        if len(raw) != count * stored.itemsize:
            raise BadOnnx(self.sizes(message, count, f"{len(raw)} bytes"))
        return np.frombuffer(raw, stored)

    def sizes(self, message: TensorMessage, count: int, held: str) -> str:
        """The sentence of a tensor whose shape and data disagree."""
        shape = "×".join(map(str, message.shape)) or "1"
        return f"The tensor {quoted(message.name)} says it has {shape} = {count} numbers, but {held} are there."

    def outside(self, message: TensorMessage, count: int) -> memoryview:
        """The bytes of a tensor that is kept in a file beside the network's."""
        assert message.external is not None
        location = message.external.get("location", "")
        if self.folder is None:
            raise BadOnnx(
                f"The tensor {quoted(message.name)} is kept in another file, {quoted(location)}. Save the network with "
                "its weights inside: torch.onnx.export(…, external_data=False)."
            )
        data = self.opened.get(location) or self.opened.setdefault(location, self.data_file(message, location))
        offset = amount(message, "offset", 0)
        length = amount(message, "length", count * np.dtype(STORED[message.kind][0]).itemsize)
        if offset + length > len(data):
            raise BadOnnx(f"The tensor {quoted(message.name)} goes beyond the end of {quoted(location)}.")
        return data[offset : offset + length]

    def data_file(self, message: TensorMessage, location: str) -> memoryview:
        """A file beside the network's: never one of another folder, nor one that a link leads to."""
        assert self.folder is not None
        folder = self.folder.resolve()
        try:
            path = (folder / location).resolve()
            inside = path.is_relative_to(folder) and path.is_file()
        except (OSError, ValueError):
            inside = False
        if not inside:
            raise BadOnnx(
                f"The tensor {quoted(message.name)} is kept in {quoted(location)}, which is no file in the network's "
                "folder: put it there, beside the network."
            )
        if path.stat().st_size + sum(map(len, self.opened.values())) > self.file_bytes:
            raise BadOnnx(f"The data file {quoted(location)} is larger than {self.file_bytes} bytes in all.")
        return memoryview(path.read_bytes())


def amount(message: TensorMessage, key: str, otherwise: int) -> int:
    """A number of bytes that a tensor's place is given with."""
    assert message.external is not None
    told = message.external.get(key, str(otherwise))
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise BadOnnx(f"The tensor {quoted(message.name)} has the {key} {quoted(told)}, which is no number of bytes.")
    return int(told)
