"""Which of a file's nodes are needed, and whether they can be computed one after the other."""

from app.onnx.errors import BadOnnx, quoted
from app.onnx.messages import GraphMessage, NodeMessage


def needed(graph: GraphMessage, output: str) -> list[NodeMessage]:
    """The nodes that an output depends on, in their order.

    Raises:
        BadOnnx: they are in no order of computation.
    """
    made = makers(graph)
    known = {value.name for value in graph.inputs} | {message.name for message in graph.tensors}
    wanted: set[int] = set()
    ahead = [output]
    while ahead:
        name = ahead.pop()
        maker = made.get(name)
        if maker is None and name not in known:
            raise BadOnnx(f"Nothing in the file makes the value {quoted(name)}, which is read.")
        if maker is None or maker in wanted:
            continue
        wanted.add(maker)
        reader = graph.nodes[maker]
        for read in reads(reader):
            if made.get(read, -1) >= maker:
                raise BadOnnx(
                    f"The node {quoted(reader.name)} ({reader.operation[:40]}) reads {quoted(read)}, which no node "
                    "before it makes: nodes stand in the order of computation, without cycles."
                )
            ahead.append(read)
    return [node for i, node in enumerate(graph.nodes) if i in wanted]


def makers(graph: GraphMessage) -> dict[str, int]:
    """Which node makes each value."""
    stored = {message.name for message in graph.tensors}
    made: dict[str, int] = {}
    for i, node in enumerate(graph.nodes):
        for name in filter(None, node.outputs):
            if name in made or name in stored:
                raise BadOnnx(f"The value {quoted(name)} is made twice: every name stands for one value.")
            made[name] = i
    return made


def reads(node: NodeMessage) -> set[str]:
    """Names of the values that a node reads, also within its branches."""
    names = {name for name in node.inputs if name}
    for graph in node.attributes.values():
        if isinstance(graph, GraphMessage):
            inner = {value.name for value in graph.outputs}.union(*(reads(other) for other in graph.nodes))
            own = {name for other in graph.nodes for name in other.outputs} | {
                message.name for message in graph.tensors
            }
            names |= inner - own
    return names
