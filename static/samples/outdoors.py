"""Pictures of things on meadows, on roads, at sea and in the air."""

import numpy as np
from brush import Canvas, ball, box, bumps, capsule, curve, ellipse, lit, mix, polygon, rgb, smooth, turned
from PIL import Image


def sky(c: Canvas, top: str, bottom: str, horizon: float, clouds: float = 0.7) -> None:
    """A clear sky with some clouds, down to the horizon."""
    height = (c.y + 1) / (horizon + 1)
    c.paint(mix(rgb(top), rgb(bottom), height))
    banks = smooth(c.noise(2.5, 5, (1, 2.2)) * 1.9 - 0.35) * smooth(1.5 - height)
    c.paint((1.0, 1.0, 1.0), None, banks * clouds)


def ladybug(side: int) -> Image.Image:
    """A ladybird on a leaf."""
    c = Canvas(side, 41)
    x, y = c.x, c.y
    meadow = mix(rgb("5d8f3a"), rgb("2f5a22"), 0.5 + 0.7 * c.noise(3, 2))
    c.paint(mix(meadow, rgb("d8e08a"), smooth(c.noise(2.2, 2) * 2 - 0.4) * 0.5))
    u, v = turned(x, y - 0.1, -14)
    blade = np.abs(v) - 0.86 * np.clip(1 - (u / 1.5) ** 2, 0, 1)
    c.shade(blade - 0.06, 0.5, 0.2)
    side_veins = np.abs((u - np.abs(v) * 0.75) * 4.2 % 1 - 0.5)
    relief = (bumps(c.noise(30, 2), 1.5)[0], v * 0.3 + np.where(side_veins < 0.08, 0.4, 0.0), np.ones_like(x))
    c.paint(lit(mix(rgb("86bf4c"), rgb("589a35"), 0.5 + 0.5 * v), relief, gloss=0.15, sharpness=8, ambient=0.5), blade)
    c.paint(rgb("c6e58d"), np.minimum(np.abs(v) - 0.016, side_veins / 5 - 0.004), 0.7 * (blade < 0), 0.02)
    c.shade(ellipse(x, y, (0.14, 0.26), (0.68, 0.5), -8), 0.6, 0.25)
    for foot in ((-0.62, -0.3), (-0.74, 0.12), (-0.56, 0.6), (0.5, -0.42), (0.7, 0.0), (0.62, 0.5)):
        knee = (foot[0] * 0.78, foot[1] * 0.72)
        c.paint(rgb("15110f"), np.minimum(capsule(x, y, (0, 0.1), knee, 0.035), capsule(x, y, knee, foot, 0.026)))
    for tip in ((-0.36, -0.86), (0.16, -0.92)):
        c.paint(
            rgb("15110f"), np.minimum(capsule(x, y, (-0.1, -0.56), tip, 0.015), np.hypot(x - tip[0], y - tip[1]) - 0.03)
        )
    for centre, radii in (((-0.08, -0.56), (0.24, 0.18)), ((-0.06, -0.38), (0.4, 0.26))):
        c.paint(lit(rgb("1d1917"), ball(x, y, centre, radii), gloss=0.6, sharpness=18), ellipse(x, y, centre, radii))
    for centre in ((-0.3, -0.44), (0.17, -0.46)):
        c.paint((0.97, 0.95, 0.9), ellipse(x, y, centre, (0.09, 0.075), 20), 1.0, 0.02)
    centre, radii = (0.0, 0.12), (0.58, 0.54)
    shell, normal = ellipse(x, y, centre, radii), ball(x, y, centre, radii)
    c.paint(lit(mix(rgb("e8281a"), rgb("c01208"), 0.5 + 0.5 * y), normal, gloss=0.75, sharpness=26, ambient=0.4), shell)
    c.paint(rgb("200605"), np.maximum(np.abs(x - 0.02 * np.sin(y * 3)) - 0.011, shell), 0.9)
    for spot in ((0.0, -0.28), (-0.3, -0.1), (0.3, -0.1), (-0.33, 0.26), (0.33, 0.26), (-0.15, 0.46), (0.15, 0.46)):
        size = 0.13 if spot[0] else 0.1
        dot = np.maximum(ellipse(x, y, spot, (size, size * 0.95)), shell + 0.015)
        c.paint(lit(rgb("171111"), normal, gloss=0.7, sharpness=26, ambient=0.4), dot, 1.0, 0.015)
    c.paint((1, 1, 1), ellipse(x, y, (-0.22, -0.16), (0.16, 0.08), -30), 0.5, 0.12)
    return c.image()


