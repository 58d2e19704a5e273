"""An ONNX file whose weights are kept in files beside it, made one file. Nothing else of it is changed."""

from pathlib import Path

from app.onnx import wire
from app.onnx.limits import Limits
from app.onnx.messages import read_model, read_tensor
from app.onnx.tensors import STORED, Sources

HOLDS = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
}
"""The fields of onnx.proto's messages through which tensors are reached."""

RAW, PLACE, WHERE = 9, 13, 14
"""Fields of a tensor: its bytes, the entries that say where they are, and whether they are elsewhere."""


def inlined(path: Path, limits: Limits) -> bytes:
    """The bytes of a file with all of its weights inside.

    Raises:
        BadOnnx: the file is broken, or names a file that is not beside it.
        OSError: the file cannot be opened.
    """
    data = memoryview(path.read_bytes())
    # Its structure is checked here, and is not too deep to walk.
    read_model(data, limits)
    return rewritten("model", data, Sources(path.parent, limits.file_bytes))


def rewritten(kind: str, message: memoryview, sources: Sources) -> bytes:
    """A message whose tensors hold their own bytes."""
    if kind == "tensor":
        return whole_tensor(message, sources)
    parts: list[bytes | memoryview] = []
    for number, value, field in wire.spans(message):
        inner = HOLDS[kind].get(number)
        parts.append(wire.field(number, rewritten(inner, wire.content(value), sources)) if inner else field)
    return b"".join(parts)


def whole_tensor(message: memoryview, sources: Sources) -> bytes:
    """A tensor that holds its own bytes."""
    tensor = read_tensor(message)
    if tensor.external is None or tensor.kind not in STORED:
        return bytes(message)
    raw = sources.outside(tensor, sources.counted(tensor))
    kept = [field for number, _, field in wire.spans(message) if number not in (RAW, PLACE, WHERE)]
    return b"".join([*kept, wire.field(RAW, raw)])
