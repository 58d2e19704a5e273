"""The network level: true maps and numbers, blocks, ranges, keys, pictures of one's own, and faults."""

import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

import models
from app.explain.preprocess import seen
from app.render.colours import table
from app.render.quantise import quantise
from app.resources import resource
from tests.browser.conftest import OUTPUT, Violations, Watch
from tests.browser.looking import drawn, image_of, place, sample, screenshot, state, truth, until

CONV = '[data-node="conv_2_1"][data-unit="{unit}"]'


def label_value(label: str | None) -> float:
    """The number at the end of a tile's label, in the page's own notation."""
    assert label
    return float(label.rsplit(" ", 1)[-1].replace("−", "-"))


def test_every_tile_tells_the_value_that_torch_has(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    values = truth("tiny_vgg", "espresso")
    assert image_of(page) == sample("espresso")[0]
    for node in ("conv_1_1", "relu_1_1", "conv_1_2", "max_pool_1", "conv_2_2", "max_pool_2"):
        for unit, expected in enumerate(values[node]):
            label = page.locator(f'[role=gridcell][data-node="{node}"][data-unit="{unit}"]').get_attribute("aria-label")
            largest = expected.flat[np.abs(expected).argmax()]
            assert label_value(label) == pytest.approx(largest, rel=6e-3, abs=1e-6), label


def test_the_classes_have_the_probabilities_of_torch(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    logits = truth("tiny_vgg", "espresso")["output"]
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    rows = page.locator("[data-class]")
    until(lambda: "%" in (rows.first.text_content() or ""), "the probabilities are there")
    assert rows.count() == len(expected)
    for index, probability in enumerate(expected):
        said = (rows.nth(index).locator(".share").text_content() or "").replace("%", "").strip()
        if said.startswith("<"):
            assert probability < 0.001
        else:
            assert float(said) / 100 == pytest.approx(probability, abs=0.0006)


@pytest.mark.parametrize("renderer", ["webgl2", "2d"])
@pytest.mark.parametrize("unit", [0, 7])
def test_the_pixels_of_a_tile_have_the_colours_of_its_values(page: Page, renderer: str, unit: int) -> None:
    page.goto(f"/?model=tiny_vgg&theme=light&renderer={renderer}")
    drawn(page)
    assert page.locator("canvas[data-renderer]").get_attribute("data-renderer") == renderer
    page.mouse.move(2, 2)
    shown = screenshot(page, CONV.format(unit=unit))
    values = truth("tiny_vgg", "espresso")["conv_2_1"].astype(np.float32)
    quantised = quantise(values, "signed")
    own = (quantised.data[unit].astype(float) - 128) / 127 * quantised.high[unit]
    entries = np.rint((own / np.abs(values).max() + 1) / 2 * 254).astype(int) + 1

    box, side = shown.shape[0], values.shape[-1]
    multiple = box // side * side
    whole = multiple if multiple >= 0.8 * box else box
    centres = (box - whole) // 2 + ((np.arange(side) + 0.5) * whole / side).astype(int)
    seen = shown[centres][:, centres].astype(int)
    assert np.abs(seen - table("signed")[entries].astype(int)).max() <= 3


def test_another_range_recolours_without_asking(page: Page, watch: Watch) -> None:
    sent: list[Any] = []
    page.on("websocket", lambda opened: opened.on("framesent", lambda frame: sent.append(frame)))
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.locator("[data-node=conv_2_1][data-unit='0']").hover()
    legend = page.locator("[data-legend]")
    until(lambda: legend.get_attribute("data-legend") == "conv_2_1", "the legend is that of the layer pointed at")
    # What was received may still be acknowledged.
    page.wait_for_timeout(200)
    before = (len(sent), len(watch.requests))
    values = truth("tiny_vgg", "espresso")
    net = max(np.abs(values[name]).max() for name in values if name)
    for choice, largest in (
        ("Unit", np.abs(values["conv_2_1"][0]).max()),
        ("Layer", np.abs(values["conv_2_1"]).max()),
        ("Net", net),
    ):
        pictures = screenshot(page, CONV.format(unit=0))
        page.get_by_text(choice, exact=True).click()
        page.locator("[data-node=conv_2_1][data-unit='0']").hover()
        until(
            lambda choice=choice: f"one range for {'each' if choice == 'Unit' else 'th'}" in legend.inner_text(), choice
        )
        end = legend.inner_text().split("+")[1].split()[0]
        assert float(end) == pytest.approx(largest, rel=6e-3)
        if choice != "Layer":
            assert not np.array_equal(pictures, screenshot(page, CONV.format(unit=0)))
    # The browser itself gets the page's icon again whenever the address changes.
    assert [asked for asked in watch.requests[before[1] :] if "/api/" in asked] == []
    assert len(sent) == before[0]
    assert "range=net" in place(page)


def test_a_unit_shows_its_own_lines_while_it_is_pointed_at(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    strong = page.locator("path.strong")
    assert strong.count() == 0
    for node, lines in (("conv_2_2", 10), ("relu_2_2", 1), ("max_pool_1", 1)):
        page.locator(f'[data-node="{node}"][data-unit="3"]').hover()
        until(lambda lines=lines: (strong.get_attribute("d") or "").count("M") == lines, f"lines of {node}")
    page.mouse.move(2, 2)
    until(lambda: strong.count() == 0, "no lines are strong any more")


def test_the_keys_alone_lead_in_and_out(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    grid_has_focus = "document.activeElement?.getAttribute('role') === 'gridcell'"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(grid_has_focus):
            break
    focused = "document.activeElement.dataset.node + ' ' + document.activeElement.dataset.unit"
    assert page.evaluate(focused) == "conv_1_1 0"
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate(focused) == "relu_1_1 3"
    assert page.locator("[role=grid] [tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    until(lambda: "node=relu_1_1" in place(page) and "unit=3" in place(page), "the unit is open")
    page.keyboard.press("Escape")
    until(lambda: "unit=" not in place(page), "the layer is open")
    page.keyboard.press("Escape")
    until(lambda: "node=" not in place(page), "the network is there")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    until(lambda: place(page).endswith("node=relu_1_1"), "the layer is open by its name")


def test_the_list_of_keys_comes_and_goes(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.keyboard.press("?")
    dialog = page.locator("dialog")
    dialog.wait_for(state="visible")
    assert dialog.locator("dd").count() >= 15
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_reload_back_and_forward_restore_the_view(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    first = image_of(page)
    page.locator("[data-sample=pizza]").click()
    second = sample("pizza")[0]
    drawn(page, second)
    page.locator("[data-node=conv_1_2][data-unit='4']").click()
    page.get_by_text("Net", exact=True).click()
    address = place(page)
    for part in (f"image={second}", "node=conv_1_2", "unit=4", "range=net"):
        assert part in address
    page.reload()
    drawn(page, second)
    assert place(page) == address
    assert page.locator("[role=gridcell][aria-selected=true]").get_attribute("data-unit") == "4"
    assert page.locator("[data-sample=pizza]").get_attribute("aria-pressed") == "true"
    page.go_back()
    until(lambda: "node=" not in place(page), "the unit is left")
    page.go_back()
    drawn(page, first)
    page.go_forward()
    drawn(page, second)


def test_unknown_things_in_the_address_are_named(page: Page, watch: Watch) -> None:
    page.goto("/?model=tiny_vgg&node=conv_9")
    drawn(page)
    assert page.locator("[data-notice=node]").inner_text().startswith("Tiny VGG has no layer “conv_9”.")
    page.goto("/?model=tiny_vgg&image=abc")
    until(lambda: state(page) == "failed", "the failure is told")
    assert "“abc”" in page.locator("[data-notice=failure]").inner_text()
    page.locator("[data-sample=pizza]").click()
    drawn(page, sample("pizza")[0])
    assert page.locator("[data-notice=failure]").count() == 0
    page.goto("/?model=nonsense")
    until(lambda: state(page) == "failed", "the failure is told")
    assert "nonsense" in page.locator("[data-notice=failure]").inner_text()
    page.locator("#model").select_option("lenet5")
    drawn(page)
    watch.errors.clear()


def test_a_deep_network_folds_and_opens_in_place(page: Page) -> None:
    page.goto("/?model=resnet18")
    drawn(page)
    headers = page.locator("[role=rowheader]")
    names = [name.strip("▸ \n") for name in headers.locator(".name").all_inner_texts()]
    assert names == ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"]
    assert page.locator("path.skip").count() == 0
    page.locator("[role=rowheader][aria-label^='layer1, 14 layers']").click()
    until(lambda: "open=layer1" in place(page), "layer1 is open")
    page.locator("[role=rowheader][aria-label^='layer1.0, ']").click()
    drawn(page)
    assert page.locator("[data-node='layer1.0.add'][data-unit]").count() > 0
    assert page.locator("path.skip").count() == 1
    page.locator("[data-node='layer1.0.add'][data-unit]").first.hover()
    until(lambda: (page.locator("path.strong").get_attribute("d") or "").count("M") >= 1, "the addends are shown")
    page.get_by_role("button", name="layer1: fold").click()
    until(lambda: headers.count() == len(names), "layer1 is folded again")


def test_a_wide_layer_shows_the_strongest_and_counts_the_rest(page: Page) -> None:
    page.goto("/?model=resnet18")
    drawn(page)
    tiles = page.locator("[role=gridcell][data-node=conv1]")
    values = [abs(label_value(tiles.nth(index).get_attribute("aria-label"))) for index in range(tiles.count())]
    assert values == sorted(values, reverse=True)
    more = page.get_by_label(f"{64 - len(values)} more units of conv1")
    more.click()
    until(lambda: "node=conv1" in place(page), "the layer is open")


def test_random_weights_are_told_in_plain_sight(page: Page) -> None:
    page.goto("/?model=vgg16")
    drawn(page)
    notice = page.locator("[data-notice=random]")
    assert notice.is_visible()
    assert "vgg16.safetensors" in notice.inner_text()
    page.locator("#model").select_option("tiny_vgg")
    drawn(page)
    assert notice.count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["model=tiny_vgg", "model=resnet18&open=layer2"])
def test_nobody_is_shut_out(page: Page, violations: Violations, theme: str, view: str) -> None:
    page.goto(f"/?{view}&theme={theme}")
    drawn(page)
    assert violations(page) == []


@pytest.mark.parametrize("size", [(390, 844), (320, 640), (1024, 768)])
def test_a_small_window_loses_nothing(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/?model=tiny_vgg")
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    strip = "document.querySelector('.strip')"
    last = page.locator("[data-class]").last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box
    assert box["x"] + box["width"] <= size[0] + 1
    assert page.evaluate(f"{strip}.scrollWidth > {strip}.clientWidth") == (size[0] < 900)


@pytest.fixture
def large(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("model", ["tiny_vgg", "lenet5", "squeezenet1_1", "resnet18"])
def test_names_do_not_run_into_each_other(large: Page, theme: str, model: str) -> None:
    large.goto(f"/?model={model}&theme={theme}")
    drawn(large)
    OUTPUT.mkdir(exist_ok=True)
    large.screenshot(path=OUTPUT / f"network_{model}_{theme}_1920.png")
    names = large.locator("[role=rowheader]:not(.aslant) .name")
    boxes = [box for box in (names.nth(index).bounding_box() for index in range(names.count())) if box]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            assert beside or above


def test_the_first_script_is_small() -> None:
    folder = resource("static/build")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    def files(entry: str) -> set[str]:
        chunk = manifest[entry]
        return {chunk["file"]}.union(*(files(needed) for needed in chunk.get("imports", [])))

    size = sum(len(gzip.compress((folder / file).read_bytes())) for file in files("src/explore.ts"))
    assert size <= 60 * 1024


def test_the_picture_is_what_the_network_sees(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    source = page.locator("[data-node=input] img").get_attribute("src")
    assert source
    shown = Image.open(BytesIO(page.request.get(source).body())).convert("RGB")
    card = next(card for card in models.cards() if card.id == "tiny_vgg")
    assert np.array_equal(np.asarray(shown), np.asarray(seen(sample("espresso")[1], card.preprocessing)))
