"""surgery: change units, kernels or maps of a network, and see what follows."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from app.explain.activations import axes_of
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.method import Frame, Params, method, one_pass
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.numbers import number
from app.explain.relevance.affine import WEIGHTED, with_weights


class Edit(BaseModel):
    """One cut."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: str = Field(title="Layer")
    unit: int | None = Field(default=None, ge=0, title="Unit", description="All of them unless given.")
    kind: Literal["scale", "paint", "kernel"] = Field(
        default="scale",
        title="What is done",
        description="scale: the unit's values times value; 0 knocks it out. paint: a disc of its map becomes value. "
        "kernel: one number of its kernel becomes value.",
    )
    value: float = Field(default=0.0, ge=-1e6, le=1e6, title="Value")
    channel: int = Field(default=0, ge=0, title="Input channel", description="Of the kernel.")
    row: int = Field(default=0, ge=0, title="Row", description="Of the kernel, or of the middle of the disc.")
    column: int = Field(default=0, ge=0, title="Column", description="Likewise.")
    radius: float = Field(default=1.0, ge=0, le=512, title="Radius", description="Of the disc, in places of the map.")


class SurgeryParams(Params):
    """What is cut, and where one looks."""

    edits: tuple[Edit, ...] = Field(
        default=(), max_length=256, title="Cuts", description="One after the other; without the last one it is undone."
    )
    node: str | None = Field(
        default=None,
        title="Layer",
        description="Whose maps are shown; the one cut last unless given.",
        json_schema_extra={"names": "layer"},
    )
    k: int = Field(default=5, ge=1, le=1000, title="Classes listed", description="The k most probable ones, of each.")


def memory(network: Network, params: Params) -> int:
    """Bytes of two passes."""
    return 2 * one_pass(network, params)


@method(
    "surgery",
    title="Surgery",
    source="Bau et al. 2020, Understanding the Role of Individual Units in a Deep Neural Network",
    memory=memory,
)
def surgery(network: Network, image: Tensor, params: SurgeryParams) -> Iterator[Frame]:
    """What follows when units are knocked out or scaled, a number of a kernel is changed, or something is painted on a
    map or on the picture: Δ = ‖a' − a‖ / ‖a‖ of every layer behind the cut, and the classes before and after.

    The network itself stays as it is, for everybody: the cuts are part of the question. What it can tell: what a unit
    is needed for, by doing without it. What it cannot: what it would be needed for if the network had learned without.

    Yields `before`, `after` and `difference`, the values of one layer; values `layers` (each `node` that is not as it
    was, and its `difference`), and `classes`: those most probable before or after, each with its `index`, `label`, and
    `probability` and `logit`, `before` and `after`.

    Raises:
        UnknownNode, UnknownUnit: there is no such layer or unit.
        AskError: the layer has no such kernel number, or no map to paint on.
    """
    for place, edit in enumerate(params.edits):
        check(network, edit, f"params.edits.{place}")
    shown = network.node(params.node or (params.edits[-1].node if params.edits else logits_node(network).name))
    answer = logits_node(network)
    names = list(network.nodes)
    untouched = network.run(image, until=names)
    operated = network.run(image, until=names, replace=replacements(params), rules=kernel_rules(network, params))
    layers: list[dict[str, Any]] = []
    logits: tuple[Tensor, Tensor] | None = None
    for step, ((node, before), (_, after)) in enumerate(zip(untouched, operated, strict=True), 1):
        before, after = before.detach(), after.detach()
        if not torch.equal(before, after):
            change = (after.double() - before.double()).norm() / before.double().norm().clamp(min=1e-30)
            layers.append({"node": node.name, "difference": number(change)})
        if node.name == answer.name:
            logits = before[0], after[0]
        told = {"layers": list(layers), **({"classes": classes(network, *logits, params.k)} if logits else {})}
        if node.name == shown.name:
            for name, array in {"before": before, "after": after, "difference": after - before}.items():
                kind = "signed" if name == "difference" else node.kind
                value = array[0].clone()
                yield Frame(name, value, axes_of(node), kind, node=node.name, values=told, step=step, steps=len(names))
        else:
            yield Frame("layers", values=told, step=step, steps=len(names))


