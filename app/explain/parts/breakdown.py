"""Breakdown: a value as a sum of terms, and the words for it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from app.explain.network import Network
from app.explain.numbers import number
from app.explain.position import Position

COLOURS = {1: ("grey",), 3: ("red", "green", "blue")}


@dataclass(frozen=True)
class Terms:
    """The addends of a sum, too many to tell them all.

    Attributes:
        values: each addend, in float64.
        inputs: the value of the network that each is made from.
        locate: where that value stands; None for padding.
        weights: what it is multiplied by; None where the addend is no product.
    """

    values: Tensor
    inputs: Tensor
    locate: Callable[[int], Position | None]
    weights: Tensor | None = None

    def table(self, network: Network, top: int) -> list[dict[str, Any]]:
        """The largest addends in size as a table, largest first; those of equal size in their order."""
        order = self.values.abs().nan_to_num(nan=math.inf).sort(descending=True, stable=True).indices[:top]
        return [self.row(network, i) for i in order.tolist()]

    def row(self, network: Network, i: int) -> dict[str, Any]:
        place = self.locate(i)
        told: dict[str, Any] = {"label": named(network, place), "value": number(self.values[i])}
        if place is not None:
            told |= vars(place)
        if self.weights is not None:
            told["weight"] = number(self.weights[i])
        return {**told, "input": number(self.inputs[i])}


@dataclass(frozen=True)
class Breakdown:
    """A value taken apart: what the terms, and a constant, come to.

    Attributes:
        terms: the addends; empty where the value is made of no other.
        total: what they come to, by the operation's own formula in float64.
        formula: with the names of the numbers.
        sentence: with the numbers.
        bias: a constant that is added; None where there is none.
        groups: addends folded by input channel, largest first.
        facts: further numbers of the formula, by name.
        window: where the value looks; a table.
        arrays: `window`, `weights`, `products`, in float64.
    """

    terms: Terms | None
    total: float
    formula: str
    sentence: str
    bias: float | None = None
    groups: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    window: dict[str, Any] | None = None
    arrays: dict[str, Tensor] = field(default_factory=dict)


def folded(products: Tensor, name: str, first: int, counts: int) -> list[dict[str, Any]]:
    """Products of channels × anything as one sum per channel, largest in size first.

    Args:
        products: channels × values.
        name: of the node whose channels they are.
        first: number of the first channel.
        counts: how many products of a channel are not padding.
    """
    sums = products.flatten(1).sum(1)
    order = sums.abs().nan_to_num(nan=math.inf).sort(descending=True, stable=True).indices.tolist()
    return [
        {
            "label": f"{name} unit {first + i}",
            "node": name,
            "unit": first + i,
            "value": number(sums[i]),
            "count": counts,
        }
        for i in order
    ]


def named(network: Network, place: Position | None) -> str:
    """A value's place in words."""
    if place is None:
        return "padding"
    node = network.nodes[place.node]
    if node.operation == "input":
        colours = COLOURS.get(node.units, ())
        unit = colours[place.unit] if colours else f"channel {place.unit}"
        return f"{unit} at row {place.row}, column {place.column}"
    if len(node.shape) == 1:
        return f"{node.name} unit {place.unit}"
    return f"{node.name} unit {place.unit} at row {place.row}, column {place.column}"


def digits(value: float | Tensor) -> str:
    """A number with four digits and a true minus sign."""
    return f"{float(value):.4g}".replace("-", "−")


def counted(count: int, one: str) -> str:
    """A count with its word: "1 value", "9 values"."""
    return f"{count:,} {one}{'' if count == 1 else 's'}".replace(",", " ")


def concatenated(parts: list[Tensor]) -> Tensor:
    """Several rows of numbers as one; none at all as an empty row."""
    return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64)
