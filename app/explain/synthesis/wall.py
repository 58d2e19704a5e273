"""wall: the max-response pictures of many units of a layer as one sheet."""

from collections.abc import Iterator
from math import ceil, sqrt
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.params import MaxResponseParams, Recipe, Seed
from app.explain.ascent.plan import batch_size, checked, work
from app.explain.errors import UnknownUnit
from app.explain.max_response import max_response
from app.explain.method import Frame, Params, method
from app.explain.network import Network

TOGETHER = 64
"""Units that climb in one go, and are all shown before the next ones begin."""

GAP = 2
"""Pixels between the pictures."""


class WallParams(Params):
    """Which units, and how they climb."""

    node: str = Field(title="Layer", json_schema_extra={"names": "layer"})
    first: int = Field(default=0, ge=0, title="First unit")
    count: int = Field(default=64, ge=1, le=512, title="How many", description="At most as many as the layer has.")
    size: int | None = Field(
        default=None,
        ge=1,
        le=256,
        title="Size",
        description="Side of the pictures. Left out, twice the receptive field, at least 64 and at most the network's.",
        json_schema_extra={"unit": "px"},
    )
    preset: Recipe = "readable"
    steps: int = Field(default=64, ge=1, le=2000, title="Steps")
    seed: Seed = 0


def climbing(network: Network, params: WallParams) -> list[MaxResponseParams]:
    """The units in lots that climb together.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer, or it has no such first unit.
    """
    node = network.node(params.node)
    if params.first >= node.units:
        raise UnknownUnit(node.name, params.first, node.units, "params.first")
    units = range(params.first, min(params.first + params.count, node.units))
    shared: dict[str, Any] = params.model_dump(include={"node", "size", "preset", "steps", "seed"})
    return [MaxResponseParams(units=tuple(units[i : i + TOGETHER]), **shared) for i in range(0, len(units), TOGETHER)]


def memory(network: Network, params: WallParams) -> int:
    """Bytes of a batch's values and their gradients, and of all pictures, twice."""
    lots = climbing(network, params)
    node, shape = checked(network, lots[0])
    values = work(network, node, shape)[1] * min(TOGETHER, batch_size(network, node, shape))
    pictures = sum(len(lot.units) for lot in lots) * shape[0] * shape[1] * shape[2]
    return 4 * (3 * values + 14 * pictures) + 2 * network.parameters


@method(
    "wall",
    title="Wall of max-response images",
    source="Olah et al. 2017, Feature Visualization; Zeiler & Fergus 2014",
    image="none",
    memory=memory,
    shows="sheet",
)
def wall(network: Network, image: Tensor | None, params: WallParams) -> Iterator[Frame]:
    """The pictures that the units of a layer answer to most, p_u = argmax_p ‖a_u(p)‖₂, as one sheet: row by row in the
    order of the units.

    All units of a lot climb in one batch, each to its own hill, and only up to the layer. What it can tell: at a glance
    what a layer is made of, and which units look for the same. What it cannot: which of them matter for an answer; and
    with few steps some units have hardly left the noise.

    Yields `sheet`, rows × columns × colours, better with each frame; values `units` (in the order of the sheet),
    `columns` (of pictures), `side` (of one), `gap` (between them, in pixels) and `response` (per unit so far).
    """
    lots = climbing(network, params)
    units = [unit for lot in lots for unit in lot.units]
    done: list[Tensor] = []
    responses: list[float | None] = []
    for number, lot in enumerate(lots):
        latest, reached = torch.empty(0), []
        for frame in max_response(network, None, lot):
            assert frame.array is not None
            latest, reached = frame.array, frame.values["response"]
            sheet, columns = tiled([*done, latest], len(units))
            told = {
                "units": units,
                "columns": columns,
                "side": latest.shape[1],
                "gap": GAP,
                "response": [*responses, *reached],
            }
            step = number * lot.steps + frame.step
            axes = ("row", "column", "colour")
            steps = len(lots) * lot.steps
            yield Frame("sheet", sheet, axes, "picture", node=params.node, values=told, step=step, steps=steps)
        done.append(latest)
        responses += reached


def tiled(parts: list[Tensor], count: int) -> tuple[Tensor, int]:
    """Pictures, N×rows×columns×colours, as one sheet with room for `count`, and how many stand side by side."""
    pictures = torch.cat(parts)
    height, width, colours = pictures.shape[1:]
    columns = ceil(sqrt(count))
    rows = ceil(count / columns)
    sheet = pictures.new_full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, colours), 0.5)
    for place, picture in enumerate(pictures):
        top, left = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet, columns
