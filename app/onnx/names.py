"""Names of layers out of a file's names of nodes: safe, unique, and the framework's own where they show."""

import re
from collections import Counter

from torch import nn

from app.onnx.messages import NodeMessage

LONGEST_PART = 48
MOST_PARTS = 12
TAKEN = {*dir(nn.Sequential()), "input"}
"""What a layer cannot be called, since every module has something of that name, or the network itself does."""


def paths(nodes: list[NodeMessage]) -> list[str]:
    """One path of parts joined by dots for each node; none is another's beginning.

    torch's exporter writes `/layer1/layer1.0/conv1/Conv` for what the network calls `layer1.0.conv1`, and its newer one
    lists the blocks beside the name: that is given back. Others keep their own names, with the characters that no name
    may have replaced.
    """
    wanted = [scoped(node) for node in nodes]
    beginnings = Counter(path[:length] for path in wanted for length in range(1, len(path) + 1))
    shortened = [
        path[:-1] if len(path) > 1 and path[-1] == node.operation and beginnings[path[:-1]] == 1 else path
        for path, node in zip(wanted, nodes, strict=True)
    ]
    blocks = {path[:length] for path in shortened for length in range(1, len(path))}
    taken: set[tuple[str, ...]] = set(blocks)
    unique = []
    counts: Counter[tuple[str, ...]] = Counter()
    for path in shortened:
        name = path
        while name in taken:
            counts[path] += 1
            name = (*path[:-1], f"{path[-1]}_{counts[path]}")
        taken.add(name)
        unique.append(".".join(name))
    return unique


def scoped(node: NodeMessage) -> tuple[str, ...]:
    """A node's name as the blocks that hold it and its own, all safe; its output's or operation's where it has none."""
    if len(scopes := re.findall(r"'([^']*)'", node.scopes)) > 1:
        # Where a normalisation is folded into a convolution, its weights still have the convolution's name.
        weight = next((name for name in node.inputs[1:] if name.endswith(".weight")), "")
        block = weight.removesuffix(".weight") or scopes[-2]
        parts = [safe(piece) for piece in block.split(".") if piece]
        return (*parts[-MOST_PARTS:], safe(node.operation) or "node")
    output = node.outputs[0] if node.outputs else ""
    name = node.name or ("" if output.isdigit() else output) or node.operation
    found: list[str] = []
    scope = ""
    for part in name.split("/"):
        # torch repeats the block before: layer1/layer1.0.
        inner = part.removeprefix(f"{scope}.") if scope else part
        scope = part
        found += [safe(piece) for piece in inner.split(".")]
    parts = [piece for piece in found if piece]
    return tuple(parts[-MOST_PARTS:]) or (safe(node.operation) or "node",)


def safe(part: str) -> str:
    """A part of a name, of letters, digits, _ and - alone."""
    cleaned = re.sub(r"[^\w-]+", "_", part).strip("_")[:LONGEST_PART] if part else ""
    return f"{cleaned}_" if cleaned in TAKEN else cleaned
