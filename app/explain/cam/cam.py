"""cam: the class activation map in closed form, of a network that ends in a mean and one linear layer."""

from collections.abc import Iterator

import torch
from torch import Tensor

from app.explain.attribution.target import ClassParams, chosen_class
from app.explain.cam.weighing import has_places, memory, weighed
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number

PASSES = {"flatten", "reshape", "squeeze", "dropout", "identity"}
MEANS = {"mean", "adaptive_average_pool", "average_pool"}


def ending(network: Network) -> tuple[Node, Node | None]:
    """The layer that is averaged over all its places, and the linear layer behind, if there is one.

    Raises:
        AskError: the network ends otherwise.
    """
    node, linear = logits_node(network), None
    while True:
        if node.operation == "linear" and linear is None:
            linear = node
        elif node.operation in MEANS and node.size == node.units and has_places(network.nodes[node.inputs[0]]):
            return network.nodes[node.inputs[0]], linear
        elif node.operation not in PASSES:
            raise AskError(
                f"{network.name} does not end in a mean over all places and at most one linear layer: there is no "
                "closed form. grad_cam weighs the maps of any layer of any network.",
                "model",
            )
        node = network.nodes[node.inputs[0]]


@method(
    "cam",
    title="Class activation map",
    source="Zhou et al. 2016, Learning Deep Features for Discriminative Localization",
    memory=memory,
    example="cifar_resnet20",
    shows="map",
)
def cam(network: Network, image: Tensor, params: ClassParams) -> Iterator[Frame]:
    """Where the last maps speak for a class and where against it: m = Σ_k w_{c,k} A_k.

    In closed form, for networks that end in the mean of each map and one linear layer: the mean of m, and the bias, is
    the class's logit exactly (`logit` beside `class`). Where there is no linear layer, the last maps are the classes'
    own. What it can tell: the logit, place by place. What it cannot: anything of networks that end otherwise, or of
    other layers.

    Yields `low`, rows × columns of the layer, and `map`, rows × columns of the picture; values `class`, `map`, and
    `logit`: `mean` of the map and `bias`, which make the logit.

    Raises:
        AskError: the network does not end so.
    """
    node, linear = ending(network)
    answer = logits_node(network).name
    with torch.no_grad():
        values = network.values(image, [node.name, answer])
    maps, logits = values[node.name][0], values[answer][0]
    target = chosen_class(network, logits, params.target)
    bias = 0.0
    if linear is None:
        low = maps[target]
    else:
        weight, constant = network.parameter(linear, "weight"), network.parameter(linear, "bias")
        assert weight is not None
        low = torch.einsum("k,krc->rc", weight[target], maps)
        bias = 0.0 if constant is None else float(constant[target])
    told = {"logit": {"mean": number(low.double().mean()), "bias": number(bias)}}
    yield from weighed(network, node, logits, target, low, values=told, positive=False)
