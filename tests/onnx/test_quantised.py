"""Networks in eight bits, as onnxruntime's own tool writes them, and such in TensorFlow's order of axes."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

import models
from app.explain.method import methods
from app.explain.network import Network
from app.onnx.errors import BadOnnx
from app.onnx.importer import read_onnx
from tests.onnx.comparing import CLOSE, difference, exported
from tests.onnx.single import model, random, whole


class Pictures(CalibrationDataReader):
    """Four pictures of noise."""

    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self.ahead = iter({name: random(1, *shape, seed=i)} for i in range(4))

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.ahead, None)


@pytest.mark.parametrize("per_channel", [False, True])
def test_a_network_in_eight_bits_is_what_onnxruntime_makes_of_it(tmp_path: Path, per_channel: bool) -> None:
    data = exported(models.create("tiny_vgg"), (3, 64, 64))
    (tmp_path / "net.onnx").write_bytes(data)
    name = onnx.load_from_string(data).graph.input[0].name
    quantize_static(
        tmp_path / "net.onnx",
        tmp_path / "small.onnx",
        Pictures(name, (3, 64, 64)),
        quant_format=QuantFormat.QDQ,
        per_channel=per_channel,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    worst, _, network = difference((tmp_path / "small.onnx").read_bytes())
    assert worst < CLOSE
    x = torch.randn(1, 3, 64, 64, requires_grad=True)
    network.logits(x).sum().backward()
    assert x.grad is not None and bool(x.grad.abs().sum() > 0)


def test_channels_last_runs_channels_first() -> None:
    """Pad, convolution, squeeze-and-excite and a dense layer, with the transposes that tf2onnx leaves."""
    to_first, to_last = {"perm": [0, 3, 1, 2]}, {"perm": [0, 2, 3, 1]}
    nodes = [
        helper.make_node("Pad", ["x", "pads"], ["padded"], name="net/pad/Pad"),
        helper.make_node("Transpose", ["padded"], ["first"], name="net/conv__1", **to_first),
        helper.make_node("Conv", ["first", "w"], ["conv"], name="net/conv/Conv2D", strides=[2, 2]),
        helper.make_node("Transpose", ["conv"], ["last"], name="net/conv__2", **to_last),
        helper.make_node("Add", ["last", "bias"], ["biased"], name="net/conv/BiasAdd"),
        helper.make_node("Relu", ["biased"], ["relu"], name="net/relu/Relu"),
        helper.make_node("ReduceMean", ["relu"], ["mean"], name="net/se/mean", axes=[1, 2], keepdims=1),
        helper.make_node("Sigmoid", ["mean"], ["gate"], name="net/se/Sigmoid"),
        helper.make_node("Mul", ["relu", "gate"], ["gated"], name="net/se/mul"),
        helper.make_node("Concat", ["gated", "relu"], ["both"], name="net/concat", axis=3),
        helper.make_node("ReduceMean", ["both"], ["pooled"], name="net/pool/Mean", axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["pooled", "dense"], ["logits"], name="net/dense/MatMul"),
        helper.make_node("Add", ["logits", "dense_bias"], ["added"], name="net/dense/BiasAdd"),
        helper.make_node("Softmax", ["added"], ["y"], name="net/softmax"),
    ]
    tensors = {
        "pads": whole(0, 0, 1, 0, 0, 1, 0, 0),
        "w": random(6, 3, 3, 3),
        "bias": random(6),
        "dense": random(12, 5),
        "dense_bias": random(5),
    }
    worst, file, network = difference(model(nodes, ("batch", 12, 16, 3), 13, tensors))
    assert worst < CLOSE
    assert file.input_shape == (3, 12, 16)
    assert file.module.get_submodule("net.dense.MatMul").bias is not None
    for name in ("cam", "dense_classes", "activations"):
        assert list(methods()[name].run(network, torch.randn(1, 3, 12, 16), methods()[name].params()))
    assert not any(node.operation == "transpose" for node in network.nodes.values())
    assert network.nodes["net.relu"].shape == (6, 6, 8)
    field = network.nodes["net.relu"].receptive_field
    assert field.size == (3, 3) and field.step == (2, 2) and field.start == (0, -1)


def test_a_flattening_of_channels_last_keeps_its_order() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["last"], name="to_last", perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["last", "shape"], ["flat"], name="flatten"),
        helper.make_node("MatMul", ["flat", "w"], ["y"], name="dense"),
    ]
    data = model(nodes, (1, 4, 3, 2), 13, {"shape": whole(1, -1), "w": random(24, 5)})
    worst, _, network = difference(data)
    assert worst < CLOSE
    assert [node.operation for node in network.nodes.values()] == ["input", "transpose", "flatten", "linear"]


def test_pictures_of_a_batch_stay_apart() -> None:
    """What was exported for one picture runs for many; what mixes them is refused."""
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["y"], name="reshape")]
    network = Network(read_onnx(model(nodes, (1, 4, 3, 2), 13, {"shape": whole(1, 24)})).module, (4, 3, 2))
    assert network.logits(torch.randn(5, 4, 3, 2)).shape == (5, 24)
    with pytest.raises(BadOnnx, match="does not keep the batch axis in front"):
        read_onnx(model(nodes, (1, 4, 3, 2), 13, {"shape": whole(4, 6)}))
    swap = [
        helper.make_node("Transpose", ["x"], ["t"], name="swap", perm=[1, 0, 2, 3]),
        helper.make_node("Flatten", ["t"], ["y"]),
    ]
    with pytest.raises(BadOnnx, match="moves the batch axis"):
        read_onnx(model(swap, (1, 4, 3, 2), 13))
