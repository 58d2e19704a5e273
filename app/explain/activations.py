"""activations: what every node makes of the picture, streamed as it is computed."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field
from torch import Tensor

from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.statistics import statistics


class ActivationsParams(Params):
    """Which nodes and units are wanted."""

    nodes: list[str] | None = Field(
        default=None, min_length=1, title="Nodes", description="Names of nodes; all of them unless given."
    )
    units: list[int] | None = Field(
        default=None, min_length=1, title="Units", description="Numbers of units of each node; all unless given."
    )


def wanted_nodes(network: Network, params: ActivationsParams) -> list[Node]:
    """The nodes that are asked for, each once, in order of computation.

    Raises:
        UnknownNode: there is none of this name.
        UnknownUnit: one of them has fewer units.
    """
    if params.nodes is None:
        nodes = list(network.nodes.values())
    else:
        names = {network.node(name, "params.nodes").name for name in params.nodes}
        nodes = [node for node in network.nodes.values() if node.name in names]
    for node in nodes:
        for unit in params.units or ():
            network.unit(node, unit)
    return nodes


def memory(network: Network, params: ActivationsParams) -> int:
    """Bytes of the values that are kept, and of one pass's largest."""
    nodes = wanted_nodes(network, params)
    return 4 * sum(node.size for node in nodes) + 12 * max(node.size for node in network.nodes.values())


@method(
    "activations",
    title="Activations",
    source="Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks",
    batch=True,
    memory=memory,
)
def activations(network: Network, image: Tensor, params: ActivationsParams) -> Iterator[Frame]:
    """The values of every node, or of some nodes and units, one array per node, as soon as it is computed.

    With `units`, the first axis of each array, and what is told per unit, count those units in the order asked.

    Yields one array per node, named as the node, units × rows × columns, or units for a dense node; values
    `statistics`, by node: range, histogram, order by strength, dead units, non-finite values, and of maps each unit's
    min, max, mean, variance, share of zeros and norm.

    Raises:
        UnknownNode, UnknownUnit: there is none of this name or number.
    """
    nodes = wanted_nodes(network, params)
    names = [node.name for node in nodes]

    def summary(node: Node, values: Tensor) -> list[dict[str, Any]]:
        if node.name not in names:
            return [{}] * len(values)
        return statistics(node, values if params.units is None else values[:, params.units])

    step = 0
    for node, value, summed_up in network.summed_up(image, summary, names):
        if node.name in names:
            step += 1
            chosen = value[0] if params.units is None else value[0, params.units]
            yield Frame(
                node.name,
                chosen,
                axes_of(node),
                node.kind,
                node=node.name,
                values={"statistics": {node.name: summed_up}},
                step=step,
                steps=len(nodes),
                extremes=extremes_of(summed_up),
            )


def extremes_of(table: dict[str, Any]) -> tuple[list[float], list[float]] | None:
    """Least and greatest value of each map, where all are finite."""
    return None if table["nonfinite"] or "min" not in table else (table["min"], table["max"])


def axes_of(node: Node) -> tuple[str, ...]:
    """Names of the axes of a node's value."""
    if len(node.shape) <= 3:
        return ("unit", "row", "column")[: len(node.shape)]
    return ("unit", *(f"axis {number}" for number in range(1, len(node.shape))))
