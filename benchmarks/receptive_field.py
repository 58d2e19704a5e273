"""Exact receptive fields of every node of the deepest network here, against one forward pass of it."""

import statistics
import time
from typing import Any
from unittest import mock

import torch

from app.explain.field import ReceptiveField
from app.explain.network import Network
from app.explain.operations import receptive_field
from benchmarks import Row, seconds
from models import cards, create


def run() -> list[Row]:
    """All rows of this module."""
    networks = [Network(create(card.id), card.preprocessing.input_shape, name=card.id) for card in cards()]
    deepest = max(networks, key=depth)
    x = torch.rand(1, *deepest.input_shape)

    def forward() -> None:
        with torch.inference_mode():
            deepest.module(x)

    spent = statistics.median(seconds_of_fields(deepest) for _ in range(5))
    what = f"exact receptive fields of all {len(deepest.nodes)} nodes of {deepest.name}"
    return [Row(what, "its forward pass", spent / seconds(forward), 0.1)]


def depth(network: Network) -> int:
    """Layers with weights on the longest way from the input to the output."""
    deep: dict[str, int] = {}
    for node in network.nodes.values():
        deep[node.name] = (node.macs > 0) + max((deep[name] for name in node.inputs), default=0)
    return max(deep.values())


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
