"""Operations that rescale a value by statistics: batch, instance, group, layer and local response normalisation."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from app.explain.parts.breakdown import Breakdown, Terms, digits, named
from app.explain.parts.call import Call
from app.explain.position import Position

FORMULA = "y = γ · (x − μ) / √(σ² + ε) + β"


def batch_norm(call: Call) -> Breakdown:
    """y = γ · (x − μ) / √(σ² + ε) + β with the unit's learned mean and variance; with its map's where none are kept."""
    mean, variance = call.parameter("running_mean", 1), call.parameter("running_var", 2)
    unit = call.position.unit
    if mean is None or variance is None:
        return over_values(call, call.input[unit], unit, "its map", (3, 4))
    return rescaled(call, mean[unit], variance[unit], unit, "the training pictures", (3, 4))


def instance_norm(call: Call) -> Breakdown:
    """y = γ · (x − μ) / √(σ² + ε) + β over the value's own map."""
    return over_values(call, call.input[call.position.unit], call.position.unit, "its map", (3, 4))


def group_norm(call: Call) -> Breakdown:
    """y = γ · (x − μ) / √(σ² + ε) + β over all maps of the value's group."""
    size = call.node.units // int(call.parameter("num_groups", 1))
    first = call.position.unit // size * size
    return over_values(
        call, call.input[first : first + size], call.position.unit, f"the {size} maps of its group", (2, 3)
    )


def layer_norm(call: Call) -> Breakdown:
    """y = γ · (x − μ) / √(σ² + ε) + β over the axes that the layer names."""
    shape = tuple(call.parameter("normalized_shape", 1))
    kept = call.index[: len(call.index) - len(shape)]
    within = list(call.index[len(kept) :])
    flat = ravelled(within, shape)
    return over_values(call, call.input[kept], flat, f"{prod(shape)} values", (2, 3))


def over_values(call: Call, values: Tensor, parameter: int, of_what: str, places: tuple[int, int]) -> Breakdown:
    """A value rescaled by the mean and variance of the values around it."""
    return rescaled(call, values.mean(), values.var(correction=0), parameter, of_what, places)


def rescaled(
    call: Call, mean: Tensor, variance: Tensor, parameter: int, of_what: str, places: tuple[int, int]
) -> Breakdown:
    """A value rescaled: a product with γ / √(σ² + ε), and a constant β − γ·μ / √(σ² + ε).

    Args:
        call: the operation.
        mean: μ.
        variance: σ².
        parameter: which of the learned γ and β belong to the value.
        of_what: what the mean is of, in words.
        places: where a function is given γ and β.
    """
    gamma, beta = (call.parameter(name, at) for name, at in zip(("weight", "bias"), places, strict=True))
    scale = torch.tensor(1.0, dtype=torch.float64) if gamma is None else gamma.flatten()[parameter]
    shift = torch.tensor(0.0, dtype=torch.float64) if beta is None else beta.flatten()[parameter]
    epsilon = float(call.node.details.get("eps") or 1e-5)
    weight = scale / (variance + epsilon).sqrt()
    bias = shift - weight * mean
    x, place = call.input[call.index], Position(call.source.name, *call.index)
    y = weight * x + bias
    facts = {"mean": mean, "variance": variance, "epsilon": epsilon, "scale": scale, "shift": shift}
    return Breakdown(
        terms=Terms((weight * x).reshape(1), x.reshape(1), lambda _: place, weight.reshape(1)),
        total=float(y),
        bias=float(bias),
        formula=FORMULA,
        sentence=(
            f"The value {digits(x)} of {named(call.network, place)}, less the mean {digits(mean)} of {of_what}, "
            f"divided by the deviation {digits((variance + epsilon).sqrt())}, times {digits(scale)}, plus "
            f"{digits(shift)}: {digits(y)}."
        ),
        facts={name: float(value) for name, value in facts.items()},
    )


def local_response_norm(call: Call) -> Breakdown:
    """y = x / (k + α/n · Σ x_j²)^β, j over the n units around x at the same place (Krizhevsky et al. 2012, §3.3)."""
    size = int(call.parameter("size", 1))
    defaults = {"alpha": (2, 1e-4), "beta": (3, 0.75), "k": (4, 1.0)}
    alpha, beta, k = (
        default if call.parameter(name, at) is None else float(call.parameter(name, at))
        for name, (at, default) in defaults.items()
    )
    unit, *place = call.index
    units = range(max(0, unit - size // 2), min(call.node.units, unit + (size - 1) // 2 + 1))
    x = call.input[call.index]
    neighbours = call.input[units.start : units.stop].flatten(1)[:, ravelled(place, call.input.shape[1:])]
    denominator = (k + alpha / size * neighbours.square().sum()) ** beta
    y = x / denominator

    def locate(i: int) -> Position:
        return Position.at(call.source.name, (units[i], *place))

    return Breakdown(
        terms=Terms(neighbours.square(), neighbours, locate),
        total=float(y),
        formula="y = x / (k + α/n · Σ x_j²)^β",
        sentence=(
            f"The value {digits(x)}, divided by {digits(denominator)}, which grows with the squares of the "
            f"{len(units)} units around it: {digits(y)}."
        ),
        facts={"x": float(x), "n": size, "alpha": alpha, "beta": beta, "k": k, "denominator": float(denominator)},
    )


def ravelled(index: Sequence[int], shape: Sequence[int]) -> int:
    """How many values stand before an index."""
    return sum(i * prod(shape[axis + 1 :]) for axis, i in enumerate(index))
