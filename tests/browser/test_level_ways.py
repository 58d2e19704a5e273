"""What the levels do: a picture grows and stops, the focus goes in and comes back, an address opens what it names."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import open_level, sample

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def espresso() -> str:
    """The identity of a sample picture."""
    return sample("espresso")[0]


def test_max_response_grows_stops_and_ends(page: Page, espresso: str) -> None:
    open_level(page, espresso, node="conv_2_2", unit=3)
    grown = page.locator("section[data-response]")
    page.wait_for_selector("section[data-response=done]", timeout=2 * PATIENCE)
    assert grown.get_attribute("data-step") == "160"
    start, end = re.findall(r"Response ([\d.]+) at the start, ([\d.]+) at", grown.inner_html())[0]
    assert float(end) > 2 * float(start)

    grown.get_by_text("Settings").click()
    steps = grown.get_by_label("Steps")
    steps.fill("0")
    steps.press("Tab")
    expect(grown.get_by_role("alert")).to_have_text("Steps has to be at least 1.")
    steps.fill("2000")
    steps.press("Tab")
    expect(grown.get_by_role("alert")).to_have_count(0)
    grown.get_by_role("button", name="Stop").click()
    expect(grown).to_contain_text("Stopped at step")
    assert int(grown.get_attribute("data-step") or 0) < 2000
    reset = grown.get_by_role("button", name="Reset")

    def size(help_of: str) -> tuple[float, float]:
        """How large the button is beside a field's help."""
        grown.get_by_label(help_of).hover()
        box = reset.bounding_box()
        assert box
        return box["width"], box["height"]

    assert size("Learning rate") == size("Blur") == size("Steps")
    reset.click()
    # What was answered once is at hand again, and nothing is asked.
    page.wait_for_selector("section[data-response=done][data-step='160']")


def test_effective_field_is_drawn_on_the_picture(page: Page, espresso: str) -> None:
    open_level(page, espresso, node="conv_2_2", unit=3, at="11,9")
    page.get_by_role("button", name="show how much each pixel counts").click()
    expect(page.locator(".panel figcaption[data-box]")).to_contain_text("100 % of it inside the box")
    page.get_by_role("button", name="hide how much each pixel counts").click()
    expect(page.locator(".panel figcaption[data-box]")).not_to_contain_text("inside the box")


def test_reload_restores_the_value(page: Page, espresso: str) -> None:
    open_level(page, espresso, node="conv_2_2", unit=3, at="11,9")
    page.wait_for_selector("[data-value=done]")
    before = page.locator(".panel .lines").inner_text()
    page.reload()
    page.wait_for_selector("[data-value=done]")
    assert page.locator(".panel .lines").inner_text() == before


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["node=conv_2_2", "node=output", "node=conv_2_2&unit=3&at=11,9", "node=output&unit=6"])
def test_levels_are_accessible(page: Page, espresso: str, violations: Violations, view: str, theme: str) -> None:
    page.goto(f"/?model=tiny_vgg&image={espresso}&{view}&theme={theme}")
    page.wait_for_selector("[data-state=done]")
    if "unit" in view:
        page.wait_for_selector("[data-value=done]")
        page.wait_for_selector("section[data-response=done]", timeout=2 * PATIENCE)
    assert violations(page) == []


def test_focus_goes_in_with_enter_and_comes_back_with_escape(page: Page, espresso: str) -> None:
    open_level(page, espresso)
    tile = page.locator("[data-node=conv_2_2][data-unit='3']")
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel [role=gridcell][data-unit='3']")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    expect(tile).to_be_focused()


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ("node=conv_2_2&unit=10", "conv_2_2 has no unit 10: its 10 units count from 0 to 9."),
        ("node=conv_2_2&unit=3&at=26,0", "conv_2_2 has no row 26: its 26 rows count from 0 to 25."),
    ],
)
def test_an_address_of_what_is_not_there_is_answered(page: Page, espresso: str, view: str, sentence: str) -> None:
    page.goto(f"/?model=tiny_vgg&image={espresso}&{view}")
    expect(page.locator(".panel [role=alert]").first).to_contain_text(sentence)
