"""ablation_cam: a layer's maps, weighed by what the logit loses without each."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from app.explain.ascent.plan import BATCH_VALUES
from app.explain.attribution.target import chosen_class
from app.explain.cam.weighing import CamParams, before, layer, memory, weighed
from app.explain.classify import logits_node
from app.explain.method import Frame, method
from app.explain.network import Network

BATCH_MACS = 3_000_000_000


@method(
    "ablation_cam",
    title="Ablation-CAM",
    source="Desai & Ramaswamy 2020, Ablation-CAM",
    memory=memory,
    shows="map",
)
def ablation_cam(network: Network, image: Tensor, params: CamParams) -> Iterator[Frame]:
    """A layer's maps, weighed by what the class's logit loses without each: m = max(0, Σ_k w_k A_k),
    w_k = (z_c − z_c with A_k = 0) / z_c.

    Only what follows the layer is computed again, many units at once. What it can tell: what each map is worth without
    trusting a gradient. What it cannot: what two maps are worth of which each can stand in for the other.

    Yields after each batch of units `low`, rows × columns of the layer, and `map`, rows × columns of the picture;
    values `class`, `map` and `weights`, one per unit so far.
    """
    node, answer = layer(network, params.node), logits_node(network)
    kept = network.frontier(node.name)
    with torch.no_grad():
        values = network.values(image, {*kept, node.name, answer.name})
    maps, logits = values[node.name][0], values[answer.name][0]
    target = chosen_class(network, logits, params.target)
    size = batch_of(network, node.name, answer.name)
    weights: list[float] = []
    low = torch.zeros_like(maps[0])
    for first in range(0, node.units, size):
        units = torch.arange(first, min(first + size, node.units), device=maps.device)
        without = maps.expand(len(units), *maps.shape).clone()
        without[torch.arange(len(units), device=maps.device), units] = 0
        start = {name: values[name].expand(len(units), *values[name].shape[1:]) for name in kept}
        with torch.no_grad():
            ablated = after(network, {**start, node.name: without}, answer.name)
        lost = (logits[target] - ablated[:, target]) / logits[target]
        weights += lost.tolist()
        low = low + (lost[:, None, None] * maps[units]).sum(0)
        done = len(weights)
        told = {"weights": list(weights)}
        yield from weighed(network, node, logits, target, low, values=told, step=done, steps=node.units)


def after(network: Network, start: Mapping[str, Tensor], name: str) -> Tensor:
    """A node's value, computed from what is at hand."""
    return next(value for node, value in network.run(start=start, until=name) if node.name == name)


def batch_of(network: Network, name: str, until: str) -> int:
    """How many units are left out in one pass of what follows the layer."""
    following = before(network, until) - before(network, name)
    macs = sum(network.nodes[other].macs for other in following)
    values = network.nodes[name].size + sum(network.nodes[other].size for other in following)
    return max(1, min(BATCH_MACS // max(1, macs), BATCH_VALUES // values))
