"""Pictures of things to eat and drink."""

import numpy as np
from brush import Canvas, ball, bumps, curve, ellipse, lit, mix, polygon, rgb, smooth, turned
from PIL import Image


def table(canvas: Canvas, light: str, dark: str, turn: float = 8.0) -> None:
    """Boards of wood under everything else."""
    x, y = turned(canvas.x, canvas.y, turn)
    grain = np.sin((y * 9 + canvas.noise(2.5, 3, (0.5, 2.5)) * 1.6) * 3.0) * 0.5 + canvas.noise(14, 3, (0.25, 4)) * 0.8
    canvas.paint(mix(rgb(light), rgb(dark), 0.5 + 0.5 * grain))
    boards = np.abs((x * 1.4 + 5.3) % 1 - 0.5)
    canvas.paint((0.06, 0.03, 0.02), boards - 0.012, 0.7, 0.02)
    canvas.shade(0.5 - np.hypot(canvas.x + 0.3, canvas.y + 0.4) * 0.5, 0.45, 1.4)


def orange(side: int) -> Image.Image:
    """An orange with a leaf on a pale cloth."""
    c = Canvas(side, 3)
    x, y = c.x, c.y
    c.paint(mix(rgb("f4ead8"), rgb("cdb79a"), 0.45 + 0.4 * y + 0.25 * x + 0.06 * c.noise(6)))
    c.shade(ellipse(x, y, (0.2, 0.72), (0.78, 0.2)), 0.55, 0.35)
    c.shade(ellipse(x, y, (0.05, 0.74), (0.5, 0.1)), 0.5, 0.16)
    centre, radii = (0.0, 0.1), (0.8, 0.78)
    nx, ny, nz = ball(x, y, centre, radii)
    bx, by = bumps(c.noise(40, 2), 1.6)
    skin = mix(rgb("ffa826"), rgb("fb8a10"), 0.5 + 0.5 * c.noise(3) + 0.4 * y)
    body = ellipse(x, y, centre, radii)
    c.paint(lit(skin, (nx + bx, ny + by, nz), gloss=0.35, sharpness=22, ambient=0.52), body)
    # Light that the cloth throws back from below.
    c.paint(rgb("ffd08a"), body, smooth(ny * 1.3 - 0.3) * smooth(1.1 - nz) * 0.45)
    navel = ellipse(x, y, (0.06, -0.42), (0.1, 0.06))
    c.shade(ellipse(x, y, (0.07, -0.41), (0.16, 0.1)), 0.4, 0.12)
    c.paint(rgb("6c7a2a"), navel, 1.0, 0.02)
    leaf(c, (0.38, -0.62), (0.36, 0.14), -28, "3f8a2f")
    return c.image()


def leaf(c: Canvas, centre: tuple[float, float], radii: tuple[float, float], turn: float, colour: str) -> None:
    """A pointed leaf with its veins and a shadow under it."""

    def blade(dx: float, dy: float, grow: float) -> np.ndarray:
        u, v = turned(c.x - centre[0] - dx, c.y - centre[1] - dy, turn)
        return (
            np.abs(v)
            - radii[1] * grow * np.clip(1 - (u / radii[0] / grow) ** 2, 0, 1) ** 0.85
            + (np.abs(u) > radii[0] * grow)
        )

    u, v = turned(c.x - centre[0], c.y - centre[1], turn)
    c.shade(blade(0.03, 0.06, 1.05), 0.4, 0.08)
    bend = (np.sin(v / radii[1] * 2.2) * 0.7, -0.2 - v / radii[1] * 0.5, np.ones_like(u))
    c.paint(lit(rgb(colour), bend, gloss=0.25, sharpness=12, ambient=0.45), blade(0, 0, 1))
    veins = np.minimum(np.abs(v) - 0.008, np.abs((u + np.abs(v) * -1.1) * 9 % 1 - 0.5) / 9 - 0.004)
    c.paint(rgb("b7d77f"), np.maximum(veins, blade(0, 0, 0.93)), 0.55, 0.012)


