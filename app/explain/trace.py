"""Turns an nn.Module into a list of steps: torch.fx's graph, in-place operations rewritten, every call site named."""

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MethodType
from typing import Any

import torch
from torch import Tensor, fx, nn

from app.explain.node import Node
from app.explain.operations import (
    JOINS,
    KEEPS_SIGN,
    NON_NEGATIVE,
    details_of,
    multiply_adds,
    receptive_field,
)
from app.explain.rewrite import Untraceable, frozen_copy, rewrite_in_place
from app.explain.shapes import result_shape
from app.explain.symbolic import blocks, caller, functional_arguments, is_layer, operation_of, symbolic_graph

CALL_MODULE = nn.Module.__call__
"""Calls a module, hooks included: torch.fx replaces `nn.Module.__call__` for every thread while it traces."""


@dataclass(frozen=True)
class Step:
    """One operation of the graph, ready to run; `node` is None for bookkeeping such as reading a size."""

    key: str
    node: Node | None
    compute: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    reads: frozenset[str]


@dataclass(frozen=True)
class Reference:
    """Stands in a step's arguments for the value of another step."""

    key: str


SMALL_WORK = 300_000_000
"""Parameters × positions up to which a pass is quicker than what the meta device imports at its first use."""


def scratch_device(module: nn.Module, input_shape: tuple[int, ...]) -> str:
    """Where shapes are learned: on the meta device, which computes nothing, or really for a small network.

    The meta device's first use imports a compiler, which takes as long as torch itself: the first view need not wait.
    """
    weights = list(module.parameters())
    # Processors cannot do everything in other precisions, and nothing without values.
    exact = all(weight.dtype == torch.float32 and not weight.is_meta for weight in weights)
    work = sum(weight.numel() for weight in weights) * prod(input_shape[1:])
    return "cpu" if exact and 0 < work < SMALL_WORK else "meta"


