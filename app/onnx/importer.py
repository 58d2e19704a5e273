"""read_onnx: a file becomes a torch network. It is read as data: nothing in it is ever executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from torch import nn

from app.explain.rewrite import frozen_copy
from app.explain.symbolic import TRACING
from app.onnx.builder import FAULTS, Builder
from app.onnx.classes import class_names
from app.onnx.errors import BadOnnx, quoted
from app.onnx.folding import foldable, folded
from app.onnx.layers import OnnxNetwork
from app.onnx.limits import Limits
from app.onnx.messages import GraphMessage, ModelMessage, NodeMessage, TensorMessage, ValueMessage, read_model
from app.onnx.names import paths
from app.onnx.operations import OPERATIONS
from app.onnx.order import needed, reads
from app.onnx.site import Result, Site
from app.onnx.tensors import Sources
from app.onnx.value import Value

OLDEST, NEWEST = 7, 28
SIDE = 224
"""Rows and columns of a picture whose size a file leaves open."""
COLOURS = (1, 3, 4)


@dataclass(frozen=True)
class OnnxFile:
    """What a file holds.

    Attributes:
        module: the network, in eval mode, for any number of pictures at once.
        input_shape: of one picture, C×H×W, whatever the file's own order of axes.
        fixed_size: whether rows and columns are the file's own, and not chosen.
        classes: names of its outputs, where the file tells them.
        notes: what a person should know of how it was read, one sentence each.
        values: what each of the file's values has become, by its name in the file.
    """

    module: nn.Module
    input_shape: tuple[int, int, int]
    fixed_size: bool
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]
    values: Mapping[str, Value]


def read_onnx(
    source: Path | str | bytes | memoryview, *, limits: Limits | None = None, size: tuple[int, int] | None = None
) -> OnnxFile:
    """Reads an ONNX file, opsets 7 to 28.

    Args:
        source: the file, or its bytes. Weights in files beside it are read only where the file itself is named.
        limits: how large it may be.
        size: rows and columns of a picture where the file leaves them open; 224 × 224 unless given.

    Raises:
        BadOnnx: the file is broken, too large, or asks for what is not read here; the message says which.
        OSError: the file cannot be opened.
    """
    limits = limits or Limits()
    folder = None
    if isinstance(source, Path | str):
        path = Path(source)
        check_size(path.stat().st_size, limits)
        folder, source = path.parent, path.read_bytes()
    check_size(len(source), limits)
    model = read_model(memoryview(source), limits)
    try:
        return Reading(model, Sources(folder, limits.file_bytes), limits, size).result()
    except MemoryError as error:
        raise BadOnnx("The network does not fit the memory of this server.") from error


def check_size(count: int, limits: Limits) -> None:
    """Refuses a file that is too large, or empty."""
    if count > limits.file_bytes:
        raise BadOnnx(f"The file has {count:,} bytes; this server reads up to {limits.file_bytes:,}.")
    if count == 0:
        raise BadOnnx("The file is empty.")


class Reading:
    """One file on its way into a network."""

    def __init__(self, model: ModelMessage, sources: Sources, limits: Limits, size: tuple[int, int] | None) -> None:
        self.model = model
        self.graph = model.graph
        self.sources = sources
        self.opset = model.opsets.get("", 0)
        if not OLDEST <= self.opset <= NEWEST:
            raise BadOnnx(f"The file is of opset {self.opset}; those from {OLDEST} to {NEWEST} are read.")
        self.stored: dict[str, TensorMessage] = {}
        self.store(self.graph.tensors)
        self.notes: list[str] = []
        self.output = self.chosen_output()
        self.nodes = needed(self.graph, self.output.name)
        self.picture = self.chosen_input()
        self.fixed_size = True
        self.channels_last = False
        batch, self.input_shape = self.sizes(size, limits)
        self.builder = Builder(limits, batch)
        self.builder.readers.update(name for node in self.nodes for name in reads(node))
        self.builder.readers[self.output.name] += 1
        self.values: dict[str, Result] = {}

    def result(self) -> OnnxFile:
        """Builds the network."""
        self.values[self.picture.name] = self.input_value()
        for node, path in zip(self.nodes, paths(self.nodes), strict=True):
            self.build(node, path)
        output = self.values.get(self.output.name)
        if not isinstance(output, Value):
            raise BadOnnx(f"The output {quoted(self.output.name)} does not depend on the picture.")
        last = self.row(self.builder.in_order(output))
        network = self.network(last)
        classes = class_names(self.model.properties, last.held[1])
        found = {name: value for name, value in self.values.items() if isinstance(value, Value)}
        notes = (*self.notes, *self.told())
        return OnnxFile(network, self.input_shape, self.fixed_size, classes, notes, found)

    def row(self, last: Value) -> Value:
        """A network's output with maps of a single pixel, as older exporters write classifiers, as a row of numbers."""
        if last.key == "" or len(last.held) <= 2 or prod(last.held[2:]) > 1:
            return last
        path = "flatten"
        while path in self.builder.layers:
            path += "_"
        return self.builder.emit(path, nn.Flatten(), [last])

    def store(self, tensors: list[TensorMessage]) -> None:
        """Makes stored tensors known by name."""
        for message in tensors:
            if message.name in self.stored:
                raise BadOnnx(f"Two tensors of the file are both called {quoted(message.name)}.")
            self.stored[message.name] = message

    def chosen_output(self) -> ValueMessage:
        """The output that is looked into."""
        if not self.graph.outputs:
            raise BadOnnx("The network has no output.")
        first, *others = self.graph.outputs
        if others:
            left_out = ", ".join(quoted(other.name) for other in others[:8])
            self.notes.append(
                f"Of {len(others) + 1} outputs, {quoted(first.name)} is looked into; left out: {left_out}."
            )
        return first

    def chosen_input(self) -> ValueMessage:
        """The input that is the picture."""
        read = {name for node in self.nodes for name in reads(node)} | {self.output.name}
        found = [value for value in self.graph.inputs if value.name not in self.stored and value.name in read]
        if len(found) != 1:
            names = ", ".join(quoted(value.name) for value in found[:8]) or "none"
            raise BadOnnx(
                f"The network has {len(found)} inputs ({names}); one that reads one picture is looked into here."
            )
        return found[0]

    def sizes(self, size: tuple[int, int] | None, limits: Limits) -> tuple[int, tuple[int, int, int]]:
        """The batch that the file was made for, and the shape of one picture, C×H×W."""
        shape = self.picture.shape
        if shape is None or len(shape) != 4:
            told = "of no stated shape" if shape is None else f"of {len(shape)} axes"
            raise BadOnnx(
                f"The network's input {quoted(self.picture.name)} is {told}; pictures have four: batch, channels, rows "
                "and columns."
            )
        batch, axes = shape[0], list(shape[1:])
        self.channels_last = axes[0] not in COLOURS and axes[2] in COLOURS
        channels, sides = (axes[2], axes[:2]) if self.channels_last else (axes[0], axes[1:])
        self.fixed_size = None not in sides
        if not self.fixed_size:
            sides = [side or other for side, other in zip(sides, size or (SIDE, SIDE), strict=True)]
            told = " × ".join(map(str, sides))
            self.notes.append(f"The file leaves the size of the picture open: {told} is taken.")
        if self.channels_last:
            self.notes.append("The file has its channels last; they are shown first, as everywhere here.")
        rows, columns = (side or SIDE for side in sides)
        if 4 * (channels or 3) * rows * columns > limits.memory_bytes:
            raise BadOnnx(
                f"The network reads pictures of {rows} × {columns}, more than {limits.memory_bytes >> 20} MiB."
            )
        return batch or 1, (channels or 3, rows, columns)

    def input_value(self) -> Value:
        """The picture as the file's nodes see it."""
        layout = (0, 2, 3, 1) if self.channels_last else (0, 1, 2, 3)
        return Value("", "input", (1, *self.input_shape), layout, via="channels_last")

    def build(self, node: NodeMessage, path: str) -> None:
        """Makes a node's layer, or its constant where it reads no value of the network."""
        site = Site(node, path, self.opset, [self.read(name) for name in node.inputs], self.builder)
        try:
            made = self.made(site)
        except BadOnnx:
            raise
        except FAULTS as error:
            reason = str(error).split("\n")[0][:200].rstrip(".")
            raise site.fault(f"does not fit what it reads: {reason}.") from error
        for name, result in zip(node.outputs, made if isinstance(made, list) else [made], strict=False):
            if name:
                self.values[name] = result

    def made(self, site: Site) -> Result | list[Result]:
        node = site.node
        if node.domain:
            raise site.fault(NOT_READ)
        if node.operation == "If":
            return self.branch(site)
        if foldable(site):
            constant = folded(site, self.sources)
            if constant is not None:
                return constant
        maker = OPERATIONS.get(node.operation)
        if maker is None:
            raise site.fault(NOT_READ)
        return maker(site)

    def branch(self, site: Site) -> list[Result]:
        """If, where it is known beforehand which branch is taken: the operations of that branch."""
        condition = site.constant(0)
        taken = site.node.attributes.get("then_branch" if condition is not None and bool(condition) else "else_branch")
        if not isinstance(taken, GraphMessage):
            raise site.fault("lacks a branch.")
        self.store(taken.tensors)
        inner = [site.path] if len(taken.nodes) == 1 else [f"{site.path}.{path}" for path in paths(taken.nodes)]
        for node, path in zip(taken.nodes, inner, strict=True):
            self.build(node, path)
        found = [self.read(output.name) for output in taken.outputs]
        return [value for value in found if value is not None]

    def read(self, name: str) -> Result | None:
        """A value by name: made by a node before, or stored."""
        if not name:
            return None
        if name not in self.values:
            message: TensorMessage | None = self.stored.get(name)
            if message is None:
                raise BadOnnx(f"The value {quoted(name)} is read, but its node does not make it.")
            self.values[name] = self.sources.tensor(message)
        return self.values[name]

    def network(self, last: Value) -> nn.Module:
        """The finished network, without what its output does not need; it keeps the pictures of a batch apart."""
        if last.key == "" or len(last.held) < 2:
            raise BadOnnx(f"The output {quoted(self.output.name)} is no row of numbers or maps made of the picture.")
        needed, calls = {last.key}, []
        for call in reversed(self.builder.calls):
            if call.path in needed:
                needed.update(call.reads)
                calls.append(call)
        absorbed = self.builder.absorbed
        self.values = {name: v for name, v in self.values.items() if made_by(v, needed) and name not in absorbed}
        network = OnnxNetwork(self.builder.layers, calls[::-1]).eval()
        self.check_batch(network, last)
        return network

    def check_batch(self, network: nn.Module, last: Value) -> None:
        """Refuses a network that mixes the pictures of a batch."""
        twin = frozen_copy(network, lambda tensor: tensor.to("meta"))
        try:
            with TRACING, torch.no_grad():
                shape = tuple(twin(torch.empty((2, *self.input_shape), device="meta")).shape)
        except FAULTS as error:
            shape = (str(error),)
        if shape != (2, *last.held[1:]):
            raise BadOnnx(
                "The network does not keep the pictures of a batch apart: two of them do not give two answers."
            )

    def told(self) -> list[str]:
        """Notes on how the network was read."""
        notes = []
        if self.sources.other_types:
            kinds = " and ".join(sorted(self.sources.other_types))
            notes.append(f"Weights of {kinds} are taken as float32.")
        return notes


NOT_READ = "is of an operation that is not read here; the documentation's page on ONNX lists those that are."


def made_by(value: Result, layers: set[str]) -> bool:
    """Whether a value is one of the network's that some layers make."""
    return isinstance(value, Value) and value.key in layers
