"""From the layer to the unit to the value to the pixels, by mouse and by keys; every number is torch's."""

import io
import re
from collections.abc import Callable

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect
from torch import Tensor

from models import create
from tests.browser.looking import open_level, sample

Maps = dict[str, Tensor]

# Of what comes over the stream; a busy machine takes its time.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def espresso() -> str:
    """The identity of a sample picture."""
    return sample("espresso")[0]


@pytest.fixture(scope="module")
def pixels(address: str, espresso: str) -> np.ndarray:
    """The picture as Tiny VGG sees it, 64×64×3 bytes."""
    picture = httpx.get(f"{address}/api/v1/images/{espresso}", params={"model": "tiny_vgg"}).content
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


@pytest.fixture(scope="module")
def maps(pixels: np.ndarray) -> Maps:
    """What torch itself makes of that picture in each module, in float64, C×H×W or C."""
    module = create("tiny_vgg", pretrained=True).double().eval()
    known: Maps = {}

    def keep(name: str) -> Callable[[torch.nn.Module, object, Tensor], None]:
        def hook(_module: torch.nn.Module, _inputs: object, output: Tensor) -> None:
            known[name] = output[0]

        return hook

    for name, child in module.named_children():
        child.register_forward_hook(keep(name))
    with torch.no_grad():
        module(torch.from_numpy(pixels / 255.0).permute(2, 0, 1)[None])
    return known


SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(text: str) -> float:
    """A number as the page writes it: −1.25, 19,920 or 1.2·10⁻⁷."""
    found = re.search(r"([−+]?\d[\d.,]*)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", text)
    assert found, f"no number in {text!r}"
    exponent = int(found[2].translate(SUPERSCRIPTS)) if found[2] else 0
    return float(found[1].replace("−", "-").replace(",", "")) * 10.0**exponent


def network_value(page: Page) -> float:
    """The value that the last line says the network has."""
    return float(page.locator("[data-network-value]").get_attribute("data-network-value") or "nan")


def test_layer_level_shows_all_units_and_what_sums_them_up(page: Page, espresso: str, maps: Maps) -> None:
    open_level(page, espresso, node="conv_2_2")
    panel = page.locator(".panel")
    expect(panel.locator("dl")).to_contain_text("10 × 26 × 26")
    expect(panel.locator("dl")).to_contain_text("608,400")
    expect(panel.locator("dl")).to_contain_text("14 × 14 px")
    values = maps["conv_2_2"]
    units = panel.get_by_role("gridcell")
    expect(units).to_have_count(10)

    def shown() -> list[int]:
        return [int(units.nth(i).get_attribute("data-unit") or -1) for i in range(10)]

    for order, strength in (
        ("strength", values.abs().amax((1, 2))),
        ("largest", values.amax((1, 2))),
        ("mean", values.mean((1, 2))),
        ("variance", values.var((1, 2), correction=0)),
    ):
        panel.get_by_role("button", name=order, exact=True).click()
        assert shown() == strength.argsort(descending=True).tolist()
    panel.get_by_role("button", name="number", exact=True).click()
    assert shown() == list(range(10))
    largest = number((units.nth(3).get_attribute("aria-label") or "").split("largest")[1])
    assert largest == pytest.approx(float(values[3].max()), rel=1e-3)
    expect(panel.get_by_role("button", name="kernel of unit 3")).to_be_visible()


def test_layer_level_of_the_last_node_takes_the_softmax_apart(page: Page, espresso: str, maps: Maps) -> None:
    open_level(page, espresso, node="output")
    rows = page.locator(".panel table tbody tr")
    logits = maps["output"]
    expect(rows).to_have_count(10)
    first = rows.first.inner_text().split("\t")
    assert first[0].strip() == "espresso"
    assert number(first[1]) == pytest.approx(float(logits.max()), abs=5e-3)
    total = number(page.locator(".panel table tfoot").inner_text().split("\t")[2])
    assert total == pytest.approx(float((logits - logits.max()).exp().sum()), abs=1e-3)
    # What is looked at is told in full.
    second = int(logits.argsort(descending=True)[1])
    rows.nth(1).get_by_role("button").focus()
    told = page.locator(f"[data-softmax='{second}']")
    power = rows.nth(1).inner_text().split("\t")[2]
    expect(told).to_contain_text(power)
    assert number(power) == pytest.approx(float((logits[second] - logits.max()).exp()), rel=1e-2)


