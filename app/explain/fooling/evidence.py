"""How far a class's evidence moved from layer to layer between two pictures."""

from typing import Any

import torch
from torch import Tensor

from app.explain.attribution.target import no_path
from app.explain.classify import logits_node
from app.explain.network import Network
from app.explain.numbers import numbers


def evidence(network: Network, before: Tensor, after: Tensor, own: int, now: int) -> dict[str, Any]:
    """What a change of the picture does at every node that leads to the logits.

    `distance` is ‖a(x′) − a(x)‖₂ / ‖a(x)‖₂, `toward` is Σ g · (a(x′) − a(x)) with g = ∂(z_now − z_own) / ∂a at x: what
    the node's change is worth in logits, to first order. At the logits themselves it is exact: by how much the new
    class gained on the old one. Where both are the same class, z alone is followed.

    Args:
        before: the picture x, 1×C×H×W, preprocessed.
        after: the picture x′.
        own: the class that evidence is taken from.
        now: the class that it goes to.

    Returns:
        a table: `node`, `distance` and `toward` by node in order of computation, `from` and `to` the classes.

    Raises:
        AskError: no gradient reaches the input.
    """
    last = logits_node(network)
    with torch.enable_grad():
        x = before.detach().clone().requires_grad_()
        values = {node.name: value for node, value in network.run(x, until=last.name) if value.requires_grad}
        if last.name not in values:
            raise no_path(network, last)
        logits = values[last.name][0]
        score = logits[now] - logits[own] if now != own else logits[now]
        slopes = torch.autograd.grad(score, list(values.values()), allow_unused=True)
    names, distances, toward = [], [], []
    with torch.no_grad():
        moved = {node.name: value for node, value in network.run(after, until=last.name)}
    for (name, value), slope in zip(values.items(), slopes, strict=True):
        change, size = moved[name].double() - value.detach().double(), value.detach().double().norm()
        names.append(name)
        distances.append(change.norm() / size.clamp(min=1e-30))
        toward.append((change * (0.0 if slope is None else slope.double())).sum())
    return {
        "node": names,
        "distance": numbers(torch.stack(distances)),
        "toward": numbers(torch.stack(toward)),
        "from": own,
        "to": now,
    }
