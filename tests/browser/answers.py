"""What the tests of the input share: tools that are open, strokes, and the class bars against torch alone."""

import re
from pathlib import Path

import torch
from PIL import Image
from playwright.sync_api import Page

import models
from app.explain.framing import read_framing
from app.explain.preprocess import tensor
from tests.browser.looking import drawn, image_of, place, until


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    """Draws with the mouse."""
    box = page.locator("[data-surface]").bounding_box()
    assert box
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


def opened(page: Page, query: str) -> None:
    """A view with a tool for the input, drawn."""
    page.goto(f"/?{query}")
    page.locator("[data-surface], [data-crop], [data-freeze], [data-refused]").first.wait_for()
    drawn(page)


def brush_on_right_half(page: Page, picture: Path) -> None:
    """A black brush over an uploaded picture twice as wide as high, of which Tiny VGG sees the right half."""
    page.goto("/?model=tiny_vgg")
    drawn(page)
    first = image_of(page)
    page.set_input_files("input[type=file]", picture)
    until(lambda: image_of(page) != first, "the picture has arrived")
    page.goto(place(page) + "&framing=0.5,0,1&input=brush")
    page.locator("[data-surface] canvas").wait_for()
    drawn(page)
    page.locator("label:has(input[value=black])").click()


def shares(page: Page) -> dict[str, float]:
    """What the class bars say, in percent; “< 0.1 %” is 0."""
    labels = page.locator("[data-class]").evaluate_all("bars => bars.map(bar => bar.getAttribute('aria-label'))")
    found = {}
    for label in labels:
        match = re.fullmatch(r"(.+), (<?) ?([\d.]+) ?%", label)
        if match:
            found[match[1]] = 0.0 if match[2] else float(match[3])
    return found


def best(page: Page) -> str:
    """The class of the longest bar."""
    found = shares(page)
    return max(found, key=lambda name: found[name], default="")


def expected(model: str, image: Image.Image, crop: str | None = None, fit: str | None = None) -> dict[str, float]:
    """The class bars by torch alone."""
    card = models.declaration(model)[0]
    x = tensor(image, card.preprocessing, read_framing(fit, crop))
    with torch.no_grad():
        probabilities = models.create(model, pretrained=True).eval()(x)[0].softmax(0)
    return {name: 100 * float(value) for name, value in zip(card.classes, probabilities, strict=True)}


def agrees(page: Page, truth: dict[str, float]) -> bool:
    """Whether the class bars say the same as torch, to the digits that they show."""
    found = shares(page)
    return bool(found) and all(abs(share - truth[name]) <= 0.11 for name, share in found.items())
