"""What each torch module and function is called, and the facts that follow from its arguments."""

import operator
from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from app.explain.field import WHOLE, Axis, ReceptiveField, joined

Details = dict[str, Any]

MODULES: dict[type[nn.Module], str] = {
    nn.Conv2d: "convolution",
    nn.ConvTranspose2d: "transposed_convolution",
    nn.Linear: "linear",
    nn.BatchNorm2d: "batch_norm",
    nn.BatchNorm1d: "batch_norm",
    nn.InstanceNorm2d: "instance_norm",
    nn.LayerNorm: "layer_norm",
    nn.GroupNorm: "group_norm",
    nn.LocalResponseNorm: "local_response_norm",
    nn.ReLU: "relu",
    nn.ReLU6: "relu6",
    nn.LeakyReLU: "leaky_relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.GELU: "gelu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.Hardswish: "hardswish",
    nn.Hardsigmoid: "hardsigmoid",
    nn.MaxPool2d: "max_pool",
    nn.AvgPool2d: "average_pool",
    nn.AdaptiveAvgPool2d: "adaptive_average_pool",
    nn.AdaptiveMaxPool2d: "adaptive_max_pool",
    nn.Flatten: "flatten",
    nn.Dropout: "dropout",
    nn.Dropout2d: "dropout",
    nn.Identity: "identity",
    nn.Softmax: "softmax",
    nn.LogSoftmax: "log_softmax",
    nn.ZeroPad2d: "pad",
    nn.ReflectionPad2d: "pad",
    nn.Upsample: "resize",
}

FUNCTIONS: dict[Any, str] = {
    operator.add: "add",
    torch.add: "add",
    operator.sub: "subtract",
    torch.sub: "subtract",
    operator.mul: "multiply",
    torch.mul: "multiply",
    operator.truediv: "divide",
    torch.div: "divide",
    operator.getitem: "slice",
    torch.cat: "concat",
    torch.flatten: "flatten",
    torch.reshape: "reshape",
    torch.permute: "transpose",
    torch.matmul: "matmul",
    torch.clamp: "clip",
    torch.mean: "mean",
    torch.relu: "relu",
    torch.sigmoid: "sigmoid",
    torch.tanh: "tanh",
    torch.softmax: "softmax",
    F.relu: "relu",
    F.relu6: "relu6",
    F.leaky_relu: "leaky_relu",
    F.elu: "elu",
    F.silu: "silu",
    F.gelu: "gelu",
    F.hardswish: "hardswish",
    F.hardsigmoid: "hardsigmoid",
    F.softmax: "softmax",
    F.log_softmax: "log_softmax",
    F.dropout: "dropout",
    F.pad: "pad",
    F.conv2d: "convolution",
    F.conv_transpose2d: "transposed_convolution",
    F.linear: "linear",
    F.batch_norm: "batch_norm",
    F.max_pool2d: "max_pool",
    F.avg_pool2d: "average_pool",
    F.adaptive_avg_pool2d: "adaptive_average_pool",
    F.adaptive_max_pool2d: "adaptive_max_pool",
    F.local_response_norm: "local_response_norm",
    F.interpolate: "resize",
}

METHODS: dict[str, str] = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "view": "reshape",
    "reshape": "reshape",
    "permute": "transpose",
    "transpose": "transpose",
    "flatten": "flatten",
    "mean": "mean",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softmax": "softmax",
    "squeeze": "squeeze",
    "unsqueeze": "unsqueeze",
    "contiguous": "identity",
}

ARGUMENTS: dict[Any, tuple[str, ...]] = {
    torch.add: ("input", "other"),
    torch.sub: ("input", "other"),
    torch.mul: ("input", "other"),
    torch.div: ("input", "other"),
    torch.matmul: ("input", "other"),
    F.conv2d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    F.conv_transpose2d: ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation"),
    F.linear: ("input", "weight", "bias"),
    F.pad: ("input", "pad", "mode", "value"),
    F.max_pool2d: ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    F.avg_pool2d: ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
    F.adaptive_avg_pool2d: ("input", "output_size"),
    F.adaptive_max_pool2d: ("input", "output_size", "return_indices"),
    F.batch_norm: ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
    F.local_response_norm: ("input", "size", "alpha", "beta", "k"),
}
"""Names of the arguments of torch's functions, which do not tell them themselves."""

PAIRED = ("kernel_size", "stride", "padding", "dilation")
PLAIN = (
    "groups",
    "ceil_mode",
    "count_include_pad",
    "in_channels",
    "out_channels",
    "in_features",
    "out_features",
    "eps",
)

