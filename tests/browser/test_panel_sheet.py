"""On a narrow page the panel is a sheet: pulled to three heights, thrown away, and closed by Escape."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import drawn, sample

expect.set_options(timeout=60_000)


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """A page of 390 × 844 with the panel open on a layer."""
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&node=conv_2_2")
    drawn(page)
    page.wait_for_selector(".panel")
    yield page
    context.close()


def pull(page: Page, by: int, slowly: bool = True) -> None:
    """Takes the handle and moves it down by so many pixels."""
    box = page.locator("aside .handle").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by, steps=4)
    if slowly:
        # A hand that has rested for a tenth of a second does not throw.
        page.wait_for_timeout(120)
    page.mouse.up()


def test_it_rests_at_three_heights_and_is_pulled_away(phone: Page) -> None:
    sheet = phone.locator("aside[data-sheet]")
    expect(sheet).to_have_attribute("data-sheet", "half")
    pull(phone, -320)
    expect(sheet).to_have_attribute("data-sheet", "full")
    pull(phone, 620)
    expect(sheet).to_have_attribute("data-sheet", "peek")
    expect(phone.locator(".panel h2")).to_be_in_viewport()
    pull(phone, 130)
    expect(sheet).to_have_count(0)
    assert "node=" not in phone.url


def test_it_is_worked_by_keys(phone: Page, violations: Violations) -> None:
    sheet = phone.locator("aside[data-sheet]")
    phone.locator("aside .handle").focus()
    for height in ("full", "peek", "half"):
        phone.keyboard.press("Enter")
        expect(sheet).to_have_attribute("data-sheet", height)
    assert violations(phone) == []
    phone.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_a_tap_pins_and_nothing_is_wider_than_the_page(phone: Page) -> None:
    phone.locator(".panel [role=gridcell]").first.tap()
    phone.locator("[data-map]").tap()
    phone.wait_for_selector("[data-value=done]")
    assert "at=" in phone.url
    assert phone.locator(".panel").evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
