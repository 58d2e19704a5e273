"""arithmetic: one value of the network taken apart, down to the pixels."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field
from torch import Tensor

from app.explain.method import Frame, Kind, Params, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import number
from app.explain.parts import combined, normalised, weighted
from app.explain.parts.breakdown import COLOURS, Breakdown, digits
from app.explain.parts.call import captured
from app.explain.parts.pointwise import FORMULAS, pointwise
from app.explain.position import Position, position

BREAKDOWNS: dict[str, Callable[..., Breakdown]] = {
    "convolution": weighted.convolution,
    "transposed_convolution": weighted.transposed_convolution,
    "linear": weighted.linear,
    "batch_norm": normalised.batch_norm,
    "instance_norm": normalised.instance_norm,
    "layer_norm": normalised.layer_norm,
    "group_norm": normalised.group_norm,
    "local_response_norm": normalised.local_response_norm,
    **dict.fromkeys(FORMULAS, pointwise),
    "max_pool": combined.maximum,
    "adaptive_max_pool": combined.maximum,
    "multiply": combined.multiply,
    "divide": combined.divide,
    "matmul": combined.anything,
    "softmax": combined.softmax,
    "log_softmax": combined.log_softmax,
    **dict.fromkeys(
        (
            *(
                "average_pool",
                "adaptive_average_pool",
                "mean",
                "add",
                "subtract",
                "concat",
                "slice",
                "flatten",
                "reshape",
            ),
            *("squeeze", "unsqueeze", "transpose", "pad", "dropout", "identity", "resize"),
        ),
        combined.affine,
    ),
}
"""How a value of each operation is taken apart; any other operation by `combined.anything`."""


class ArithmeticParams(Params):
    """Which value, and how much of its sum is told."""

    node: str = Field(title="Node")
    unit: int = Field(default=0, title="Unit")
    row: int | None = Field(default=None, title="Row", description="The middle one unless given.")
    column: int | None = Field(default=None, title="Column", description="The middle one unless given.")
    top: int = Field(default=32, ge=1, le=65536, title="Terms listed", description="The largest ones.")


def memory(network: Network, params: ArithmeticParams) -> int:
    """Bytes of the node and what it reads, in float64 with gradients, and of one pass's largest values."""
    node = network.node(params.node)
    own = node.size + sum(network.nodes[name].size for name in node.inputs)
    return 32 * own + 16 * max(other.size for other in network.nodes.values())


@method(
    "arithmetic",
    title="Arithmetic",
    source="Wang et al. 2020, CNN Explainer: Learning Convolutional Neural Networks with Interactive Visualization",
    memory=memory,
)
def arithmetic(network: Network, image: Tensor, params: ArithmeticParams) -> Iterator[Frame]:
    """One value as the sum that it is: every weight times every input, folded by channel, bias, normalisation, winner
    of a pooling, addends of a skip connection; computed in float64 from the inputs that the network computed.

    Values: the place and `value`; `terms`, the `top` largest, and `count`, how many there are; `groups`, the terms
    folded by input channel; `bias`; `sum`, what all come to, and its `difference` from the value; `formula` and
    `sentence`; `facts`, the other numbers of the formula; `window`, where it looks; of an input value `pixel`. A term
    that names a node can be asked in turn. Convolutions also give the arrays `window`, `weights` and `products`,
    poolings `window`.

    Raises:
        UnknownNode, UnknownUnit, AskError: there is no such node, unit, row or column.
    """
    node = network.node(params.node)
    place = position(network, node, params.unit, params.row, params.column)
    if node.operation == "input":
        value = float(next(network.run(image, until=node.name))[1][(0, *place.index(len(node.shape)))])
        broken, facts = pixel(network, value, place)
    else:
        call = captured(network, image, node, place)
        value, broken, facts = call.value, BREAKDOWNS.get(node.operation, combined.anything)(call), {}
    values = {**told(network, node, place, value, broken, params.top), **facts}
    if not broken.arrays:
        yield Frame("arithmetic", values=values, node=node.name)
    for step, (name, array) in enumerate(broken.arrays.items(), 1):
        shown = values if step == 1 else {}
        kind: Kind = "weight" if name == "weights" else "signed"
        if name == "window":
            kind = network.nodes[node.inputs[0]].kind
        axes = ("input", "row", "column")
        yield Frame(name, array.float(), axes, kind, node=node.name, values=shown, step=step, steps=len(broken.arrays))


def told(network: Network, node: Node, place: Position, value: float, broken: Breakdown, top: int) -> dict[str, Any]:
    """A breakdown as a table."""
    terms = broken.terms
    table: dict[str, Any] = {
        **vars(place),
        "operation": node.operation,
        "value": number(value),
        "terms": [] if terms is None else terms.table(network, top),
        "count": 0 if terms is None else len(terms.values),
        "groups": broken.groups,
        "sum": number(broken.total),
        "difference": number(broken.total - value),
        "formula": broken.formula,
        "sentence": broken.sentence,
        "facts": {name: number(fact) if isinstance(fact, float) else fact for name, fact in broken.facts.items()},
    }
    if broken.bias is not None:
        table["bias"] = number(broken.bias)
    if broken.window is not None:
        table["window"] = broken.window
    return table


def pixel(network: Network, value: float, place: Position) -> tuple[Breakdown, dict[str, Any]]:
    """An input value as the pixel that it was: y = (byte / 255 − mean) / std."""
    units = network.input_shape[0]
    colours = COLOURS.get(units, ()) if len(network.input_shape) == 3 else ()
    colour = colours[place.unit] if colours else f"channel {place.unit}"
    where = {"row": place.row, "column": place.column, "colour": colour}
    preprocessing = network.preprocessing
    if preprocessing is None or len(preprocessing.mean) != units:
        sentence = f"The {colour} of the input at row {place.row}, column {place.column}: {digits(value)}."
        return Breakdown(None, value, "y = x", sentence), {"pixel": where}
    mean, std = preprocessing.mean[place.unit], preprocessing.std[place.unit]
    byte = 255 * (value * std + mean)
    # What came from a picture is a whole number, but for the rounding of float32.
    byte = round(byte) if abs(byte - round(byte)) < 1e-3 else byte
    total = (byte / 255 - mean) / std
    sentence = (
        f"The {colour} of the pixel in row {place.row}, column {place.column} is {digits(byte)} of 255, and so "
        f"{digits(total)} for the network."
    )
    broken = Breakdown(None, total, "y = (byte / 255 − mean) / std", sentence, facts={"mean": mean, "std": std})
    return broken, {"pixel": {**where, "byte": byte}}
