"""How pictures get in: drawn, painted over, by camera, framed by hand; each as the network itself answers it."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import models
from app.explain.framing import read_framing
from app.explain.preprocess import tensor
from tests.browser.conftest import Violations, Watch
from tests.browser.looking import drawn, image_of, place, sample, until
from tests.chromium import launch

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

TWO = [
    (0.32, 0.36), (0.36, 0.27), (0.45, 0.22), (0.55, 0.22), (0.64, 0.28), (0.66, 0.37), (0.62, 0.46), (0.52, 0.57),
    (0.42, 0.67), (0.33, 0.77), (0.45, 0.77), (0.58, 0.77), (0.69, 0.77),
]  # fmt: skip
"""A two, in fractions of the pad."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of these tests has a camera that shows a turning disc."""
    with sync_playwright() as playwright:
        browser = launch(playwright, *FAKE_CAMERA)
        yield browser
        browser.close()


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


def test_a_digit_drawn_with_the_mouse_is_recognised(page: Page) -> None:
    opened(page, "model=lenet5&input=draw")
    stroke(page, TWO)
    until(lambda: best(page) == "two" and shares(page)["two"] > 80, "lenet5 sees a two")
    assert page.locator("[data-passing=draw]").count() == 1
    page.get_by_role("button", name="Undo").click()
    until(lambda: shares(page).get("two", 100) < 50, "the stroke is taken back")
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two again")
    page.locator("[data-clear]").click()
    until(lambda: best(page) != "two" or shares(page)["two"] < 50, "the pad is empty")


def test_a_drawing_is_kept_when_somebody_wants_a_link(page: Page) -> None:
    opened(page, "model=lenet5&input=draw")
    chosen = image_of(page)
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two")
    drawn(page)
    # What passes is not in the address: nobody could open it.
    assert image_of(page) == chosen
    said = shares(page)
    page.locator("[data-keep]").click()
    until(lambda: image_of(page) != chosen, "the address names the drawing")
    page.goto(re.sub(r"[?&]input=draw", "", place(page)).replace("/&", "/?"))
    drawn(page)
    until(lambda: bool(shares(page)), "the class bars are there")
    assert shares(page) == said
    assert page.locator("[data-surface]").count() == 0


