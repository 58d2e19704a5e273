"""Operations with learned weights: convolutions and dense layers."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from app.explain.parts.breakdown import Breakdown, Terms, counted, digits, folded
from app.explain.parts.call import Call
from app.explain.position import Position, origin


def convolution(call: Call) -> Breakdown:
    """y = b + Σ_c Σ_i Σ_j w[c, i, j] · x[c, s·row − p + d·i, s·column − p + d·j], c over the unit's group."""
    weight = call.parameter("weight", 1)[call.position.unit]
    channels, height, width = weight.shape
    first = call.position.unit // (call.node.units // int(call.node.details["groups"])) * channels
    starts = [
        place * stride - padding
        for place, stride, padding in zip(
            (call.position.row, call.position.column),
            call.node.details["stride"],
            call.node.details["padding"],
            strict=True,
        )
    ]
    mode = getattr(call.function, "padding_mode", "zeros")
    rows, columns = (
        [padded(start + i * step, side, mode) for i in range(kernel)]
        for start, step, side, kernel in zip(
            starts, call.node.details["dilation"], call.input.shape[1:], (height, width), strict=True
        )
    )
    window = patch(call.input[first : first + channels], rows, columns)
    products = weight * window
    seen = sum(row is not None for row in rows) * sum(column is not None for column in columns)

    def locate(i: int) -> Position | None:
        channel, row, column = i // (height * width), rows[i // width % height], columns[i % width]
        return None if row is None or column is None else Position(call.source.name, first + channel, row, column)

    terms = Terms(products.flatten(), window.flatten(), locate, weight.flatten())
    looks_at = f"{height} × {width} values on {counted(channels, 'map')} of {call.source.name}"
    return replace(
        weighted_sum(call, terms, folded(products, call.source.name, first, seen), looks_at),
        window={
            "node": call.source.name,
            "top": starts[0],
            "left": starts[1],
            "rows": height,
            "columns": width,
            "channels": channels,
            "channel": first,
            "dilation": list(call.node.details["dilation"]),
        },
        arrays={"window": window, "weights": weight, "products": products},
    )


def weighted_sum(call: Call, terms: Terms, groups: list[dict[str, Any]], looks_at: str) -> Breakdown:
    """What all weighted sums have in common: total, bias, formula and sentence."""
    total = float(terms.values.sum())
    bias = call.parameter("bias", 2)
    told = f"Unit {call.position.unit} of {call.node.name} looks at {looks_at}: "
    told += f"{counted(len(terms.values), 'product')} with its weights add up to {digits(total)}"
    if bias is None:
        return Breakdown(terms, total, "y = Σ w·x", f"{told}.", groups=groups)
    constant = float(bias[call.position.unit])
    told += f"; its bias {digits(constant)} makes that {digits(total + constant)}."
    return Breakdown(terms, total + constant, "y = b + Σ w·x", told, bias=constant, groups=groups)


def padded(index: int, side: int, mode: str) -> int | None:
    """The index that is read where a window reaches beyond the edge; None where that is a zero."""
    if 0 <= index < side:
        return index
    if mode == "zeros":
        return None
    if mode == "circular":
        return index % side
    if mode == "replicate":
        return min(max(index, 0), side - 1)
    return -index if index < 0 else 2 * (side - 1) - index


def patch(maps: Tensor, rows: list[int | None], columns: list[int | None]) -> Tensor:
    """The chosen rows and columns of maps, zero where one is None."""
    read = maps[:, [row or 0 for row in rows]][:, :, [column or 0 for column in columns]]
    inside = torch.tensor([[row is not None and column is not None for column in columns] for row in rows])
    return read.where(inside.to(maps.device), 0.0)


def transposed_convolution(call: Call) -> Breakdown:
    """y = b + Σ over all inputs x that reach the value: the input at q and the weight at k with s·q + d·k − p = row."""
    details, position = call.node.details, call.position
    weight, groups = call.parameter("weight", 1), int(details["groups"])
    per_group, units = weight.shape[0] // groups, weight.shape[1]
    first = position.unit // units * per_group
    kernels = weight[first : first + per_group, position.unit % units]
    reach = [
        reaching(place, side, kernel, stride, padding, dilation)
        for place, side, kernel, stride, padding, dilation in zip(
            (position.row, position.column),
            call.input.shape[1:],
            kernels.shape[1:],
            details["stride"],
            details["padding"],
            details["dilation"],
            strict=True,
        )
    ]
    rows, columns = reach
    window = call.input[first : first + per_group][:, [q for q, _ in rows]][:, :, [q for q, _ in columns]]
    weights = kernels[:, [k for _, k in rows]][:, :, [k for _, k in columns]]
    products = weights * window

    def locate(i: int) -> Position:
        channel, rest = divmod(i, len(rows) * len(columns))
        row, column = divmod(rest, len(columns))
        return Position(call.source.name, first + channel, rows[row][0], columns[column][0])

    looks_at = f"{len(rows)} × {len(columns)} values on {counted(per_group, 'map')} of {call.source.name}"
    terms = Terms(products.flatten(), window.flatten(), locate, weights.flatten())
    folds = folded(products, call.source.name, first, len(rows) * len(columns))
    return weighted_sum(call, terms, folds, looks_at)


def reaching(place: int, side: int, kernel: int, stride: int, padding: int, dilation: int) -> list[tuple[int, int]]:
    """Pairs of input index and kernel index that reach one output index of a transposed convolution."""
    pairs = []
    for k in range(kernel):
        index, rest = divmod(place + padding - dilation * k, stride)
        if rest == 0 and 0 <= index < side:
            pairs.append((index, k))
    return pairs


def linear(call: Call) -> Breakdown:
    """y = b + Σ_j w[j] · x[j]; folded by the maps that a flattened input came from."""
    *before, unit = call.index
    weights = call.parameter("weight", 1)[unit]
    inputs = call.input[tuple(before)]
    products = weights * inputs

    def locate(i: int) -> Position:
        return Position.at(call.source.name, (*before, i))

    start = origin(call.network, locate(0))
    maps = call.network.nodes[start.node]
    groups = []
    if maps.spatial and maps.size == len(inputs):
        channels = products.reshape(maps.units, -1)
        groups = folded(channels, maps.name, 0, channels.shape[1])
    looks_at = f"all {counted(len(inputs), 'value')} of {call.source.name}"
    return weighted_sum(call, Terms(products, inputs, locate, weights), groups, looks_at)
