"""The tour: by keyboard alone from the first step to the last, left and resumed, never over what it points at."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import drawn, place, until

STEPS = ["picture", "kernel", "map", "relu", "pooling", "field", "deeper", "response", "answer"]
CARD = "[data-tour]"


def begin(page: Page, address: str = "/") -> None:
    page.goto(address)
    drawn(page)
    page.get_by_role("button", name=re.compile("tour", re.IGNORECASE)).click()
    expect(page.locator(CARD)).to_have_attribute("data-tour", "picture")


def there(page: Page) -> None:
    """Goes to what the step points at, as the card offers."""
    until(lambda: page.locator(".ring").count(), "the tour points at something")
    button = page.get_by_role("button", name="Take me there")
    button.focus()
    page.keyboard.press("Enter")


def boxes(page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card's box and that of what it points at, once both have come to rest."""
    seen: list[Any] = [None]

    def rested() -> bool:
        now = [page.locator(selector).bounding_box() for selector in (CARD, ".ring")]
        seen.append(now)
        return None not in now and now == seen[-2]

    until(rested, "the card rests")
    return seen[-1][0], seen[-1][1]


def test_the_whole_tour_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    drawn(page)
    button = page.get_by_role("button", name="New here? Take the tour")
    button.focus()
    page.keyboard.press("Enter")
    keys = {
        "picture": ["Enter"],
        "kernel": ["Enter"],
        "map": ["Enter"],
        "relu": ["Enter"],
        "pooling": ["Enter"],
        "field": ["ArrowRight"],
        "deeper": ["Enter"],
        "response": ["Enter"],
        "answer": ["Enter"],
    }
    for number, step in enumerate(STEPS, start=1):
        card = page.locator(CARD)
        expect(card).to_have_attribute("data-tour", step)
        assert f"tour={number}" in place(page)
        expect(card.locator("h2")).to_be_focused()
        expect(card).to_have_attribute("data-tour-done", "false")
        there(page)
        for key in keys[step]:
            page.keyboard.press(key)
        expect(card).to_have_attribute("data-tour-done", "true")
        if number < len(STEPS):
            page.keyboard.press("n")
    page.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(page.locator(CARD)).to_have_count(0)
    assert "tour=" not in place(page)
    expect(page.get_by_role("button", name="Tour", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)])
def test_the_card_never_covers_what_it_points_at(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for number, step in enumerate(STEPS, start=1):
        page.goto(f"/?tour={number}") if number == 1 else page.keyboard.press("n")
        drawn(page)
        expect(page.locator(CARD)).to_have_attribute("data-tour", step)
        card, ring = boxes(page)
        assert card["x"] >= 0 and card["x"] + card["width"] <= size[0], step
        assert card["y"] >= 0 and card["y"] + card["height"] <= size[1], step
        width = min(card["x"] + card["width"], ring["x"] + ring["width"]) - max(card["x"], ring["x"])
        height = min(card["y"] + card["height"], ring["y"] + ring["height"]) - max(card["y"], ring["y"])
        covered = max(width, 0) * max(height, 0) / (ring["width"] * ring["height"])
        assert covered < 0.4 if size[0] < 640 else covered == 0, (step, card, ring)


def test_it_is_left_and_resumed(page: Page) -> None:
    begin(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(CARD)).to_have_attribute("data-tour", "map")
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)
    assert "node=conv_1_1" in place(page)
    page.goto("/")
    drawn(page)
    page.get_by_role("button", name="Tour, step 3").click()
    expect(page.locator(CARD)).to_have_attribute("data-tour", "map")
    page.go_back()
    expect(page.locator(CARD)).to_have_count(0)


def test_a_link_to_a_step_alone_shows_what_the_step_is_about(page: Page) -> None:
    page.goto("/?tour=3")
    drawn(page)
    card, ring = boxes(page)
    assert ring["width"] > 100 and card["x"] + card["width"] <= ring["x"]
    assert "node=conv_1_1&unit=3" in place(page)
    page.go_back()
    assert page.url == "about:blank"


def test_it_is_accessible(page: Page, violations: Violations) -> None:
    begin(page, "/?lang=en&theme=dark")
    assert violations(page) == []
