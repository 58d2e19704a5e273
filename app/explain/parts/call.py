"""Call: one operation as the network really called it, with its inputs in float64."""

import copy
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from app.explain.network import Network
from app.explain.node import Node
from app.explain.position import Position
from app.explain.trace import CALL_MODULE


@dataclass(frozen=True)
class Call:
    """One call site at work on one picture, and the one value of it that is asked about.

    Attributes:
        network: that it belongs to.
        node: the call site.
        position: of the value.
        function: the module or function that is called.
        arguments: as they were given, 1×shape tensors among them.
        keywords: likewise.
        inputs: value of each node that is read, 1×shape in float64.
        names: name of the node whose value a tensor among the arguments is, by the tensor's identity.
        value: what the network itself computed.
    """

    network: Network
    node: Node
    position: Position
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    inputs: Mapping[str, Tensor]
    names: Mapping[int, str]
    value: float

    @property
    def index(self) -> tuple[int, ...]:
        """Where the value stands in the node's value without the batch."""
        return self.position.index(len(self.node.shape))

    @property
    def source(self) -> Node:
        """The first node that is read."""
        return self.network.nodes[self.node.inputs[0]]

    @property
    def input(self) -> Tensor:
        """The value of the first node that is read, without the batch, in float64."""
        return self.inputs[self.source.name][0]

    def parameter(self, name: str, place: int) -> Any:
        """A module's attribute, or a function's argument by name or place; numbers in float64, None where absent."""
        if isinstance(self.function, nn.Module):
            given = getattr(self.function, name, None)
        else:
            given = self.keywords.get(name, self.arguments[place] if place < len(self.arguments) else None)
        return given.detach().double() if isinstance(given, Tensor) else given

    def evaluate(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """The operation in float64 on other inputs: its value at the position."""

        def prepared(argument: Any) -> Any:
            if isinstance(argument, Tensor):
                name = self.names.get(id(argument))
                constant = argument.double() if argument.is_floating_point() else argument
                return constant if name is None else inputs[name]
            if isinstance(argument, (tuple, list)):
                return type(argument)(prepared(item) for item in argument)
            return argument

        function = self.function
        if isinstance(function, nn.Module):
            has_weights = any(True for _ in function.parameters())
            function = functools.partial(CALL_MODULE, copy.deepcopy(function).double() if has_weights else function)
        result: Tensor = function(*prepared(self.arguments), **{k: prepared(v) for k, v in self.keywords.items()})
        return result[(0, *self.index)]


def captured(network: Network, image: Tensor, node: Node, position: Position) -> Call:
    """Runs the network up to a node and keeps how that node was called."""
    seen: dict[str, Any] = {}

    def remember(called: Node, compute: "functools.partial[Tensor]", *arguments: Any) -> Tensor:
        if called.name == node.name:
            module = network.module_of(called)
            function = compute.func if module is None else module
            seen.update(function=function, arguments=arguments, keywords=compute.keywords)
        return compute(*arguments)

    # An identity gives back the very tensor it was given: views keep each node's value apart from its inputs'.
    values = network.values(
        image,
        [*node.inputs, node.name],
        rules={node.operation: remember},
        replace=dict.fromkeys(node.inputs, lambda value: value.view_as(value)),
    )
    value = values[node.name][(0, *position.index(len(node.shape)))]
    with torch.inference_mode(False):
        inputs = {name: values[name].detach().to(torch.float64, copy=True) for name in node.inputs}
    return Call(
        network=network,
        node=node,
        position=position,
        inputs=inputs,
        names={id(values[name]): name for name in node.inputs},
        value=float(value),
        **seen,
    )
