"""A canvas on which shapes are painted as soft masks, and light that makes them round.

Coordinates run from −1 to 1, x to the right and y down. A shape is a distance: negative inside, positive outside,
in the same unit. Everything is painted `OVERSAMPLING` times too large and averaged down in the end.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float64]
Colour = tuple[float, float, float] | Field

OVERSAMPLING = 3


def rgb(code: str) -> tuple[float, float, float]:
    """A colour from its six hexadecimal digits."""
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


class Canvas:
    """A square picture, `side` pixels wide when it is done; `x` and `y` are the coordinates of its points."""

    def __init__(self, side: int, seed: int = 0) -> None:
        self.side = side
        points = side * OVERSAMPLING
        line = (np.arange(points) + 0.5) / points * 2 - 1
        self.x, self.y = np.meshgrid(line, line)
        self.pixels = np.zeros((points, points, 3))
        self.random = np.random.default_rng(seed)

    def paint(
        self, colour: Colour, shape: Field | None = None, opacity: float | Field = 1.0, soft: float = 0.0
    ) -> None:
        """Lays a colour over a shape, or over everything; `soft` is the width over which its edge fades."""
        edge = max(soft, 2.0 / self.side / OVERSAMPLING)
        mask = np.ones_like(self.x) if shape is None else smooth(0.5 - shape / edge)
        alpha = (mask * opacity)[..., None]
        self.pixels += (np.asarray(colour) - self.pixels) * alpha

    def shade(self, shape: Field, amount: float, soft: float) -> None:
        """Darkens where a shadow of this shape falls."""
        self.paint((0.0, 0.0, 0.0), shape, amount, soft)

    def noise(self, cells: float, octaves: int = 4, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
        """Smooth random hills between −1 and 1, `cells` of them side by side; each octave adds finer ones."""
        total, weight = np.zeros_like(self.x), 0.0
        for octave in range(octaves):
            frequency = cells * 2**octave
            total += self._hills(frequency * stretch[0], frequency * stretch[1]) * 0.5**octave
            weight += 0.5**octave
        return total / weight

    def _hills(self, across: float, down: float) -> Field:
        columns, rows = int(across) + 3, int(down) + 3
        heights = self.random.uniform(-1, 1, (rows, columns))
        u, v = (self.x + 1) / 2 * across, (self.y + 1) / 2 * down
        i, j = np.minimum(u.astype(int), columns - 2), np.minimum(v.astype(int), rows - 2)
        s, t = smooth(u - i), smooth(v - j)
        upper = heights[j, i] * (1 - s) + heights[j, i + 1] * s
        lower = heights[j + 1, i] * (1 - s) + heights[j + 1, i + 1] * s
        result: Field = upper * (1 - t) + lower * t
        return result

    def image(self) -> Image.Image:
        """The picture, averaged down to its side."""
        points = (np.clip(self.pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
        return Image.fromarray(points).resize((self.side, self.side), Image.Resampling.BOX)


def smooth(value: Field) -> Field:
    """From 0 to 1 with level ends, where the value does so straight."""
    t = np.clip(value, 0, 1)
    result: Field = t * t * (3 - 2 * t)
    return result


def mix(first: Colour, second: Colour, share: Field) -> Field:
    """A colour between two: the first where the share is 0, the second where it is 1."""
    share = np.clip(share, 0, 1)[..., None]
    result: Field = np.asarray(first) * (1 - share) + np.asarray(second) * share
    return result


def ellipse(x: Field, y: Field, centre: tuple[float, float], radii: tuple[float, float], turn: float = 0.0) -> Field:
    """An ellipse; `turn` in degrees, clockwise."""
    u, v = turned(x - centre[0], y - centre[1], turn)
    return (np.hypot(u / radii[0], v / radii[1]) - 1) * min(radii)


def box(x: Field, y: Field, centre: tuple[float, float], half: tuple[float, float], round_by: float = 0.0) -> Field:
    """A rectangle by half its width and height, its corners rounded."""
    u, v = np.abs(x - centre[0]) - half[0] + round_by, np.abs(y - centre[1]) - half[1] + round_by
    outside: Field = np.hypot(np.maximum(u, 0), np.maximum(v, 0)) + np.minimum(np.maximum(u, v), 0) - round_by
    return outside


def capsule(x: Field, y: Field, start: tuple[float, float], end: tuple[float, float], radius: float) -> Field:
    """A line from start to end with round ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    result: Field = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy) - radius
    return result


def polygon(x: Field, y: Field, corners: list[tuple[float, float]], round_by: float = 0.0) -> Field:
    """A polygon by its corners, grown by `round_by` with round corners."""
    distance = np.full_like(x, np.inf)
    inside = np.zeros_like(x, bool)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        distance = np.minimum(distance, capsule(x, y, (ax, ay), (bx, by), 0.0))
        crosses = (ay > y) != (by > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return np.where(inside, -distance, distance) - round_by


def curve(points: list[tuple[float, float]], steps: int = 24) -> list[tuple[float, float]]:
    """A smooth closed outline through points (Catmull and Rom's spline)."""
    result = []
    count = len(points)
    for index in range(count):
        p = [np.array(points[(index + shift) % count]) for shift in (-1, 0, 1, 2)]
        for t in np.linspace(0, 1, steps, endpoint=False):
            bend = 2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]
            turn = -p[0] + 3 * p[1] - 3 * p[2] + p[3]
            x, y = 0.5 * (2 * p[1] + (p[2] - p[0]) * t + bend * t**2 + turn * t**3)
            result.append((float(x), float(y)))
    return result


def turned(x: Field, y: Field, degrees: float) -> tuple[Field, Field]:
    """Coordinates in a frame that is turned clockwise."""
    angle = np.deg2rad(degrees)
    return x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)


def ball(x: Field, y: Field, centre: tuple[float, float], radii: tuple[float, float]) -> tuple[Field, Field, Field]:
    """The normals of an ellipsoid seen from the front; level outside of it."""
    u, v = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    return u, v, np.sqrt(np.clip(1 - u * u - v * v, 0.0, 1))


def bumps(height: Field, strength: float) -> tuple[Field, Field]:
    """How hills tilt the normals of what they lie on."""
    down, across = np.gradient(height)
    return -across * strength, -down * strength


def lit(
    colour: Colour,
    normal: tuple[Field, Field, Field],
    gloss: float = 0.5,
    sharpness: float = 40.0,
    ambient: float = 0.35,
) -> Field:
    """A colour under a lamp that stands above the left shoulder: Lambert's light and Blinn's highlight."""
    length = np.sqrt(sum(part * part for part in normal)) + 1e-9
    nx, ny, nz = (part / length for part in normal)
    diffuse = np.clip(nx * -0.45 + ny * -0.6 + nz * 0.66, 0, 1)
    shine = np.clip(nx * -0.247 + ny * -0.329 + nz * 0.911, 0, 1) ** sharpness * gloss
    light = (ambient + (1.05 - ambient) * diffuse)[..., None]
    result: Field = np.asarray(colour) * light + shine[..., None]
    return result
