"""Operations that take parts of values: slices, splits, single indices."""

import operator
from dataclasses import replace
from typing import Any

import torch

from app.onnx.layers import INPUT, Function
from app.onnx.site import Made, Site, operation
from app.onnx.value import Value


def part(site: Site, name: str, x: Value, cuts: dict[int, slice]) -> Value:
    """The part of a value between some indices of some axes, by the file's axes."""
    index: list[Any] = [slice(None)] * (max((x.layout[axis] for axis in cuts), default=0) + 1)
    for axis, cut in cuts.items():
        if x.layout[axis] == 0:
            raise site.fault("cuts along the batch axis.")
        index[x.layout[axis]] = cut
    made = site.part(name, Function(operator.getitem, INPUT, tuple(index)), x, layout=x.layout)
    return replace(made, scale=x.scale)


@operation("Slice")
def cut(site: Site) -> Made:
    """x[…, start:stop:step], by constant numbers."""
    x = site.any_order()
    starts, stops = site.listed("starts", 1), site.listed("ends", 2)
    axes, steps = (site.listed("axes", 3), site.listed("steps", 4)) if site.opset >= 10 else (site.wholes("axes"), None)
    if starts is None or stops is None:
        raise site.fault("lacks its starts or ends.")
    axes = axes or tuple(range(len(starts)))
    steps = steps or (1,) * len(starts)
    if not len(starts) == len(stops) == len(axes) == len(steps):
        raise site.fault("has starts, ends, axes and steps of different numbers.")
    cuts: dict[int, slice] = {}
    turned: list[int] = []
    for start, stop, named, step in zip(starts, stops, axes, steps, strict=True):
        axis = site.axis(named, len(x.shape))
        if step == 0:
            raise site.fault("has a step of 0.")
        chosen = range(*slice(start, stop, step).indices(x.shape[axis]))
        if not len(chosen):
            raise site.fault(f"leaves nothing of the axis {axis}.")
        if step < 0:
            turned.append(axis)
            chosen = chosen[::-1]
        if len(chosen) != x.shape[axis]:
            cuts[axis] = slice(chosen.start, chosen[-1] + 1, chosen.step)
    if cuts or not turned:
        x = part(site, "part" if turned else "", x, cuts)
    if turned:
        if any(x.layout[axis] == 0 for axis in turned):
            raise site.fault("turns the batch round.")
        flip = Function(torch.flip, INPUT, tuple(x.layout[axis] for axis in turned))
        return site.part("flip" if cuts else "", flip, x, layout=x.layout)
    return x


@operation("Split")
def split(site: Site) -> Made:
    """One slice for each output."""
    x = site.any_order()
    axis = site.axis(site.whole("axis", 0), len(x.shape))
    sizes = site.listed("split", 1)
    count = len(site.node.outputs)
    if sizes is None:
        each = -(-x.shape[axis] // max(count, 1))
        sizes = tuple(min(each, x.shape[axis] - each * i) for i in range(count))
    if len(sizes) != count or sum(sizes) != x.shape[axis] or min(sizes, default=0) < 1:
        raise site.fault(f"splits {x.shape[axis]} into {len(sizes)} parts that do not make it up.")
    starts = [sum(sizes[:i]) for i in range(count)]
    name = "{}" if count > 1 else ""
    return [
        part(site, name.format(i), x, {axis: slice(start, start + size)})
        for i, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]


@operation("Gather")
def gather(site: Site) -> Made:
    """The values at constant indices of an axis: one of them, or several in another order."""
    x, indices = site.any_order(), site.constant(1)
    axis = site.axis(site.whole("axis", 0), len(x.shape))
    if indices is None or indices.dim() > 1 or x.layout[axis] == 0:
        raise site.fault("gathers other than single indices of an axis of the maps.")
    size = x.shape[axis]
    chosen = [int(i) for i in indices.flatten().tolist()]
    if not chosen or min(chosen) < -size or max(chosen) >= size:
        raise site.fault(f"gathers an index that is not among {size}.")
    chosen = [i % size for i in chosen]
    if indices.dim() == 0:
        x = site.builder.in_order(x)
        return site.emit(Function(torch.select, INPUT, axis, chosen[0]), x)
    if chosen == list(range(chosen[0], chosen[0] + len(chosen))):
        return part(site, "", x, {axis: slice(chosen[0], chosen[-1] + 1)})
    index = (*[slice(None)] * x.layout[axis], chosen)
    return site.emit(Function(operator.getitem, INPUT, index), x, layout=x.layout)
