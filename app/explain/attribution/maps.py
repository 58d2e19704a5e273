"""How an attribution is told: the map over the picture, and what is wrong with it where it says nothing."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from app.explain.method import Frame, Kind

SATURATED = 0.5
"""Share of pixels at the very top from which a map is called saturated."""


def told(map_: Tensor) -> str:
    """Whether a map says something: "good", or "flat", "not_finite" or "saturated", where it does not."""
    if not bool(torch.isfinite(map_).all()):
        return "not_finite"
    least, most = float(map_.min()), float(map_.max())
    if most - least <= 1e-12 * max(abs(most), abs(least), 1e-30):
        return "flat"
    strength = map_.abs()
    return "saturated" if float((strength >= 0.999 * strength.max()).float().mean()) > SATURATED else "good"


def frames(
    channels: Tensor | None,
    map_: Tensor,
    values: dict[str, Any],
    *,
    kind: Kind = "attribution",
    node: str | None = None,
    step: int = 1,
    steps: int = 1,
) -> Iterator[Frame]:
    """The frames of an attribution: `map`, rows × columns, and `channels`, channels × rows × columns, if there are.

    To `values` is added `map`: whether the map says something.
    """
    values = {**values, "map": told(map_)}
    map_ = map_.detach().clone()
    yield Frame("map", map_, ("row", "column"), kind, node=node, values=values, step=step, steps=steps)
    if channels is not None:
        axes = ("channel", "row", "column")
        yield Frame("channels", channels.detach().clone(), axes, "attribution", node=node, step=step, steps=steps)


def enlarged(map_: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A map, rows × columns, at the size of the picture, bilinear."""
    return F.interpolate(map_[None, None].float(), shape[-2:], mode="bilinear", align_corners=False)[0, 0]
