"""Resize and Upsample: rows and columns by other numbers of them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from app.onnx.layers import INPUT, Function
from app.onnx.operations.convolution import chain
from app.onnx.site import Made, Site, operation

Numbers = npt.NDArray[Any]

MODES = {"nearest": "nearest", "linear": "bilinear", "bilinear": "bilinear", "cubic": "bicubic"}


@operation("Resize", "Upsample")
def resize(site: Site) -> Made:
    """F.interpolate where it places its samples as the node wants, else the node's own weights as two products."""
    x = site.maps()
    mode = site.text("mode", "nearest")
    if mode not in MODES:
        raise site.fault("has an unknown mode.")
    upsample = site.node.operation == "Upsample" or site.opset < 11
    places = "asymmetric" if upsample else site.text("coordinate_transformation_mode", "half_pixel")
    rounding = "outwards" if upsample else site.text("nearest_mode", "round_prefer_floor")
    scales, sizes = wanted(site, x.held)
    if any(site.whole(name, 0) for name in ("antialias", "exclude_outside")) and mode != "nearest":
        raise site.fault("resizes with antialias or exclude_outside, which is not read here.")
    if sizes == x.held[2:]:
        return site.emit(nn.Identity(), x)
    known = torch_mode(mode, places, rounding, x.held[2:], sizes, scales, site.number("cubic_coeff_a", -0.75))
    if known is not None:
        name, corners = known
        extra = {} if corners is None else {"align_corners": corners}
        return site.emit(Function(F.interpolate, INPUT, size=sizes, mode=name, **extra), x)
    for before, after in zip(x.held[2:], sizes, strict=True):
        # Twice the numbers of a float32 while they are worked out.
        site.builder.folded_size(site.path, (2, before, after))
    weights = [
        torch.from_numpy(sampling(before, after, scale, mode, places, rounding, site.number("cubic_coeff_a", -0.75)))
        for before, after, scale in zip(x.held[2:], sizes, scales, strict=True)
    ]
    rows = Function(torch.matmul, weights[0], INPUT)
    columns = Function(torch.matmul, INPUT, weights[1].T.contiguous())
    return site.emit(chain(rows=rows, columns=columns), x)


def wanted(site: Site, held: tuple[int, ...]) -> tuple[tuple[float, float], tuple[int, int]]:
    """Scales and sizes of rows and columns, the one from the other."""
    axes = site.wholes("axes") if site.opset >= 18 else None
    if site.node.operation == "Upsample":
        given = site.constant(1) if site.opset >= 9 else None
        scales = site.attribute("scales", list, None) if given is None else given.tolist()
        sizes = None
    else:
        at = 1 if site.opset < 11 else 2
        given, total = site.constant(at), None if site.opset < 11 else site.constant(3)
        scales = None if given is None or not given.numel() else given.tolist()
        sizes = None if total is None or not total.numel() else [int(size) for size in total.tolist()]
    if (scales is None) == (sizes is None):
        raise site.fault("wants either scales or sizes.")
    spread = full(site, scales if sizes is None else sizes, axes, held, sizes is None)
    if sizes is not None:
        if site.text("keep_aspect_ratio_policy", "stretch") != "stretch":
            raise site.fault("keeps the aspect ratio by itself, which is not read here.")
        rows, columns = int(spread[2]), int(spread[3])
        least = min(rows, columns)
        factors = (rows / held[2], columns / held[3])
    else:
        if not all(math.isfinite(scale) and 0 < scale < 1e6 for scale in spread):
            raise site.fault("has a scale that is no size.")
        rows, columns = (math.floor(side * scale) for side, scale in zip(held[2:], spread[2:], strict=True))
        least = min(rows, columns)
        factors = (spread[2], spread[3])
    if least < 1:
        raise site.fault("leaves nothing of the map.")
    if max(rows, columns) > 1 << 16:
        raise site.fault(f"makes maps of {rows} × {columns}, which are too large to show.")
    return factors, (rows, columns)


