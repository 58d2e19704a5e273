"""Pictures of things at sea and in the air."""

import numpy as np
from brush import Canvas, box, bumps, capsule, curve, ellipse, lit, mix, polygon, rgb, smooth
from outdoors import sky
from PIL import Image


def sea(c: Canvas, horizon: float, near: str, far: str) -> None:
    """Water with waves that grow towards the shore."""
    depth = np.clip((c.y - horizon) / (1 - horizon), 0, 1)
    waves = c.noise(5, 4, (1, 5)) * depth + c.noise(9, 3, (1, 9)) * (1 - depth)
    water = mix(rgb(far), rgb(near), depth**0.6 + 0.25 * waves)
    tilt = bumps(waves, 10)
    c.paint(
        lit(water, (tilt[0], tilt[1] - 0.2, np.ones_like(c.x)), gloss=0.5, sharpness=60, ambient=0.5), horizon - c.y
    )
    c.paint((1, 1, 1), horizon - c.y, smooth(waves * 3.2 - 1.3) * 0.5 * depth)


def lifeboat(side: int) -> Image.Image:
    """An orange rescue boat with its cabin, at sea."""
    c = Canvas(side, 71)
    x, y = c.x, c.y
    sky(c, "8fb7d8", "e3ebee", 0.05, 0.8)
    sea(c, 0.06, "17486a", "5f8fae")
    c.shade(ellipse(x, y, (0.0, 0.5), (0.86, 0.12)), 0.5, 0.18)
    hull = polygon(x, y, curve(HULL, 12))
    navy = mix(rgb("24406e"), rgb("0d1c38"), smooth((y - 0.1) * 2.2))
    c.paint(lit(navy, (x * 0.2, (y - 0.2) * 1.6, np.full_like(x, 0.7)), gloss=0.4, sharpness=12, ambient=0.55), hull)
    c.paint(rgb("d8311c"), np.maximum(hull, 0.37 - y - 0.02 * np.cos(x * 3)), 1.0, 0.02)
    c.paint(rgb("f7f3ea"), np.maximum(np.abs(y - 0.155 + 0.07 * x) - 0.014, hull), 0.95)
    rail = np.minimum(capsule(x, y, (-0.84, -0.06), (0.84, -0.19), 0.008), posts(c))
    c.paint(rgb("e8e8e8"), rail)
    orange = mix(rgb("ff7a1a"), rgb("dd4d05"), smooth((y + 0.4) * 1.4))
    for corners in (CABIN, BRIDGE):
        c.paint(
            lit(orange, (x * 0.3, y * 0.5, np.full_like(x, 0.7)), gloss=0.3, ambient=0.6), polygon(x, y, corners, 0.03)
        )
    c.paint((1, 0.98, 0.94), box(x, y, (-0.1, -0.47), (0.34, 0.02), 0.02))
    for left in (-0.3, -0.12, 0.06):
        window(c, (left, -0.36), (0.065, 0.06))
    for left in (-0.42, -0.22, -0.02, 0.18):
        window(c, (left, -0.13), (0.045, 0.045))
    c.paint(
        rgb("f4f4f2"),
        np.minimum(
            capsule(x, y, (-0.1, -0.48), (-0.12, -0.88), 0.014), capsule(x, y, (-0.28, -0.7), (0.06, -0.7), 0.01)
        ),
    )
    c.paint(rgb("f4f4f2"), ellipse(x, y, (-0.11, -0.62), (0.11, 0.03)))
    ring = np.abs(np.hypot(x - 0.36, y + 0.08) - 0.062) - 0.02
    c.paint(mix((1, 1, 1), rgb("d8311c"), smooth(np.cos(np.arctan2(y + 0.08, x - 0.36) * 4) * 4 + 0.5)), ring)
    foam = 0.46 + 0.05 * c.noise(7, 4) - 0.06 * smooth((x - 0.4) * 2)
    spray = np.maximum(np.abs(y - foam) - 0.045, np.abs(x - 0.03) - 0.9)
    c.paint((1, 1, 1), spray, 0.85 * smooth(0.85 + c.noise(14, 3)), 0.08)
    return c.image()


