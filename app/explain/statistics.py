"""The numbers that sum a node's values up, in few passes over memory, for several images at once."""

import math
from typing import Any

import torch
from torch import Tensor

from app.explain.node import Node
from app.explain.numbers import numbers

BINS = 64
SAMPLE = 1 << 14
"""Values that a histogram counts at most."""


def statistics(node: Node, values: Tensor) -> list[dict[str, Any]]:
    """Sums up the values of a node, for each of several images.

    Args:
        node: whose values they are.
        values: N×C×H×W, N × units × anything, or N × units.

    Returns:
        For each image: `range` (of all finite values), `histogram`, `order` (units, strongest first: by their largest
        value, or where values may be negative, by the value largest in size), `dead` (units that are zero everywhere),
        `nonfinite` (how many values are NaN or infinite). Of units that are maps also, one number per unit, over the
        finite values: `min`, `max`, `mean`, `variance` (population), `zeros` (share of exact zeros), `norm` (L2).
    """
    maps = values if values.dim() > 2 else values.unsqueeze(2)
    axes = tuple(range(2, maps.dim()))
    low, high = maps.amin(axes), maps.amax(axes)
    # NaN and infinity survive amin and amax, so that these two prove nearly every tensor finite.
    finite = None if math.isfinite(low.min()) and math.isfinite(high.max()) else maps.isfinite()
    if finite is not None:
        low, high = maps.where(finite, math.inf).amin(axes), maps.where(finite, -math.inf).amax(axes)
    strength = high if node.kind == "positive" else torch.maximum(high, -low)
    columns = {
        "range": numbers(torch.stack((low.amin(1), high.amax(1)), 1)),
        "histogram": histograms(maps, low.amin(1), high.amax(1), finite is None),
        "order": strength.sort(dim=1, descending=True, stable=True).indices.tolist(),
        "dead": ((low == 0) & (high == 0)).sum(1).tolist(),
        "nonfinite": [0] * len(maps) if finite is None else (~finite).flatten(1).sum(1).tolist(),
    }
    summaries = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if values.dim() == 2:
        return summaries
    return [
        {**moments, **summary} for moments, summary in zip(per_unit(maps, finite, low, high), summaries, strict=True)
    ]


def per_unit(maps: Tensor, finite: Tensor | None, low: Tensor, high: Tensor) -> list[dict[str, list[float | None]]]:
    """Moments of each unit over its finite values, from one sum, one norm and one count of zeros, for each image."""
    axes = tuple(range(2, maps.dim()))
    zeros = torch.eq(maps, 0, out=torch.empty_like(maps)).sum(axes).double()
    count: Tensor | int = maps[0, 0].numel()
    if finite is not None:
        maps, count = maps.where(finite, 0.0), finite.sum(axes)
    mean = maps.sum(axes).double() / count
    norm = torch.linalg.vector_norm(maps, dim=axes).double()
    variance = (norm.square() / count - mean.square()).clamp_min(0)
    # The difference of two large numbers keeps no digits where values hardly vary around a large mean.
    doubtful = (variance < 1e-3 * mean.square()) & (low < high)
    if doubtful.any():
        deviation = maps[doubtful].double() - mean[doubtful].reshape(-1, *(1 for _ in axes))
        if finite is not None:
            deviation = deviation.where(finite[doubtful], 0.0)
        squares = deviation.flatten(1).square().sum(1)
        variance[doubtful] = squares / (count if isinstance(count, int) else count[doubtful])
    variance[low == high] = 0
    measures = numbers(torch.stack((low.double(), high.double(), mean, variance, zeros / count, norm), 1))
    names = ("min", "max", "mean", "variance", "zeros", "norm")
    return [dict(zip(names, image, strict=True)) for image in measures]


def histograms(maps: Tensor, low: Tensor, high: Tensor, finite: bool) -> list[dict[str, Any]]:
    """For each image, counts of 64 equal bins over its finite range; of a large node each `every`-th value is counted.

    Args:
        maps: N × units × anything.
        low: least finite value of each image.
        high: largest.
        finite: whether all values are.
    """
    every = -(-maps[0].numel() // SAMPLE) | 1
    # In the order of memory, so that neither memory format is copied.
    by_stride = sorted(range(1, maps.dim()), key=maps.stride, reverse=True)
    sample = maps.permute(0, *by_stride).flatten(1)[:, ::every].to(torch.float64, copy=True)
    strays = None if finite else ~sample.isfinite()
    low, high = low.double(), high.double()
    spread = low < high
    scale = torch.where(spread, BINS / (high - low), 0.0)
    # In place, since fresh memory costs more than the arithmetic.
    bins = sample.sub_(low.where(spread, 0.0).unsqueeze(1)).mul_(scale.unsqueeze(1))
    bins = (bins if strays is None else bins.nan_to_num_(posinf=0, neginf=0)).long().clamp_max_(BINS - 1)
    if strays is not None:
        # A bin of its own, that is not told.
        bins[strays] = BINS
    bins += torch.arange(len(bins)).unsqueeze(1) * (BINS + 1)
    counts = bins.flatten().bincount(minlength=len(bins) * (BINS + 1)).view(-1, BINS + 1)[:, :BINS]
    edges = torch.lerp(low.unsqueeze(1), high.unsqueeze(1), torch.linspace(0, 1, BINS + 1, dtype=torch.float64))
    ends = numbers(torch.stack((low, high), 1))
    return [
        {"edges": many, "counts": bars, "every": every}
        if varied
        else {"edges": both, "counts": [sum(bars)], "every": every}
        for varied, many, both, bars in zip(spread.tolist(), edges.tolist(), ends, counts.tolist(), strict=True)
    ]