def test_mouse_from_layer_to_value_and_out_again(page: Page, espresso: str, maps: Maps) -> None:
    open_level(page, espresso, node="conv_2_2")
    page.locator(".panel [role=gridcell][data-unit='3']").click()
    drawn = page.locator("[data-map]")
    box = drawn.bounding_box()
    assert box is not None
    cell = box["width"] / 26
    drawn.hover(position={"x": 9.5 * cell, "y": 11.5 * cell})
    expect(page.locator(".panel figcaption[data-box]")).to_have_attribute("data-box", "22,18,35,31")
    expect(drawn.locator("xpath=..")).to_contain_text("row 11, column 9")
    assert "at=" not in page.url
    drawn.click(position={"x": 9.5 * cell, "y": 11.5 * cell})
    page.wait_for_selector("[data-value=done]")
    assert page.url.endswith("node=conv_2_2&unit=3&at=11,9")
    truth = float(maps["conv_2_2"][3, 11, 9])
    assert network_value(page) == pytest.approx(truth, rel=1e-4)
    lines = page.locator(".panel .lines")
    expect(lines).to_contain_text("equal")
    assert number(lines.locator(".total .number").inner_text()) == pytest.approx(truth, abs=5e-4)
    page.mouse.move(5, 5)
    page.keyboard.press("Escape")
    assert page.url.endswith("unit=3")
    page.keyboard.press("Escape")
    assert page.url.endswith("node=conv_2_2")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".panel")).to_have_count(0)


def test_what_is_told_by_the_window_adds_up(page: Page, espresso: str, maps: Maps) -> None:
    open_level(page, espresso, node="conv_2_2", unit=3, at="11,9")
    page.wait_for_selector("[data-value=done]")
    group = page.locator(".panel .lines button[aria-pressed=true]")
    folded = number(group.locator(".number").inner_text())
    unit = int(re.findall(r"\d+", group.locator(".label").inner_text())[0])
    window, weights, products = (
        np.array([number(text) for text in page.locator(f"[data-grid={name}] td").all_inner_texts()])
        for name in ("window", "weights", "products")
    )
    assert window == pytest.approx(maps["relu_2_1"][unit, 11:14, 9:12].flatten().numpy(), abs=1e-2)
    assert products == pytest.approx(window * weights, abs=2e-2)
    assert products.sum() == pytest.approx(folded, abs=2e-2)


def test_keys_alone_walk_down_to_the_pixel(page: Page, espresso: str, pixels: np.ndarray, maps: Maps) -> None:
    open_level(page, espresso, node="relu_1_1")
    tiles = page.locator(".panel [role=gridcell]")
    tiles.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    unit = int(re.findall(r"unit=(\d+)", page.url)[0])
    page.locator("[data-map]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-value=done]")
    row, column = (int(part) for part in re.findall(r"at=(\d+),(\d+)", page.url)[0])
    assert network_value(page) == pytest.approx(float(maps["relu_1_1"][unit, row, column]), rel=1e-4, abs=1e-6)

    page.locator("[data-door]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_contain_text("conv_1_1")
    page.wait_for_selector("[data-value=done]")
    expect(page.locator(".panel section[data-value] h3")).to_be_focused()
    assert network_value(page) == pytest.approx(float(maps["conv_1_1"][unit, row, column]), rel=1e-4)

    page.locator("[data-grid=window] button").nth(4).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_contain_text("input")
    page.wait_for_selector("[data-value=done]")
    colour = int(re.findall(r"unit=(\d+)", page.url)[0])
    byte = int(pixels[row + 1, column + 1, colour])
    expect(page.locator(".panel .sentence")).to_contain_text(f"is {byte} of 255")
    assert network_value(page) == pytest.approx(byte / 255, abs=1e-6)

    trail = page.get_by_role("navigation", name="The way here")
    expect(trail.get_by_role("listitem")).to_have_count(3)
    trail.get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_contain_text("relu_1_1")
    assert page.url.endswith(f"unit={unit}&at={row},{column}")


def test_arrow_keys_move_the_pin_and_stop_at_the_edge(page: Page, espresso: str) -> None:
    open_level(page, espresso, node="conv_2_2", unit=3, at="1,24")
    drawn = page.locator("[data-map]")
    drawn.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("at=10,25$"))
    expect(page.locator(".panel figcaption[data-box]")).to_have_attribute("data-box", "20,50,33,63")


def test_dense_unit_is_taken_apart_at_once(page: Page, espresso: str, maps: Maps) -> None:
    open_level(page, espresso, node="output", unit=6)
    page.wait_for_selector("[data-value=done]")
    expect(page.locator(".panel h2")).to_contain_text("class 6: espresso")
    assert network_value(page) == pytest.approx(float(maps["output"][6]), rel=1e-4)
    page.locator("[data-door]").first.click()
    expect(page.locator(".panel h2")).to_contain_text("flatten")
    page.wait_for_selector("[data-value=done]")
    page.locator("[data-door]").first.click()
    expect(page.locator(".panel h2")).to_contain_text("max_pool_2")
