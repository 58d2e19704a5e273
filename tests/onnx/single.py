"""Networks of one operation, for holding each against onnxruntime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Constants = Sequence[np.ndarray | None]


def random(*shape: int, seed: int = 0) -> np.ndarray:
    """Random numbers, the same every time."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def whole(*numbers: int) -> np.ndarray:
    """A list of whole numbers as an input."""
    return np.array(numbers, np.int64)


def model(
    nodes: Sequence[onnx.NodeProto],
    shape: Sequence[int | str],
    opset: int = 17,
    tensors: dict[str, np.ndarray] | None = None,
    outputs: Sequence[str] = ("y",),
) -> bytes:
    """A file with some nodes from `x` to the outputs."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in (tensors or {}).items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    made.ir_version = 8 if opset < 21 else 10
    return bytes(made.SerializeToString())


def single(
    operation: str,
    shape: Sequence[int],
    *constants: np.ndarray | None,
    opset: int = 17,
    first: bool = True,
    **attributes: Any,
) -> bytes:
    """A file with one operation of the picture and constants; the picture comes last unless `first`."""
    names = ["" if value is None else f"c{i}" for i, value in enumerate(constants)]
    tensors = {f"c{i}": value for i, value in enumerate(constants) if value is not None}
    inputs = ["x", *names] if first else [*names, "x"]
    node = helper.make_node(operation, inputs, ["y"], name="/block/node", **attributes)
    return model([node], shape, opset, tensors)
