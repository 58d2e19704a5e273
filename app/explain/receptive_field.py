"""receptive_field: what a value can see of the picture, and what it does see of it."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from app.explain.errors import AskError, ImageRequired
from app.explain.field import ReceptiveField
from app.explain.method import Frame, Params, method, one_pass
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number
from app.explain.position import Position, origin, position


class ReceptiveFieldParams(Params):
    """Which value, and whether its gradient is wanted too."""

    node: str = Field(title="Node")
    unit: int | None = Field(
        default=None,
        title="Unit",
        description="Of a flattened node, the entry that is followed back to its map; the gradient is this unit's, or "
        "without it that of all units' sum.",
    )
    row: int | None = Field(default=None, title="Row", description="The middle one unless given.")
    column: int | None = Field(default=None, title="Column", description="The middle one unless given.")
    effective: bool = Field(default=False, title="Effective field", description="Whether the gradient is measured.")
    over: Literal["noise", "image"] = Field(
        default="noise", title="Over", description="Pictures of noise, or the picture that was given."
    )
    samples: int = Field(default=16, ge=1, le=256, title="Samples", description="How many pictures of noise.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the noise.")


def memory(network: Network, params: ReceptiveFieldParams) -> int:
    """Bytes of one pass with gradients, or next to nothing."""
    return 3 * one_pass(network, params) if params.effective else 1 << 16


@method(
    "receptive_field",
    title="Receptive field",
    source="Araujo, Norris & Sim 2019 (Distill); Luo et al. 2016, Understanding the Effective Receptive Field",
    image="optional",
    memory=memory,
)
def receptive_field(network: Network, image: Tensor | None, params: ReceptiveFieldParams) -> Iterator[Frame]:
    """The exact box of pixels that a value can depend on, by interval arithmetic along the graph; and its effective
    field, how much each pixel matters: mean over pictures of Σ over colours |∂ value / ∂ pixel|.

    Values: `box` (both ends included, before clipping), `clipped` (to the picture; null where only padding is seen),
    `padding` (how far the box reaches beyond each edge), `field` (size, step, start, whole, gated), `origin` (the
    place on the map that a flattened entry came from). With `effective`, also `samples` so far and `inside`, the share
    of the gradient inside the box, null where there is no gradient; and the array `effective`, rows × columns, better
    with each frame.

    Raises:
        UnknownNode, UnknownUnit, AskError: there is no such node, unit, row or column.
        ImageRequired: the gradient on a picture is wanted and none is given.
    """
    if len(network.input_shape) != 3:
        raise AskError(f"{network.name} reads no picture, so that its values have no field of pixels.", "model")
    node = network.node(params.node)
    value = position(network, node, params.unit or 0, params.row, params.column)
    start = origin(network, value) if params.unit is not None else value
    values = {**box_of(network, start), "origin": vars(start) if start != value else None}
    yield Frame("receptive_field", values=values, node=node.name, steps=params.samples + 1 if params.effective else 1)
    if params.effective:
        yield from effective_field(network, image, params, node, value, values["clipped"])


def box_of(network: Network, value: Position) -> dict[str, Any]:
    """The exact field of a value, as the page draws it."""
    field = network.nodes[value.node].receptive_field
    height, width = network.input_shape[1:]
    top, left, bottom, right = (0, 0, height - 1, width - 1) if field.whole else field.box(value.row, value.column)
    clipped = {
        "top": max(top, 0),
        "left": max(left, 0),
        "bottom": min(bottom, height - 1),
        "right": min(right, width - 1),
    }
    seen = clipped["top"] <= clipped["bottom"] and clipped["left"] <= clipped["right"]
    return {
        "box": {"top": top, "left": left, "bottom": bottom, "right": right},
        "clipped": clipped if seen else None,
        "padding": {
            "top": max(0, -top),
            "left": max(0, -left),
            "bottom": max(0, bottom - height + 1),
            "right": max(0, right - width + 1),
        },
        "field": described(field, height, width),
    }


def described(field: ReceptiveField, height: int, width: int) -> dict[str, Any]:
    """A field as a table; of one that sees everything, size is the picture's and step 0."""
    if field.whole:
        return {"size": [height, width], "step": [0, 0], "start": [0, 0], "whole": True, "gated": field.gated}
    step, start = ([float(part) for part in parts] for parts in (field.step, field.start))
    return {"size": list(field.size), "step": step, "start": start, "whole": False, "gated": field.gated}


def effective_field(
    network: Network,
    image: Tensor | None,
    params: ReceptiveFieldParams,
    node: Node,
    value: Position,
    clipped: dict[str, int] | None,
) -> Iterator[Frame]:
    """The mean of the gradient's size over pictures, after each of them."""
    total = torch.zeros(network.input_shape[1:], dtype=torch.float64, device=network.device)
    count = 1 if params.over == "image" else params.samples
    for sample, picture in enumerate(pictures(network, image, params), 1):
        total += gradient(network, picture, node, value, params.unit)
        yield Frame(
            "effective",
            (total / sample).float(),
            ("row", "column"),
            "positive",
            node=node.name,
            values={"inside": share(total, clipped), "samples": sample},
            step=sample + 1,
            steps=count + 1,
        )


def pictures(network: Network, image: Tensor | None, params: ReceptiveFieldParams) -> Iterator[Tensor]:
    """The given picture, or as many as asked for of noise N(0, 1), which is how preprocessing spreads values."""
    if params.over == "image":
        if image is None:
            raise ImageRequired("An effective field over the image needs one: name it, or ask for noise.", "image")
        yield image.to(network.dtype)
        return
    generator = torch.Generator().manual_seed(params.seed)
    for _ in range(params.samples):
        noise = torch.randn((1, *network.input_shape), generator=generator)
        yield noise.to(network.device, network.dtype)


def gradient(network: Network, picture: Tensor, node: Node, value: Position, unit: int | None) -> Tensor:
    """|∂ value / ∂ pixel|, summed over colours, rows × columns in float64; of all units' sum where none is named."""
    with torch.enable_grad():
        x = picture.clone().requires_grad_()
        result = network.values(x, [node.name])[node.name][0]
        for place in (value.row, value.column)[: result.dim() - 1]:
            result = result[:, place]
        wanted = result.sum() if unit is None else result[unit]
        (slope,) = torch.autograd.grad(wanted, x) if wanted.requires_grad else (torch.zeros_like(x),)
    return slope[0].double().abs().sum(0)


def share(total: Tensor, clipped: dict[str, int] | None) -> float | None:
    """How much of a map lies inside a box, 0…1; None of a map that is zero everywhere."""
    if clipped is None:
        return None
    box = total[clipped["top"] : clipped["bottom"] + 1, clipped["left"] : clipped["right"] + 1]
    return number(box.sum() / total.sum())
