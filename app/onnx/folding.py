"""Operations that read no value of the network: computed once, while the file is read."""

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor

from app.onnx.messages import TensorMessage
from app.onnx.operations import quantise
from app.onnx.site import Result, Site
from app.onnx.tensors import STORED, Sources
from app.onnx.value import Value

Fold = Callable[[Site, list[Tensor]], Any]


def divided(left: Tensor, right: Tensor) -> Tensor:
    """Whole numbers without a rest, as ONNX divides them."""
    whole = not (left.is_floating_point() or right.is_floating_point())
    return torch.div(left, right, rounding_mode="trunc" if whole else None)


PLAIN: dict[str, Callable[..., Tensor]] = {
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": divided, "Pow": torch.pow, "Neg": torch.neg,
    "Sqrt": torch.sqrt, "Exp": torch.exp, "Log": torch.log, "Abs": torch.abs, "Reciprocal": torch.reciprocal,
    "Floor": torch.floor, "Ceil": torch.ceil, "Round": torch.round, "Max": torch.maximum, "Min": torch.minimum,
    "Equal": torch.eq, "Greater": torch.gt, "Less": torch.lt, "GreaterOrEqual": torch.ge, "LessOrEqual": torch.le,
    "Not": torch.logical_not, "And": torch.logical_and, "Or": torch.logical_or, "Where": torch.where,
    "Mod": torch.remainder, "Sum": torch.add, "MatMul": torch.matmul, "Relu": torch.relu, "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh, "Erf": torch.erf,
}  # fmt: skip


def folded(site: Site, sources: Sources) -> Result | list[Result] | None:
    """The constant that a node makes; None where nothing here can fold its operation."""
    kind = site.node.operation
    if kind == "Constant":
        return constant(site, sources)
    inputs = [value for value in site.inputs if isinstance(value, Tensor)]
    if kind in PLAIN:
        shape = PLAIN[kind](*(value.to("meta") for value in inputs)).shape
        site.builder.folded_size(site.path, tuple(shape))
        return PLAIN[kind](*inputs)
    fold = FOLDS.get(kind)
    return None if fold is None else fold(site, inputs)


def constant(site: Site, sources: Sources) -> Tensor:
    """Constant: a tensor, a number or a list of them among the attributes."""
    for name, content in site.node.attributes.items():
        if name == "value" and isinstance(content, TensorMessage):
            return sources.tensor(content)
        if name in ("value_int", "value_ints"):
            return torch.tensor(content, dtype=torch.int64)
        if name in ("value_float", "value_floats"):
            return torch.tensor(content, dtype=torch.float32)
    raise site.fault("holds no tensor, number or list of numbers.")


def shape(site: Site, inputs: list[Tensor]) -> Tensor:
    """Shape, of one picture: its batch is one."""
    value = site.given(0)
    whole = tuple(value.shape) if value is not None else ()
    start, stop = site.whole("start", 0), site.node.attributes.get("end")
    return torch.tensor(whole[start:stop], dtype=torch.int64)


def cast(site: Site, inputs: list[Tensor]) -> Tensor:
    """Cast."""
    kind = site.whole("to", 1)
    if kind not in STORED:
        raise site.fault("casts to a type that is not read here.")
    return inputs[0].to(STORED[kind][1])


def gather(site: Site, inputs: list[Tensor]) -> Tensor:
    """Gather."""
    data, indices = inputs
    axis = site.axis(site.whole("axis", 0), data.dim())
    size = data.shape[axis]
    if indices.numel() and not -size <= int(indices.min()) <= int(indices.max()) < size:
        raise site.fault(f"gathers an index that is not among {size}.")
    result = (*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :])
    site.builder.folded_size(site.path, result)
    return data.index_select(axis, indices.flatten().long() % max(size, 1)).reshape(result)


def concat(site: Site, inputs: list[Tensor]) -> Tensor:
    """Concat."""
    site.builder.folded_size(site.path, (sum(value.numel() for value in inputs),))
    return torch.cat(inputs, site.whole("axis", 0))


def squeeze(site: Site, inputs: list[Tensor]) -> Tensor:
    """Squeeze."""
    axes = site.listed("axes", 1)
    return inputs[0].squeeze() if axes is None else inputs[0].squeeze(axes)


def unsqueeze(site: Site, inputs: list[Tensor]) -> Tensor:
    """Unsqueeze."""
    axes = site.listed("axes", 1) or ()
    rank = inputs[0].dim() + len(axes)
    result = inputs[0]
    for axis in sorted(site.axis(axis, rank) for axis in axes):
        result = result.unsqueeze(axis)
    return result


def reshape(site: Site, inputs: list[Tensor]) -> Tensor:
    """Reshape."""
    wanted = site.listed("shape", 1) or ()
    copies = not site.whole("allowzero", 0)
    return inputs[0].reshape([inputs[0].shape[i] if size == 0 and copies else size for i, size in enumerate(wanted)])


