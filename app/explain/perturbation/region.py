"""region: what one region of the picture does: to the class, to the answer, and to the units of a layer."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor

from app.explain.attribution.integrated_gradients import Baseline, plain_picture
from app.explain.attribution.target import chosen_class, described, picture_shape
from app.explain.cam.weighing import CamParams, layer
from app.explain.classify import logits_node, top
from app.explain.errors import AskError
from app.explain.method import Frame, method, one_pass
from app.explain.network import Network
from app.explain.numbers import number


class RegionParams(CamParams):
    """Where it is, how large, with what it is hidden, and of which layer the units are told."""

    row: int | None = Field(default=None, ge=0, title="Row", description="Of its middle; the picture's unless given.")
    column: int | None = Field(
        default=None, ge=0, title="Column", description="Of its middle; the picture's unless given."
    )
    size: int | None = Field(
        default=None,
        ge=1,
        title="Size",
        description="Its side; a quarter of the picture's unless given.",
        json_schema_extra={"unit": "px"},
    )
    fill: Baseline = Field(default="mean", title="Filled with", description="The colour of what is hidden.")
    units: int = Field(default=8, ge=1, le=64, title="Units", description="How many units are told.")


Box = tuple[int, int, int, int]


def box_of(network: Network, params: RegionParams) -> Box:
    """Top, left, bottom and right of the region, the latter two excluded; moved to lie within the picture.

    Raises:
        AskError: its middle lies outside of the picture, or it is larger than that.
    """
    height, width = picture_shape(network)[1:]
    side = max(1, min(height, width) // 4) if params.size is None else params.size
    if side > min(height, width):
        raise AskError(
            f"size is {side} pixels, but the network's input has {height} × {width}: at most {min(height, width)} is "
            "right.",
            "params.size",
        )
    top, bottom = interval(params.row, side, height, "row")
    left, right = interval(params.column, side, width, "column")
    return top, left, bottom, right


def interval(middle: int | None, side: int, length: int, name: str) -> tuple[int, int]:
    """From where to where it reaches along one axis."""
    if middle is None:
        middle = length // 2
    if middle >= length:
        raise AskError(
            f"{name} is {middle}, but the network's input has {length} {name}s, which count from 0 to {length - 1}.",
            f"params.{name}",
        )
    first = min(max(middle - side // 2, 0), length - side)
    return first, first + side


def memory(network: Network, params: RegionParams) -> int:
    """Bytes of one pass with three pictures."""
    return 3 * one_pass(network, params)


@method(
    "region",
    title="A region's part",
    source="Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks, §4.2",
    memory=memory,
)
def region(network: Network, image: Tensor, params: RegionParams) -> Iterator[Frame]:
    """What one square R of the picture does, by hiding it: to the class, z_c(x) − z_c(x with R hidden), and to each
    unit k of a layer, d_k = ‖A_k(x) − A_k(x with R hidden)‖.

    The reverse of a map: not where the answer comes from, but what comes from there. What it can tell: which units
    read the region, what they lose, and what the network says without it or with it alone. What it cannot: what two
    regions do together; and the colour that hides it is itself something to see.

    Yields `change`, A(x) − A(x with R hidden) of the units with the greatest d_k, units × rows × columns; values
    `class`, `node`, `box` (top, left, bottom, right), `hidden` and `alone` (each the class's `logit` and `probability`,
    and the likeliest classes `top`), `loss`, and `units` (unit, `distance` d_k, and `loss`, the sum of its change).

    Raises:
        AskError: there is no such place, class or layer.
    """
    node, answer, (up, left, down, right) = layer(network, params.node), logits_node(network), box_of(network, params)
    plain = plain_picture(network, image, params.fill)
    hidden, alone = image.clone(), plain.clone()
    hidden[:, :, up:down, left:right] = plain[:, :, up:down, left:right]
    alone[:, :, up:down, left:right] = image[:, :, up:down, left:right]
    with torch.no_grad():
        found = network.values(torch.cat([image, hidden, alone]), [node.name, answer.name])
    logits, maps = found[answer.name], found[node.name]
    target = chosen_class(network, logits[0], params.target)
    change = maps[0] - maps[1]
    distances = change.double().flatten(1).norm(dim=1)
    order = distances.nan_to_num(nan=-1).sort(descending=True, stable=True).indices[: params.units].tolist()

    def answered(z: Tensor) -> dict[str, object]:
        precise = z.double()
        likeliest = top(network.classes, precise, precise.softmax(0), 3)
        return {**described(network, z, target), "top": likeliest}

    values = {
        "class": described(network, logits[0], target),
        "node": node.name,
        "box": {"top": up, "left": left, "bottom": down, "right": right},
        "loss": number(logits[0, target] - logits[1, target]),
        "hidden": answered(logits[1]),
        "alone": answered(logits[2]),
        "units": [
            {"unit": unit, "distance": number(distances[unit]), "loss": number(change[unit].sum())} for unit in order
        ],
    }
    yield Frame("change", change[order], ("unit", "row", "column"), "signed", node=node.name, values=values)