def road(c: Canvas, horizon: float) -> None:
    """A street with a kerb, and trees behind it."""
    y = c.y
    crowns = horizon - 0.2 - 0.16 * c.noise(6, 4, (1, 0.01))
    leaves = mix(rgb("5f8a3e"), rgb("24481f"), 0.5 + 0.8 * c.noise(16, 3))
    c.paint(leaves, np.maximum(crowns - y, y - horizon), 1.0, 0.02)
    c.paint(mix(rgb("84858a"), rgb("4c4d52"), smooth((y - horizon) * 1.2) + 0.25 * c.noise(60, 2)), horizon - y)
    c.paint(rgb("c2beb4"), np.abs(y - horizon - 0.02) - 0.025)


def wheel(c: Canvas, centre: tuple[float, float], radius: float, rim: str = "c9ccd1") -> None:
    """A tyre on its rim, seen from the side."""
    x, y = c.x - centre[0], c.y - centre[1]
    distance, angle = np.hypot(x, y), np.arctan2(y, x)
    c.paint(lit(rgb("1c1c1f"), (x / radius, y / radius, np.full_like(x, 0.6)), gloss=0.1), distance - radius)
    spokes = smooth(0.5 + 2.5 * np.cos(angle * 5)) * 0.75
    c.paint(rgb("2b2c30"), distance - radius * 0.62)
    c.paint(
        lit(rgb(rim), (x, y, np.full_like(x, 0.5)), gloss=0.4),
        distance - radius * 0.58,
        np.maximum(spokes, distance > radius * 0.5),
    )
    c.paint(rgb("ededf0"), distance - radius * 0.14)


def school_bus(side: int) -> Image.Image:
    """A yellow school bus on a street."""
    c = Canvas(side, 51)
    x, y = c.x, c.y
    sky(c, "6fb1e6", "dcebf4", 0.3)
    road(c, 0.36)
    c.shade(ellipse(x, y, (0.0, 0.66), (0.95, 0.09)), 0.75, 0.12)
    yellow = mix(rgb("ffc21a"), rgb("f0a000"), 0.5 + 0.6 * y)
    body = np.minimum(box(x, y, (-0.12, 0.03), (0.78, 0.5), 0.12), box(x, y, (0.76, 0.27), (0.18, 0.26), 0.09))
    c.paint(lit(yellow, (x * 0.1, y * 0.8 - 0.15, np.full_like(x, 0.7)), gloss=0.5, sharpness=14, ambient=0.5), body)
    c.paint(rgb("ffe28a"), np.maximum(np.abs(y + 0.42) - 0.03, body), 0.7, 0.05)
    for left in np.arange(-0.82, 0.35, 0.205):
        pane(c, (float(left) + 0.085, -0.13), (0.085, 0.14))
    pane(c, (0.5, -0.1), (0.1, 0.17))
    c.paint(rgb("17150f"), np.maximum(np.abs(y - 0.12) - 0.022, body))
    c.paint(rgb("17150f"), np.maximum(np.abs(y - 0.34) - 0.018, body))
    c.paint(rgb("17150f"), np.maximum(np.abs(y - 0.45) - 0.012, body))
    c.paint(rgb("17150f"), np.maximum(np.abs(x - 0.62) - 0.006, np.abs(y - 0.12) - 0.4), 0.8 * (body < 0))
    c.paint(rgb("b31b12"), polygon(x, y, octagon((-0.02, 0.23), 0.085)))
    c.paint((1, 1, 1), np.abs(polygon(x, y, octagon((-0.02, 0.23), 0.07))) - 0.004)
    for lamp, colour in (
        ((0.92, 0.3), "fff6d8"),
        ((-0.88, 0.4), "d3301f"),
        ((0.55, -0.42), "ff7a1c"),
        ((-0.8, -0.42), "d3301f"),
    ):
        c.paint(
            lit(rgb(colour), ball(x, y, lamp, (0.04, 0.04)), ambient=0.7), np.hypot(x - lamp[0], y - lamp[1]) - 0.035
        )
    c.paint(rgb("2a2a2c"), box(x, y, (0.0, 0.54), (0.96, 0.03), 0.02))
    for centre in (-0.52, 0.6):
        c.paint(rgb("141414"), np.hypot(x - centre, y - 0.52) - 0.215, 1.0 * (y < 0.56))
        wheel(c, (centre, 0.54), 0.18, "8d8f93")
    return c.image()