def test_the_link_keeps_what_passes(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, "model=lenet5&input=draw")
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two")
    drawn(page)
    said = shares(page)
    page.get_by_role("button", name="link", exact=True).click()
    page.get_by_role("button", name="copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(link)
    drawn(other)
    until(lambda: bool(shares(other)), "the class bars are there")
    assert shares(other) == said
    assert other.locator("[data-surface]").count() == 0
    other.context.close()


def test_the_pad_works_by_keys_alone(page: Page) -> None:
    page.goto("/?model=lenet5")
    drawn(page)
    page.keyboard.press("d")
    surface = page.locator("[data-surface]")
    surface.wait_for()
    surface.focus()
    walk(page, "ArrowUp", 9)
    walk(page, "ArrowLeft", 5)
    page.keyboard.press(" ")
    for key, steps in (("ArrowRight", 10), ("ArrowDown", 18), ("ArrowLeft", 10), ("ArrowUp", 18)):
        walk(page, key, steps)
    page.keyboard.press(" ")
    until(lambda: best(page) == "zero", "lenet5 sees a zero")
    page.keyboard.press("Control+z")
    until(lambda: shares(page).get("zero", 100) < 50, "the stroke is taken back")


def walk(page: Page, key: str, steps: int) -> None:
    """Moves the pen."""
    for _ in range(steps):
        page.keyboard.press(key)


def test_the_brush_changes_what_the_network_says_and_it_comes_back(page: Page) -> None:
    opened(page, "model=tiny_vgg&input=brush")
    until(lambda: shares(page).get("espresso", 0) > 90, "an espresso")
    before = shares(page)
    width = page.locator("input[type=range]")
    width.fill(width.get_attribute("max") or "")
    page.locator("label:has(input[value=black])").click()
    stroke(page, [(0.1, y / 10) for y in range(1, 10)] + [(x / 10, 0.5) for x in range(1, 10)])
    stroke(page, [(0.3, 0.8), (0.9, 0.8), (0.9, 0.2), (0.3, 0.2)])
    until(lambda: shares(page).get("espresso", 100) < 60, "less of an espresso")
    assert page.locator("[data-passing=brush]").count() > 0
    page.locator("[data-clear]").click()
    until(lambda: shares(page) == before, "as it was")
    assert page.locator("[data-passing]").count() == 0


def test_strokes_lie_on_the_original_and_the_network_sees_them_in_place(page: Page, wide: Path) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    first = image_of(page)
    page.set_input_files("input[type=file]", wide)
    until(lambda: image_of(page) != first, "the picture has arrived")
    page.goto(place(page) + "&framing=0.5,0,1&input=brush")
    page.locator("[data-surface] canvas").wait_for()
    drawn(page)
    page.locator("label:has(input[value=black])").click()
    # What the network doesn't see changes nothing; three quarters from the left is the middle of what it sees.
    stroke(page, [(0.2, 0.2), (0.2, 0.8)])
    stroke(page, [(0.75, 0.5), (0.75, 0.51)])

    def painted() -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of what the network sees in black."""
        seen = page.locator("canvas[data-passing]").first.evaluate(
            "canvas => [...canvas.getContext('2d').getImageData(0, 0, 64, 64).data]"
        )
        rows, columns = (np.array(seen).reshape(64, 64, 4)[..., :3].sum(-1) == 0).nonzero()
        return rows, columns

    page.locator("canvas[data-passing]").first.wait_for()
    until(lambda: painted()[0].size, "the stroke is seen")
    drawn(page)
    dark = painted()
    assert abs(dark[0].mean() - 32) < 1
    assert abs(dark[1].mean() - 31.5) < 1
    assert 6 <= np.ptp(dark[1]) <= 10


def test_the_camera_runs_freezes_and_stops(page: Page, watch: Watch) -> None:
    page.context.grant_permissions(["camera"])
    opened(page, "model=tiny_vgg&input=camera")

    def sent() -> int:
        # Requests are heard of only while the browser is spoken to.
        page.wait_for_timeout(10)
        return sum("keep=false" in address for address in watch.requests)

    until(lambda: sent() > 5, "pictures are sent")
    assert page.locator("[data-passing=camera]").count() == 1
    page.locator("body").focus()
    page.keyboard.press(" ")
    until(lambda: page.locator("[data-freeze][aria-pressed=true]").count() == 1, "it is frozen")
    drawn(page)
    still, frozen = sent(), shares(page)
    page.wait_for_timeout(500)
    assert sent() <= still + 1
    assert shares(page) == frozen
    page.keyboard.press(" ")
    until(lambda: sent() > still + 3, "it goes on")
    page.get_by_role("button", name="Close the tools").click()
    until(lambda: page.locator("video").count() == 0, "it is closed")
    drawn(page)
    closed = sent()
    page.wait_for_timeout(500)
    assert sent() <= closed + 1
    assert page.locator("[data-passing]").count() == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [("NotAllowedError", "denied"), ("NotFoundError", "none"), ("NotReadableError", "busy"), ("", "insecure")],
)
def test_a_camera_that_cannot_be_had_is_told(page: Page, error: str, code: str) -> None:
    if error:
        page.add_init_script(
            f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{error}'))"
        )
    else:
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    opened(page, "model=tiny_vgg&input=camera")
    until(lambda: page.locator(f"[data-refused={code}]").count() == 1, "the sentence")
    assert page.locator("[data-refused]").inner_text()[-1] == "."


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A picture twice as wide as high: an espresso at the left, a ladybug at the right."""
    whole = Image.new("RGB", (512, 256))
    for index, name in enumerate(("espresso", "ladybug")):
        whole.paste(sample(name)[1].resize((256, 256)), (256 * index, 0))
    whole.save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


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


@pytest.mark.parametrize("tool", ["fit", "brush", "draw", "camera"])
def test_the_tools_are_accessible(page: Page, violations: Violations, tool: str) -> None:
    page.context.grant_permissions(["camera"])
    opened(page, f"model=tiny_vgg&input={tool}")
    if tool == "camera":
        page.locator("[data-freeze]").click()
    assert violations(page) == []
