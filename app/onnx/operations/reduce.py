"""Reductions over axes."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from app.onnx.layers import INPUT, Function
from app.onnx.operations.convolution import chain
from app.onnx.site import Made, Site, operation

REDUCTIONS: dict[str, Callable[..., Any]] = {
    "ReduceMean": torch.mean,
    "ReduceSum": torch.sum,
    "ReduceMax": torch.amax,
    "ReduceMin": torch.amin,
    "ReduceSumSquare": torch.sum,
}
NORMS = {"ReduceL1": 1, "ReduceL2": 2}


@operation(*REDUCTIONS, *NORMS)
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
    layer: nn.Module
    if site.node.operation in NORMS:
        layer = Function(torch.linalg.vector_norm, INPUT, NORMS[site.node.operation], held, keeps)
    else:
        layer = Function(REDUCTIONS[site.node.operation], INPUT, held, keeps)
    if site.node.operation == "ReduceSumSquare":
        layer = chain(square=Function(torch.square, INPUT), sum=layer)
    kept = [axis for i, axis in enumerate(x.layout) if i not in named]
    layout = x.layout if keeps else tuple(sorted(kept).index(axis) for axis in kept)
    return site.emit(layer, x, layout=layout)
