"""The pools: sliding, and over the whole map."""

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from app.onnx.layers import INPUT, Function
from app.onnx.operations.convolution import chain, cropped
from app.onnx.operations.window import Window, window
from app.onnx.site import Made, Site, operation

Sliding = Callable[[bool], nn.Module]


@operation("GlobalAveragePool")
def global_average(site: Site) -> Made:
    """nn.AdaptiveAvgPool2d(1)."""
    return site.emit(nn.AdaptiveAvgPool2d(1), site.maps())


@operation("GlobalMaxPool")
def global_maximum(site: Site) -> Made:
    """nn.AdaptiveMaxPool2d(1)."""
    return site.emit(nn.AdaptiveMaxPool2d(1), site.maps())


@operation("MaxPool")
def maximum(site: Site) -> Made:
    """nn.MaxPool2d; behind a padding of −∞ where torch's own does not reach."""
    x = site.maps()
    view = window(site, x.held[2:])
    if site.further_outputs:
        raise site.fault("gives the places of its maxima too, which is not read here.")
    ceil = bool(site.whole("ceil_mode", 0))

    def layer(up: bool, padding: tuple[int, int]) -> nn.Module:
        return nn.MaxPool2d(view.kernel, view.strides, padding, view.dilations, ceil_mode=up)

    fitted = as_torch_has_it(view, x.held[2:], ceil, layer)
    if fitted is None:
        places = view.places(x.held[2:], ceil)
        pad = Function(F.pad, INPUT, reaching(view, x.held[2:], places), "constant", -math.inf)
        fitted = chain(pad=pad, max_pool=layer(False, (0, 0)))
    return replace(site.emit(fitted, x), scale=x.scale)


@operation("AveragePool")
def average(site: Site) -> Made:
    """nn.AvgPool2d; sums of a depthwise convolution over their counts where torch's own does not fit."""
    if len(site.any_order().held) == 5:
        return across_channels(site)
    x = site.maps()
    view = window(site, x.held[2:])
    ceil, counts_padding = bool(site.whole("ceil_mode", 0)), bool(site.whole("count_include_pad", 0))

    def layer(up: bool, padding: tuple[int, int]) -> nn.Module:
        return nn.AvgPool2d(view.kernel, view.strides, padding, up, counts_padding)

    plain = view.dilations == (1, 1) and (view.even or not counts_padding)
    fitted = as_torch_has_it(view, x.held[2:], ceil, layer) if plain else None
    if fitted is None:
        fitted = counted_average(site, view, x.held, ceil, counts_padding)
    return site.emit(fitted, x)


def across_channels(site: Site) -> Made:
    """F.avg_pool3d: torch's exporter writes a local response normalisation as one over channels, rows and columns."""
    kernel, strides = site.wholes("kernel_shape", (1, 1, 1)), site.wholes("strides", (1, 1, 1))
    pads = site.wholes("pads", (0,) * 6) or ()
    plain = site.text("auto_pad", "NOTSET") == "NOTSET" and not site.whole("ceil_mode", 0)
    if not plain or any(pads) or any(step != 1 for step in site.wholes("dilations", (1, 1, 1)) or ()):
        raise site.fault("averages over three axes with padding or dilation, which is not read here.")
    return site.emit(Function(F.avg_pool3d, INPUT, kernel, strides), site.value())


def as_torch_has_it(
    view: Window, sides: tuple[int, ...], ceil: bool, layer: Callable[[bool, tuple[int, int]], nn.Module]
) -> nn.Module | None:
    """A pool with torch's own padding, alike at both ends, if its windows are the same; what is too much is cut off.

    A window that reaches beyond the map sees what is there: padding behind only decides how many windows there are.
    """
    begin = view.begin
    if min(*begin, *view.end) < 0 or any(2 * pad > kernel for pad, kernel in zip(begin, view.kernel, strict=True)):
        return None
    wanted = view.places(sides, ceil)
    alike = Window(view.kernel, view.strides, view.dilations, begin, begin)
    for up in (False, True):
        there = alike.places(sides, up)
        if there == wanted:
            return layer(up, begin)
    if all(have >= want for have, want in zip(alike.places(sides, False), wanted, strict=True)):
        return chain(pool=layer(False, begin), crop=cropped(slice(0, wanted[0]), slice(0, wanted[1])))
    return None


def reaching(view: Window, sides: tuple[int, ...], places: tuple[int, int]) -> tuple[int, int, int, int]:
    """Padding with which windows without any are as many as wanted: left, right, top, bottom."""
    behind = [
        max((count - 1) * stride + reach - side - begin, end if view.even else 0)
        for count, stride, reach, side, begin, end in zip(
            places, view.strides, view.reach, sides, view.begin, view.end, strict=True
        )
    ]
    return view.begin[1], behind[1], view.begin[0], behind[0]


def counted_average(site: Site, view: Window, held: tuple[int, ...], ceil: bool, counts_padding: bool) -> nn.Module:
    """Sums over windows times one over how many values each has."""
    places = view.places(held[2:], ceil)
    pads = reaching(view, held[2:], places)
    site.builder.folded_size(site.path, (held[1], *view.kernel))
    site.builder.folded_size(site.path, (held[2] + pads[2] + pads[3], held[3] + pads[0] + pads[1]))
    ones = torch.ones(1, 1, *view.kernel)
    inside = torch.ones(1, 1, held[2], held[3])
    if counts_padding:
        # What the window reaches beyond the padding itself does not count.
        inside = F.pad(inside, view.padding, value=1.0)
        rest = [pad - stated for pad, stated in zip(pads, view.padding, strict=True)]
        counted = F.pad(inside, rest)
    else:
        counted = F.pad(inside, pads)
    counts: Tensor = F.conv2d(counted, ones, stride=view.strides, dilation=view.dilations)
    sums = nn.Conv2d(
        held[1], held[1], view.kernel, view.strides, dilation=view.dilations, groups=held[1], bias=False, device="meta"
    )
    sums.weight = nn.Parameter(torch.ones(held[1], 1, *view.kernel), requires_grad=False)
    share = 1 / counts[:, :, : places[0], : places[1]]
    whole = cropped(slice(0, places[0]), slice(0, places[1]))
    return chain(pad=nn.ZeroPad2d(pads), sum=sums, crop=whole, average=Function(torch.mul, INPUT, share))