def full(
    site: Site, given: Sequence[float], axes: tuple[int, ...] | None, held: tuple[int, ...], scales: bool
) -> list[float]:
    """Scales or sizes for all four axes; batch and channels stay as they are."""
    spread: list[float] = [1.0] * 4 if scales else list(held)
    named = range(4) if axes is None else [site.axis(axis, 4) for axis in axes]
    if len(given) != len(named):
        raise site.fault(f"has {len(given)} scales or sizes for {len(named)} axes.")
    for axis, value in zip(named, given, strict=True):
        spread[axis] = value
    kept = (1.0, 1.0) if scales else held[:2]
    if spread[1] != kept[1] or (spread[0] != kept[0] and spread[0] != site.builder.batch):
        raise site.fault("resizes the batch or the channels.")
    return spread


def torch_mode(
    mode: str,
    places: str,
    rounding: str,
    before: Sequence[int],
    after: Sequence[int],
    scales: Sequence[float],
    cubic: float,
) -> tuple[str, bool | None] | None:
    """F.interpolate's mode and align_corners for the same samples; None where it has none.

    torch works from the sizes alone: scales must agree with them.
    """
    if any(abs(a / b - scale) > 1e-6 for a, b, scale in zip(after, before, scales, strict=True)):
        return None
    if mode == "nearest":
        whole = all(a % b == 0 for a, b in zip(after, before, strict=True))
        # Whole factors have no samples half-way between two values, or always choose the same.
        if places == "asymmetric" and rounding in ("floor", "outwards") and whole:
            return "nearest", None
        return None
    if mode == "cubic" and cubic != -0.75:
        return None
    if places == "align_corners":
        return MODES[mode], True
    if places == "half_pixel" or (places == "pytorch_half_pixel" and min(after) > 1):
        return MODES[mode], False
    return None


def sampling(before: int, after: int, scale: float, mode: str, places: str, rounding: str, cubic: float) -> Numbers:
    """How much each of `before` values counts in each of `after`: after × before, as onnx.proto's Resize says."""
    where = coordinates(before, after, scale, places)
    weights = np.zeros((after, before), np.float64)
    index = np.arange(after)
    if mode == "nearest":
        way = ("ceil" if scale < 1 else "floor") if rounding == "outwards" else rounding
        weights[index, np.clip(rounded(where, way), 0, before - 1)] = 1
        return weights.astype(np.float32)
    if mode != "cubic":
        where = np.clip(where, 0, before - 1)
    below = np.floor(where).astype(int)
    past = where - below
    for offset, share in cubic_shares(past, cubic) if mode == "cubic" else ((0, 1 - past), (1, past)):
        np.add.at(weights, (index, np.clip(below + offset, 0, before - 1)), share)
    return weights.astype(np.float32)


def coordinates(before: int, after: int, scale: float | np.float32, places: str) -> Numbers:
    """Where each new value's sample lies among the old ones; in float32, where halves are rounded as elsewhere."""
    index, scale = np.arange(after, dtype=np.float32), np.float32(scale)
    if places == "asymmetric":
        return index / scale
    if places == "align_corners":
        return index * (before - 1) / (after - 1) if after > 1 else index * 0
    if places == "pytorch_half_pixel" and after == 1:
        return index * 0
    if places == "half_pixel_symmetric":
        centre = before / 2 * (1 - after / (scale * before))
        return centre + (index + np.float32(0.5)) / scale - np.float32(0.5)
    if places in ("half_pixel", "pytorch_half_pixel"):
        return (index + np.float32(0.5)) / scale - np.float32(0.5)
    raise ValueError(f"{places[:40]} is no way to place samples that is read here")


def rounded(where: Numbers, rounding: str) -> Numbers:
    """Samples between two values as one of them."""
    ways: dict[str, Numbers] = {
        "floor": np.floor(where),
        "ceil": np.ceil(where),
        "round_prefer_ceil": np.floor(where + 0.5),
        "round_prefer_floor": np.ceil(where - 0.5),
    }
    return ways[rounding].astype(int)


def cubic_shares(past: Numbers, a: float) -> list[tuple[int, Numbers]]:
    """Weights of the four values around a sample (Keys 1981)."""

    def near(t: Numbers) -> Numbers:
        return ((a + 2) * t - (a + 3)) * t * t + 1

    def far(t: Numbers) -> Numbers:
        return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a

    return [(-1, far(past + 1)), (0, near(past)), (1, near(1 - past)), (2, far(2 - past))]
