"""Holds a network read from a file against onnxruntime, value by value."""

import io
import warnings
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from app.explain.network import Network
from app.onnx.importer import OnnxFile, read_onnx

CLOSE = 1e-4


def exported(module: nn.Module, shape: tuple[int, ...], opset: int = 17, **keywords: object) -> bytes:
    """The file that torch's exporter writes of a network in eval mode."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"dynamo": False, "opset_version": opset, **keywords}
        torch.onnx.export(module.eval(), (torch.randn(1, *shape),), file, **options)
    return file.getvalue()


def truth(model: onnx.ModelProto, x: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """What onnxruntime makes of some values of a network, without rewriting it."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    there = {output.name for output in shown.graph.output}
    shown.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in there)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 2
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
    stored = {tensor.name for tensor in model.graph.initializer}
    name = next(value.name for value in model.graph.input if value.name not in stored)
    return dict(zip(names, session.run(list(names), {name: x}), strict=True))


def difference(data: bytes, x: torch.Tensor | None = None) -> tuple[float, OnnxFile, Network]:
    """The largest difference of any value from onnxruntime's, relative to that value's largest number if above one."""
    model = onnx.load_from_string(data)
    file = read_onnx(data)
    network = Network(file.module, file.input_shape)
    if x is None:
        x = torch.randn(1, *file.input_shape, generator=torch.Generator().manual_seed(0))
    picture = next(name for name, value in file.values.items() if value.key == "" and value.node == "input")
    # What a branch makes is known to onnxruntime within that branch alone.
    made = {name for node in model.graph.node for name in node.output}
    # Whole numbers of eight bits are kept here as the floats that they stand for.
    values = {name: value for name, value in file.values.items() if name in made and value.scale is None}
    fed = x.permute(file.values[picture].layout).contiguous().numpy()
    right = truth(model, fed, list(values))
    mine = network.values(x, {value.node for value in values.values()})
    worst = 0.0
    for name, value in values.items():
        found = mine[value.node].permute(value.layout).numpy()
        assert found.shape == right[name].shape, f"{name}: {found.shape}, not {right[name].shape}"
        size = max(1.0, float(np.abs(right[name]).max(initial=0)))
        worst = max(worst, float(np.abs(found - right[name]).max(initial=0)) / size)
    return worst, file, network