def posts(c: Canvas) -> np.ndarray:
    """The posts of the boat's rail."""
    feet = np.linspace(-0.84, 0.84, 13)
    lines = [capsule(c.x, c.y, (f, -0.125 - 0.0774 * f), (f, 0.03 - 0.09 * f), 0.006) for f in feet]
    return np.minimum.reduce(lines)


def window(c: Canvas, centre: tuple[float, float], half: tuple[float, float]) -> None:
    """A small window."""
    c.paint(rgb("fff3e4"), box(c.x, c.y, centre, (half[0] + 0.012, half[1] + 0.012), 0.03))
    c.paint(
        mix(rgb("3d566a"), rgb("0e171f"), (c.y - centre[1]) / half[1] * 0.5 + 0.5), box(c.x, c.y, centre, half, 0.025)
    )


HULL = [
    (-0.92, 0.0),
    (-0.5, 0.03),
    (0.0, 0.0),
    (0.5, -0.05),
    (0.96, -0.18),
    (0.8, 0.2),
    (0.6, 0.44),
    (0.0, 0.5),
    (-0.7, 0.48),
    (-0.86, 0.3),
]
CABIN = [(-0.54, 0.03), (-0.5, -0.22), (0.4, -0.24), (0.56, -0.03)]
BRIDGE = [(-0.42, -0.24), (-0.38, -0.45), (0.14, -0.45), (0.24, -0.24)]


def ship(side: int) -> Image.Image:
    """A white liner at sea."""
    c = Canvas(side, 81)
    x, y = c.x, c.y
    sky(c, "5fa5dd", "d9ecf6", 0.16, 0.6)
    sea(c, 0.16, "0f4a78", "3f86b4")
    c.shade(ellipse(x, y, (0.0, 0.5), (0.88, 0.07)), 0.5, 0.14)
    hull = polygon(x, y, curve(LINER, 12))
    blue = mix(rgb("2c3f63"), rgb("101a30"), smooth((y - 0.1) * 2.5))
    c.paint(lit(blue, (x * 0.2, (y - 0.2) * 1.2, np.full_like(x, 0.8)), gloss=0.3, ambient=0.55), hull)
    c.paint(rgb("b8281f"), np.maximum(hull, 0.4 - y))
    c.paint(rgb("f4f2ec"), np.maximum(np.abs(y - 0.1 + 0.03 * x) - 0.018, hull))
    white = rgb("fbfaf6")
    decks = ((0.0, 0.06, 0.66), (-0.1, -0.06, 0.56), (-0.08, -0.18, 0.44), (-0.04, -0.3, 0.24))
    for centre, height, half in decks:
        deck = box(x, y, (centre, height), (half, 0.062), 0.03)
        c.paint(lit(white, (x * 0.2, (y - height) * 4, np.full_like(x, 0.8)), gloss=0.1, ambient=0.6), deck)
        panes = np.maximum(np.abs((x * 11) % 1 - 0.5) / 11 - 0.026, np.abs(y - height) - 0.02)
        c.paint(rgb("33485c"), np.maximum(panes, np.abs(x - centre) - half + 0.05))
        c.shade(box(x, y, (centre, height + 0.06), (half, 0.006)), 0.4, 0.02)
    for left in (-0.3, 0.02):
        funnel = polygon(x, y, [(left, -0.34), (left + 0.02, -0.64), (left + 0.19, -0.64), (left + 0.17, -0.34)], 0.01)
        c.paint(lit(rgb("d8331f"), ((x - left - 0.09) * 9, y * 0, np.ones_like(x)), gloss=0.3, ambient=0.45), funnel)
        c.paint(rgb("1c1c20"), np.maximum(funnel, y + 0.57))
        c.paint(
            (0.85, 0.86, 0.88),
            ellipse(x, y, (left - 0.12, -0.78), (0.3, 0.07), 10),
            0.55 * smooth(0.6 + c.noise(6)),
            0.16,
        )
    c.paint(
        rgb("efeeea"),
        np.minimum(capsule(x, y, (0.5, 0.0), (0.5, -0.5), 0.01), capsule(x, y, (0.5, -0.5), (0.9, 0.0), 0.004)),
    )
    foam = 0.465 + 0.03 * c.noise(8, 4)
    c.paint((1, 1, 1), np.maximum(np.abs(y - foam) - 0.02, np.abs(x) - 0.85), 0.8 * smooth(0.8 + c.noise(16, 3)), 0.05)
    return c.image()


