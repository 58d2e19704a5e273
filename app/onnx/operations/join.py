"""Operations on several values: arithmetic with broadcasting, and concatenation."""

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

from app.onnx.layers import INPUT, Concat, Function
from app.onnx.site import Made, Result, Site, operation
from app.onnx.value import Value

BINARY: dict[str, Callable[..., Any]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Pow": torch.pow,
}
SEVERAL: dict[str, Callable[..., Any]] = {
    "Sum": torch.add,
    "Mean": torch.add,
    "Max": torch.maximum,
    "Min": torch.minimum,
}


@operation(*BINARY)
def binary(site: Site) -> Made:
    """torch's function of two values, or of a value and a constant; a dense layer's bias becomes its own."""
    if site.node.operation == "Add" and (dense := with_bias(site)) is not None:
        return dense
    return two_sided(site, "", BINARY[site.node.operation], site.given(0), site.given(1))


def with_bias(site: Site) -> Value | None:
    """A dense layer with its bias, which TensorFlow's exporters add by an operation of its own; else None."""
    for here, there in ((0, 1), (1, 0)):
        value, bias = site.given(here), site.given(there)
        if not isinstance(value, Value) or not isinstance(bias, Tensor):
            continue
        layer = site.builder.layers.get(value.key)
        if (
            not isinstance(layer, nn.Linear)
            or layer.bias is not None
            or site.builder.readers[site.node.inputs[here]] != 1
        ):
            continue
        if bias.shape[-1:] == (layer.out_features,) and bias.numel() == layer.out_features:
            layer.bias = nn.Parameter(site.finite(bias).flatten(), requires_grad=False)
            site.builder.absorbed.add(site.node.inputs[here])
            return value
    return None


def two_sided(site: Site, name: str, function: Callable[..., Any], left: Result | None, right: Result | None) -> Value:
    """A layer for two values that are spread over each other's axes."""
    values = site.alike([value for value in (left, right) if isinstance(value, Value)])
    if len({len(value.held) for value in values}) > 1:
        values = [site.builder.in_order(value) for value in values]
    ahead, layout = iter(values), values[0].layout
    if len(values) == 2:
        longest = max(values, key=lambda value: len(value.held))
        if any(len(value.held) != len(longest.held) and value.held[:1] == (1,) for value in values):
            values = [grown(site, value, longest) for value in values]
            ahead, layout = iter(values), longest.layout
    arguments = [INPUT if isinstance(side, Value) else constant(site, side, values[0]) for side in (left, right)]
    learned = any(isinstance(argument, Tensor) and argument.numel() > 1 for argument in arguments)
    return site.part(name, Function(function, *arguments, learned=learned), *ahead, layout=layout)


def grown(site: Site, value: Value, other: Value) -> Value:
    """A value of fewer axes beside one of more: its batch cannot stand among the other's rows."""
    if len(value.held) == len(other.held):
        return value
    raise site.fault(f"joins values of {len(value.held)} and of {len(other.held)} axes, which mixes batch and maps.")


def constant(site: Site, side: Result | None, beside: Value) -> Tensor | float:
    """A constant beside a value: a plain number, or a tensor laid out as the value is."""
    if not isinstance(side, Tensor):
        raise site.fault("lacks an input.")
    side = site.finite(side)
    if side.numel() == 1 and side.dim() <= len(beside.held):
        return float(side)
    return site.laid_out(side, beside.layout)


@operation(*SEVERAL)
def several(site: Site) -> Made:
    """A chain of functions of two values each."""
    inputs = [value for value in site.inputs if value is not None]
    function = SEVERAL[site.node.operation]
    constants = [value for value in inputs if isinstance(value, Tensor)]
    values: list[Result] = [value for value in inputs if isinstance(value, Value)]
    if constants:
        values.append(reduce(function, constants))
    if len(values) == 1:
        return values[0]
    count = len(values) - 1
    total = values[0]
    for i, value in enumerate(values[1:], 1):
        last = i == count and site.node.operation != "Mean"
        if isinstance(value, Tensor) and function in (torch.maximum, torch.minimum):
            # torch compares with tensors alone.
            beside = total
            assert isinstance(beside, Value)
            bound = site.laid_out(site.finite(value), beside.layout)
            layer = Function(function, INPUT, bound)
            total = site.part("" if count == 1 else f"part_{i}", layer, beside, layout=beside.layout)
        else:
            total = two_sided(site, "" if last and count == 1 else f"part_{i}", function, total, value)
    if site.node.operation == "Mean":
        assert isinstance(total, Value)
        layer = Function(torch.div, INPUT, float(len(inputs)))
        return site.part("mean", layer, total, layout=total.layout)
    return total


@operation("Concat")
def concat(site: Site) -> Made:
    """torch.cat; a constant part is the same for every picture."""
    values = [value for value in site.inputs if isinstance(value, Value)]
    if len(values) < len(site.inputs):
        raise site.fault("joins a value with a constant, which is not read here.")
    values = site.alike(values)
    layout = values[0].layout
    axis = site.axis(site.whole("axis", 0), len(layout))
    if layout[axis] == 0:
        raise site.fault("joins along the batch axis.")
    if len(values) == 1:
        return values[0]
    scales = {value.scale for value in values}
    made = site.emit(Concat(layout[axis]), *values, layout=layout)
    return keep_scale(made, scales.pop()) if len(scales) == 1 else made


def keep_scale(value: Value, scale: tuple[object, ...] | None) -> Value:
    """A value whose numbers are rounded as those that it was made of."""
    return replace(value, scale=scale)