def flatten(site: Site, inputs: list[Tensor]) -> Tensor:
    """Flatten."""
    axis = site.whole("axis", 1)
    return inputs[0].reshape(prod(inputs[0].shape[:axis]), -1)


def transpose(site: Site, inputs: list[Tensor]) -> Tensor:
    """Transpose."""
    return inputs[0].permute(site.wholes("perm") or tuple(reversed(range(inputs[0].dim())))).contiguous()


def cut(site: Site, inputs: list[Tensor]) -> Tensor:
    """Slice."""
    result = inputs[0]
    starts, stops = site.listed("starts", 1) or (), site.listed("ends", 2) or ()
    axes, steps = (site.listed("axes", 3), site.listed("steps", 4)) if site.opset >= 10 else (site.wholes("axes"), None)
    for start, stop, axis, step in zip(
        starts, stops, axes or range(len(starts)), steps or (1,) * len(starts), strict=True
    ):
        axis = site.axis(axis, result.dim())
        chosen = range(*slice(start, stop, step).indices(result.shape[axis]))
        result = result.index_select(axis, torch.tensor(chosen, dtype=torch.int64))
    return result


def split(site: Site, inputs: list[Tensor]) -> list[Tensor]:
    """Split."""
    count = max(len(site.node.outputs), 1)
    axis = site.axis(site.whole("axis", 0), inputs[0].dim())
    sizes = site.listed("split", 1)
    each = -(-inputs[0].shape[axis] // count)
    return list(inputs[0].split(each if sizes is None else list(sizes), axis))


def filled(site: Site, inputs: list[Tensor]) -> Tensor:
    """ConstantOfShape."""
    wanted = tuple(int(size) for size in inputs[0].tolist())
    site.builder.folded_size(site.path, wanted)
    message = site.node.attributes.get("value")
    value = Sources(None, 0).tensor(message) if isinstance(message, TensorMessage) else torch.zeros(1)
    return value.reshape(()).expand(wanted).clone()


def expand(site: Site, inputs: list[Tensor]) -> Tensor:
    """Expand."""
    wanted = torch.broadcast_shapes(inputs[0].shape, tuple(int(size) for size in inputs[1].tolist()))
    site.builder.folded_size(site.path, tuple(wanted))
    return inputs[0].expand(wanted).clone()


def tile(site: Site, inputs: list[Tensor]) -> Tensor:
    """Tile."""
    repeats = [int(count) for count in inputs[1].tolist()]
    site.builder.folded_size(site.path, (inputs[0].numel(), *repeats))
    return inputs[0].tile(repeats)


def sequence(site: Site, inputs: list[Tensor]) -> Tensor:
    """Range."""
    start, stop, step = (value.item() for value in inputs)
    site.builder.checked_size(site.path, int(max((stop - start) / step, 0)) + 1)
    return torch.arange(start, stop, step, dtype=inputs[0].dtype)


def reduced(function: Callable[..., Tensor]) -> Fold:
    """A reduction over some axes, or all."""

    def fold(site: Site, inputs: list[Tensor]) -> Tensor:
        data = inputs[0]
        axes = site.listed("axes", 1) or tuple(range(data.dim()))
        for axis in sorted((site.axis(axis, data.dim()) for axis in axes), reverse=True):
            data = function(data, axis, keepdim=bool(site.whole("keepdims", 1)))
        return data

    return fold


def size(site: Site, inputs: list[Tensor]) -> Tensor:
    """Size."""
    value = site.given(0)
    return torch.tensor(prod(value.shape) if value is not None else 0)


def same(site: Site, inputs: list[Tensor]) -> Tensor:
    """Identity, and Dropout in eval mode."""
    return inputs[0]


def dequantised(site: Site, inputs: list[Tensor]) -> Any:
    """DequantizeLinear of stored weights."""
    site.builder.folded_size(site.path, tuple(inputs[0].shape))
    return quantise.weights(site)


FOLDS: dict[str, Fold] = {
    "Shape": shape, "Size": size, "Cast": cast, "Gather": gather, "Concat": concat, "Squeeze": squeeze,
    "Unsqueeze": unsqueeze, "Reshape": reshape, "Flatten": flatten, "Transpose": transpose, "Slice": cut,
    "Split": split, "ConstantOfShape": filled, "Expand": expand, "Tile": tile, "Range": sequence, "Identity": same,
    "Dropout": same, "DequantizeLinear": dequantised, "ReduceProd": reduced(torch.prod),
    "ReduceSum": reduced(torch.sum), "ReduceMax": reduced(torch.amax), "ReduceMin": reduced(torch.amin),
    "ReduceMean": reduced(torch.mean),
}  # fmt: skip

OF_SHAPE = {"Shape", "Size"}
"""Operations that read a value's shape alone, which is known beforehand."""


def foldable(site: Site) -> bool:
    """Whether a node's value is known without a picture."""
    return site.node.operation in OF_SHAPE or not any(isinstance(value, Value) for value in site.inputs)
