"""What a climb takes: the shape of its pictures, how many climb together, and the memory for that."""

from app.explain.ascent.params import MaxResponseParams
from app.explain.errors import AskError
from app.explain.network import Network
from app.explain.node import Node

# A batch takes at most this many multiply-adds and values in one pass, so that a step is short and memory bounded.
BATCH_MACS = 3_000_000_000
BATCH_VALUES = 100_000_000

Shape = tuple[int, int, int]


def picture_shape(network: Network, node: Node, size: int | None) -> Shape:
    """Shape of one picture, C×H×W.

    Raises:
        AskError: the node cannot be computed from a picture of that size.
    """
    channels, height, width = network.input_shape
    field = node.receptive_field
    if field.whole:
        if size is not None and (size, size) != (height, width):
            raise AskError(
                f"size is {size}, but {node.name} sees the whole input, so that its pictures have the network's own "
                f"{height} × {width} pixels: leave size out.",
                "params.size",
            )
        return channels, height, width
    if size is None:
        return channels, min(height, max(64, 2 * field.size[0])), min(width, max(64, 2 * field.size[1]))
    least = least_side(network, node)
    if size < least:
        raise AskError(
            f"size is {size}, but {node.name} sees {field.size[0]} × {field.size[1]} pixels: a picture of at least "
            f"{least} is needed.",
            "params.size",
        )
    return channels, size, size


def least_side(network: Network, node: Node) -> int:
    """Side of the smallest picture that a node is computed from: its receptive field, at most the network's input."""
    sides = zip(network.input_shape[1:], node.receptive_field.size, strict=True)
    return max(min(side, seen) for side, seen in sides)


def checked(network: Network, params: MaxResponseParams) -> tuple[Node, Shape]:
    """The node that is climbed and the shape of one picture.

    Raises:
        AskError: node, units, objective or size do not go together.
    """
    node = network.node(params.node)
    for unit in params.units:
        network.unit(node, unit)
    if params.objective == "logit" and node.name != network.output:
        raise AskError(
            f"objective is “logit”, which is a class's, so that node must be the last, “{network.output}”; given was "
            f"“{node.name}”. Climb norm, mean or centre there.",
            "params.objective",
        )
    return node, picture_shape(network, node, params.size)


def work(network: Network, node: Node, shape: Shape) -> tuple[int, int]:
    """Multiply-adds and values of one pass from one picture to the node."""
    needed = {node.name}
    for name in reversed(list(network.nodes)):
        if name in needed:
            needed.update(network.nodes[name].inputs)
    area = shape[1] * shape[2] / (network.input_shape[1] * network.input_shape[2])
    macs = sum(network.nodes[name].macs for name in needed)
    return int(area * macs), int(area * sum(network.nodes[name].size for name in needed))


def batch_size(network: Network, node: Node, shape: Shape) -> int:
    """How many pictures climb in one pass."""
    macs, values = work(network, node, shape)
    return max(1, min(BATCH_MACS // max(1, macs), BATCH_VALUES // values))


def memory(network: Network, params: MaxResponseParams) -> int:
    """Bytes for one batch's values and their gradients, the twin's weights, and a few copies of the pictures."""
    node, shape = checked(network, params)
    values = work(network, node, shape)[1] * min(len(params.units), batch_size(network, node, shape))
    pictures = len(params.units) * shape[0] * shape[1] * shape[2]
    return 4 * (3 * values + 12 * pictures) + 2 * network.parameters