NON_NEGATIVE = {"relu", "relu6", "sigmoid", "hardsigmoid", "softmax"}
KEEPS_SIGN = {
    "max_pool",
    "average_pool",
    "adaptive_average_pool",
    "adaptive_max_pool",
    "flatten",
    "reshape",
    "transpose",
    "dropout",
    "identity",
    "slice",
    "concat",
    "add",
    "multiply",
    "pad",
    "mean",
    "local_response_norm",
}
WINDOWED = {"convolution", "transposed_convolution", "max_pool", "average_pool"}
OVER_THE_MAP = {"instance_norm", "layer_norm", "group_norm"}
MOVES = {"transpose", "flip", "matmul"}
"""Operations that may leave a map's size as it is, but not its values where they are."""
JOINS = {"add", "subtract", "multiply", "divide", "concat"}


def pair(value: Any) -> tuple[int, int]:
    """A number or a pair of them as (rows, columns)."""
    return (value[0], value[-1]) if isinstance(value, (tuple, list)) else (value, value)


def details_of(operation: str, get: Callable[[str], Any], input_shape: tuple[int, ...]) -> Details:
    """The facts of an operation from its attributes or arguments, read by name with `get` (None where absent)."""
    details: Details = {}
    for name in PLAIN:
        value = get(name)
        if value is not None:
            details[name] = value
    if operation in WINDOWED:
        if "convolution" in operation:
            details.setdefault("groups", 1)
        for name in PAIRED:
            value = get(name)
            if value is None or value == []:
                strides = name == "stride" and "pool" in operation
                value = details["kernel_size"] if strides else {"padding": 0}.get(name, 1)
            if value == "same":
                kernel, dilation = details["kernel_size"], pair(get("dilation") or 1)
                value = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
            details[name] = (0, 0) if value == "valid" else pair(value)
    if operation.startswith("adaptive") and len(input_shape) == 3:
        wanted = pair(get("output_size"))
        details["output_size"] = tuple(o or i for o, i in zip(wanted, input_shape[1:], strict=True))
    return details


def multiply_adds(operation: str, details: Details, weight_shape: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Multiply-adds for one image: every output value times the weights that it is a sum over."""
    if operation in {"convolution", "linear"}:
        return prod(shape) * prod(weight_shape[1:])
    if operation == "transposed_convolution":
        return prod(shape) * weight_shape[0] // int(details["groups"]) * prod(weight_shape[2:])
    return 0


def receptive_field(
    operation: str,
    details: Details,
    fields: list[ReceptiveField],
    input_shape: tuple[int, ...],
    shape: tuple[int, ...],
    arguments: tuple[Any, ...],
) -> ReceptiveField:
    """The field of an operation's values, from those of its inputs; shapes without the batch."""
    field = joined(fields)
    if field.whole or len(shape) != 3 or len(input_shape) != 3:
        return WHOLE
    if operation in OVER_THE_MAP:
        return ReceptiveField(field.rows, field.columns, gated=True)
    if operation in WINDOWED:
        return windowed(field, operation, details)
    if operation.startswith("adaptive"):
        return adaptive(field, input_shape, shape)
    if operation == "pad":
        left, _, top, _ = (*arguments[0], 0, 0, 0, 0)[:4]
        return ReceptiveField(field.rows.shifted(-top), field.columns.shifted(-left), gated=field.gated)
    if operation == "slice":
        return sliced(field, arguments[0])
    # Values of one place beside a map are spread over it; maps joined along rows or columns have no common places.
    spread = operation in JOINS and operation != "concat"
    keeps_place = spread or (operation not in MOVES and shape[1:] == input_shape[1:])
    return field if keeps_place else WHOLE


def windowed(field: ReceptiveField, operation: str, details: Details) -> ReceptiveField:
    """Behind a sliding window."""
    change = Axis.transposed_window if operation == "transposed_convolution" else Axis.window
    by_row, by_column = zip(*(details[name] for name in PAIRED), strict=True)
    rows = change(field.rows, *by_row)
    square = field.rows == field.columns and by_row == by_column
    return ReceptiveField(rows, rows if square else change(field.columns, *by_column), gated=field.gated)


def adaptive(field: ReceptiveField, input_shape: tuple[int, ...], shape: tuple[int, ...]) -> ReceptiveField:
    """Behind an adaptive pooling: a plain one where the sizes divide, else everything."""
    sizes = list(zip(input_shape[1:], shape[1:], strict=True))
    if any(before % after for before, after in sizes) or all(after == 1 < before for before, after in sizes):
        return WHOLE
    axes = [
        axis.window(before // after, before // after, 0)
        for axis, (before, after) in zip((field.rows, field.columns), sizes, strict=True)
    ]
    return ReceptiveField(axes[0], axes[1], gated=field.gated)


def sliced(field: ReceptiveField, index: Any) -> ReceptiveField:
    """Behind x[…, rows, columns]."""
    index = index if isinstance(index, tuple) else (index,)
    axes = [field.rows, field.columns]
    if any(isinstance(part, list) for part in index[2:4]):
        return WHOLE
    for i, part in enumerate(index[2:4]):
        if isinstance(part, slice):
            axes[i] = axes[i].shifted(part.start or 0).every(part.step or 1)
    return ReceptiveField(axes[0], axes[1], gated=field.gated)