class Tracing:
    """Builds the steps of one network, walking its graph once to learn all shapes."""

    def __init__(self, module: nn.Module, input_shape: tuple[int, ...]) -> None:
        self.module = module
        self.graph = symbolic_graph(module)
        rewrite_in_place(self.graph, module)
        device = scratch_device(module, input_shape)
        self.scratch = frozen_copy(module, lambda tensor: tensor.to(device))
        self.input_shape = input_shape
        self.names: Counter[str] = Counter()
        self.taken: set[str] = set()
        self.counted: set[str] = set()
        self.values: dict[fx.Node, Any] = {}
        self.nodes: dict[fx.Node, Node] = {}
        self.keys: dict[fx.Node, str] = {}

    def steps(self) -> list[Step]:
        """All operations in order; the first is the input."""
        steps = []
        for fx_node in self.graph.nodes:
            if fx_node.op == "output":
                break
            steps.append(self.step(fx_node))
        return steps

    def step(self, fx_node: fx.Node) -> Step:
        arguments, keywords = self.resolved(fx_node, self.values.__getitem__)
        self.values[fx_node] = self.evaluated(fx_node, self.compute(fx_node, self.scratch), arguments, keywords)
        node = self.describe(fx_node)
        if node:
            self.nodes[fx_node] = node
        self.keys[fx_node] = node.name if node else f"·{fx_node.name}"
        references, keyword_references = self.resolved(fx_node, lambda other: Reference(self.keys[other]))
        reads = frozenset(self.keys[other] for other in fx_node.all_input_nodes)
        return Step(self.keys[fx_node], node, self.compute(fx_node, self.module), references, keyword_references, reads)

    def resolved(self, fx_node: fx.Node, look_up: Callable[[fx.Node], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (
            fx.node.map_arg(fx_node.args, look_up),
            fx.node.map_arg(fx_node.kwargs, look_up),
        )

    def evaluated(self, fx_node: fx.Node, compute: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
        if fx_node.op == "placeholder":
            like = next(self.scratch.parameters(), torch.empty(0, device="meta"))
            return torch.zeros((1, *self.input_shape), dtype=like.dtype, device=like.device)
        foreseen = self.foreseen(fx_node, arguments, keywords)
        if foreseen is not None:
            return foreseen
        try:
            with torch.no_grad():
                return compute(*arguments, **keywords)
        except RuntimeError as error:
            shape = "×".join(map(str, self.input_shape))
            raise Untraceable(f"An input of {shape} does not fit the layer “{fx_node.target}”: {error}") from error

    def foreseen(self, fx_node: fx.Node, arguments: Any, keywords: Any) -> Tensor | None:
        """A result on the meta device that is known without asking torch, which takes milliseconds to say so."""
        if fx_node.op not in ("call_module", "call_function"):
            return None
        operation = operation_of(fx_node, self.module)
        together = operation == "concat" and bool(arguments)
        inputs = [value for value in (arguments[0] if together else arguments) if isinstance(value, Tensor)]
        if not inputs or not all(value.is_meta and value.is_floating_point() for value in inputs):
            return None
        weight = self.weight_shape(fx_node) if fx_node.op == "call_module" else ()
        details = details_of(operation, self.getter(fx_node), tuple(inputs[0].shape[1:]))
        dimension = keywords.get("dim", arguments[1] if together and len(arguments) > 1 else 0)
        shape = result_shape(operation, details, [tuple(value.shape) for value in inputs], weight, dimension)
        return None if shape is None else inputs[0].new_empty(shape)

    @staticmethod
    def compute(fx_node: fx.Node, module: nn.Module) -> Callable[..., Any]:
        """What runs a graph node."""
        if fx_node.op == "call_module":
            return MethodType(CALL_MODULE, module.get_submodule(str(fx_node.target)))
        if fx_node.op == "call_method":
            return _method(str(fx_node.target))
        if fx_node.op == "get_attr":
            value = operator.attrgetter(str(fx_node.target))(module)
            return lambda: value
        if fx_node.op == "placeholder":
            return _identity
        return fx_node.target  # type: ignore[return-value]

    def describe(self, fx_node: fx.Node) -> Node | None:
        """The call site that people see, or None for bookkeeping: no tensor of this picture's."""
        value = self.values[fx_node]
        if fx_node.op == "placeholder":
            self.taken.add("input")
            return Node("input", "input", "", (), (), self.input_shape)
        inputs = [self.nodes[other] for other in fx_node.all_input_nodes if other in self.nodes]
        if not isinstance(value, Tensor) or value.dim() < 2 or not self.depends_on_input(fx_node):
            return None
        return self.call_site(fx_node, tuple(value.shape[1:]), inputs)

    def depends_on_input(self, fx_node: fx.Node) -> bool:
        return any(other in self.nodes or self.depends_on_input(other) for other in fx_node.all_input_nodes)

    def call_site(self, fx_node: fx.Node, shape: tuple[int, ...], inputs: list[Node]) -> Node:
        operation = operation_of(fx_node, self.module)
        input_shape = inputs[0].shape if inputs else self.input_shape
        parameters, weight_shape = self.weights(fx_node)
        details = details_of(operation, self.getter(fx_node), input_shape)
        field = receptive_field(
            operation,
            details,
            [node.receptive_field for node in inputs],
            input_shape,
            shape,
            self.plain_arguments(fx_node),
        )
        return Node(
            name=self.unique_name(fx_node, operation),
            operation=operation,
            module=caller(fx_node),
            path=blocks(fx_node, self.module),
            inputs=tuple(node.name for node in inputs),
            shape=shape,
            parameters=parameters,
            macs=multiply_adds(operation, details, weight_shape, shape),
            details=details,
            receptive_field=field,
            kind="positive" if self.is_positive(fx_node, operation, inputs) else "signed",
        )

    def is_positive(self, fx_node: fx.Node, operation: str, inputs: list[Node]) -> bool:
        """Whether a call's values cannot be negative, whatever the picture."""
        if operation in NON_NEGATIVE:
            return True
        if operation not in KEEPS_SIGN or not inputs or any(node.kind != "positive" for node in inputs):
            return False
        if operation == "pad":
            filling: Any = functional_arguments(fx_node).get("value") or 0
            return bool(filling >= 0)
        if operation not in JOINS:
            return True
        numbers = [value for value in (*fx_node.args, *fx_node.kwargs.values()) if isinstance(value, (int, float))]
        return len(inputs) == len(fx_node.all_input_nodes) and all(value >= 0 for value in numbers)

    def getter(self, fx_node: fx.Node) -> Callable[[str], Any]:
        """Looks a fact up by its torch name, in the module or the function's arguments."""
        if fx_node.op == "call_module":
            called = self.module.get_submodule(str(fx_node.target))
            return lambda name: getattr(called, name, None)
        arguments = functional_arguments(fx_node)
        if "weight" in arguments and "kernel_size" not in arguments:
            arguments["kernel_size"] = tuple(self.values[arguments["weight"]].shape[2:])
        return arguments.get

    def plain_arguments(self, fx_node: fx.Node) -> tuple[Any, ...]:
        """The arguments after the first that are plain numbers; a padding module's amounts."""
        if fx_node.op == "call_module":
            return (getattr(self.module.get_submodule(str(fx_node.target)), "padding", ()),)
        return tuple(fx_node.args[1:]) or tuple(fx_node.kwargs.values())

    def weights(self, fx_node: fx.Node) -> tuple[int, tuple[int, ...]]:
        """How many parameters a call adds to the count, and the shape of its weight."""
        if fx_node.op != "call_module":
            arguments = functional_arguments(fx_node)
            learned = {other for other in arguments.values() if isinstance(other, fx.Node) and self.is_parameter(other)}
            weight = arguments.get("weight")
            count = sum(self.values[other].numel() for other in learned if str(other.target) not in self.counted)
            self.counted |= {str(other.target) for other in learned}
            return count, tuple(self.values[weight].shape) if isinstance(weight, fx.Node) else ()
        path = str(fx_node.target)
        called = self.module.get_submodule(path)
        count = 0 if path in self.counted else sum(parameter.numel() for parameter in called.parameters())
        self.counted.add(path)
        return count, self.weight_shape(fx_node)

    def weight_shape(self, fx_node: fx.Node) -> tuple[int, ...]:
        """The shape of a called module's weight; empty where it has none."""
        weight = getattr(self.module.get_submodule(str(fx_node.target)), "weight", None)
        return tuple(weight.shape) if isinstance(weight, Tensor) else ()

    def is_parameter(self, fx_node: fx.Node) -> bool:
        return fx_node.op == "get_attr" and isinstance(self.values[fx_node], nn.Parameter)

    def unique_name(self, fx_node: fx.Node, operation: str) -> str:
        """The module's path, or the caller's path and the operation; numbered from the second call on."""
        base = caller(fx_node)
        if not is_layer(fx_node, self.module):
            base = f"{base}.{operation}" if base else operation
        name = base
        while name in self.taken:
            self.names[base] += 1
            name = f"{base}.{self.names[base]}"
        self.taken.add(name)
        return name


def _identity(x: Tensor) -> Tensor:
    return x


def _method(name: str) -> Callable[..., Any]:
    def call(x: Any, *arguments: Any, **keywords: Any) -> Any:
        return getattr(x, name)(*arguments, **keywords)

    return call
