"""What guided backpropagation and deconvolution make of rectifiers on the way back, and from where both start."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.attribution.maps import frames
from app.explain.attribution.target import ClassParams, class_gradient, described, gradient
from app.explain.method import Frame
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.numbers import number

RECTIFIERS = ("relu", "relu6")


class _OnlyPositive(torch.autograd.Function):
    """Itself; on the way back only what is positive passes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        return slope.relu()


class _Instead(torch.autograd.Function):
    """The second tensor; on the way back the first gets what is positive of the gradient, whatever its own sign."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, value: Tensor) -> Tensor:
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return slope.relu(), None


def guided(node: Node, compute: Callable[..., Tensor], x: Tensor) -> Tensor:
    """A rectifier through which only a positive gradient at a positive input goes back."""
    value: Tensor = _OnlyPositive.apply(compute(x))  # type: ignore[no-untyped-call]
    return value


def reflected(node: Node, compute: Callable[..., Tensor], x: Tensor) -> Tensor:
    """A rectifier whose way back is a rectifier too: what is positive of the gradient goes back."""
    value: Tensor = _Instead.apply(x, compute(x.detach()))  # type: ignore[no-untyped-call]
    return value


def rectified(rule: Rule) -> Mapping[str, Rule]:
    """A rule for all rectifiers, be they modules, reused modules or functions."""
    return dict.fromkeys(RECTIFIERS, rule)


def value_at(unit: int, place: int, value: Tensor) -> Tensor:
    """A unit's value at one place, counted row by row."""
    return value[0, unit].flatten()[place]


class BackwardParams(ClassParams):
    """From where it goes back: a class, or the strongest values of a unit."""

    node: str | None = Field(default=None, title="Layer", description="The class's logit unless given.")
    unit: int = Field(default=0, ge=0, title="Unit", description="Of the layer.")
    strongest: int = Field(
        default=1, ge=1, le=9, title="Strongest", description="How many of the unit's strongest values go back."
    )


def reconstructions(network: Network, image: Tensor, params: BackwardParams, rule: Rule) -> Iterator[Frame]:
    """What comes back to the pixels, from a class or from each of a unit's strongest values.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer or unit.
    """
    rules = rectified(rule)
    if params.node is None:
        target, logits, slope = class_gradient(network, image, params.target, rules)
        yield from frames(slope[0], slope[0].sum(0), {"class": described(network, logits, target)})
        return
    node = network.node(params.node)
    network.unit(node, params.unit, "params.unit")
    with torch.no_grad():
        strengths = network.values(image, [node.name])[node.name][0, params.unit]
    order = strengths.flatten().argsort(descending=True, stable=True)[: params.strongest].tolist()
    columns = strengths.shape[-1] if strengths.dim() == 2 else 1
    places: list[dict[str, Any]] = []
    back: list[Tensor] = []
    for place in order:
        slope = gradient(network, image, node, partial(value_at, params.unit, place), rules)[1]
        back.append(slope[0])
        strength = number(strengths.flatten()[place])
        places.append({"row": place // columns, "column": place % columns, "value": strength})
        pictures = torch.stack(back)
        yield Frame(
            "reconstructions",
            pictures,
            ("place", "channel", "row", "column"),
            "attribution",
            node=node.name,
            values={"places": list(places)},
            step=len(back),
            steps=len(order),
        )
    yield from frames(back[0], back[0].sum(0), {}, node=node.name, step=len(order), steps=len(order))