def espresso(side: int) -> Image.Image:
    """A white cup of espresso on its saucer, seen from above."""
    c = Canvas(side, 11)
    x, y = c.x, c.y
    table(c, "8a5530", "55301a")
    c.shade(ellipse(x, y, (0.12, 0.34), (0.98, 0.72)), 0.65, 0.3)
    saucer = ellipse(x, y, (0.0, 0.2), (0.93, 0.68))
    white = rgb("f7f1e6")
    c.paint(lit(white, (x * 0.25, (y - 0.2) * 0.35, np.ones_like(x)), gloss=0.1, ambient=0.4), saucer)
    well = ellipse(x, y, (0.0, 0.22), (0.6, 0.42))
    c.shade(np.abs(well) - 0.02, 0.22, 0.07)
    c.paint((1, 1, 1), np.abs(ellipse(x, y, (0.0, 0.19), (0.9, 0.655))) - 0.006, 0.9, 0.02)
    c.shade(ellipse(x, y, (0.16, 0.32), (0.66, 0.42)), 0.5, 0.25)
    ring = np.abs(ellipse(x, y, (0.66, -0.02), (0.24, 0.17), -18)) - 0.055
    c.shade(np.abs(ellipse(x, y, (0.7, 0.08), (0.24, 0.17), -18)) - 0.05, 0.4, 0.1)
    c.paint(lit(white, (x - 0.66, (y + 0.02) * 2, np.ones_like(x) * 0.6), gloss=0.5), ring)
    wall = np.minimum(ellipse(x, y, (0, -0.12), (0.6, 0.46)), polygon(x, y, curve(CUP)))
    around = np.clip(x / 0.62, -1, 1)
    side_light = (around, 0.25 + 0.6 * (y - 0.1), np.sqrt(1 - around**2))
    c.paint(lit(white, side_light, gloss=0.5, sharpness=30, ambient=0.45), wall)
    inner = ellipse(x, y, (0, -0.12), (0.55, 0.415))
    c.paint(lit(rgb("efe6d6"), (-around, 0.4 - y, np.ones_like(x) * 0.7), gloss=0.1, ambient=0.3), inner)
    c.paint((1, 1, 1), np.abs(ellipse(x, y, (0, -0.12), (0.575, 0.437))) - 0.012, 0.8, 0.03)
    coffee = ellipse(x, y, (0, -0.06), (0.49, 0.335))
    distance = np.hypot(x / 0.49, (y + 0.06) / 0.335)
    swirl = c.noise(5, 4) + 0.7 * np.sin(np.arctan2(y + 0.06, x) * 3 + distance * 7)
    crema = mix(rgb("b5702d"), rgb("7a3f14"), 0.45 + 0.35 * swirl)
    crema = mix(crema, np.asarray(rgb("4a2109")), smooth((distance - 0.8) * 4) * 0.8)
    c.paint(crema, coffee)
    c.paint(rgb("f0c98c"), ellipse(x, y, (-0.14, -0.16), (0.17, 0.05), -12), 0.45, 0.12)
    c.shade(np.maximum(coffee, -ellipse(x, y, (0.03, 0.03), (0.49, 0.36))), 0.55, 0.12)
    return c.image()


CUP = [(-0.6, -0.14), (-0.56, 0.16), (-0.4, 0.42), (0.0, 0.52), (0.4, 0.42), (0.56, 0.16), (0.6, -0.14), (0.0, -0.1)]


def pizza(side: int) -> Image.Image:
    """A pizza with salami, olives and basil."""
    c = Canvas(side, 21)
    x, y = c.x, c.y
    table(c, "6d4a30", "43291a", 94)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    wobble = 0.018 * np.sin(angle * 5 + 1) + 0.012 * np.sin(angle * 11) + 0.012 * c.noise(7)
    c.shade(np.hypot(x - 0.05, y - 0.08) - 0.95, 0.6, 0.2)
    height = np.sqrt(np.clip(1 - ((radius - 0.83 - wobble) / 0.13) ** 2, 0.02, 1))
    slope = (radius - 0.83) / 0.13 * (np.abs(radius - 0.83) < 0.14)
    rough = bumps(c.noise(22, 3), 7)
    crust = mix(rgb("e2a55a"), rgb("9a5420"), 0.35 + 0.65 * c.noise(8, 4))
    round_edge = (slope * np.cos(angle) + rough[0], slope * np.sin(angle) + rough[1], height)
    c.paint(lit(crust, round_edge, gloss=0.1, sharpness=10, ambient=0.4), radius - 0.93 - wobble)
    c.paint(mix(rgb("c8371a"), rgb("a02410"), 0.5 + 0.5 * c.noise(9)), radius - 0.76 - wobble * 1.6, 1.0, 0.03)
    cheese = c.noise(6, 4)
    tilt = bumps(cheese, 16)
    melted = lit(mix(rgb("fbdc82"), rgb("eda84a"), 0.35 + 0.8 * c.noise(10, 3)), (*tilt, np.ones_like(x)), 0.3, 20, 0.5)
    c.paint(melted, radius - 0.71 - 0.07 * cheese, smooth(1.1 + 2.2 * c.noise(7)), 0.03)
    for centre in [
        (-0.32, -0.36),
        (0.26, -0.44),
        (0.5, 0.08),
        (0.16, 0.46),
        (-0.4, 0.34),
        (-0.56, -0.04),
        (0.03, -0.02),
    ]:
        salami(c, centre)
    for centre in [
        (-0.05, -0.58),
        (0.53, -0.25),
        (0.45, 0.39),
        (-0.14, 0.24),
        (-0.29, -0.12),
        (-0.12, 0.6),
        (0.27, 0.16),
    ]:
        c.shade(np.hypot(x - centre[0] - 0.01, y - centre[1] - 0.02) - 0.068, 0.5, 0.05)
        ring = np.abs(np.hypot(x - centre[0], y - centre[1]) - 0.045) - 0.022
        c.paint(lit(rgb("3a3133"), (x - centre[0], y - centre[1], np.full_like(x, 0.05)), 0.6, 20), ring)
    leaf(c, (0.2, -0.2), (0.17, 0.075), 30, "3d8f2e")
    leaf(c, (-0.2, 0.46), (0.16, 0.07), -40, "357f29")
    leaf(c, (-0.18, -0.24), (0.14, 0.06), -70, "46972f")
    return c.image()


