"""The brush's strokes, and the part of the picture that the network sees: either can change after the other."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.answers import brush_on_right_half
from tests.browser.looking import place, until

SEEN = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 64, 64).data]"


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """A grey picture, twice as wide as high."""
    path = tmp_path / "grey.png"
    Image.new("RGB", (400, 200), (200, 200, 200)).save(path)
    return path


def black(page: Page) -> tuple[float, float]:
    """The middle of what is black in what the network sees, as row and column; NaN where nothing is."""
    canvas = page.locator("canvas[data-passing=brush]").first
    seen = np.array(canvas.evaluate(SEEN)).reshape(64, 64, 4)
    rows, columns = (seen[..., :3].sum(-1) == 0).nonzero()
    return (float(rows.mean()), float(columns.mean())) if rows.size else (np.nan, np.nan)


def dragged(page: Page, selector: str, ways: list[tuple[float, float]]) -> None:
    """Draws with the mouse from one place of an element to others, in shares of its sides."""
    box = page.locator(selector).bounding_box()
    assert box
    for index, (x, y) in enumerate(ways):
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
        if index == 0:
            page.mouse.down()
    page.mouse.up()


def tool(page: Page, name: str) -> None:
    """Opens another tool for the input."""
    page.get_by_role("navigation", name="Tools for the input").get_by_role("button", name=name).click()


def test_strokes_stay_where_they_are_while_another_part_is_chosen(page: Page, grey: Path) -> None:
    brush_on_right_half(page, grey)
    dragged(page, "[data-surface]", [(0.75, 0.5), (0.75, 0.51)])
    page.locator("canvas[data-passing=brush]").first.wait_for()
    until(lambda: abs(black(page)[1] - 31.5) < 1, "the stroke is in the middle of what the network sees")
    tool(page, "Fit")
    # The square is as wide as half the picture: a quarter of its own width is an eighth of the picture's.
    dragged(page, "[data-crop]", [(0.5, 0.5), (0.25, 0.5)])
    until(lambda: "framing=0.375,0,1" in place(page), "the square has moved")
    until(lambda: abs(black(page)[1] - 47.5) < 1, "the stroke has stayed on the picture")
    assert abs(black(page)[0] - 32) < 1
    page.locator("label:has(input[value=stretch])").click()
    until(lambda: "framing=stretch" in place(page), "all of it is seen")
    until(lambda: abs(black(page)[1] - 47.5) < 1.5 and abs(black(page)[0] - 32) < 1, "three quarters of the way")
    tool(page, "Brush")
    page.locator("[data-clear]").click()
    until(lambda: page.locator("[data-passing]").count() == 0, "the strokes are taken back")
