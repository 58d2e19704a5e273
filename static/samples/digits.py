"""Handwritten digits, white on black: strokes of a soft pen along smooth curves."""

from itertools import pairwise

import numpy as np
from brush import Canvas, capsule, smooth
from PIL import Image

Stroke = list[tuple[float, float]]

STROKES: dict[int, list[Stroke]] = {
    2: [[(-0.34, -0.34), (-0.12, -0.58), (0.18, -0.52), (0.26, -0.24), (0.06, 0.1), (-0.36, 0.54), (-0.4, 0.52),
         (-0.1, 0.46), (0.4, 0.54)]],
    3: [[(-0.3, -0.48), (0.02, -0.62), (0.3, -0.44), (0.16, -0.14), (-0.08, -0.04), (0.22, 0.06), (0.34, 0.34),
         (0.06, 0.6), (-0.32, 0.48)]],
    4: [[(-0.18, -0.58), (-0.28, -0.2), (-0.36, 0.08), (-0.06, 0.1), (0.4, 0.02)],
        [(0.2, -0.6), (0.16, -0.1), (0.1, 0.62)]],
    7: [[(-0.38, -0.5), (0.0, -0.54), (0.36, -0.54), (0.26, -0.24), (0.06, 0.14), (-0.08, 0.6)]],
    8: [[(0.26, -0.46), (0.0, -0.62), (-0.26, -0.44), (-0.14, -0.16), (0.14, 0.06), (0.26, 0.36), (0.0, 0.6),
         (-0.26, 0.38), (-0.08, 0.06), (0.2, -0.2), (0.28, -0.46)]],
}  # fmt: skip


def digit(value: int, side: int = 56) -> Image.Image:
    """A digit; the pen presses harder in the middle of a stroke."""
    c = Canvas(side)
    ink = np.full_like(c.x, np.inf)
    for stroke in STROKES[value]:
        path = along(stroke)
        for index, (start, end) in enumerate(pairwise(path)):
            pressure = 0.068 + 0.03 * np.sin(np.pi * index / len(path))
            ink = np.minimum(ink, capsule(c.x, c.y, start, end, float(pressure)))
    c.paint((1.0, 1.0, 1.0), None, smooth(0.5 - ink / 0.05))
    return c.image()


def along(points: Stroke, steps: int = 10) -> Stroke:
    """A smooth open line through points (Catmull and Rom's spline)."""
    ends = [points[0], *points, points[-1]]
    path: Stroke = []
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for t in np.linspace(0, 1, steps, endpoint=False):
            place = [
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
            ]
            path.append((float(place[0]), float(place[1])))
    return [*path, points[-1]]
