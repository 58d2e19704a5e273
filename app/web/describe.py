"""Cards, graphs, methods and answers as plain data, as docs/protocol.md lays them down."""

import re
from contextlib import suppress
from fractions import Fraction
from functools import cache
from typing import Any
from urllib.parse import quote

import torch
from torch import Tensor

from app.engine.ask import Answer
from app.explain.method import Frame, Method
from app.explain.network import Network
from app.explain.node import Node
from app.render.carry import whole_range
from app.store.errors import BadWeights
from app.store.models import ModelStore
from models import Card

SECTION = re.compile(r"^(Args|Raises|Attributes):$", re.MULTILINE)


def describe_card(card: Card, models: ModelStore, classes: bool = True) -> dict[str, Any]:
    """A card as the weights at hand want it, and where those come from; without the names of its classes if they are
    not wanted."""
    # What is wrong beside the weights is told to whoever opens the network.
    with suppress(BadWeights):
        card = models.at_hand(card)
    left_out = set() if classes else {"classes"}
    return {**card.model_dump(mode="json", exclude=left_out), "weights": models.weights(card)}


def describe_graph(network: Network) -> dict[str, Any]:
    """All nodes in order of computation."""
    return {"nodes": [describe_node(node) for node in network.nodes.values()]}


def describe_node(node: Node) -> dict[str, Any]:
    """One node."""
    field = node.receptive_field
    return {
        "name": node.name,
        "operation": node.operation,
        "module": node.module,
        "path": list(node.path),
        "inputs": list(node.inputs),
        "shape": list(node.shape),
        "parameters": node.parameters,
        "macs": node.macs,
        "details": plain(node.details),
        "receptive_field": {
            "size": plain(field.size),
            "step": plain(field.step),
            "start": plain(field.start),
            "whole": field.whole,
            "gated": field.gated,
        },
        "kind": node.kind,
    }


def plain(value: Any) -> Any:
    """Nested values of a node as JSON knows them."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, list | tuple | torch.Size):
        return [plain(item) for item in value]
    if hasattr(value, "items"):
        return {str(name): plain(item) for name, item in value.items()}
    return str(value)


@cache
def describe_method(method: Method) -> dict[str, Any]:
    """A method as declared, its parameters as JSON Schema. Made once, and not to be changed."""
    help_paragraphs = help_text(method)
    return {
        "name": method.name,
        "title": method.title,
        "summary": help_paragraphs[0],
        "help": help_paragraphs,
        "source": method.source,
        "image": method.image,
        "shows": method.shows,
        "leads": method.leads,
        "params": method.params.model_json_schema(),
    }


def help_text(method: Method) -> list[str]:
    """A method's help in paragraphs, without what only its callers in Python need."""
    text = SECTION.split(method.summary)[0]
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()] or [""]


def describe_answer(answer: Answer) -> dict[str, Any]:
    """An answer: its id, the ask as understood, the method's values, and where its arrays are to be had."""
    arrays = {name: describe_array(answer.id, frame) for name, frame in answer.arrays.items()}
    return {"answer": answer.id, "ask": answer.ask.model_dump(mode="json"), **answer.values, "arrays": arrays}


def describe_array(answer_id: str, frame: Frame) -> dict[str, Any]:
    """What an array is, and its address."""
    array = frame.array
    assert isinstance(array, Tensor)
    return {
        "shape": list(array.shape),
        "axes": list(frame.axes),
        "unit": frame.unit,
        "node": frame.node,
        "kind": frame.kind,
        "range": whole_range(frame),
        "href": f"/api/v1/answers/{answer_id}/{quote(frame.name, safe='/')}",
    }
