"""The messages of onnx.proto as far as a network needs them: model, graph, node, attribute, tensor, value."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.onnx import wire
from app.onnx.errors import BadOnnx, quoted
from app.onnx.limits import Limits

LONGEST_LIST = 65_536
"""Numbers in one attribute, which holds kernel sizes, axes and the like."""
MOST_AXES = 16
SCOPES = "pkg.torch.onnx.name_scopes"
DEEPEST = 8
"""Graphs in each other: branches of branches."""


@dataclass(frozen=True)
class TensorMessage:
    """A tensor as it is stored: TensorProto."""

    name: str
    shape: tuple[int, ...]
    kind: int
    raw: memoryview | None
    numbers: np.ndarray | None
    external: dict[str, str] | None


@dataclass(frozen=True)
class NodeMessage:
    """One operation: NodeProto. Its scopes are the blocks that hold it, as torch's newer exporter lists them."""

    operation: str
    name: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    scopes: str = ""


@dataclass(frozen=True)
class ValueMessage:
    """What goes into a graph, or comes out: ValueInfoProto. A shape's axis without a fixed size is None."""

    name: str
    shape: tuple[int | None, ...] | None


@dataclass
class GraphMessage:
    """Operations, stored tensors, and what goes in and out: GraphProto."""

    nodes: list[NodeMessage] = field(default_factory=list)
    tensors: list[TensorMessage] = field(default_factory=list)
    inputs: list[ValueMessage] = field(default_factory=list)
    outputs: list[ValueMessage] = field(default_factory=list)


@dataclass
class ModelMessage:
    """A whole file: ModelProto."""

    graph: GraphMessage
    opsets: dict[str, int]
    properties: dict[str, str]


@dataclass
class Budget:
    """What may still be read of a file, its branches' graphs included."""

    nodes: int
    tensors: int
    depth: int = DEEPEST


def read_model(data: memoryview, limits: Limits) -> ModelMessage:
    """Reads a file's messages; weights stay where they are in memory.

    Raises:
        BadOnnx: the bytes are no ONNX file, or one with more nodes or tensors than are allowed.
    """
    message = None
    opsets: dict[str, int] = {}
    properties: dict[str, str] = {}
    for number, value in wire.fields(data):
        if number == 7:
            message = wire.content(value)
        elif number == 8:
            domain, version = read_opset(wire.content(value))
            opsets[domain] = version
        elif number == 14:
            key, content = read_entry(wire.content(value))
            properties[key] = content
    if message is None or not opsets:
        raise BadOnnx("This is no ONNX file: it holds no graph. Take a file that torch.onnx.export or tf2onnx wrote.")
    return ModelMessage(read_graph(message, Budget(limits.nodes, limits.tensors)), opsets, properties)


def read_graph(message: memoryview, budget: Budget) -> GraphMessage:
    """Reads a graph's nodes, tensors, inputs and outputs."""
    if budget.depth == 0:
        raise BadOnnx(f"The file nests graphs deeper than {DEEPEST} in each other.")
    budget.depth -= 1
    graph = GraphMessage()
    for number, value in wire.fields(message):
        if number == 1:
            budget.nodes -= 1
            if budget.nodes < 0:
                raise BadOnnx("The network has more nodes than this server allows.")
            graph.nodes.append(read_node(wire.content(value), budget))
        elif number in (5, 11, 12):
            budget.tensors -= 1
            if budget.tensors < 0:
                raise BadOnnx("The file has more tensors than this server allows.")
            if number == 5:
                graph.tensors.append(read_tensor(wire.content(value)))
            else:
                (graph.inputs if number == 11 else graph.outputs).append(read_value(wire.content(value)))
        elif number == 15:
            raise BadOnnx("The file has sparse tensors, which are not read: export the network with dense weights.")
    budget.depth += 1
    return graph


def read_opset(message: memoryview) -> tuple[str, int]:
    """A domain and the version of its operations: OperatorSetIdProto."""
    domain, version = "", 0
    for number, value in wire.fields(message):
        if number == 1:
            domain = wire.text(value)
        elif number == 2:
            version = wire.whole(value)
    return "" if domain == "ai.onnx" else domain, version


def read_entry(message: memoryview) -> tuple[str, str]:
    """A key and what it stands for: StringStringEntryProto."""
    entry = {number: wire.text(value) for number, value in wire.fields(message) if number in (1, 2)}
    return entry.get(1, ""), entry.get(2, "")


