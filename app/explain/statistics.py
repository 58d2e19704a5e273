"""The numbers that sum a node's values up, in few passes over memory, for several images at once.

What passes over all values is done by torch, or by NumPy where that is faster; what is left is a number per unit, for
which NumPy is the quicker one.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.explain.node import Node
from app.explain.numbers import numbers

PerUnit = NDArray[np.float64]
"""One number per image and unit."""

PerImage = NDArray[np.float64]
"""One number per image."""

BINS = 64
FRACTIONS = np.linspace(0, 1, BINS + 1)
SAMPLE = 1 << 12
"""Values that a histogram counts at most."""

# So many truth values stay in a core's second-level cache together with the numbers that they are told of.
BLOCK_VALUES = 1 << 16


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
    maps = values.cpu() if values.dim() > 2 else values.cpu().unsqueeze(2)
    axes = tuple(range(2, maps.dim()))
    low, high = per_unit(maps.amin(axes)), per_unit(maps.amax(axes))
    # NaN and infinity survive amin and amax, so that these two prove nearly every tensor finite.
    finite = None if np.isfinite(low).all() and np.isfinite(high).all() else maps.isfinite()
    if finite is not None:
        low = per_unit(maps.where(finite, math.inf).amin(axes))
        high = per_unit(maps.where(finite, -math.inf).amax(axes))
    strength = high if node.kind == "positive" else np.maximum(high, -low)
    least, greatest = low.min(1), high.max(1)
    columns = {
        "range": numbers(np.stack((least, greatest), 1)),
        "histogram": histograms(maps, least, greatest, finite is None),
        "order": np.argsort(-strength, axis=1, kind="stable").tolist(),
        "dead": ((low == 0) & (high == 0)).sum(1).tolist(),
        "nonfinite": [0] * len(maps) if finite is None else (~finite).flatten(1).sum(1).tolist(),
    }
    summaries = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if values.dim() == 2:
        return summaries
    return [
        {**moments, **summary} for moments, summary in zip(moments_of(maps, finite, low, high), summaries, strict=True)
    ]


def per_unit(measured: Tensor) -> PerUnit:
    """What a reduction of maps gave, N × units."""
    numbers_of_units: PerUnit = measured.double().numpy()
    return numbers_of_units


def moments_of(maps: Tensor, finite: Tensor | None, low: PerUnit, high: PerUnit) -> list[dict[str, list[float | None]]]:
    """Moments of each unit over its finite values, from one sum, one norm and one count of zeros, for each image."""
    axes = tuple(range(2, maps.dim()))
    zeros = zeros_of(maps)
    count = np.full_like(low, maps[0, 0].numel())
    if finite is not None:
        maps, count = maps.where(finite, 0.0), per_unit(finite.sum(axes))
    with np.errstate(invalid="ignore"):
        mean = per_unit(maps.sum(axes)) / count
        norm = per_unit(torch.linalg.vector_norm(maps, dim=axes))
        variance = np.maximum(norm**2 / count - mean**2, 0)
        # The difference of two large numbers keeps no digits where values hardly vary around a large mean.
        doubtful = (variance < 1e-3 * mean**2) & (low < high)
        if doubtful.any():
            variance[doubtful] = squares_around(maps, finite, doubtful, mean) / count[doubtful]
        variance[low == high] = 0
        measures = numbers(np.stack((low, high, mean, variance, zeros / count, norm), 1))
    names = ("min", "max", "mean", "variance", "zeros", "norm")
    return [dict(zip(names, image, strict=True)) for image in measures]


def squares_around(maps: Tensor, finite: Tensor | None, chosen: NDArray[np.bool_], mean: PerUnit) -> PerUnit:
    """Of some units the sum of the squared differences between their finite values and their mean, in float64."""
    where = torch.from_numpy(chosen)
    deviation = maps[where].double().flatten(1) - torch.from_numpy(mean[chosen]).unsqueeze(1)
    if finite is not None:
        deviation = deviation.where(finite[where].flatten(1), 0.0)
    return per_unit(deviation.square_().sum(1))


def zeros_of(maps: Tensor) -> PerUnit:
    """How many values of each unit are exactly zero."""
    rows = maps.flatten(0, 1).flatten(1).numpy()
    step = max(1, BLOCK_VALUES // max(1, rows.shape[1]))
    are_zero = np.empty((min(step, len(rows)), rows.shape[1]), bool)
    counts: list[int] = []
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        np.equal(block, 0, out=are_zero[: len(block)])
        counts.extend(map(np.count_nonzero, are_zero[: len(block)]))
    return np.array(counts, float).reshape(maps.shape[:2])


def histograms(maps: Tensor, low: PerImage, high: PerImage, finite: bool) -> list[dict[str, Any]]:
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
    sample = maps.permute(0, *by_stride).flatten(1).numpy()[:, ::every].astype(np.float64)
    spread = low < high
    strays = None if finite else ~np.isfinite(sample)
    if strays is not None:
        sample[strays] = 0
    # In place, since fresh memory costs more than the arithmetic.
    sample -= np.where(spread, low, 0)[:, None]
    sample *= np.divide(BINS, high - low, out=np.zeros_like(low), where=spread)[:, None]
    bins = sample.astype(np.intp)
    if strays is not None:
        bins[strays] = BINS + 1
    # The largest value has a bin of its own, which is one with the last, and strays have one that is not told.
    bins += (np.arange(len(bins)) * (BINS + 2))[:, None]
    counts = np.bincount(bins.reshape(-1), minlength=len(bins) * (BINS + 2)).reshape(-1, BINS + 2)
    counts[:, BINS - 1] += counts[:, BINS]
    # A row of nothing finite has no edges: its bars are not told.
    with np.errstate(invalid="ignore"):
        edges = low[:, None] + (high - low)[:, None] * FRACTIONS
    edges[:, -1] = high
    ends = numbers(np.stack((low, high), 1))
    return [
        {"edges": many, "counts": bars, "every": every}
        if varied
        else {"edges": both, "counts": [sum(bars)], "every": every}
        for varied, many, both, bars in zip(
            spread.tolist(), edges.tolist(), ends, counts[:, :BINS].tolist(), strict=True
        )
    ]
