"""Conv, ConvTranspose, Gemm and MatMul: operations with learned weights."""

import operator
from typing import Any

import torch
from torch import Tensor, nn

from app.onnx.layers import INPUT, Function
from app.onnx.operations.window import Window, two, window
from app.onnx.site import Made, Site, operation
from app.onnx.value import Value


def parameter(value: Tensor) -> nn.Parameter:
    """A learned tensor of a layer."""
    return nn.Parameter(value.contiguous(), requires_grad=False)


def chain(**parts: nn.Module | None) -> nn.Module:
    """Layers one behind the other, by name; a single one as it is."""
    kept = {name: part for name, part in parts.items() if part is not None}
    if len(kept) == 1:
        return next(iter(kept.values()))
    sequence = nn.Sequential()
    for name, part in kept.items():
        sequence.add_module(name, part)
    return sequence


def cropped(rows: slice, columns: slice) -> Function:
    """A part of a map."""
    return Function(operator.getitem, INPUT, (slice(None), slice(None), rows, columns))


def padded(view: Window) -> nn.Module | None:
    """A layer of its own for padding that differs from end to end."""
    return None if view.even else nn.ZeroPad2d(view.padding)


@operation("Conv")
def convolution(site: Site) -> Made:
    """nn.Conv2d, behind nn.ZeroPad2d where its padding differs from end to end."""
    x, weight, bias = site.maps(), site.weight(1), site.optional_weight(2)
    if weight.dim() != 4:
        raise site.fault(f"has a kernel over {weight.dim() - 2} axes: two, rows and columns, are read.")
    view = window(site, x.held[2:], tuple(weight.shape[2:]))
    groups = site.whole("group", 1)
    if (
        view.kernel != tuple(weight.shape[2:])
        or groups < 1
        or weight.shape[0] % groups
        or (weight.shape[1] * groups != x.held[1])
    ):
        raise site.fault(
            f"has weights of {shape_of(weight)} in {groups} groups, which do not fit {x.held[1]} channels."
        )
    layer = nn.Conv2d(
        x.held[1],
        weight.shape[0],
        view.kernel,
        view.strides,
        view.begin if view.even else 0,
        view.dilations,
        groups,
        bias is not None,
        device="meta",
    )
    return site.emit(chain(pad=padded(view), convolution=weighted(site, layer, weight, bias)), x)


def weighted(site: Site, layer: Any, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """A layer with its weights, if they are of its shape."""
    for name, value in (("weight", weight), ("bias", bias)):
        if value is None:
            continue
        if tuple(value.shape) != tuple(getattr(layer, name).shape):
            raise site.fault(f"has a {name} of {shape_of(value)}; {shape_of(getattr(layer, name))} would fit.")
        setattr(layer, name, parameter(value))
    assert isinstance(layer, nn.Module)
    return layer


def shape_of(value: Tensor) -> str:
    """A shape in words."""
    return "×".join(map(str, value.shape)) or "one number"


@operation("ConvTranspose")
def transposed_convolution(site: Site) -> Made:
    """nn.ConvTranspose2d; what its padding takes away from one end more than from the other is cut off behind it."""
    x, weight, bias = site.maps(), site.weight(1), site.optional_weight(2)
    if weight.dim() != 4:
        raise site.fault(f"has a kernel over {weight.dim() - 2} axes: two, rows and columns, are read.")
    groups = site.whole("group", 1)
    if groups < 1 or weight.shape[0] != x.held[1] or weight.shape[0] % groups:
        raise site.fault(
            f"has weights of {shape_of(weight)} in {groups} groups, which do not fit {x.held[1]} channels."
        )
    view = window(site, (0, 0), tuple(weight.shape[2:]))
    extra = two(site, "output_padding", site.wholes("output_padding", (0, 0)))
    begin, end, extra = taken_away(site, x.held[2:], view, extra)
    common = [max(min(pads), 0) for pads in zip(begin, end, strict=True)]
    layer = nn.ConvTranspose2d(
        weight.shape[0],
        weight.shape[1] * groups,
        view.kernel,
        view.strides,
        (common[0], common[1]),
        extra,
        groups,
        bias is not None,
        view.dilations,
        device="meta",
    )
    crop = None
    if [*begin] != common or [*end] != common:
        if min(*begin, *end) < 0:
            raise site.fault("has negative pads.")
        rows, columns = (slice(b - c, -(e - c) or None) for b, e, c in zip(begin, end, common, strict=True))
        crop = cropped(rows, columns)
    return site.emit(chain(convolution=weighted(site, layer, weight, bias), crop=crop), x)


def taken_away(
    site: Site, sides: tuple[int, ...], view: Window, extra: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """What is cut off before and behind rows and columns, and what is added behind, of a transposed convolution."""
    automatic = site.text("auto_pad", "NOTSET")
    wanted = site.wholes("output_shape")
    if wanted is None and automatic in ("SAME_UPPER", "SAME_LOWER"):
        wanted = tuple(side * stride for side, stride in zip(sides, view.strides, strict=True))
    if wanted is None:
        return view.begin, view.end, extra
    begin, end, added = [], [], []
    for side, size, s, reach, more in zip(sides, wanted[-2:], view.strides, view.reach, extra, strict=True):
        total = s * (side - 1) + more + reach - size
        added.append(more - min(total, 0))
        total = max(total, 0)
        less = total // 2
        begin.append(less if automatic == "SAME_UPPER" else total - less)
        end.append(total - begin[-1])
    return (begin[0], begin[1]), (end[0], end[1]), (added[0], added[1])


@operation("Gemm")
def dense(site: Site) -> Made:
    """nn.Linear: y = α·A·B + β·C, the weights B and C with α and β in them."""
    x, weight = site.value(), site.weight(1)
    if weight.dim() != 2 or len(x.held) != 2 or site.whole("transA", 0):
        raise site.fault("multiplies other than a batch of rows with a table of weights.")
    weight = (weight if site.whole("transB", 0) else weight.T) * site.number("alpha", 1.0)
    bias = site.optional_weight(2)
    if bias is not None:
        if bias.numel() not in (1, len(weight)):
            raise site.fault(f"has a bias of {shape_of(bias)}; {len(weight)} numbers would fit.")
        bias = (bias.flatten() * site.number("beta", 1.0)).expand(len(weight))
    return site.emit(linear(site, weight, bias), x)


def linear(site: Site, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """nn.Linear with its weights, outputs × inputs."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    return weighted(site, layer, weight, bias)


@operation("MatMul")
def product(site: Site) -> Made:
    """nn.Linear of a table of weights, else torch.matmul."""
    left, right = site.given(0), site.given(1)
    if isinstance(left, Value) and isinstance(right, Value):
        return site.emit(Function(torch.matmul, INPUT, INPUT), site.value(0), site.value(1))
    if isinstance(left, Value):
        weight = site.weight(1)
        if weight.dim() == 2:
            return site.emit(linear(site, weight.T, None), site.value(0))
        return site.emit(Function(torch.matmul, INPUT, weight, learned=True), site.value(0))
    return site.emit(Function(torch.matmul, site.weight(0), INPUT, learned=True), site.value(1))
