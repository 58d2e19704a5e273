"""Site: one node of the file as the makers of layers see it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from app.onnx.builder import Builder
from app.onnx.errors import BadOnnx, quoted
from app.onnx.messages import NodeMessage
from app.onnx.value import Layout, Value, inverse

Result = Value | Tensor
"""What a node gives: a value of the network, or a constant."""
Made = Result | list[Result]

Maker = Callable[["Site"], Made]
OPERATIONS: dict[str, Maker] = {}
"""What makes a layer of each operation of the default domain."""

LARGEST_NUMBER = 1 << 31
Kind = TypeVar("Kind")


def operation(*names: str) -> Callable[[Maker], Maker]:
    """Registers what makes layers of some operations."""

    def register(maker: Maker) -> Maker:
        OPERATIONS.update(dict.fromkeys(names, maker))
        return maker

    return register


class Site:
    """One node, what it reads, and where its layer goes."""

    def __init__(
        self, node: NodeMessage, path: str, opset: int, inputs: Sequence[Result | None], builder: Builder
    ) -> None:
        self.node = node
        self.path = path
        self.opset = opset
        self.inputs = inputs
        self.builder = builder

    def __str__(self) -> str:
        name = self.node.name or (self.node.outputs[0] if self.node.outputs else "")
        domain = f"{self.node.domain}." if self.node.domain else ""
        kind = quoted(f"{domain}{self.node.operation}")[1:-1]
        return f"the node {quoted(name)} ({kind}, opset {self.opset})"

    def fault(self, reason: str) -> BadOnnx:
        """The error of this node: "the node … ‹reason›"."""
        told = f"{self} {reason}"
        return BadOnnx(told[0].upper() + told[1:])

    def attribute(self, name: str, kind: type[Kind], otherwise: Any) -> Any:
        given = self.node.attributes.get(name, otherwise)
        if given is otherwise:
            return otherwise
        if kind is float and isinstance(given, int):
            return float(given)
        if not isinstance(given, kind):
            raise self.fault(f"has an attribute {quoted(name)} of another type than its operation wants.")
        return given

    def whole(self, name: str, otherwise: int) -> int:
        """A whole number among the attributes."""
        return self.bounded(name, self.attribute(name, int, otherwise))

    def bounded(self, name: str, number: int) -> int:
        if not -LARGEST_NUMBER < number < LARGEST_NUMBER:
            # The largest of int64 stands for "to the end".
            raise self.fault(f"has {quoted(name)} = {number}, which is beyond any network's size.")
        return number

    def number(self, name: str, otherwise: float) -> float:
        """A number among the attributes."""
        return float(self.attribute(name, float, otherwise))

    def text(self, name: str, otherwise: str) -> str:
        """A text among the attributes."""
        return str(self.attribute(name, str, otherwise))

    def wholes(self, name: str, otherwise: Sequence[int] | None = None) -> tuple[int, ...] | None:
        """A list of whole numbers among the attributes."""
        given = self.attribute(name, list, otherwise)
        if given is None or given is otherwise:
            return None if given is None else tuple(given)
        if not all(isinstance(item, int) for item in given):
            raise self.fault(f"has an attribute {quoted(name)} of another type than its operation wants.")
        return tuple(given)

    def given(self, index: int) -> Result | None:
        """An input, None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def any_order(self, index: int = 0) -> Value:
        """An input that is a value of the network, its axes in whatever order they stand."""
        value = self.given(index)
        if not isinstance(value, Value):
            raise self.fault(f"has no value of the network as input {index}, where its operation wants one.")
        return value

    def value(self, index: int = 0) -> Value:
        """An input that is a value of the network, its axes in the file's order."""
        return self.builder.in_order(self.any_order(index))

    def maps(self, index: int = 0) -> Value:
        """An input that is maps: batch × channels × rows × columns."""
        value = self.value(index)
        if len(value.held) != 4:
            raise self.fault(
                f"reads values of {len(value.held)} axes: maps of batch × channels × rows × columns are read."
            )
        return value

    def constant(self, index: int) -> Tensor | None:
        """An input that must be known beforehand; None where it is left out."""
        value = self.given(index)
        if isinstance(value, Value):
            raise self.fault(f"makes its input {index} of the picture; one that is stored in the file is wanted there.")
        return value

    @property
    def further_outputs(self) -> bool:
        """Whether something reads more of the node than its first output."""
        return any(self.builder.readers[name] for name in self.node.outputs[1:] if name)

    def weight(self, index: int) -> Tensor:
        """An input of learned numbers, all finite."""
        value = self.constant(index)
        if value is None:
            raise self.fault(f"lacks its input {index}.")
        return self.finite(value)

    def optional_weight(self, index: int) -> Tensor | None:
        """The same where it may be left out."""
        return None if self.given(index) is None else self.weight(index)

    def finite(self, value: Tensor) -> Tensor:
        """Learned numbers, if none is NaN or infinite."""
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            count = int((~torch.isfinite(value)).sum())
            raise self.fault(f"has weights of which {count} of {value.numel()} are not finite (NaN or infinite).")
        return value.float()

    def listed(self, attribute: str, index: int) -> tuple[int, ...] | None:
        """Whole numbers that older opsets keep in an attribute and newer ones in an input."""
        if (given := self.constant(index)) is None:
            return self.wholes(attribute)
        return tuple(int(item) for item in given.flatten().tolist())

    def axis(self, axis: int, rank: int) -> int:
        """An axis counted from the front, if there is one."""
        if not -rank <= axis < rank:
            raise self.fault(f"names the axis {axis} of values that have {rank}.")
        return axis % rank

    def emit(self, layer: nn.Module, *values: Value, layout: Layout | None = None) -> Value:
        """Adds the node's layer."""
        return self.part("", layer, *values, layout=layout)

    def part(self, name: str, layer: nn.Module, *values: Value, layout: Layout | None = None) -> Value:
        """Adds one of several layers of the node."""
        made = self.builder.emit(f"{self.path}.{name}" if name else self.path, layer, list(values))
        return made if layout is None else replace(made, layout=layout, via=values[0].via)

    def alike(self, values: Sequence[Value]) -> list[Value]:
        """Several values with their axes in the same order: as they stand if that is the same, else the file's."""
        if len({value.layout for value in values}) == 1:
            return list(values)
        return [self.builder.in_order(value) for value in values]

    def laid_out(self, constant: Tensor, layout: Layout) -> Tensor:
        """A constant as the network's value beside it stands, so that it spreads over the same axes."""
        if layout == tuple(range(len(layout))) or constant.dim() == 0:
            return constant
        if constant.dim() > len(layout):
            raise self.fault("has a constant of more axes than the value beside it.")
        filled = constant.reshape((1,) * (len(layout) - constant.dim()) + tuple(constant.shape))
        return filled.permute(inverse(layout)).contiguous()
