"""What all class activation maps share: the layer, its maps, and the frames of their weighted sum."""

from collections.abc import Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.attribution.maps import enlarged, frames
from app.explain.attribution.target import ClassParams, chosen_class, described, no_path
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.method import Frame, Kind, one_pass
from app.explain.network import Network
from app.explain.node import Node


class CamParams(ClassParams):
    """Which layer and which class."""

    node: str | None = Field(
        default=None,
        title="Layer",
        description="Whose maps are weighed; the last one with maps unless given.",
        json_schema_extra={"names": "layer"},
    )


def memory(network: Network, params: CamParams) -> int:
    """Bytes of one pass and of its way back."""
    return 2 * one_pass(network, params)


def before(network: Network, name: str) -> set[str]:
    """All nodes that a node's value depends on, itself included."""
    found, ahead = {name}, [name]
    while ahead:
        more = set(network.nodes[ahead.pop()].inputs) - found
        found |= more
        ahead += more
    return found


def layer(network: Network, name: str | None) -> Node:
    """The layer whose maps are weighed.

    Raises:
        UnknownNode: there is none of this name.
        AskError: it has no maps, or the answer does not depend on it.
    """
    answer = logits_node(network)
    way = before(network, answer.name)
    if name is None:
        maps = [node for node in network.nodes.values() if node.name in way and has_places(node)]
        if not maps:
            raise AskError(f"No layer of {network.name} has maps, so that none can be weighed.", "params.node")
        return maps[-1]
    node = network.node(name)
    if not has_places(node):
        shape = "×".join(map(str, node.shape))
        raise AskError(
            f"{node.name} has {shape} values and no rows and columns: a class activation map needs a layer of maps, "
            "such as a convolution.",
            "params.node",
        )
    if node.name not in way:
        raise AskError(f"The answer of {network.name} does not depend on {node.name}.", "params.node")
    return node


def has_places(node: Node) -> bool:
    """Whether its units are maps of more than one value."""
    return node.spatial and node.shape[1] * node.shape[2] > 1


def maps_and_gradient(network: Network, image: Tensor, params: CamParams) -> tuple[Node, int, Tensor, Tensor, Tensor]:
    """The layer, the class, the logits, the layer's maps A and ∂z_c / ∂A, both units × rows × columns.

    One pass, and back no further than to the layer.
    """
    node, answer, kept = layer(network, params.node), logits_node(network), []

    def keep(value: Tensor) -> Tensor:
        kept.append(value.detach().requires_grad_())
        return kept[0]

    with torch.enable_grad():
        logits = network.values(image.detach(), [answer.name], replace={node.name: keep})[answer.name][0]
        target = chosen_class(network, logits.detach(), params.target)
        if not logits.requires_grad:
            raise no_path(network, node)
        (slope,) = torch.autograd.grad(logits[target], kept[0])
    return node, target, logits.detach(), kept[0].detach()[0], slope[0]


def weighed(
    network: Network,
    node: Node,
    logits: Tensor,
    target: int,
    low: Tensor,
    *,
    values: dict[str, Any] | None = None,
    positive: bool = True,
    step: int = 1,
    steps: int = 1,
) -> Iterator[Frame]:
    """The frames of a class activation map: `low` at the layer's size, `map` over the picture.

    Args:
        low: the weighted sum of the maps, rows × columns.
        positive: whether only what speaks for the class is kept.
    """
    low = low.clamp(min=0) if positive else low.clone()
    kind: Kind = "positive" if positive else "attribution"
    yield Frame("low", low, ("row", "column"), kind, node=node.name, step=step, steps=steps)
    told = {"class": described(network, logits, target), **(values or {})}
    map_ = enlarged(low, network.input_shape)
    yield from frames(None, map_, told, kind=kind, node=node.name, step=step, steps=steps)
