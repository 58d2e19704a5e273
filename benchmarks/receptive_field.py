"""Exact receptive fields of every node of a deep network, against one forward pass of it."""

import statistics
import time
from typing import Any
from unittest import mock

import torch

from app.explain.field import ReceptiveField
from app.explain.network import Network
from app.explain.operations import receptive_field
from benchmarks import Row, seconds
from models import cards, create, declaration

DESIGN = "resnet152"
"""The network that the design's budget names."""


def run() -> list[Row]:
    """All rows of this module: the network of the design, and the one that is deepest by now."""
    deepest = max((card.id for card in cards()), key=depth)
    return [row(traced(model_id)) for model_id in dict.fromkeys((DESIGN, deepest))]


def traced(model_id: str) -> Network:
    """A network by its id, with random weights."""
    card, _ = declaration(model_id)
    return Network(create(model_id).eval(), card.preprocessing.input_shape, name=model_id)


def row(network: Network) -> Row:
    """One network's fields against its forward pass."""
    x = torch.rand(1, *network.input_shape)

    def forward() -> None:
        with torch.inference_mode():
            network.module(x)

    spent = statistics.median(seconds_of_fields(network) for _ in range(5))
    what = f"exact receptive fields of all {len(network.nodes)} nodes of {network.name}"
    return Row(what, "its forward pass", spent / seconds(forward), 0.1)


def depth(model_id: str) -> int:
    """Layers with weights on the longest way from the input to the output; needs no weights."""
    card, build = declaration(model_id)
    with torch.device("meta"):
        network = Network(build().eval(), card.preprocessing.input_shape, name=model_id)
    deep: dict[str, int] = {}
    for node in network.nodes.values():
        deep[node.name] = (node.macs > 0) + max((deep[name] for name in node.inputs), default=0)
    return deep[network.output]


def seconds_of_fields(network: Network) -> float:
    """Time that the interval arithmetic takes while a network is traced."""
    spent = 0.0

    def timed(*arguments: Any) -> ReceptiveField:
        nonlocal spent
        began = time.perf_counter()
        field = receptive_field(*arguments)
        spent += time.perf_counter() - began
        return field

    with mock.patch("app.explain.trace.receptive_field", timed):
        Network(network.module, network.input_shape)
    return spent