def salami(c: Canvas, centre: tuple[float, float]) -> None:
    """A slice of salami that the oven curled a little."""
    x, y = c.x - centre[0], c.y - centre[1]
    radius = np.hypot(x, y) + 0.008 * np.sin(np.arctan2(y, x) * 5 + centre[0] * 9)
    c.shade(np.hypot(x - 0.015, y - 0.025) - 0.17, 0.5, 0.06)
    speckles = mix(rgb("b4281c"), rgb("e8907a"), smooth(c.noise(26, 2) * 2.2))
    curl = (x / 0.16 * smooth(radius / 0.16 - 0.55), y / 0.16 * smooth(radius / 0.16 - 0.55), np.ones_like(x) * 0.8)
    c.paint(lit(speckles, (-curl[0], -curl[1], curl[2]), gloss=0.35, sharpness=14, ambient=0.45), radius - 0.16)
    c.paint(rgb("7d150e"), np.abs(radius - 0.155) - 0.008, 0.7, 0.02)


def bell_pepper(side: int) -> Image.Image:
    """A green bell pepper, glossy, with three lobes."""
    c = Canvas(side, 31)
    x, y = c.x, c.y
    c.paint(mix(rgb("f1efe9"), rgb("c4c0b6"), 0.4 + 0.45 * y + 0.2 * x))
    c.shade(ellipse(x, y, (0.16, 0.8), (0.78, 0.16)), 0.6, 0.3)
    body = polygon(x, y, curve(PEPPER), 0.01)
    green = mix(rgb("43a047"), rgb("1d6b2a"), 0.4 + 0.35 * y + 0.12 * c.noise(4))
    c.paint(np.asarray(green) * 0.5, body)
    for centre, radii in (((-0.42, 0.16), (0.4, 0.74)), ((0.44, 0.16), (0.38, 0.72)), ((0.02, 0.2), (0.42, 0.78))):
        lobe = np.maximum(ellipse(x, y, centre, radii), body)
        nx, ny, nz = ball(x, y, centre, radii)
        edge = smooth(nz * 2.6)
        c.paint(lit(green, (nx, ny * 0.8, nz + 0.1), gloss=0.0, ambient=0.3), lobe, edge, 0.05)
        for dx, width, strength in ((-0.36, 0.07, 0.75), (0.45, 0.03, 0.3)):
            shine = ellipse(x, y, (centre[0] + dx * radii[0], centre[1] - 0.28), (width, 0.24), 6)
            c.paint((1, 1, 0.96), np.maximum(shine, lobe), strength, 0.1)
    c.shade(ellipse(x, y, (0.0, -0.44), (0.32, 0.1)), 0.6, 0.16)
    c.paint(lit(rgb("5aa845"), (x, (y + 0.5) * 4, np.full_like(x, 0.5))), polygon(x, y, curve(CROWN)))
    stem = polygon(x, y, curve(STEM))
    c.paint(lit(rgb("6fae4c"), ((x - 0.04) * 8, y * 0.1, np.ones_like(x)), gloss=0.2), stem)
    c.paint(rgb("b9d58d"), ellipse(x, y, (0.13, -0.87), (0.085, 0.035), 12))
    return c.image()


PEPPER = [(-0.2, -0.5), (-0.6, -0.56), (-0.82, -0.1), (-0.72, 0.5), (-0.42, 0.86), (-0.2, 0.84), (0.02, 0.94),
          (0.24, 0.84), (0.46, 0.84), (0.74, 0.48), (0.82, -0.1), (0.62, -0.56), (0.24, -0.5), (0.0, -0.4)]  # fmt: skip
CROWN = [
    (-0.3, -0.46),
    (-0.12, -0.52),
    (0.02, -0.58),
    (0.16, -0.52),
    (0.32, -0.46),
    (0.12, -0.4),
    (0.0, -0.34),
    (-0.14, -0.4),
]
STEM = [(-0.06, -0.48), (-0.04, -0.7), (0.04, -0.87), (0.22, -0.86), (0.14, -0.7), (0.1, -0.48)]
