"""Every level of four networks, in light, dark, on a stage and on a phone: looked over, and put on one sheet."""

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OUTPUT, Violations, Watch
from tests.browser.looking import EXAMINE, GO, drawn, until

MODELS = ("lenet5", "tiny_vgg", "vgg16", "resnet18")
LEVELS = ("network", "layer", "unit", "value")
LOOKS = {
    "light": (1440, 900, {"theme": "light"}),
    "dark": (1440, 900, {"theme": "dark"}),
    "stage": (1920, 1080, {"theme": "dark", "stage": "1"}),
    "phone": (390, 844, {"theme": "light"}),
}
# Pages that are opened, each with its looks: those after the first differ from it in their colours alone.
PAGES = (("light", "dark"), ("stage",), ("phone",))
TILE = 460
CAPTION = 24

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
    """Takes pictures by look, network and level; at its end they are in tests/output, and laid out in sheet.png."""
    pictures: dict[tuple[str, str, str], Image.Image] = {}
    OUTPUT.mkdir(exist_ok=True)
    yield pictures
    for names, picture in pictures.items():
        picture.save(OUTPUT / f"sheet-{'-'.join(names)}.png", compress_level=1)
    laid_out(pictures).save(OUTPUT / "sheet.png", compress_level=1)


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


def wrong(page: Page, level: str, violations: Violations) -> list[str]:
    """What a person would see to be wrong, or could not make out; around a panel only what a person would see."""
    return [*page.evaluate(EXAMINE), *violations(page, "html" if level == "network" else ".panel")]


@pytest.mark.parametrize("looks", PAGES, ids=" and ".join)
def test_nothing_overlaps_is_cut_empty_or_fails(
    looks: tuple[str, ...],
    chromium: Browser,
    address: str,
    views: dict[tuple[str, str], View],
    sheet: dict[tuple[str, str, str], Image.Image],
    violations: Violations,
) -> None:
    width, height, _ = LOOKS[looks[0]]
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    watch = Watch()
    watch.attach(page, address.removeprefix("http://"))
    refused: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and refused.append(f"{answer.status} {answer.url}"))
    page.goto("/?" + urlencode({**views["lenet5", "network"], **LOOKS[looks[0]][2]}))
    page.mouse.move(2, 2)
    findings: dict[str, list[str]] = {}
    for (model, level), view in views.items():
        for look in looks:
            page.evaluate(GO, "/?" + urlencode({**view, **LOOKS[look][2]}))
            shown(page, level)
            sheet[look, model, level] = Image.open(BytesIO(page.screenshot())).convert("RGB")
            first = look == looks[0]
            told = wrong(page, level, violations) if first else violations(page, rules=["color-contrast"])
            for finding in (*told, *watch.errors, *watch.foreign, *refused):
                findings.setdefault(finding, []).append(f"{model} {level}")
            for heard in (watch.errors, watch.foreign, refused):
                heard.clear()
    context.close()
    assert not findings, "\n".join(f"{finding} ({', '.join(places)})" for finding, places in findings.items())
