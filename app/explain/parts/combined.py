"""Operations without weights of their own that combine, choose or pass on values."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from app.explain.parts.breakdown import Breakdown, Terms, concatenated, counted, digits, named
from app.explain.parts.call import Call
from app.explain.position import Position, unravelled

MEANS = {"average_pool", "adaptive_average_pool", "mean"}


def slopes(call: Call) -> dict[str, Tensor]:
    """∂ value / ∂ input of each node that is read, in float64; zero where the value does not look."""
    with torch.inference_mode(False), torch.enable_grad():
        leaves = {name: value.clone().requires_grad_() for name, value in call.inputs.items()}
        value = call.evaluate(leaves)
        if not value.requires_grad:
            return {name: torch.zeros_like(leaf) for name, leaf in call.inputs.items()}
        found = torch.autograd.grad(value, list(leaves.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(leaves, found, strict=True))


def looked_at(call: Call) -> tuple[Tensor, Tensor, Callable[[int], Position]]:
    """The inputs that a value depends on: their values, their slopes, and where they stand."""
    weights, inputs, places = [], [], []
    for name, slope in slopes(call).items():
        where = slope.flatten().nonzero().flatten()
        weights.append(slope.flatten()[where])
        inputs.append(call.inputs[name].flatten()[where])
        places += [(name, flat) for flat in where.tolist()]

    def locate(i: int) -> Position:
        name, flat = places[i]
        return unravelled(call.network.nodes[name], flat)

    return concatenated(inputs), concatenated(weights), locate


def affine(call: Call) -> Breakdown:
    """y = c + Σ w·x, where each w is the operation's slope and c its value where all inputs are zero: means, sums, and
    everything that only passes values on (then one w is 1)."""
    inputs, weights, locate = looked_at(call)
    constant = float(call.evaluate({name: torch.zeros_like(value) for name, value in call.inputs.items()}))
    products = weights * inputs
    total = float(products.sum()) + constant
    formula, sentence = affine_words(call, inputs, weights, locate, total)
    return Breakdown(
        terms=Terms(products, inputs, locate, weights),
        total=total,
        bias=constant or None,
        formula=formula,
        sentence=sentence,
    )


def affine_words(
    call: Call, inputs: Tensor, weights: Tensor, locate: Callable[[int], Position], total: float
) -> tuple[str, str]:
    """Formula and sentence of a weighted sum without learned weights."""
    count = len(inputs)
    if count == 0:
        return "y = c", f"Here nothing is read: the value is {digits(total)} whatever the picture."
    if call.node.operation in {"add", "subtract"} and count == 1 and weights[0] == 1:
        constant = total - float(inputs[0])
        told = f"The value {digits(inputs[0])} of {named(call.network, locate(0))} and the constant {digits(constant)}"
        return "y = x + c", f"{told} add up to {digits(total)}."
    if count == 1 and weights[0] == 1 and float(inputs[0]) == total:
        return "y = x", f"The value {digits(total)} of {named(call.network, locate(0))}, passed on as it is."
    if call.node.operation in MEANS and bool((weights == weights[0]).all()):
        parts = counted(count, "value")
        return "y = 1/n · Σ x", f"Each of the {parts} it looks at counts {digits(weights[0])}: {digits(total)}."
    if call.node.operation == "add" and count == 2:
        first, second = (f"{digits(inputs[i])} of {named(call.network, locate(i))}" for i in range(2))
        return "y = x₁ + x₂", f"The value {first} and the value {second} add up to {digits(total)}."
    return "y = c + Σ w·x", f"A weighted sum of {counted(count, 'value')}: {digits(total)}."


def maximum(call: Call) -> Breakdown:
    """y = max x over the window: one value wins, and counts alone."""
    rows, columns = pooling_window(call)
    unit = call.position.unit
    window = call.input[unit][rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step]
    values = window.flatten()
    inputs, _, winner = looked_at(call)
    place = winner(0)
    wins = torch.zeros_like(values)
    wins[rows.index(place.row) * len(columns) + columns.index(place.column)] = 1

    def locate(i: int) -> Position:
        return Position(call.source.name, unit, rows[i // len(columns)], columns[i % len(columns)])

    return Breakdown(
        # A loser may be infinite, and 0 · ∞ is no number.
        terms=Terms(values.where(wins > 0, 0.0), values, locate, wins),
        total=float(inputs[0]),
        formula="y = max x",
        sentence=(
            f"The largest of {counted(len(values), 'value')} wins: {digits(inputs[0])} at row {place.row}, column "
            f"{place.column} of unit {unit} of {call.source.name}."
        ),
        facts={"winner": vars(place)},
        window={
            "node": call.source.name,
            "top": rows.start,
            "left": columns.start,
            "rows": len(rows),
            "columns": len(columns),
            "channels": 1,
            "channel": unit,
            "dilation": [rows.step, columns.step],
        },
        arrays={"window": window.unsqueeze(0)},
    )


def pooling_window(call: Call) -> tuple[range, range]:
    """Rows and columns of the map that a pooling looks at, what lies beyond the edge left out."""
    details = call.node.details
    windows = []
    for axis, (place, side) in enumerate(zip(call.index[1:], call.input.shape[1:], strict=True)):
        if call.node.operation == "max_pool":
            step = details["dilation"][axis]
            start = place * details["stride"][axis] - details["padding"][axis]
            stop = min(start + step * details["kernel_size"][axis], side)
            windows.append(range(start % step if start < 0 else start, stop, step))
        else:
            outputs = details["output_size"][axis]
            windows.append(range(place * side // outputs, -(-(place + 1) * side // outputs)))
    return windows[0], windows[1]


def operand(call: Call, argument: Any) -> tuple[Tensor, Position | None]:
    """One side of a product at the value's place: its number, and where that stands; None for a constant."""
    if not isinstance(argument, Tensor):
        return torch.tensor(float(argument), dtype=torch.float64), None
    name = call.names.get(id(argument))
    value = argument.double() if name is None else call.inputs[name]
    whole = (0, *call.index)
    index = tuple(min(i, side - 1) for i, side in zip(whole[len(whole) - value.dim() :], value.shape, strict=True))
    return value[index], None if name is None else Position.at(name, index[1:])


