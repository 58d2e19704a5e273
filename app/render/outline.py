"""A network as a small true drawing: a box per layer, to one scale for all networks, with branches and skips."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from app.explain.network import Network
from app.explain.node import Node

LAYERS = {"convolution": "convolution", "transposed_convolution": "convolution", "linear": "linear"}
POOLS = {"max_pool", "average_pool", "adaptive_average_pool", "adaptive_max_pool"}

HEIGHT = 2.6
"""Height of a box per square root of its maps' side."""
WIDTH = 0.14
"""Width of a layer's box per square root of its units."""
THINNEST, JOIN, GAP, LANE_GAP = 1.2, 1.0, 0.9, 2.0
ARC, HIGHEST_ARC = 0.35, 9.0


@dataclass(frozen=True)
class Box:
    """One drawn layer: the column it stands in, counted from the input, and its lane among those side by side."""

    node: str
    kind: str
    width: float
    height: float
    sources: tuple[str, ...]
    column: int
    lane: int = 0


def outline(network: Network) -> dict[str, Any]:
    """The drawing, in units that are the same for all networks: height ∝ √side of the maps, width ∝ √units.

    Returns `width` and `height`, `boxes` (x, y, width, height, kind, node; in order of computation) and `links`, paths
    of SVG for what branches, joins and skips. Kinds are input, convolution, linear, pool, gate and join.
    """
    boxes = in_lanes(drawn(network.nodes))
    columns = column_places(boxes.values())
    middles = middle_lines(boxes.values())
    placed = {
        name: (columns[box.column], middles[box.column, box.lane] - box.height / 2, box.width, box.height)
        for name, box in boxes.items()
    }
    links = [link(boxes, placed, source, name) for name, box in boxes.items() for source in box.sources]
    arcs = HIGHEST_ARC * 0.75
    top = min(y for _, y, _, _ in placed.values()) - arcs
    return {
        "width": rounded(max(x + width for x, _, width, _ in placed.values())),
        "height": rounded(max(y + height for _, y, _, height in placed.values()) - top),
        "top": rounded(top),
        "boxes": [[*map(rounded, placed[name]), box.kind, box.node] for name, box in boxes.items()],
        "links": [path for path in links if path],
    }


def drawn(nodes: Mapping[str, Node]) -> dict[str, Box]:
    """A box for each layer with weights, each pooling and each join; what lies between them is passed through."""
    gates = gate_nodes(nodes)
    sources: dict[str, tuple[str, ...]] = {}
    boxes: dict[str, Box] = {}
    for name, node in nodes.items():
        before = tuple(dict.fromkeys(source for other in node.inputs for source in sources[other]))
        kind = kind_of(node, before, name in gates)
        if kind is None or (kind == "gate" and boxes[before[0]].kind == "gate"):
            sources[name] = before
            continue
        column = 1 + max((boxes[source].column for source in before), default=-1)
        boxes[name] = Box(name, kind, width_of(node, kind), height_of(node), before, column)
        sources[name] = (name,)
    return boxes


def kind_of(node: Node, sources: Sequence[str], gate: bool) -> str | None:
    """What a node is drawn as; None where it is not drawn."""
    if gate:
        return "gate"
    if node.operation == "input":
        return "input"
    if node.operation in POOLS:
        return "pool"
    return LAYERS.get(node.operation) or ("join" if len(sources) > 1 else None)


def gate_nodes(nodes: Mapping[str, Node]) -> set[str]:
    """The nodes of squeeze-excite gates: what lies between a map and the single numbers that it is multiplied with."""
    found: set[str] = set()
    for node in nodes.values():
        if node.operation != "multiply" or not node.spatial:
            continue
        for name in node.inputs:
            while nodes[name].spatial and nodes[name].shape[1:] == (1, 1) != node.shape[1:]:
                found.add(name)
                name = nodes[name].inputs[0]
    return found


def width_of(node: Node, kind: str) -> float:
    return JOIN if kind in {"join", "gate", "pool", "input"} else max(THINNEST, WIDTH * sqrt(node.units))


def height_of(node: Node) -> float:
    return HEIGHT * sqrt(max(node.shape[1:], default=1))


def in_lanes(boxes: dict[str, Box]) -> dict[str, Box]:
    """Gives each box the lane of what it reads, or the next that is free in its column."""
    taken: set[tuple[int, int]] = set()
    placed: dict[str, Box] = {}
    for name, box in boxes.items():
        lane = placed[box.sources[0]].lane if box.sources and box.kind != "join" else 0
        while (box.column, lane) in taken:
            lane += 1
        taken.add((box.column, lane))
        placed[name] = replace(box, lane=lane)
    return placed


def column_places(boxes: Iterable[Box]) -> list[float]:
    """The left edge of each column, as wide as its widest box."""
    widths: dict[int, float] = {}
    for box in boxes:
        widths[box.column] = max(widths.get(box.column, 0), box.width)
    places, x = [], 0.0
    for column in range(len(widths)):
        places.append(x)
        x += widths[column] + GAP
    return places


def middle_lines(boxes: Iterable[Box]) -> dict[tuple[int, int], float]:
    """The middle line of each lane in each column: lanes side by side stand around that of the whole, at zero."""
    columns: dict[int, list[Box]] = {}
    for box in boxes:
        columns.setdefault(box.column, []).append(box)
    lines: dict[tuple[int, int], float] = {}
    stretch: list[Box] = []
    for column in range(len(columns) + 1):
        here = columns.get(column, [])
        if max((box.lane for box in here), default=0) > 0:
            stretch += here
            continue
        lines |= lanes_of(stretch)
        stretch = []
        lines[column, 0] = 0.0
    return lines


def lanes_of(stretch: Sequence[Box]) -> dict[tuple[int, int], float]:
    """The middle lines of a stretch of columns with lanes side by side."""
    heights: dict[int, float] = {}
    for box in stretch:
        heights[box.lane] = max(heights.get(box.lane, 0), box.height)
    y = -(sum(heights.values()) + LANE_GAP * (len(heights) - 1)) / 2
    middles: dict[int, float] = {}
    for lane in sorted(heights):
        middles[lane] = y + heights[lane] / 2
        y += heights[lane] + LANE_GAP
    return {(box.column, box.lane): middles[box.lane] for box in stretch}


def link(
    boxes: Mapping[str, Box], placed: Mapping[str, tuple[float, float, float, float]], source: str, target: str
) -> str | None:
    """The path from a box to one that reads it: an arc over what is skipped; nothing where they are neighbours."""
    first, second = boxes[source], boxes[target]
    x1, y1, width, height = placed[source]
    x2, y2, _, height2 = placed[target]
    from_x, from_y, to_y = x1 + width, y1 + height / 2, y2 + height2 / 2
    skips = any(
        first.column < box.column < second.column and box.lane == first.lane and first.lane == second.lane
        for box in boxes.values()
    )
    if skips:
        over = min(y1, y2) - min(HIGHEST_ARC, 2 + ARC * (x2 - from_x))
        middle = x1 + width / 2
        return path("M", middle, y1, "C", middle, over, x2 + JOIN / 2, over, x2 + JOIN / 2, y2)
    if second.column - first.column == 1 and abs(from_y - to_y) < 0.05:
        return None
    bend = (from_x + x2) / 2
    return path("M", from_x, from_y, "C", bend, from_y, bend, to_y, x2, to_y)


def path(*parts: str | float) -> str:
    return " ".join(part if isinstance(part, str) else f"{rounded(part):g}" for part in parts)


def rounded(value: float) -> float:
    return round(value, 1)