def read_node(message: memoryview, budget: Budget) -> NodeMessage:
    """An operation."""
    texts = {3: "", 4: "", 7: ""}
    names: dict[int, list[str]] = {1: [], 2: []}
    attributes: dict[str, Any] = {}
    scopes = ""
    for number, value in wire.fields(message):
        if number in texts:
            texts[number] = wire.text(value)
        elif number in names:
            names[number].append(wire.text(value))
        elif number == 5:
            name, content = read_attribute(wire.content(value), budget)
            attributes[name] = content
        elif number == 9:
            key, told = read_entry(wire.content(value))
            scopes = told if key == SCOPES else scopes
    domain = "" if texts[7] == "ai.onnx" else texts[7]
    return NodeMessage(texts[4], texts[3], domain, tuple(names[1]), tuple(names[2]), attributes, scopes)


def read_attribute(message: memoryview, budget: Budget) -> tuple[str, Any]:
    """A name and its number, text, tensor or graph, or a list of numbers or texts."""
    name = ""
    single: Any = None
    many: list[Any] = []
    for number, value in wire.fields(message):
        if number == 1:
            name = wire.text(value)
        elif number == 2:
            single = wire.floating(value)
        elif number == 3:
            single = wire.whole(value)
        elif number == 4:
            single = wire.text(value)
        elif number == 5:
            single = read_tensor(wire.content(value))
        elif number == 6:
            single = read_graph(wire.content(value), budget)
        elif number in (7, 8, 9):
            many += listed(number, value)
        if len(many) > LONGEST_LIST:
            raise BadOnnx(f"The attribute {quoted(name)} has more than {LONGEST_LIST} numbers.")
    return name, single if single is not None else many


def listed(number: int, value: int | memoryview) -> list[Any]:
    """What one field adds to an attribute's list: floats (7), whole numbers (8) or texts (9), packed or single."""
    if number == 9:
        return [wire.text(value)]
    if number == 8:
        return [wire.signed(value)] if isinstance(value, int) else packed(value, 1)
    data = wire.content(value)
    return packed(data, 4)


def packed(data: memoryview, least: int) -> list[Any]:
    """Packed numbers as a list: floats where each has four bytes, else whole numbers."""
    if len(data) > 10 * LONGEST_LIST:
        raise BadOnnx(f"An attribute has more than {LONGEST_LIST} numbers.")
    if least == 1:
        return list(map(int, wire.varints(data)))
    if len(data) % 4:
        raise wire.broken("a list of floats that ends in the middle of one")
    return list(map(float, np.frombuffer(data, "<f4")))


def read_value(message: memoryview) -> ValueMessage:
    """The name and shape of an input or output."""
    name: str = ""
    shape: tuple[int | None, ...] | None = None
    for number, value in wire.fields(message):
        if number == 1:
            name = wire.text(value)
        elif number == 2:
            for tensor in inside(value, 1):
                for described in inside(tensor, 2):
                    shape = tuple(read_size(size) for size in inside(described, 1))
    return ValueMessage(name, shape)


def inside(message: int | memoryview, wanted: int) -> Iterator[memoryview]:
    """The messages that a message holds in one of its fields."""
    for number, value in wire.fields(wire.content(message)):
        if number == wanted:
            yield wire.content(value)


def read_size(message: memoryview) -> int | None:
    """The size of an axis; None where it has a name instead, or is left open."""
    for number, value in wire.fields(message):
        if number == 1:
            size = wire.whole(value)
            return size if size > 0 else None
    return None


NUMBER_FIELDS = {4: "<f4", 10: "<f8"}
WHOLE_NUMBER_FIELDS = {5, 7, 11}


def read_tensor(message: memoryview) -> TensorMessage:
    """A tensor's name, shape and type, with its bytes or numbers as they stand in the file."""
    name, kind, raw = "", 0, None
    shape: list[int] = []
    parts: list[np.ndarray] = []
    places: dict[str, str] = {}
    external = False
    for number, value in wire.fields(message):
        if number == 1:
            shape += [wire.signed(value)] if isinstance(value, int) else list(map(int, wire.varints(value[:160])))
        elif number == 2:
            kind = wire.whole(value)
        elif number in NUMBER_FIELDS:
            data = wire.content(value)
            if len(data) % np.dtype(NUMBER_FIELDS[number]).itemsize:
                raise wire.broken("a tensor that ends in the middle of a number")
            parts.append(np.frombuffer(data, NUMBER_FIELDS[number]))
        elif number in WHOLE_NUMBER_FIELDS:
            parts.append(np.array([wire.signed(value)]) if isinstance(value, int) else wire.varints(value))
        elif number == 8:
            name = wire.text(value)
        elif number == 9:
            raw = wire.content(value)
        elif number == 13:
            key, content = read_entry(wire.content(value))
            places[key] = content
        elif number == 14:
            external = wire.whole(value) == 1
        if len(shape) > MOST_AXES:
            raise BadOnnx(f"The tensor {quoted(name)} has more than {MOST_AXES} axes.")
    numbers = None if not parts else parts[0] if len(parts) == 1 else np.concatenate(parts)
    return TensorMessage(name, tuple(shape), kind, raw, numbers, places if external else None)
