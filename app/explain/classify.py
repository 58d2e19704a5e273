"""classify: the network's answer, and the softmax that made it, term by term."""

from collections.abc import Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.errors import AskError
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number, numbers

SOFTMAX = {"softmax", "log_softmax"}


class ClassifyParams(Params):
    """How many classes are listed."""

    k: int = Field(default=5, ge=1, le=1000, title="Classes listed", description="The k most probable ones.")


@method(
    "classify",
    title="Class",
    source="Bridle 1990, Probabilistic interpretation of feedforward classification network outputs",
    batch=True,
)
def classify(network: Network, image: Tensor, params: ClassifyParams) -> Iterator[Frame]:
    """What the network takes the picture for: its logits z, and their softmax, p_i = exp(z_i − m) / Σ_j exp(z_j − m)
    with m = max z.

    Computed in float64 from the logits. Where the network itself ends in a softmax, its logits are what goes into it.

    Yields the arrays `logits` and `probabilities` (one number per class); values `top` (the k most probable classes),
    `softmax` (the maximum, each exp and their sum) and `classes` (how many there are).

    Raises:
        AskError: the network does not end in one number per class.
    """
    node = logits_node(network)
    logits = network.values(image, [node.name])[node.name][0]
    precise = logits.double()
    maximum = precise.max()
    exps = (precise - maximum).exp()
    probabilities = exps / exps.sum()
    values = {
        "top": top(network.classes, precise, probabilities, params.k),
        "softmax": {"maximum": number(maximum), "sum": number(exps.sum()), "exps": numbers(exps)},
        "classes": node.units,
    }
    yield Frame("logits", logits, ("class",), "signed", node=node.name, values=values, step=1, steps=2)
    shown = probabilities.to(logits.dtype)
    yield Frame("probabilities", shown, ("class",), "positive", node=node.name, step=2, steps=2)


def logits_node(network: Network) -> Node:
    """The node whose values are the logits: the last one, or what goes into a softmax that ends the network."""
    node = network.nodes[network.output]
    if node.operation in SOFTMAX:
        node = network.nodes[node.inputs[0]]
    if len(node.shape) != 1:
        shape = "×".join(map(str, node.shape))
        raise AskError(f"{network.name} ends in {shape} values; a classifier ends in one number per class.", "model")
    return node


def top(classes: tuple[str, ...], logits: Tensor, probabilities: Tensor, count: int) -> list[dict[str, Any]]:
    """The most probable classes, as a table; classes without a name are numbered."""
    order = logits.nan_to_num(nan=-torch.inf).sort(descending=True, stable=True).indices[:count]
    return [
        {
            "index": index,
            "label": classes[index] if index < len(classes) else f"class {index}",
            "probability": number(probabilities[index]),
            "logit": number(logits[index]),
        }
        for index in order.tolist()
    ]
