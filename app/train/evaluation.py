"""How well a network does on labelled pictures: accuracy, confusion, the pictures it gets wrong, dead units."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from app.explain.network import Network

MOST_WRONG = 1000
"""Pictures that are got wrong and named, the surest first."""

AT_ONCE = 500


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Attributes:
        loss: mean cross entropy.
        accuracy: share of pictures whose largest logit is the label, percent.
        confusion: how many pictures of each class (row) are said to be of each (column).
        wrong: pictures that are got wrong: place, label, what is said, and its probability.
        wrong_count: how many there are.
        dead: of each node that cannot be negative, the units that are zero on every picture.
    """

    pictures: int
    loss: float
    accuracy: float
    confusion: list[list[int]]
    wrong: list[dict[str, Any]]
    wrong_count: int
    dead: dict[str, list[int]]


def evaluate(
    network: Network, images: Tensor, labels: Tensor, prepare: Callable[[Tensor], Tensor], classes: int
) -> Evaluation:
    """Looks at pictures in uint8, N×C×H×W, with `prepare` giving the network's input. In float32, without gradients."""
    gates = {name for name, node in network.nodes.items() if node.kind == "positive" and node.operation != "input"}
    gates = {name for name in gates if network.nodes[name].operation == "relu"} or gates
    alive: dict[str, Tensor] = {}
    logits = []
    with torch.no_grad():
        for part in images.split(AT_ONCE):
            value = torch.empty(0)
            for node, value in network.run(prepare(part)):
                if node.name in gates:
                    seen = (value > 0).flatten(2).any(2).any(0) if value.dim() > 2 else (value > 0).any(0)
                    alive[node.name] = alive[node.name] | seen if node.name in alive else seen
            logits.append(value.float().cpu())
    scores = torch.cat(logits)
    probabilities = scores.softmax(1)
    surest, said = probabilities.max(1)
    wrong = (said != labels).nonzero()[:, 0]
    ordered = wrong[surest[wrong].argsort(descending=True, stable=True)][:MOST_WRONG].tolist()
    pairs = (labels * classes + said).bincount(minlength=classes * classes)
    return Evaluation(
        pictures=len(labels),
        loss=float(F.cross_entropy(scores, labels)),
        accuracy=100 * (len(labels) - len(wrong)) / len(labels),
        confusion=pairs.view(classes, classes).tolist(),
        wrong=[
            {"index": i, "label": int(labels[i]), "said": int(said[i]), "probability": round(float(surest[i]), 4)}
            for i in ordered
        ],
        wrong_count=len(wrong),
        dead={node: (~seen).nonzero()[:, 0].tolist() for node, seen in alive.items()},
    )
