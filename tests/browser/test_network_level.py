"""The network level: every map, number and colour is the one that torch has."""

import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocket

import models
from app.explain.preprocess import seen
from app.render.colours import table
from app.render.quantise import quantise
from tests.browser.conftest import Watch
from tests.browser.looking import drawn, image_of, place, sample, screenshot, truth, until

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
    received: list[bytes] = []

    def listen(opened: WebSocket) -> None:
        opened.on("framesent", lambda frame: sent.append(frame))
        opened.on("framereceived", lambda frame: isinstance(frame, bytes) and received.append(frame))

    page.on("websocket", listen)
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.locator("[data-node=conv_2_1][data-unit='0']").hover()
    legend = page.locator("[data-legend]")
    until(lambda: legend.get_attribute("data-legend") == "conv_2_1", "the legend is that of the layer pointed at")
    all_of_it = json.dumps({"type": "ack", "bytes": sum(map(len, received))}, separators=(",", ":"))
    until(lambda: page.evaluate("true") and sent[-1] == all_of_it, "what was received is acknowledged")
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


def test_the_picture_is_what_the_network_sees(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    source = page.locator("[data-node=input] img").get_attribute("src")
    assert source
    shown = Image.open(BytesIO(page.request.get(source).body())).convert("RGB")
    card = next(card for card in models.cards() if card.id == "tiny_vgg")
    assert np.array_equal(np.asarray(shown), np.asarray(seen(sample("espresso")[1], card.preprocessing)))
