"""Every operation that is read, over its attributes and opsets, against onnxruntime."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.onnx.comparing import CLOSE, difference
from tests.onnx.single import model, random, single, whole

MAP = (1, 4, 9, 11)
PADS = [(0, 0, 0, 0), (1, 1, 1, 1), (0, 0, 1, 1), (1, 0, 0, 1), (1, 2, 1, 2), (2, 2, 0, 0)]


def agree(data: bytes) -> None:
    worst, _, _ = difference(data)
    assert worst < CLOSE


@pytest.mark.parametrize("pads", PADS)
@pytest.mark.parametrize("groups", [1, 4])
def test_convolution(pads: tuple[int, ...], groups: int) -> None:
    for strides, dilations in product([(1, 1), (3, 2)], [(1, 1), (2, 1)]):
        weight, bias = random(8, 4 // groups, 3, 2), random(8)
        attributes = {"strides": strides, "dilations": dilations, "pads": pads, "group": groups}
        agree(single("Conv", MAP, weight, bias, **attributes))
        agree(single("Conv", MAP, weight, opset=11, kernel_shape=[3, 2], **attributes))


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
@pytest.mark.parametrize("operation", ["Conv", "ConvTranspose", "MaxPool", "AveragePool"])
def test_automatic_padding(operation: str, auto_pad: str) -> None:
    for strides in [(1, 1), (2, 2), (3, 2)]:
        weights = [random(4, 4, 3, 2)] if "Conv" in operation else []
        agree(single(operation, MAP, *weights, auto_pad=auto_pad, strides=strides, kernel_shape=[3, 2]))


@pytest.mark.parametrize("pads", PADS[:5])
@pytest.mark.parametrize("groups", [1, 2])
def test_transposed_convolution(pads: tuple[int, ...], groups: int) -> None:
    for strides, dilations, more in product([(1, 1), (2, 3)], [(1, 1), (2, 1)], [(0, 0), (1, 0)]):
        if any(extra >= stride for extra, stride in zip(more, strides, strict=True)):
            continue
        weight, bias = random(4, 3, 3, 4), random(3 * groups)
        attributes = {"strides": strides, "dilations": dilations, "pads": pads, "group": groups}
        agree(single("ConvTranspose", MAP, weight, bias, output_padding=more, **attributes))
    agree(single("ConvTranspose", MAP, random(4, 3, 3, 3), output_shape=[18, 23], strides=[2, 2]))


@pytest.mark.parametrize("operation", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("pads", PADS[:5])
@pytest.mark.parametrize("ceil_mode", [0, 1])
def test_pools(operation: str, pads: tuple[int, ...], ceil_mode: int) -> None:
    for kernel, strides, dilations in product([(2, 2), (3, 2)], [(1, 1), (2, 3)], [(1, 1), (2, 1)]):
        if any(pad >= side for pad, side in zip(pads, kernel * 2, strict=True)):
            continue
        attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": pads, "ceil_mode": ceil_mode}
        if operation == "MaxPool":
            agree(single(operation, MAP, dilations=dilations, **attributes))
            continue
        for counts in (0, 1):
            if dilations == (1, 1):
                agree(single(operation, MAP, count_include_pad=counts, **attributes))
            agree(single(operation, MAP, count_include_pad=counts, dilations=dilations, opset=19, **attributes))


@pytest.mark.parametrize("opset", [7, 9, 13, 17, 22])
def test_over_the_whole_map(opset: int) -> None:
    for operation in ("GlobalAveragePool", "GlobalMaxPool"):
        agree(single(operation, MAP, opset=opset))


@pytest.mark.parametrize("opset", [7, 11, 13, 22])
def test_dense(opset: int) -> None:
    for turned, shape in [(0, (7, 5)), (1, (5, 7))]:
        for bias in (random(5), random(1, 5), random(1), np.float32(0.5).reshape(())):
            nodes = [
                helper.make_node("Flatten", ["x"], ["flat"]),
                helper.make_node("Gemm", ["flat", "w", "b"], ["y"], transB=turned, alpha=0.5, beta=2.0),
            ]
            agree(model(nodes, (1, 7, 1, 1), opset, {"w": random(*shape), "b": bias}))
    agree(single("MatMul", (1, 3, 4, 5), random(5, 6), opset=opset))
    agree(single("MatMul", (1, 3, 4, 5), random(3, 5, 2), opset=opset))
    agree(single("MatMul", (1, 3, 4, 5), random(6, 4), opset=opset, first=False))
    both = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    agree(model(both, MAP, opset))


@pytest.mark.parametrize("opset", [7, 9, 14, 15])
def test_batch_norm(opset: int) -> None:
    numbers = [random(4, seed=i) for i in range(3)]
    agree(single("BatchNormalization", MAP, *numbers, abs(random(4, seed=4)) + 0.1, opset=opset, epsilon=1e-3))


def test_normalisations() -> None:
    for opset in (7, 17, 22):
        agree(single("InstanceNormalization", MAP, random(4), random(4, seed=1), opset=opset, epsilon=1e-3))
        for size in (1, 3, 5):
            agree(single("LRN", MAP, opset=opset, size=size, alpha=0.3, beta=0.6, bias=1.5))
    for axis, shape in [(-1, (11,)), (2, (9, 11)), (1, MAP[1:])]:
        agree(single("LayerNormalization", MAP, random(*shape), random(*shape, seed=1), axis=axis))
        agree(single("LayerNormalization", MAP, random(*shape), axis=axis))
    agree(single("GroupNormalization", MAP, random(2), random(2, seed=1), num_groups=2, opset=18))
    agree(single("GroupNormalization", MAP, random(4), random(4, seed=1), num_groups=2, opset=21))


PLAIN = ["Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Abs", "Ceil", "Floor", "Exp", "Neg", "Reciprocal", "Elu"]
PLAIN += ["Selu", "LeakyRelu", "HardSigmoid", "ThresholdedRelu", "Identity", "Dropout", "Clip"]


@pytest.mark.parametrize("operation", PLAIN)
def test_pointwise(operation: str) -> None:
    for opset in (10, 22):
        agree(single(operation, MAP, opset=opset))


@pytest.mark.parametrize(
    ("operation", "opset", "attributes"),
    [
        ("HardSwish", 14, {}), ("Mish", 18, {}), ("Gelu", 20, {}), ("Gelu", 20, {"approximate": "tanh"}),
        ("Elu", 9, {"alpha": 0.3}), ("Celu", 12, {"alpha": 0.7}), ("Selu", 9, {"alpha": 0.5, "gamma": 2.0}),
        ("LeakyRelu", 9, {"alpha": 0.3}), ("HardSigmoid", 9, {"alpha": 1 / 6, "beta": 0.5}),
        ("HardSigmoid", 9, {"alpha": 0.3, "beta": 0.1}), ("ThresholdedRelu", 10, {"alpha": 0.4}),
        ("Clip", 7, {"min": 0.0, "max": 6.0}), ("Clip", 9, {"min": -0.5, "max": 0.5}), ("Clip", 10, {"max": 0.5}),
        ("Erf", 13, {}), ("Round", 13, {}), ("Sign", 13, {}), ("Sin", 13, {}), ("Cos", 13, {}),
    ],
)  # fmt: skip
def test_pointwise_with_numbers(operation: str, opset: int, attributes: dict[str, Any]) -> None:
    agree(single(operation, MAP, opset=opset, **attributes))


def test_bounds_and_slopes_that_are_inputs() -> None:
    for low, high in [(0, 6), (-1, 0.5), (0, None), (None, 0.2)]:
        bounds = [None if bound is None else np.float32(bound).reshape(()) for bound in (low, high)]
        agree(single("Clip", MAP, *bounds, opset=13))
    for slope in (random(1), random(4, 1, 1), random(1, 4, 1, 1), random(11), random(4, 9, 11)):
        agree(single("PRelu", MAP, slope, opset=16))


@pytest.mark.parametrize("operation", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("opset", [7, 12, 13, 22])
def test_softmax(operation: str, opset: int) -> None:
    for axis in (1, 2, 3, -1):
        agree(single(operation, MAP, opset=opset, axis=axis))
    agree(single(operation, (1, 4, 1, 1), opset=opset, axis=1))
    agree(single(operation, (1, 4, 1, 1), opset=opset))


@pytest.mark.parametrize("operation", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("opset", [7, 14])
def test_arithmetic_with_broadcasting(operation: str, opset: int) -> None:
    for shape in [(), (1,), (11,), (9, 1), (4, 1, 1), (1, 4, 1, 1), (4, 9, 11)]:
        number = random(*shape) + 3
        agree(single(operation, MAP, number, opset=opset))
        agree(single(operation, (1, 4, 9, 11), number, opset=opset, first=False))
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["gate"]),
        helper.make_node("Exp", ["gate"], ["positive"]),
        helper.make_node(operation, ["x", "positive"], ["y"]),
    ]
    agree(model(nodes, MAP, opset))


@pytest.mark.parametrize("operation", ["Sum", "Max", "Min", "Mean"])
def test_several_inputs(operation: str) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Neg", ["x"], ["b"]),
        helper.make_node(operation, ["a", "x", "b"], ["y"]),
    ]
    agree(model(nodes, MAP, 13))
    agree(single(operation, MAP, random(4, 1, 1), opset=13))


@pytest.mark.parametrize("opset", [7, 11, 13, 18])
def test_joining_and_splitting(opset: int) -> None:
    for axis in (1, 2, -1):
        nodes = [helper.make_node("Neg", ["x"], ["n"]), helper.make_node("Concat", ["x", "n", "x"], ["y"], axis=axis)]
        agree(model(nodes, MAP, opset))
    for axis, sizes in [(1, (2, 2)), (1, (1, 3)), (3, (5, 6))]:
        given = {"split": sizes} if opset < 13 else {}
        reads = ["x"] if opset < 13 else ["x", "sizes"]
        nodes = [
            helper.make_node("Split", reads, ["a", "b"], axis=axis, **given),
            helper.make_node("Neg", ["b"], ["n"]),
            helper.make_node("Concat", ["n", "a"], ["y"], axis=axis),
        ]
        agree(model(nodes, MAP, opset, {"sizes": whole(*sizes)} if opset >= 13 else None))


def test_what_moves_values_about_sees_everything() -> None:
    """A map joined to itself along its rows, turned round or in another order has no places that its values keep."""
    turn = single("Slice", MAP, whole(-1), whole(-1000), whole(3), whole(-1))
    order = single("Gather", MAP, whole(*reversed(range(9))), axis=2)
    nodes = [helper.make_node("Neg", ["x"], ["n"]), helper.make_node("Concat", ["x", "n"], ["y"], axis=2)]
    for data in (turn, order, model(nodes, MAP, 13)):
        worst, _, network = difference(data)
        assert worst < CLOSE
        assert network.nodes[network.output].receptive_field.whole


@pytest.mark.parametrize("opset", [9, 10, 13, 18])
def test_cutting_and_padding(opset: int) -> None:
    for starts, ends, axes, steps in [
        ((1, 2), (3, 9), (1, 2), (1, 1)), ((-3,), (2**31,), (3,), (1,)), ((0, 0), (9, 11), (2, 3), (2, 3)),
        ((-1,), (-1000,), (1,), (-1,)), ((8, 1), (1, 5), (2, 3), (-2, 1)),
    ]:  # fmt: skip
        if opset >= 10:
            agree(single("Slice", MAP, whole(*starts), whole(*ends), whole(*axes), whole(*steps), opset=opset))
        elif set(steps) == {1}:
            agree(single("Slice", MAP, opset=opset, starts=starts, ends=ends, axes=axes))
    for mode, value in [("constant", 0.0), ("constant", 1.5), ("reflect", 0.0), ("edge", 0.0)]:
        for pads in [
            (0, 0, 1, 2, 0, 0, 3, 1),
            (0, 0, 0, 1, 0, 0, 0, 0),
            (0, 0, -1, 1, 0, 0, 0, -2),
            (0, 1, 1, 0, 0, 0, 2, 0),
        ]:
            if mode != "constant" and (pads[1] or min(pads) < 0):
                continue
            if opset < 11:
                agree(single("Pad", MAP, opset=opset, mode=mode, pads=pads, value=value))
            else:
                filling = np.float32(value).reshape(())
                agree(single("Pad", MAP, whole(*pads), filling, opset=opset, mode=mode))


@pytest.mark.parametrize("opset", [7, 11, 13, 21])
def test_other_axes(opset: int) -> None:
    for shape in [(1, 4, 99), (1, -1), (0, 0, -1), (-1, 396), (1, 2, 2, 9, 11), (0, -1, 11)]:
        agree(single("Reshape", MAP, whole(*shape), opset=opset))
    for axis in (1, -3):
        agree(single("Flatten", MAP, opset=opset if axis > 0 else max(opset, 11), axis=axis))
    for permutation in [(0, 2, 3, 1), (0, 3, 1, 2), (0, 1, 3, 2)]:
        agree(single("Transpose", MAP, opset=opset, perm=permutation))
    for axes in [(2,), (2, 3), (-1,)]:
        attribute, given = ({"axes": axes}, []) if opset < 13 else ({}, [whole(*axes)])
        agree(
            single("Squeeze", (1, 4, 1, 1), *given, opset=opset, **attribute)
            if axes != (-1,) or opset > 10
            else single("Squeeze", (1, 4, 1, 1), *given, opset=opset, axes=[3])
        )
        agree(single("Unsqueeze", MAP, *given, opset=max(opset, 11), **attribute))


@pytest.mark.parametrize(
    "operation", ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"]
)
@pytest.mark.parametrize("opset", [7, 13, 18])
def test_reductions(operation: str, opset: int) -> None:
    as_input = opset >= (13 if operation == "ReduceSum" else 18)
    for axes, keeps in [((2, 3), 0), ((2, 3), 1), ((1,), 0), ((-1,), 1)]:
        if opset < 11:
            axes = tuple(axis % 4 for axis in axes)
        given, attribute = ([whole(*axes)], {}) if as_input else ([], {"axes": axes})
        agree(single(operation, MAP, *given, opset=opset, keepdims=keeps, **attribute))


def test_resizing() -> None:
    scales, empty = np.array([1, 1, 2, 3], np.float32), np.zeros(0, np.float32)
    agree(single("Upsample", MAP, opset=7, scales=[1.0, 1.0, 2.0, 2.0]))
    for mode in ("nearest", "linear"):
        agree(single("Upsample", MAP, scales, opset=9, mode=mode))
        agree(single("Resize", MAP, scales, opset=10, mode=mode))
        agree(single("Resize", MAP, np.array([1, 1, 0.6, 0.7], np.float32), opset=10, mode=mode))
    places = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]
    for opset, mode, way in product([11], ["nearest", "linear", "cubic"], places):
        for factors in ([1, 1, 2, 2], [1, 1, 2.5, 0.7]):
            given = np.array(factors, np.float32)
            agree(single("Resize", MAP, empty, given, opset=opset, mode=mode, coordinate_transformation_mode=way))
        sizes = whole(1, 4, 13, 7)
        data = single("Resize", MAP, empty, empty, sizes, opset=opset, mode=mode, coordinate_transformation_mode=way)
        agree(data)
    agree(single("Resize", MAP, empty, np.array([1, 1, 2.5, 0.7], np.float32), opset=19, mode="cubic"))
    for rounding in ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"):
        for way in places:
            attributes = {"nearest_mode": rounding, "coordinate_transformation_mode": way}
            agree(single("Resize", MAP, None, np.array([1, 1, 1.5, 2], np.float32), opset=13, **attributes))


def test_channels_rearranged() -> None:
    agree(single("DepthToSpace", (1, 8, 3, 5), blocksize=2))
    agree(single("DepthToSpace", (1, 8, 3, 5), blocksize=2, mode="CRD"))
    agree(single("SpaceToDepth", (1, 3, 4, 6), blocksize=2))
    agree(single("Gather", MAP, whole(2, 0, 3, 1), axis=1))
    agree(single("Gather", MAP, whole(1, 2), axis=2))
    agree(single("Gather", MAP, np.array(2, np.int64), axis=1))
    agree(single("Expand", (1, 4, 1, 1), whole(1, 4, 3, 2)))
    agree(single("Pow", MAP, np.float32(2).reshape(()), opset=13))


@pytest.mark.parametrize("opset", [7, 11, 13, 19, 22])
def test_sizes_that_are_computed_fold_to_constants(opset: int) -> None:
    """Shape → Gather → Cast → Mul → Concat → Reshape, as exporters write `x.view(x.size(0), -1)`."""
    number = helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(np.array([2.0], np.float32)))
    nodes = [
        number,
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "index"], ["channels"], axis=0),
        helper.make_node("Cast", ["channels"], ["decimal"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["decimal", "two"], ["doubled"]),
        helper.make_node("Cast", ["doubled"], ["wanted"], to=TensorProto.INT64),
        helper.make_node("Concat", ["batch", "wanted", "rest"], ["shape"], axis=0),
        helper.make_node("Reshape", ["x", "shape"], ["shaped"]),
        helper.make_node("Cast", ["shaped"], ["same"], to=TensorProto.FLOAT),
        helper.make_node("Relu", ["same"], ["y"]),
    ]
    tensors = {"index": whole(1), "batch": whole(1), "rest": whole(-1)}
    worst, _, network = difference(model(nodes, (1, 4, 6, 11), opset, tensors))
    assert worst < CLOSE
    # Nothing of the sizes is left in the network.
    assert [node.operation for node in network.nodes.values()] == ["input", "reshape", "relu"]
