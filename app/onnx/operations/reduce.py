"""Reductions over axes."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from app.onnx.layers import INPUT, Function
from app.onnx.site import Made, Site, operation


def root_of_squares(x: Tensor, axes: tuple[int, ...], keeps: bool) -> Tensor:
    """√Σ x²."""
    return x.square().sum(axes, keeps).sqrt()


def sum_of_squares(x: Tensor, axes: tuple[int, ...], keeps: bool) -> Tensor:
    """Σ x²."""
    return x.square().sum(axes, keeps)


def sum_of_sizes(x: Tensor, axes: tuple[int, ...], keeps: bool) -> Tensor:
    """Σ |x|."""
    return x.abs().sum(axes, keeps)


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "ReduceMean": torch.mean,
    "ReduceSum": torch.sum,
    "ReduceMax": torch.amax,
    "ReduceMin": torch.amin,
    "ReduceL1": sum_of_sizes,
    "ReduceL2": root_of_squares,
    "ReduceSumSquare": sum_of_squares,
}


@operation(*REDUCTIONS)
def reduction(site: Site) -> Made:
    """torch.mean, sum, amax … over some axes of each picture."""
    x = site.any_order()
    rank = len(x.shape)
    axes = site.listed("axes", 1)
    if not axes and site.whole("noop_with_empty_axes", 0):
        return x
    named = sorted({site.axis(axis, rank) for axis in axes or range(rank)})
    held = tuple(sorted(x.layout[axis] for axis in named))
    if 0 in held:
        raise site.fault("reduces over the batch axis: every picture must stay apart.")
    keeps = bool(site.whole("keepdims", 1))
    layer = Function(REDUCTIONS[site.node.operation], INPUT, held, keeps)
    kept = [axis for i, axis in enumerate(x.layout) if i not in named]
    layout = x.layout if keeps else tuple(sorted(kept).index(axis) for axis in kept)
    return site.emit(layer, x, layout=layout)
