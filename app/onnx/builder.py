"""Builder: makes layers of a file's nodes one after the other, learning every shape without computing anything."""

from collections import Counter
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from app.explain.operations import MODULES, multiply_adds
from app.explain.rewrite import frozen_copy
from app.explain.symbolic import TRACING
from app.onnx.errors import BadOnnx, quoted
from app.onnx.layers import INPUT, Call, Function
from app.onnx.limits import Limits
from app.onnx.value import Layout, Value

FAULTS = (RuntimeError, ValueError, TypeError, IndexError, OverflowError, AssertionError, ZeroDivisionError)
"""What torch raises where an operation and its inputs do not fit."""


class Builder:
    """The layers so far, the calls of them, and how large one pass is."""

    def __init__(self, limits: Limits, batch: int) -> None:
        self.limits = limits
        self.batch = batch
        self.layers: dict[str, nn.Module] = {}
        self.calls: list[Call] = []
        self.ordered: dict[tuple[str, Layout], Value] = {}
        self.memory = 0
        self.macs = 0
        self.readers: Counter[str] = Counter()
        """How many operations read each of the file's values."""
        self.absorbed: set[str] = set()
        """The file's values that no longer stand by themselves."""

    def emit(self, path: str, layer: nn.Module, values: list[Value]) -> Value:
        """Adds a layer that reads some values as they stand; its value has its axes in order."""
        inputs = [torch.empty(value.held, device="meta") for value in values]
        node = path
        parts = list(layer.named_children()) if isinstance(layer, nn.Sequential) else [("", layer)]
        for name, part in parts:
            inputs = [self.counted(path, part, inputs)]
            node = f"{path}.{name}" if name else path
        self.layers[path] = layer
        self.calls.append(Call(path, tuple(value.key for value in values)))
        shape = tuple(inputs[0].shape)
        return Value(path, node, shape, tuple(range(len(shape))))

    def counted(self, path: str, layer: nn.Module, inputs: list[Tensor]) -> Tensor:
        """The shape that a layer gives, added to the size of one pass."""
        # While another network is traced, a module called here would become a part of it.
        with TRACING, torch.no_grad():
            value: Tensor = frozen_copy(layer, lambda tensor: tensor.to("meta"))(*inputs)
        weight = getattr(layer, "weight", None)
        details: dict[str, Any] = {"groups": getattr(layer, "groups", 1)}
        weight_shape = tuple(weight.shape) if isinstance(weight, Tensor) else ()
        self.macs += multiply_adds(MODULES.get(type(layer), ""), details, weight_shape, tuple(value.shape[1:]))
        self.memory += 4 * value.numel()
        if self.memory > self.limits.memory_bytes:
            raise BadOnnx(
                f"One pass takes more than {self.limits.memory_bytes >> 20} MiB at {quoted(path)}, which is what this "
                "server allows: choose a smaller input."
            )
        if self.macs > self.limits.macs:
            raise BadOnnx(
                f"One pass takes more than {self.limits.macs:,} multiply-adds at {quoted(path)}, which is what this "
                "server allows: choose a smaller input."
            )
        return value

    def in_order(self, value: Value) -> Value:
        """A value with its axes as the file has them, put in order by a layer of its own if need be."""
        if value.in_order:
            return value
        key = (value.key, value.layout)
        if key not in self.ordered:
            if value.layout[0] != 0:
                raise BadOnnx(
                    f"The node {quoted(value.via)} (Transpose) moves the batch axis: a network for one picture at a "
                    "time keeps it in front."
                )
            path = value.via
            while path in self.layers:
                path += "_"
            self.ordered[key] = self.emit(path, Function(torch.permute, INPUT, value.layout), [value])
        return self.ordered[key]

    def checked_size(self, path: str, count: int) -> None:
        """Refuses a constant of more numbers than one pass may have."""
        if 4 * count > self.limits.memory_bytes:
            raise BadOnnx(f"The node {quoted(path)} makes a constant of {count} numbers, more than memory allows.")

    def folded_size(self, path: str, shape: tuple[int, ...]) -> None:
        """The same of a shape; folded constants stay in memory, and count together."""
        count = prod(shape)
        self.checked_size(path, count)
        self.memory += 4 * count
