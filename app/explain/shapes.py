"""The shapes of common operations' results by formula, where torch's meta device would first import a compiler."""

from math import ceil
from typing import Any

from app.explain.operations import JOINS, PAIRED, Details

Shape = tuple[int, ...]

KEEPING = {
    "batch_norm", "local_response_norm", "relu", "relu6", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid",
    "hardswish", "hardsigmoid", "dropout", "identity",
}  # fmt: skip
"""Operations whose result is as large as their only input."""

POOLS = {"max_pool", "average_pool"}


def result_shape(
    operation: str, details: Details, inputs: list[Shape], weight: Shape, dimension: Any = None
) -> Shape | None:
    """The shape of a result, with the batch; None where no formula here says it, or the inputs do not fit.

    Args:
        operation: as `operations.py` calls it.
        details: its facts, as `details_of` reads them.
        inputs: the shapes of the tensors that go in.
        weight: the shape of its weight; empty where it has none.
        dimension: that a concatenation goes along.
    """
    if not inputs:
        return None
    first = inputs[0]
    if operation == "concat":
        return concatenated(inputs, dimension)
    if operation in JOINS:
        return broadcast(inputs)
    if len(inputs) != 1:
        return None
    if operation in KEEPING:
        # A norm whose channels do not fit is torch's to refuse.
        return None if weight and (len(first) != 4 or weight != first[1:2]) else first
    if operation == "linear" and len(weight) == 2 and first[-1] == weight[1]:
        return (*first[:-1], weight[0])
    if len(first) != 4:
        return None
    if operation == "adaptive_average_pool":
        return (*first[:2], *details["output_size"])
    if operation == "convolution" and len(weight) == 4 and first[1] == weight[1] * details["groups"]:
        return windowed(first, weight[0], details, rounded_up=False)
    if operation in POOLS:
        return windowed(first, first[1], details, rounded_up=bool(details.get("ceil_mode")))
    return None


def windowed(first: Shape, channels: int, details: Details, rounded_up: bool) -> Shape | None:
    """Behind a sliding window: ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 along each axis, ⌈…⌉ where it is rounded up."""
    sides = []
    for size, *window in zip(first[2:], *(details[name] for name in PAIRED), strict=True):
        kernel, stride, padding, dilation = window
        steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
        side = (ceil(steps) if rounded_up else int(steps // 1)) + 1
        # The last window of a pooling begins within the picture or its left padding.
        if rounded_up and (side - 1) * stride >= size + padding:
            side -= 1
        sides.append(side)
    return (first[0], channels, *sides) if min(sides) > 0 else None


def broadcast(inputs: list[Shape]) -> Shape | None:
    """Of values that are added or multiplied."""
    rank = max(map(len, inputs))
    filled = [(1,) * (rank - len(shape)) + shape for shape in inputs]
    sizes = [{*column} - {1} or {1} for column in zip(*filled, strict=True)]
    return tuple(size.pop() for size in sizes) if all(len(size) == 1 for size in sizes) else None


def concatenated(inputs: list[Shape], dimension: Any) -> Shape | None:
    """Of values that are put one behind the other."""
    first = inputs[0]
    if not isinstance(dimension, int) or not -len(first) <= dimension < len(first):
        return None
    along = dimension % len(first)
    rest = {(*shape[:along], *shape[along + 1 :]) for shape in inputs}
    if len(rest) != 1 or len({*map(len, inputs)}) != 1:
        return None
    return (*first[:along], sum(shape[along] for shape in inputs), *first[along + 1 :])