def pane(c: Canvas, centre: tuple[float, float], half: tuple[float, float]) -> None:
    """A window with the sky in it."""
    glass = box(c.x, c.y, centre, half, 0.03)
    c.paint(rgb("17150f"), glass - 0.016)
    c.paint(mix(rgb("4c6a80"), rgb("16222c"), (c.y - centre[1]) / half[1] * 0.5 + 0.5), glass)
    glint = np.abs((c.x - centre[0]) + (c.y - centre[1]) * 0.6 + 0.03) - 0.025
    c.paint((1, 1, 1), np.maximum(glint, glass), 0.3, 0.02)


def octagon(centre: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    """The corners of a stop sign."""
    angles = (np.arange(8) + 0.5) * np.pi / 4
    return [(centre[0] + radius * float(np.cos(a)), centre[1] + radius * float(np.sin(a))) for a in angles]


def sport_car(side: int) -> Image.Image:
    """A red sports car on a street."""
    c = Canvas(side, 61)
    x, y = c.x, c.y
    sky(c, "7fb4dd", "f1e7da", 0.1, 0.5)
    road(c, 0.2)
    c.shade(ellipse(x, y, (0.0, 0.59), (0.98, 0.08)), 0.85, 0.1)
    body = polygon(x, y, curve(CAR, 12))
    red = mix(rgb("f0201c"), rgb("8f0509"), smooth((y - 0.0) * 1.6))
    c.paint(lit(red, (x * 0.15, (y - 0.15) * 2.2, np.full_like(x, 0.75)), gloss=0.6, sharpness=12, ambient=0.42), body)
    flank = np.maximum(np.abs(y - 0.2 + 0.05 * x) - 0.05, body)
    c.paint((1.0, 0.75, 0.7), flank, 0.5, 0.09)
    c.paint((0.25, 0.0, 0.02), np.maximum(np.abs(y - 0.33 + 0.06 * x) - 0.012, body), 0.7, 0.03)
    roof = polygon(x, y, curve(CABIN, 12))
    c.paint(mix(rgb("9ab9cc"), rgb("0f161d"), (y + 0.22) * 3.0), roof)
    c.paint((1, 1, 1), np.maximum(np.abs(x + y * 0.9 - 0.05) - 0.035, roof), 0.4, 0.03)
    c.paint(rgb("a80c10"), np.maximum(np.abs(x + 0.2 - y * 0.12) - 0.016, roof - 0.01))
    intake = polygon(x, y, [(-0.56, 0.16), (-0.34, 0.22), (-0.38, 0.36), (-0.5, 0.34)], 0.015)
    c.paint(rgb("1a0506"), intake, 0.9)
    c.paint(rgb("fff8e2"), polygon(x, y, curve([(0.64, 0.16), (0.78, 0.2), (0.88, 0.28), (0.74, 0.26)])))
    c.paint(rgb("ff5a3c"), box(x, y, (-0.91, 0.2), (0.03, 0.035), 0.02))
    c.paint(rgb("1a1a1c"), polygon(x, y, [(0.62, 0.5), (0.96, 0.46), (0.92, 0.53), (0.62, 0.54)], 0.01))
    for centre in (-0.56, 0.55):
        c.paint(rgb("120a0b"), np.hypot(x - centre, y - 0.4) - 0.215)
        wheel(c, (centre, 0.41), 0.185, "d8dbe0")
    return c.image()


CAR = [(-0.96, 0.3), (-0.94, 0.12), (-0.7, 0.06), (-0.42, -0.14), (-0.1, -0.24), (0.16, -0.18), (0.4, 0.04),
       (0.72, 0.12), (0.94, 0.26), (0.98, 0.42), (0.9, 0.52), (0.3, 0.54), (-0.3, 0.54), (-0.88, 0.5)]  # fmt: skip
CABIN = [(-0.46, 0.0), (-0.3, -0.12), (-0.08, -0.19), (0.12, -0.14), (0.3, 0.03), (0.0, 0.06), (-0.3, 0.06)]
