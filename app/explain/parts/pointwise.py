"""Operations that look at one value alone: the activation functions."""

from app.explain.parts.breakdown import Breakdown, Terms, digits, named
from app.explain.parts.call import Call
from app.explain.position import Position

FORMULAS = {
    "relu": "y = max(0, x)",
    "clip": "y = min(max(a, x), b)",
    "relu6": "y = min(max(0, x), 6)",
    "leaky_relu": "y = x if x > 0 else a·x",
    "elu": "y = x if x > 0 else a·(eˣ − 1)",
    "silu": "y = x / (1 + e⁻ˣ)",
    "gelu": "y = x·Φ(x), Φ the normal distribution's share below x",
    "tanh": "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
    "sigmoid": "y = 1 / (1 + e⁻ˣ)",
    "hardswish": "y = x · min(max(0, x + 3), 6) / 6",
    "hardsigmoid": "y = min(max(0, x + 3), 6) / 6",
}


def pointwise(call: Call) -> Breakdown:
    """y = f(x), x the value at the same place of the node that is read."""
    place = Position(call.source.name, *call.index)
    x = call.input[call.index]
    y = call.evaluate(call.inputs)
    told = named(call.network, place)
    if call.node.operation == "relu":
        verb = "is positive and passes" if x > 0 else "is not positive and becomes 0"
        sentence = f"The value {digits(x)} of {told} {verb}."
    else:
        sentence = f"The function makes {digits(y)} of the value {digits(x)} of {told}."
    return Breakdown(
        terms=Terms(y.reshape(1), x.reshape(1), lambda _: place),
        total=float(y),
        formula=FORMULAS[call.node.operation],
        sentence=sentence,
    )
