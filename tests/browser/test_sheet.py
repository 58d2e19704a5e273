"""Every level of four networks, in light, dark, on a stage and on a phone: looked over, and put on one sheet."""

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OUTPUT, Violations, Watch
from tests.browser.looking import EXAMINE, drawn, until

MODELS = ("lenet5", "tiny_vgg", "vgg16", "resnet18")
LEVELS = ("network", "layer", "unit", "value")
LOOKS = {
    "light": (1440, 900, {"theme": "light"}),
    "dark": (1440, 900, {"theme": "dark"}),
    "stage": (1920, 1080, {"theme": "dark", "stage": "1"}),
    "phone": (390, 844, {"theme": "light"}),
}
TILE = 460
CAPTION = 24

# As the browser's back button changes the view: without loading the page again.
GO = "(address) => { history.pushState(null, '', address); dispatchEvent(new PopStateEvent('popstate')); }"

View = dict[str, str]


@pytest.fixture(scope="module")
def views(address: str) -> dict[tuple[str, str], View]:
    """What each tile of the sheet shows: a picture that the network knows, and the middle one of its convolutions."""
    samples = httpx.get(f"{address}/api/v1/samples").json()["samples"]
    found: dict[tuple[str, str], View] = {}
    for model in MODELS:
        nodes = httpx.get(f"{address}/api/v1/models/{model}", timeout=60).json()["graph"]["nodes"]
        convolutions = [node for node in nodes if node["operation"] == "convolution"]
        node = convolutions[len(convolutions) // 2]
        own = next((sample for sample in samples if model in sample["models"]), samples[0])
        places: View = {"node": node["name"], "unit": "3", "at": f"{node['shape'][1] // 2},{node['shape'][2] // 2}"}
        for depth, level in enumerate(LEVELS):
            chosen = dict(list(places.items())[:depth])
            found[model, level] = {"model": model, "image": own["image"], **chosen}
    return found


@pytest.fixture(scope="module")
def sheet() -> Iterator[dict[tuple[str, str, str], Image.Image]]:
    """Takes pictures by look, network and level; at its end they are laid out in tests/output/sheet.png."""
    pictures: dict[tuple[str, str, str], Image.Image] = {}
    OUTPUT.mkdir(exist_ok=True)
    yield pictures
    laid_out(pictures).save(OUTPUT / "sheet.png")


def laid_out(pictures: dict[tuple[str, str, str], Image.Image]) -> Image.Image:
    """One picture of all: a row per look and network, a column per level, each with its name."""
    rows = [(look, model) for look in LOOKS for model in MODELS if (look, model, LEVELS[0]) in pictures]
    heights = [TILE * LOOKS[look][1] // max(LOOKS[look][0], 780) + CAPTION for look, _ in rows]
    whole = Image.new("RGB", (TILE * len(LEVELS), sum(heights) or 1), "white")
    pen = ImageDraw.Draw(whole)
    top = 0
    for (look, model), height in zip(rows, heights, strict=True):
        for column, level in enumerate(LEVELS):
            picture = pictures.get((look, model, level))
            if picture is None:
                continue
            small = picture.copy()
            small.thumbnail((TILE - 8, height - CAPTION))
            pen.text((column * TILE + 4, top + 4), f"{look}: {model}, {level}", "black", font_size=15)
            whole.paste(small, (column * TILE + 4, top + CAPTION))
        top += height
    return whole


def shown(page: Page, level: str) -> None:
    """Waits until a level is drawn whole."""
    drawn(page)
    if level != "network":
        page.wait_for_selector(".panel")
        waiting = ".panel [data-tile-state=computing], .panel [data-tile-state=waiting]"
        until(lambda: page.locator(waiting).count() == 0, "the panel's tiles are drawn")
    if level == "value":
        page.wait_for_selector("[data-value=done]")
    drawn(page)


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_overlaps_is_cut_empty_or_fails(
    look: str,
    chromium: Browser,
    address: str,
    views: dict[tuple[str, str], View],
    sheet: dict[tuple[str, str, str], Image.Image],
    violations: Violations,
) -> None:
    width, height, choices = LOOKS[look]
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    watch = Watch()
    watch.attach(page, address.removeprefix("http://"))
    refused: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and refused.append(f"{answer.status} {answer.url}"))
    page.goto(f"/?{urlencode({**views['lenet5', 'network'], **choices})}")
    findings: dict[str, list[str]] = {}
    for (model, level), view in views.items():
        page.evaluate(GO, f"/?{urlencode({**view, **choices})}")
        shown(page, level)
        page.mouse.move(2, 2)
        sheet[look, model, level] = Image.open(BytesIO(page.screenshot())).convert("RGB")
        sheet[look, model, level].save(OUTPUT / f"sheet-{look}-{model}-{level}.png")
        wrong = [*page.evaluate(EXAMINE), *violations(page), *watch.errors, *watch.foreign, *refused]
        for finding in wrong:
            findings.setdefault(finding, []).append(f"{model} {level}")
        for told in (watch.errors, watch.foreign, refused):
            told.clear()
    context.close()
    assert not findings, "\n".join(f"{finding} ({', '.join(places)})" for finding, places in findings.items())
