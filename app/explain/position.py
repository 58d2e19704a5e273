"""One value of a node: where it stands, and where it stood before maps were laid out in a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from app.explain.errors import AskError
from app.explain.network import Network
from app.explain.node import Node

KEEPS_ORDER = {"flatten", "reshape", "squeeze", "unsqueeze"}
"""Operations that give values other axes but leave them in the same order."""

KEEPS_PLACE = {
    "dropout", "identity", "batch_norm", "relu", "relu6", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid",
    "hardswish", "hardsigmoid", "clip",
}  # fmt: skip
"""Operations whose every value depends on the one at its own place alone."""


@dataclass(frozen=True)
class Position:
    """One value of a node. A dense node's has row and column 0."""

    node: str
    unit: int
    row: int = 0
    column: int = 0

    @classmethod
    def at(cls, node: str, index: Iterable[int]) -> "Position":
        """The position that stands at an index of a node's value without the batch."""
        return cls(node, *tuple(index)[:3])

    def index(self, dimensions: int) -> tuple[int, ...]:
        """Where it stands in the node's value without the batch."""
        return (self.unit, self.row, self.column)[:dimensions]


def position(network: Network, node: Node, unit: int, row: int | None, column: int | None) -> Position:
    """A checked position; the middle row and column unless given.

    Raises:
        UnknownUnit: the node has no such unit.
        AskError: it has no such row or column.
    """
    network.unit(node, unit, "params.unit")
    if len(node.shape) > 3:
        axes = len(node.shape)
        detail = f"The values of {node.name} have {axes} axes; a value is found by unit, row and column."
        raise AskError(detail, "params.node")
    rows, columns = (*node.shape[1:], 1, 1)[:2]
    return Position(
        node.name, unit, place(node, row, rows, "row", "rows"), place(node, column, columns, "column", "columns")
    )


def place(node: Node, given: int | None, count: int, one: str, many: str) -> int:
    """A row or column, checked; the middle one where none is given."""
    if given is None:
        return count // 2
    if 0 <= given < count:
        return given
    right = (
        f"its {count} {many} count from 0 to {count - 1}" if count > 1 else f"it has but one, so that {one} 0 is right"
    )
    raise AskError(f"{node.name} has no {one} {given}: {right}.", f"params.{one}")


def origin(network: Network, value: Position) -> Position:
    """Follows an entry of a flattened node back to its place on the map; any other value is its own origin."""
    node = network.nodes[value.node]
    while not node.spatial and len(node.inputs) == 1:
        before = network.nodes[node.inputs[0]]
        if node.operation in KEEPS_ORDER and before.size == node.size:
            value = unravelled(before, ravelled(node, value))
        elif node.operation in KEEPS_PLACE and before.shape == node.shape:
            value = Position(before.name, value.unit, value.row, value.column)
        else:
            break
        node = before
    return value


def ravelled(node: Node, value: Position) -> int:
    """How many of the node's values stand before this one."""
    index = value.index(len(node.shape))
    return sum(i * prod(node.shape[axis + 1 :]) for axis, i in enumerate(index))


def unravelled(node: Node, flat: int) -> Position:
    """The position of the value that has `flat` values before it."""
    index = []
    for axis in range(len(node.shape)):
        step = prod(node.shape[axis + 1 :])
        index.append(flat // step)
        flat %= step
    return Position.at(node.name, index)
