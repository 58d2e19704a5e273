"""equivariance: move the picture, and see which layers' maps move with it."""

import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import denormalised, normalised
from app.explain.ascent.transforms import moved
from app.explain.attribution.target import chosen_class, described, picture_shape
from app.explain.classify import logits_node
from app.explain.method import Frame, Params, method, one_pass
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number

Motion = tuple[float, float, float, float]
"""Rows down, columns to the right, zoom, and degrees anticlockwise."""


class EquivarianceParams(Params):
    """How the picture is moved, and whose maps are shown."""

    motion: Literal["shift", "rotate", "scale"] = Field(default="shift", title="Motion")
    pixels: float = Field(
        default=8, ge=-256, le=256, title="Shift", description="To the right.", json_schema_extra={"unit": "px"}
    )
    degrees: float = Field(
        default=15, ge=-180, le=180, title="Turn", description="Anticlockwise.", json_schema_extra={"unit": "°"}
    )
    factor: float = Field(
        default=1.2, ge=0.25, le=4, title="Enlarged", description="Of the picture.", json_schema_extra={"unit": "×"}
    )
    node: str | None = Field(
        default=None,
        title="Layer",
        description="Whose maps are shown; the first behind the picture unless given.",
        json_schema_extra={"names": "layer"},
    )

    @property
    def wanted(self) -> Motion:
        """The motion of the picture."""
        if self.motion == "shift":
            return 0, self.pixels, 1, 0
        return (0, 0, 1, self.degrees) if self.motion == "rotate" else (0, 0, self.factor, 0)


def memory(network: Network, params: Params) -> int:
    """Bytes of one pass over two pictures."""
    return 2 * one_pass(network, params)


@method(
    "equivariance",
    title="Equivariance",
    source="Lenc & Vedaldi 2015, Understanding Image Representations by Measuring Their Equivariance and Equivalence",
    memory=memory,
)
def equivariance(network: Network, image: Tensor, params: EquivarianceParams) -> Iterator[Frame]:
    """Whether a layer's maps move with the picture, a(Tx) = T'a(x), or do not care, a(Tx) = a(x): for each layer
    e = ‖a(Tx) − T'a(x)‖ / ‖a(x)‖ and i = ‖a(Tx) − a(x)‖ / ‖a(x)‖.

    T shifts, turns or enlarges the picture, and T' does the same to the maps, in steps of the layer. Only the middle
    half of each map is compared, where nothing has come in from outside. What it can tell: that convolutions follow a
    shift exactly, that strides follow it only by their multiples, that nothing follows a turn by itself, and where
    pooling makes the answer forget the place. What it cannot: whether the network learned that, or was built so.

    Yields at last `before`, `after` and `expected`, the maps of one layer, units × rows × columns; values, one layer
    after the other, `layers` (each `node`, `equivariance`, null where there are no places, and `invariance`), and
    `class` (of the picture) and `moved` (the same class of the moved picture).

    Raises:
        UnknownNode: there is no such layer.
    """
    picture_shape(network)
    names = [name for name in network.nodes if name != "input"]
    shown = network.node(params.node or names[0])
    answer = logits_node(network)
    picture = moved(denormalised(network, image), *params.wanted)
    both = torch.cat([image, normalised(network, picture)])
    layers: list[dict[str, Any]] = []
    kept: dict[str, Tensor] = {}
    for node, value in network.run(both, until=list(network.nodes)):
        value = value.detach()
        if node.name in (shown.name, answer.name):
            kept[node.name] = value
        if node.name == "input":
            continue
        layers.append({"node": node.name, **errors(network, node, value, params.wanted)})
        yield Frame("layers", values={"layers": list(layers)}, step=len(layers), steps=len(names))
    logits = kept[answer.name]
    target = chosen_class(network, logits[0], None)
    told = {"class": described(network, logits[0], target), "moved": described(network, logits[1], target)}
    before, after = kept[shown.name]
    maps = {"before": before, "after": after}
    if shown.spatial:
        maps["expected"] = moved(before[None], *on_maps(network, shown, params.wanted))[0]
    for name, map_ in maps.items():
        axes = ("unit", "row", "column")[: map_.dim()]
        done = len(names)
        yield Frame(name, map_.clone(), axes, shown.kind, node=shown.name, values=told, step=done, steps=done)


def errors(network: Network, node: Node, value: Tensor, motion: Motion) -> dict[str, float | None]:
    """How far a layer is from moving along, and from not caring, as shares of its values."""
    before, after = value[:1], value[1:]
    told: dict[str, float | None] = {"equivariance": None}
    if node.spatial and not node.receptive_field.whole:
        expected = moved(before, *on_maps(network, node, motion))
        told["equivariance"] = share(middle(after - expected), middle(before))
        before, after = middle(before), middle(after)
    told["invariance"] = share(after - before, before)
    return told


def share(difference: Tensor, of: Tensor) -> float | None:
    """How large a difference is, beside what it is one of."""
    return number(difference.double().norm() / of.double().norm().clamp(min=1e-30))


def middle(maps: Tensor) -> Tensor:
    """The middle half of the rows and columns."""
    rows, columns = maps.shape[2:]
    return maps[:, :, rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]


def on_maps(network: Network, node: Node, motion: Motion) -> Motion:
    """The picture's motion in the steps of a layer, whose middle need not lie on the picture's."""
    down, right, zoom, turn = motion
    field = node.receptive_field
    away = [
        ((side - 1) / 2 - float(start) - (seen - 1) / 2) / float(step) - (places - 1) / 2
        for side, start, seen, step, places in zip(
            network.input_shape[1:], field.start, field.size, field.step, node.shape[1:], strict=True
        )
    ]
    cosine, sine = zoom * math.cos(math.radians(turn)), zoom * math.sin(math.radians(turn))
    rows, columns = away
    down = down / float(field.step[0]) + rows - (cosine * rows - sine * columns)
    right = right / float(field.step[1]) + columns - (cosine * columns + sine * rows)
    return down, right, zoom, turn
