"""dense_classes: a classifier slid over a larger picture at once, its dense layers turned into convolutions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.method import Frame, Params, method, one_pass
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.numbers import number
from models.card import Preprocessing

FLATTENING = {"flatten", "reshape", "squeeze"}
POOLS = {"adaptive_average_pool", "average_pool", "mean"}
POINTWISE = {"linear", "dropout", "identity", "relu", "relu6", "tanh", "sigmoid", "silu", "gelu", "hardswish"}
DARKEST = 0.2
"""How much is left of the photograph where the class is not seen."""


class DenseClassesParams(Params):
    """How large the picture is, and which class is painted."""

    scale: float = Field(
        default=2.0,
        ge=1,
        le=4,
        title="Size of the picture",
        description="How many times the side that the network was made for.",
        json_schema_extra={"unit": "×"},
    )
    index: int | None = Field(
        default=None,
        ge=0,
        title="Class",
        description="Its number; unless given the one that is likeliest somewhere.",
        json_schema_extra={"names": "class"},
    )
    value: Literal["probability", "logit"] = Field(
        default="probability", title="What is painted", description="The softmax of each place, or its logit."
    )


def enlarged(preprocessing: Preprocessing, params: DenseClassesParams) -> Preprocessing:
    """The same part of the picture on more pixels."""
    crop, resize = (round(side * params.scale) for side in (preprocessing.crop, preprocessing.resize))
    return preprocessing.model_copy(update={"crop": crop, "resize": resize})


def memory(network: Network, params: DenseClassesParams) -> int:
    """Bytes of one pass over the larger picture."""
    return int(one_pass(network, params) * params.scale**2)


@method(
    "dense_classes",
    title="Classes over the picture",
    source="Sermanet et al. 2014, OverFeat, §3.5; Long, Shelhamer & Darrell 2015, Fully Convolutional Networks, §3.1",
    memory=memory,
    seen=enlarged,
    shows="painted",
)
def dense_classes(network: Network, image: Tensor, params: DenseClassesParams) -> Iterator[Frame]:
    """Where in a larger picture the network sees a class.

    A dense layer on a C×H×W map is a convolution whose kernel is as large as that map: its weights n×(C·H·W) are laid
    out as n×C×H×W. What comes after is a convolution of 1×1, and a global average becomes one of H×W that moves by one.
    The picture may then be larger, and the network answers for every place at once, as if it were slid over it; at its
    own size the one place gives exactly its logits.

    Yields the arrays `heat` (the class's probability or logit, rows × columns) and `painted` (the photograph, dark
    where the class is not seen); values `class` (index, label, its greatest probability and where), `top` (the classes
    that are likeliest somewhere) and `places` (rows, columns, and the step between them in pixels of the picture).

    Raises:
        AskError: the network does not end in dense layers or a global average over a map, or has no such class.
    """
    logits = dense_logits(network, image)[0]
    if params.index is not None and params.index >= len(logits):
        raise AskError(
            f"params.index is {params.index}, but {network.name} has {len(logits)} classes: the largest is "
            f"{len(logits) - 1}.",
            "params.index",
        )
    probabilities = logits.double().softmax(0)
    greatest = probabilities.flatten(1).max(1)
    order = greatest.values.nan_to_num(nan=-1).sort(descending=True, stable=True).indices[:5].tolist()
    index = order[0] if params.index is None else params.index
    rows, columns = logits.shape[1:]
    step = [float(part) for part in head_of(network).last_map.receptive_field.step]
    values = {
        "class": described(network, greatest, index, columns),
        "top": [described(network, greatest, other, columns) for other in order],
        "places": {"rows": rows, "columns": columns, "step": step},
    }
    heat = (probabilities if params.value == "probability" else logits)[index].to(logits.dtype)
    kind: Literal["positive", "signed"] = "positive" if params.value == "probability" else "signed"
    yield Frame("heat", heat, ("row", "column"), kind, values=values, step=1, steps=2)
    share = probabilities[index].to(logits.dtype)
    picture = painted(photograph(image[0], network.preprocessing), share, network.input_shape[-1])
    yield Frame("painted", picture, ("row", "column", "colour"), "picture", step=2, steps=2)


def described(network: Network, greatest: Any, index: int, columns: int) -> dict[str, Any]:
    """A class, how likely it is where it is likeliest, and where that is."""
    place = int(greatest.indices[index])
    label = network.classes[index] if index < len(network.classes) else f"class {index}"
    at = [place // columns, place % columns]
    return {"index": index, "label": label, "probability": number(greatest.values[index]), "at": at}


@dataclass(frozen=True)
class Head:
    """The end of a classifier: the map that it reads, and its nodes from there on."""

    last_map: Node
    nodes: frozenset[str]
    logits: Node


def head_of(network: Network) -> Head:
    """The dense layers of a classifier, with the flattening and the global average before them.

    Raises:
        AskError: something else makes its classes of its maps.
    """
    logits = logits_node(network)
    node, nodes = logits, set()
    while not node.spatial or whole_pool(network, node):
        if node.operation not in FLATTENING | POOLS | POINTWISE or len(node.inputs) != 1:
            raise AskError(
                f"{network.name} cannot be slid over a larger picture: {node.name} ({node.operation}) makes its "
                "classes of its maps. Dense layers, or an average over the whole map, can be.",
                "model",
            )
        nodes.add(node.name)
        node = network.nodes[node.inputs[0]]
    return Head(node, frozenset(nodes), logits)


def whole_pool(network: Network, node: Node) -> bool:
    """Whether a node averages its whole map, or leaves it as it is."""
    if node.operation not in POOLS:
        return False
    before = network.nodes[node.inputs[0]].shape[1:]
    return node.shape[1:] in ((), (1, 1)) or (node.operation == "adaptive_average_pool" and node.shape[1:] == before)


def dense_logits(network: Network, x: Tensor) -> Tensor:
    """The logits of every place of pictures of any size from the network's own on: N×classes×rows×columns.

    Raises:
        AskError: the network does not end in dense layers or a global average.
    """
    head = head_of(network)
    maps = network.values(x, [head.last_map.name])
    if not head.nodes:
        return maps[head.last_map.name]
    return network.values(x, [head.logits.name], start=maps, rules=rules_of(network, head))[head.logits.name]


def rules_of(network: Network, head: Head) -> dict[str, Rule]:
    """How the head's operations are computed on maps that are larger than what they were made for."""

    def in_head(rule: Rule) -> Rule:
        def applied(node: Node, compute: Any, *inputs: Any) -> Tensor:
            result: Tensor = rule(node, compute, *inputs) if node.name in head.nodes else compute(*inputs)
            return result

        return applied

    def flattened(node: Node, compute: Any, x: Tensor, *_: Any) -> Tensor:
        return x

    def linear(node: Node, compute: Any, x: Tensor, *_: Any) -> Tensor:
        weight, bias = network.parameter(node, "weight"), network.parameter(node, "bias")
        assert weight is not None
        return F.conv2d(x, weight.reshape(len(weight), x.shape[1], *kernel_of(network, node)), bias)

    def pooled(node: Node, compute: Any, x: Tensor, *_: Any) -> Tensor:
        before = network.nodes[node.inputs[0]].shape[1:]
        return x if node.shape[1:] == before else F.avg_pool2d(x, list(before), stride=1)

    rules = dict.fromkeys(FLATTENING, flattened) | dict.fromkeys(POOLS, pooled) | {"linear": linear}
    return {operation: in_head(rule) for operation, rule in rules.items()}


