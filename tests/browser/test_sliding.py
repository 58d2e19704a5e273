"""The window that slides over a map: it paints what the network computed, in torch's numbers, and stops at a hand."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from models import create
from tests.browser.looking import drawn, sample, truth

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def open_view(page: Page, view: str) -> Locator:
    """The part of a view of Tiny VGG in which the window slides, at rest."""
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&{view}")
    drawn(page)
    part = page.locator("section[data-slides]")
    expect(part).not_to_have_attribute("data-slides", "computing")
    pause = part.get_by_role("button", name="Pause")
    if pause.count():
        pause.click()
    return part


def numbers(part: Locator, grid: str) -> list[float]:
    cells = part.locator(f"[data-sliding={grid}] td").all_inner_texts()
    return [float(text.replace("−", "-")) for text in cells]


def lines(part: Locator) -> list[float]:
    """The numbers of the sum, in their order."""
    return [float(text.replace("−", "-").replace("+", "")) for text in part.locator("dd").all_inner_texts()]


def pixels(page: Page, selector: str) -> list[int]:
    read = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    found: list[int] = page.locator(f"{selector} canvas").evaluate(read)
    return found


def test_it_paints_the_map_that_the_network_made(page: Page) -> None:
    part = open_view(page, "node=conv_2_2&unit=3")
    whole = pixels(page, "[data-map=conv_2_2]")
    part.get_by_label("Speed").select_option("slow")
    part.locator("[data-slide=conv_2_2]").focus()
    page.keyboard.press("ArrowDown")
    row, column = (int(index) for index in (part.get_attribute("data-slide-at") or "").split(","))
    done = (row * 26 + column + 1) * 4
    half = pixels(page, "[data-slide=conv_2_2]")
    assert half[:done] == whole[:done]
    assert not any(half[done:])
    part.get_by_label("Speed").select_option("faster")
    part.get_by_role("button", name="Play").click()
    expect(part).to_have_attribute("data-slide-at", "25,25")
    expect(part).to_have_attribute("data-slides", "still")
    assert pixels(page, "[data-slide=conv_2_2]") == whole


def test_its_numbers_are_torchs(page: Page) -> None:
    part = open_view(page, "node=conv_2_2&unit=3&at=11,9")
    maps = truth("tiny_vgg", "espresso")
    channel = int(part.get_by_label("Input map").input_value())
    state = create("tiny_vgg", pretrained=True).state_dict()
    kernel = state["conv_2_2.weight"][3, channel].double().numpy()
    bias = float(state["conv_2_2.bias"][3])
    window = maps["relu_2_1"][channel, 11:14, 9:12]
    assert numbers(part, "window") == pytest.approx(window.flatten(), abs=6e-3)
    assert numbers(part, "weights") == pytest.approx(kernel.flatten(), abs=6e-3)
    assert numbers(part, "products") == pytest.approx((window * kernel).flatten(), abs=6e-3)
    value = float(maps["conv_2_2"][3, 11, 9])
    own = float((window * kernel).sum())
    assert lines(part) == pytest.approx([own, value - bias - own, bias, value], abs=2e-4)


def test_all_maps_add_up_to_the_value(page: Page) -> None:
    part = open_view(page, "node=conv_2_2&unit=3&at=11,9")
    maps = truth("tiny_vgg", "espresso")
    state = create("tiny_vgg", pretrained=True).state_dict()
    kernels = state["conv_2_2.weight"][3].double().numpy()
    added = (maps["relu_2_1"][:, 11:14, 9:12] * kernels).sum((1, 2))
    told = part.locator("[data-adds] .number")
    expect(told).to_have_count(12)
    numbers = [float(text.replace("−", "-").replace("+", "")) for text in told.all_inner_texts()]
    expected = [*added, float(state["conv_2_2.bias"][3]), maps["conv_2_2"][3, 11, 9]]
    assert numbers == pytest.approx(expected, abs=2e-3)
    # One of them is looked at; its own products are told above.
    part.locator("button:has([data-added='2'])").click()
    expect(part.get_by_label("Input map")).to_have_value("2")


def test_products_are_added_one_by_one(page: Page) -> None:
    part = open_view(page, "node=conv_2_2&unit=3&at=11,9")
    part.get_by_label("Speed").select_option("products")
    part.locator("[data-slide=relu_2_1]").focus()
    page.keyboard.press("ArrowRight")
    expect(part).to_have_attribute("data-slide-at", "11,10")
    products = numbers(part, "products")
    for added in range(4):
        assert lines(part)[0] == pytest.approx(sum(products[:added]), abs=2e-2)
        part.get_by_role("button", name="One step on").click()
    expect(part.locator("dt").first).to_contain_text("4 of 9 products")


def test_the_largest_value_of_a_window_wins(page: Page) -> None:
    part = open_view(page, "node=max_pool_1&unit=3")
    values = truth("tiny_vgg", "espresso")["relu_1_2"][3]
    windows = torch.from_numpy(values[None]).unfold(1, 2, 2).unfold(2, 2, 2)[0].reshape(30, 30, 4)
    row, column = np.unravel_index(int(windows.amax(-1).argmax()), (30, 30))
    box = part.locator("[data-slide=max_pool_1]").bounding_box()
    assert box
    part.locator("[data-slide=max_pool_1]").click(
        position={"x": (column + 0.5) * box["width"] / 30, "y": (row + 0.5) * box["height"] / 30}
    )
    expect(part).to_have_attribute("data-slide-at", f"{row},{column}")
    marked = part.locator("[data-sliding=window] td").evaluate_all(
        "cells => cells.findIndex(cell => cell.classList.contains('marked'))"
    )
    assert marked == int(windows[row, column].argmax())
    assert lines(part) == pytest.approx([float(windows[row, column].max())], abs=1e-3)


def test_it_goes_by_itself_and_stops_at_a_hand(page: Page) -> None:
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&node=relu_1_1&unit=2")
    drawn(page)
    part = page.locator("section[data-slides]")
    part.scroll_into_view_if_needed()
    expect(part).to_have_attribute("data-slides", "playing")
    expect(part).not_to_have_attribute("data-slide-at", "0,0")
    page.locator("[data-map]").click(position={"x": 100, "y": 100})
    expect(part).to_have_attribute("data-slides", "still")
    pin = re.findall(r"at=(\d+,\d+)", page.url)[0]
    expect(part).to_have_attribute("data-slide-at", pin)


def test_who_wants_no_motion_steps_by_hand(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    part = open_view(page, "node=conv_1_1&unit=2")
    part.scroll_into_view_if_needed()
    expect(part).to_have_attribute("data-slides", "still")
    assert part.get_attribute("data-slide-at") == "0,0"
    part.get_by_role("button", name="One step on").click()
    expect(part).to_have_attribute("data-slide-at", "0,1")
    context.close()