def two_sided(formula: str, verb: str, compute: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Call], Breakdown]:
    """An operation on two values that is no sum: each is told, and what they make."""

    def broken_down(call: Call) -> Breakdown:
        sides = [operand(call, argument) for argument in (*call.arguments, *call.keywords.values())[:2]]
        numbers = torch.stack([value for value, _ in sides])
        places = [place for _, place in sides]
        told = [
            f"{digits(value)}{'' if place is None else f' of {named(call.network, place)}'}" for value, place in sides
        ]
        total = compute(*numbers)
        return Breakdown(
            terms=Terms(numbers, numbers, places.__getitem__),
            total=float(total),
            formula=formula,
            sentence=f"The value {told[0]} {verb} {told[1]}: {digits(total)}.",
        )

    return broken_down


multiply = two_sided("y = x₁ · x₂", "times", torch.mul)
divide = two_sided("y = x₁ / x₂", "divided by", torch.div)


def softmax(call: Call) -> Breakdown:
    """y_i = exp(x_i − m) / Σ_j exp(x_j − m), m the largest x: the terms are the exps."""
    values, locate, chosen = along(call)
    exps = (values - values.max()).exp()
    total = exps[chosen] / exps.sum()
    return Breakdown(
        terms=Terms(exps, values, locate),
        total=float(total),
        formula="y = exp(x_i − m) / Σ_j exp(x_j − m), m = max x",
        sentence=(
            f"The exponential {digits(exps[chosen])} of {digits(values[chosen])} less the largest, "
            f"{digits(values.max())}, divided by the sum {digits(exps.sum())} of all {len(exps)}: {digits(total)}."
        ),
        facts={"maximum": float(values.max()), "exp": float(exps[chosen]), "denominator": float(exps.sum())},
    )


def log_softmax(call: Call) -> Breakdown:
    """y_i = x_i − m − log Σ_j exp(x_j − m), m the largest x."""
    values, locate, chosen = along(call)
    exps = (values - values.max()).exp()
    total = values[chosen] - values.max() - exps.sum().log()
    return Breakdown(
        terms=Terms(exps, values, locate),
        total=float(total),
        formula="y = x_i − m − log Σ_j exp(x_j − m), m = max x",
        sentence=(
            f"The value {digits(values[chosen])}, less the largest, {digits(values.max())}, less the logarithm of the "
            f"sum {digits(exps.sum())} of all {len(exps)} exponentials: {digits(total)}."
        ),
        facts={"maximum": float(values.max()), "denominator": float(exps.sum())},
    )


def along(call: Call) -> tuple[Tensor, Callable[[int], Position], int]:
    """The values that a softmax compares, where they stand, and which of them is asked about."""
    dimension = call.parameter("dim", 1)
    if dimension is None:
        # torch's own choice where none is named.
        dimension = 0 if call.input.dim() + 1 in (0, 1, 3) else 1
    axis = (dimension if dimension >= 0 else dimension + call.input.dim() + 1) - 1
    index: Sequence[Any] = call.index

    def locate(i: int) -> Position:
        return Position.at(call.source.name, (*index[:axis], i, *index[axis + 1 :]))

    return call.input[(*index[:axis], slice(None), *index[axis + 1 :])], locate, call.index[axis]


def anything(call: Call) -> Breakdown:
    """Any other operation: computed again in float64, with the values that it depends on."""
    inputs, _, locate = looked_at(call)
    total = float(call.evaluate(call.inputs))
    return Breakdown(
        terms=Terms(inputs, inputs, locate),
        total=total,
        formula=f"y = {call.node.operation}(x…)",
        sentence=f"The network's own function makes {digits(total)} of {counted(len(inputs), 'value')}: no plain sum.",
    )
