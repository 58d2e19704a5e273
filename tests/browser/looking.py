"""What the browser tests of the network level share: waiting without clocks, and the truth about a sample."""

import json
import re
import time
from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

import models
from app.explain.preprocess import tensor
from app.resources import resource
from tests.conftest import CHECKOUT

DEADLINE = 120.0
"""Seconds after which waiting is given up; how long a thing takes is never asserted."""

EXAMINE = (CHECKOUT / "tests" / "browser" / "examine.js").read_text(encoding="utf-8")
"""A function in the page that says what a person would see to be wrong."""

GO = "(address) => { history.pushState(null, '', address); dispatchEvent(new PopStateEvent('popstate')); }"
"""Changes the view as the browser's back button does: without loading the page again."""

Pixels = NDArray[np.uint8]


def until(true: Callable[[], object], what: str) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, f"{what}: not within {DEADLINE:.0f} s"
        time.sleep(0.02)


def state(page: Page) -> str:
    """What the page says of itself: waiting, computing, done or failed."""
    said: str = page.evaluate("document.documentElement.dataset.state ?? ''")
    return said


def place(page: Page) -> str:
    """The page's address now; `page.url` is what it was when Playwright last heard of it."""
    said: str = page.evaluate("location.href")
    return said


def drawn(page: Page, image: str | None = None) -> None:
    """Waits until everything in sight is drawn, of an image if one is named."""
    until(lambda: (image is None or f"image={image}" in place(page)) and state(page) == "done", "the page is drawn")
    # Two frames: what has been put into the page is on the screen then.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def image_of(page: Page) -> str:
    """The id of the image that the address names."""
    found = re.search(r"[?&]image=([0-9a-f]+)", place(page))
    assert found, place(page)
    return found[1]


def sample(name: str) -> tuple[str, Image.Image]:
    """A sample's id and its picture."""
    entries = json.loads(resource("static/samples/samples.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in entries if entry["name"] == name)
    return entry["image"], Image.open(resource(f"static/samples/{name}.png")).convert("RGB")


@cache
def truth(model: str, name: str) -> dict[str, NDArray[np.float64]]:
    """What each module of a network makes of a sample: torch in float64, by hooks, units first."""
    card = next(card for card in models.cards() if card.id == model)
    module = models.create(model, pretrained=True).double().eval()
    values: dict[str, NDArray[np.float64]] = {}
    for path, part in module.named_modules():
        part.register_forward_hook(lambda _module, _inputs, output, path=path: values.update({path: output[0].numpy()}))
    with torch.no_grad():
        module(tensor(sample(name)[1], card.preprocessing).double())
    return values


def screenshot(page: Page, selector: str) -> Pixels:
    """What is on the screen where an element is, rows × columns × 3."""
    box = page.locator(selector).bounding_box()
    assert box, selector
    clip = {side: round(length) for side, length in box.items()}
    return np.asarray(Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB"))  # type: ignore[arg-type]


def open_level(page: Page, image: str, **view: object) -> None:
    """A view of Tiny VGG on an image, drawn."""
    query = "&".join(f"{name}={value}" for name, value in view.items())
    page.goto(f"/?model=tiny_vgg&image={image}&{query}")
    page.wait_for_selector("[data-state=done]")
