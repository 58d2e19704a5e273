"""The modules that a network read from a file is made of, where torch.nn has none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn


class INPUT:
    """Stands for a layer's input among the arguments of its function."""


class Function(nn.Module):
    """One torch function as a layer: with its inputs, and what else it is given every time.

    Args:
        function: of torch.
        arguments: INPUT for each input in turn; numbers; tensors, which become weights of the layer.
        learned: whether the tensors count as parameters.
        keywords: further arguments, without tensors.
    """

    is_one_call = True

    def __init__(self, function: Callable[..., Any], *arguments: Any, learned: bool = False, **keywords: Any) -> None:
        super().__init__()
        self.function = function
        self.keywords = keywords
        self.arguments: list[Any] = []
        for argument in arguments:
            if isinstance(argument, Tensor):
                name = f"constant_{len(self.arguments)}"
                if learned and argument.is_floating_point():
                    self.register_parameter(name, nn.Parameter(argument, requires_grad=False))
                else:
                    self.register_buffer(name, argument)
                argument = Constant(name)
            self.arguments.append(argument)

    def forward(self, *inputs: Tensor) -> Any:
        """The function of the inputs; one call of the graph while it is traced, whatever the function is made of."""
        ahead = iter(inputs)
        arguments = tuple(self.given(argument, ahead) for argument in self.arguments)
        for argument in arguments:
            if isinstance(argument, fx.Proxy):
                return argument.tracer.create_proxy("call_function", self.function, arguments, self.keywords)
        return self.function(*arguments, **self.keywords)

    def given(self, argument: Any, inputs: Iterator[Tensor]) -> Any:
        """An argument as the function gets it."""
        if argument is INPUT:
            return next(inputs)
        return getattr(self, argument.name) if isinstance(argument, Constant) else argument


@dataclass(frozen=True)
class Constant:
    """Stands for one of a layer's own tensors among the arguments of its function."""

    name: str


class Concat(nn.Module):
    """torch.cat of its inputs along an axis."""

    is_one_call = True

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension

    def forward(self, *inputs: Tensor) -> Tensor:
        """The inputs one behind the other."""
        return torch.cat(inputs, self.dimension)


@dataclass(frozen=True)
class Call:
    """One call of a layer: its path, and the paths of the layers whose values it reads; empty for the picture."""

    path: str
    reads: tuple[str, ...]


class OnnxNetwork(nn.Module):
    """The network that a file describes: its layers, called one after the other."""

    def __init__(self, layers: dict[str, nn.Module], calls: Sequence[Call]) -> None:
        super().__init__()
        self.calls = tuple(calls)
        for call in calls:
            *outer, name = call.path.split(".")
            block: nn.Module = self
            for part in outer:
                if part not in block._modules:
                    block.add_module(part, nn.Module())
                block = block.get_submodule(part)
            block.add_module(name, layers[call.path])

    def forward(self, x: Tensor) -> Tensor:
        """The value of the last layer."""
        values = {"": x}
        for call in self.calls:
            layer = self.get_submodule(call.path)
            x = values[call.path] = layer(*[values[path] for path in call.reads])
        return x
