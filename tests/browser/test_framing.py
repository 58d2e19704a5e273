"""Which part of a picture the network sees: the square dragged, the whole stretched or letterboxed."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.answers import agrees, expected
from tests.browser.looking import drawn, image_of, place, until


def test_the_square_is_dragged_and_the_network_sees_what_it_holds(page: Page, wide: Path) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    first = image_of(page)
    page.set_input_files("input[type=file]", wide)
    until(lambda: image_of(page) != first, "the picture has arrived")
    page.keyboard.press("e")
    crop = page.locator("[data-crop]")
    crop.wait_for()
    drawn(page)
    box = crop.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 3 * box["width"], box["y"], steps=6)
    page.mouse.up()
    until(lambda: "framing=0.5,0,1" in place(page), "the square is at the right edge")
    with Image.open(wide) as opened_picture:
        picture = opened_picture.convert("RGB")
    truth = expected("tiny_vgg", picture, crop="0.5,0,1")
    assert max(truth, key=lambda name: truth[name]) == "ladybug"
    until(lambda: agrees(page, truth), "the bars of that square")
    # The keys do it too, and the link holds it.
    crop.focus()
    for _ in range(10):
        page.keyboard.press("Shift+ArrowLeft")
    until(lambda: "framing=0,0,1" in place(page), "the square is at the left edge")
    page.keyboard.press("-")
    until(lambda: re.search(r"framing=[\d.]+,[\d.]+,0\.95", place(page)), "it is smaller")
    page.goto(place(page))
    drawn(page)
    held = re.search(r"framing=([\d.,]+)", place(page))
    assert held
    until(lambda: agrees(page, expected("tiny_vgg", picture, crop=held[1])), "the same after a reload")


@pytest.mark.parametrize("fit", ["stretch", "letterbox"])
def test_the_whole_picture_is_seen(page: Page, wide: Path, fit: str) -> None:
    page.goto("/?model=tiny_vgg&input=fit")
    drawn(page)
    page.set_input_files("input[type=file]", wide)
    until(lambda: "512 × 256" in page.locator("[data-fit-words]").inner_text(), "the picture has arrived")
    page.locator(f"label:has(input[value={fit}])").click()
    until(lambda: f"framing={fit}" in place(page), "the address says so")
    with Image.open(wide) as picture:
        truth = expected("tiny_vgg", picture.convert("RGB"), fit=fit)
    until(lambda: agrees(page, truth), "the bars of the whole picture")