def check(network: Network, edit: Edit, field: str) -> None:
    """Checks that there is what an edit would change.

    Raises:
        UnknownNode, UnknownUnit, AskError: there is not.
    """
    node = network.node(edit.node, f"{field}.node")
    if edit.unit is not None:
        network.unit(node, edit.unit, f"{field}.unit")
    if edit.kind == "paint" and not node.spatial:
        raise AskError(f"{node.name} has no maps to paint on: scale its units instead.", f"{field}.node")
    if edit.kind == "paint":
        size = node.shape[1:]
    elif edit.kind == "kernel":
        weight = network.parameter(node, "weight") if node.operation in WEIGHTED - {"transposed_convolution"} else None
        if weight is None:
            raise AskError(f"{node.name} is no convolution or dense layer, so that it has no kernel.", f"{field}.node")
        size = (*weight.shape[2:], 1, 1)[:2]
        if edit.channel >= weight.shape[1]:
            raise AskError(
                f"A kernel of {node.name} reads {weight.shape[1]} channels, counted from 0; channel is {edit.channel}.",
                f"{field}.channel",
            )
    else:
        return
    if edit.row >= size[0] or edit.column >= size[1]:
        raise AskError(
            f"{node.name} has no row {edit.row}, column {edit.column} to change: there are {size[0]} × {size[1]} "
            "places, counted from 0.",
            f"{field}.row",
        )


def replacements(params: SurgeryParams) -> dict[str, Callable[[Tensor], Tensor]]:
    """What becomes of the values of each node that is scaled or painted on."""
    found: dict[str, Callable[[Tensor], Tensor]] = {}
    for name in {edit.node for edit in params.edits if edit.kind != "kernel"}:
        edits = [edit for edit in params.edits if edit.node == name and edit.kind != "kernel"]
        found[name] = partial(changed, edits)
    return found


def changed(edits: list[Edit], value: Tensor) -> Tensor:
    """A value after some edits."""
    value = value.clone()
    for edit in edits:
        units = slice(None) if edit.unit is None else slice(edit.unit, edit.unit + 1)
        if edit.kind == "scale":
            value[:, units] *= edit.value
        else:
            rows, columns = (torch.arange(side, device=value.device) for side in value.shape[2:])
            away = (rows[:, None] - edit.row).square() + (columns - edit.column).square()
            value[:, units] = torch.where(away <= edit.radius**2, edit.value, value[:, units])
    return value


def kernel_rules(network: Network, params: SurgeryParams) -> dict[str, Rule]:
    """Computes the layers of which kernels are edited with copies of their weights."""
    edits = [edit for edit in params.edits if edit.kind == "kernel"]

    def rule(node: Node, compute: "partial[Tensor]", *arguments: Any) -> Tensor:
        wanted = [edit for edit in edits if edit.node == node.name]
        if not wanted:
            return compute(*arguments)
        weight = network.parameter(node, "weight")
        assert weight is not None
        weight = weight.clone()
        for edit in wanted:
            units = slice(None) if edit.unit is None else edit.unit
            place = (edit.row, edit.column)[: weight.dim() - 2]
            weight[(units, edit.channel, *place)] = edit.value
        return with_weights(network, node, compute, arguments, weight)

    return {network.nodes[edit.node].operation: rule for edit in edits}


def classes(network: Network, before: Tensor, after: Tensor, k: int) -> list[dict[str, Any]]:
    """The classes most probable before or after, as a table."""
    probabilities = [logits.double().softmax(0).nan_to_num(nan=-1) for logits in (before, after)]
    most = torch.maximum(*probabilities).argsort(descending=True, stable=True)[:k].tolist()
    return [
        {
            "index": index,
            "label": network.classes[index] if index < len(network.classes) else f"class {index}",
            "probability": {"before": number(probabilities[0][index]), "after": number(probabilities[1][index])},
            "logit": {"before": number(before[index]), "after": number(after[index])},
        }
        for index in most
    ]
