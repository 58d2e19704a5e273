"""lrp: a class's logit handed back layer by layer, each layer sharing it out among what it read."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import statistics
from app.explain.attribution.maps import frames
from app.explain.attribution.target import ClassParams, class_gradient, described, picture_shape
from app.explain.classify import logits_node
from app.explain.method import Frame, Params, method, one_pass
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.numbers import number
from app.explain.relevance.affine import WEIGHTED, affine
from app.explain.relevance.passing import comes_from_picture, passing, rule_for, shared_out
from app.explain.relevance.rules import LayerRule, box_rule, handed_back


class LrpParams(ClassParams):
    """By which rules relevance is shared out."""

    convolutions: LayerRule = Field(
        default="gamma",
        title="Convolutions",
        description="epsilon: by what each input gave. gamma: what speaks for the value counts more. "
        "z_plus: only that counts.",
    )
    dense: LayerRule = Field(default="epsilon", title="Dense layers", description="The same for those.")
    first: Literal["box", "same"] = Field(
        default="box",
        title="First layer",
        description="box: pixels count by how far they are from black or white. same: as the other convolutions.",
    )
    epsilon: float = Field(
        default=0.01, ge=0, le=1, title="ε", description="Takes up what is weak, as a share of the layer's values."
    )
    gamma: float = Field(default=0.25, ge=0, le=100, title="γ", description="How much more.")
    biases: bool = Field(
        default=True, title="Biases", description="Whether they take their share. Without, all relevance is conserved."
    )


def memory(network: Network, params: Params) -> int:
    """Bytes of one pass whose values are all kept, and of a layer's way back."""
    return 2 * one_pass(network, params) + 4 * 4 * network.parameters


@method(
    "lrp",
    title="Relevance (LRP)",
    source="Bach et al. 2015, On Pixel-Wise Explanations; Montavon et al. 2019, Layer-Wise Relevance Propagation",
    memory=memory,
    shows="map",
)
def lrp(network: Network, image: Tensor, params: LrpParams) -> Iterator[Frame]:
    """The class's logit handed back layer by layer: R_i = Σ_j c_ji / Σ_i c_ji · R_j, where c_ji is what input i of a
    layer gave to its value j.

    ε: c = x·w, with a little ε in the sum below. γ: c = x·(w + γw⁺). z⁺: c = x·w⁺. The bias is in the sums of the first
    two. The first layer, whose inputs lie between black l and white h: c = x·w − l·w⁺ − h·w⁻. Batch normalisation is
    folded into the layer before it; a rectifier passes relevance on, a maximum gives it to the winner, a sum to its
    summands, a product to what is not its gate. But for biases and ε nothing is made or lost on the way: `conserved`
    shows how much there is wherever all of it passes one layer.

    What it can tell: what speaks for the class and what against it, in shares of the logit. What it cannot: be free of
    its rules; others give another picture, and with z⁺ everywhere the picture hardly depends on the class.

    Yields `map`, rows × columns, and `channels`, R per colour; values `class`, `map`, `conserved` (each such `node` and
    the `sum` of its relevance, the class first) and `absorbed` (the share of the logit that never reached the pixels).
    """
    sums: dict[str, float] = {}
    keep = {name: partial(sums.__setitem__, name) for name in bottlenecks(network)}
    layers = layer_rule(network, image, params)
    rule = rule_for(network, layers, params.epsilon, keep)
    rules = {node.operation: rule for node in network.nodes.values() if node.operation != "input"}
    target, logits, slope = class_gradient(network, image, params.target, rules)
    # Every rule is linear in R: handing back 1 and handing back the logit differ by that factor.
    logit = float(logits[target])
    relevance = slope[0] * logit
    total = float(relevance.double().sum())
    conserved = [{"node": name, "sum": number(share * logit)} for name, share in sums.items()]
    told = {
        "class": described(network, logits, target),
        "conserved": [*conserved, {"node": "input", "sum": number(total)}],
        "absorbed": number(1 - total / logit) if logit else None,
    }
    yield from frames(relevance, relevance.sum(0), told)


def bottlenecks(network: Network) -> list[str]:
    """The nodes that all of the answer's relevance passes: behind each, nothing else is waiting to be read."""
    needed, order = {logits_node(network).name}, []
    for name in reversed(list(network.nodes)):
        if name in needed:
            order.append(name)
            needed.update(network.nodes[name].inputs)
    waiting: set[str] = {order[0]}
    found = []
    for name in order:
        if waiting == {name} and name != "input":
            found.append(name)
        waiting.remove(name)
        waiting.update(network.nodes[name].inputs)
    return found


def layer_rule(network: Network, image: Tensor, params: LrpParams) -> Rule:
    """How convolutions and dense layers are computed, and how they hand relevance back."""
    bounds = box(network, image) if params.first == "box" else {}

    def rule(node: Node, compute: "partial[Tensor]", *arguments: Any) -> Tensor:
        layer = affine(network, node, compute, arguments)
        if layer is None or sum(map(comes_from_picture, arguments)) != 1:
            return passing(compute, arguments, shared_out(compute, arguments, params.epsilon))
        kind = params.dense if node.operation == "linear" else params.convolutions
        taking = layer if params.biases else replace(layer, bias=None)

        def back(relevance: Tensor, inputs: Any, value: Tensor) -> list[Tensor]:
            x = inputs[0]
            if node.name in bounds:
                low, high = bounds[node.name]
                return [box_rule(taking, x, low.expand_as(x), high.expand_as(x), relevance, params.epsilon)]
            return [handed_back(taking, x, relevance, kind, params.epsilon, params.gamma)]

        return passing(compute, arguments, back)

    return rule


def box(network: Network, image: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """Least and greatest input of each layer that sees the pixels before any other layer: what it reads of a black
    and of a white picture."""
    channels = picture_shape(network)[0]
    first: list[Node] = []
    behind: set[str] = set()
    for node in network.nodes.values():
        if behind.intersection(node.inputs):
            behind.add(node.name)
        elif node.operation in WEIGHTED:
            first.append(node)
            behind.add(node.name)
    sources = {node.inputs[0] for node in first}
    mean, deviation = statistics(network, image)
    ends = []
    for colour in (0.0, 1.0):
        plain = torch.full_like(image[:, :channels], colour)
        with torch.no_grad():
            ends.append(network.values((plain - mean) / deviation, sources))
    return {
        node.name: (
            torch.minimum(ends[0][node.inputs[0]], ends[1][node.inputs[0]]),
            torch.maximum(ends[0][node.inputs[0]], ends[1][node.inputs[0]]),
        )
        for node in first
    }