def kernel_of(network: Network, node: Node) -> tuple[int, int]:
    """The side of the map that a dense layer reads, flattened: 1×1 where it reads single values."""
    before = network.nodes[node.inputs[0]]
    while not before.spatial:
        if before.operation not in FLATTENING | {"dropout", "identity"}:
            return 1, 1
        before = network.nodes[before.inputs[0]]
    return before.shape[1], before.shape[2]


def photograph(x: Tensor, preprocessing: Preprocessing | None) -> Tensor:
    """A preprocessed picture as it was, rows × columns × channels, 0…1."""
    if preprocessing is not None:
        mean, std = (x.new_tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
        return (x * std + mean).clamp(0, 1).permute(1, 2, 0)
    low, high = x.min(), x.max()
    return ((x - low) / (high - low).clamp(min=1e-12)).permute(1, 2, 0)


def painted(photo: Tensor, share: Tensor, side: int) -> Tensor:
    """The photograph times DARKEST … 1 as the class is likely; each place stands in the middle of what it sees."""
    height, width = photo.shape[:2]
    across, down = max(width - side, 0), max(height - side, 0)
    inner = F.interpolate(share[None, None], (down + 1, across + 1), mode="bilinear", align_corners=True)
    top, left = (height - down - 1) // 2, (width - across - 1) // 2
    borders = (left, width - across - 1 - left, top, height - down - 1 - top)
    light = F.pad(inner, borders, mode="replicate")[0, 0].nan_to_num(nan=0.0)
    light = light / light.max().clamp(min=torch.finfo(light.dtype).tiny)
    return photo * (DARKEST + (1 - DARKEST) * light)[:, :, None]