LINER = [
    (-0.94, 0.06),
    (-0.5, 0.1),
    (0.0, 0.1),
    (0.5, 0.07),
    (0.97, -0.03),
    (0.86, 0.24),
    (0.74, 0.48),
    (0.0, 0.5),
    (-0.76, 0.49),
    (-0.9, 0.32),
]


def airplane(side: int) -> Image.Image:
    """An airliner that climbs."""
    c = Canvas(side, 91)
    sky(c, "3f86cf", "cfe4f4", 1.0, 0.85)
    angle = np.deg2rad(-10)
    x = c.x * np.cos(angle) + c.y * np.sin(angle)
    y = -c.x * np.sin(angle) + c.y * np.cos(angle)
    grey = rgb("c3cad2")
    c.paint(
        lit(grey, (x * 0, y + 0.2, np.full_like(x, 0.7))),
        polygon(x, y, [(-0.02, -0.08), (-0.36, -0.52), (-0.26, -0.54), (0.24, -0.08)], 0.006),
    )
    c.paint(
        lit(rgb("1f5fae"), (x * 0.3, y * 0.2, np.full_like(x, 0.8)), gloss=0.2, ambient=0.5),
        polygon(x, y, [(-0.6, -0.08), (-0.92, -0.56), (-0.76, -0.56), (-0.36, -0.1)], 0.012),
    )
    body = polygon(x, y, curve(FUSELAGE, 12))
    c.paint(
        lit(rgb("fafbfc"), (x * 0.1, (y - 0.0) * 5.5, np.full_like(x, 0.8)), gloss=0.35, sharpness=18, ambient=0.5),
        body,
    )
    c.paint(rgb("1f5fae"), np.maximum(np.abs(y - 0.055) - 0.012, body), 0.95)
    panes = np.maximum(np.abs((x * 17) % 1 - 0.5) / 17 - 0.011, np.abs(y + 0.03) - 0.014)
    c.paint(rgb("24384a"), np.maximum(panes, np.abs(x - 0.05) - 0.62))
    c.paint(rgb("17222c"), polygon(x, y, [(0.8, -0.05), (0.88, -0.02), (0.86, 0.01), (0.78, -0.01)], 0.006))
    c.paint(
        lit(grey, (x * 0, (y - 0.1) * 3, np.full_like(x, 0.7))),
        polygon(x, y, [(-0.62, 0.0), (-0.9, 0.16), (-0.8, 0.17), (-0.42, 0.02)], 0.006),
    )
    for centre in ((0.14, 0.27), (-0.05, 0.45)):
        engine = box(x, y, centre, (0.1, 0.05), 0.045)
        c.paint(lit(rgb("e9edf1"), (x * 0, (y - centre[1]) * 18, np.ones_like(x)), gloss=0.3), engine)
        c.paint(rgb("1f2a36"), ellipse(x, y, (centre[0] + 0.09, centre[1]), (0.022, 0.045)))
    wing = polygon(x, y, [(0.3, 0.07), (-0.38, 0.66), (-0.5, 0.66), (-0.14, 0.07)], 0.008)
    c.shade(polygon(x, y, [(0.32, 0.09), (-0.1, 0.44), (-0.2, 0.44), (-0.1, 0.09)], 0.01), 0.25, 0.06)
    c.paint(
        lit(mix(rgb("dfe4ea"), rgb("9aa5b1"), (y - 0.07) * 1.4), (x * 0.2, y * 0.6, np.full_like(x, 0.9)), gloss=0.3),
        wing,
    )
    return c.image()


FUSELAGE = [
    (-0.9, -0.06),
    (-0.6, -0.11),
    (0.0, -0.13),
    (0.6, -0.12),
    (0.84, -0.07),
    (0.95, 0.03),
    (0.82, 0.1),
    (0.5, 0.12),
    (0.0, 0.12),
    (-0.5, 0.09),
]
