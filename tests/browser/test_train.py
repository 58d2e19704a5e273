"""Train: a network learns while the page looks on; each of its steps can be gone back to and asked."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import Pixels, place, screenshot, until

SHAPES = "/train?data=shapes&model=lenet5"


def begun(page: Page, address: str) -> None:
    """Presses play, and waits until the layers are drawn."""
    page.goto(address)
    page.wait_for_selector("html[data-state=done]")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("[data-layer=conv1][data-step]")


def drawn_step(page: Page) -> int:
    return int(page.locator("[data-layer=conv1]").get_attribute("data-step") or -1)


def first_layer(page: Page) -> Pixels:
    return screenshot(page, "[data-layer=conv1]")


def test_a_run_is_watched_paused_gone_back_in_and_explained(page: Page, violations: Violations) -> None:
    page.goto("/")
    page.get_by_role("link", name="Train").click()
    page.wait_for_selector("html[data-state=done]")
    expect(page.get_by_label("Learning rate")).to_be_visible()
    assert violations(page) == []
    begun(page, f"{SHAPES}&seed=3")
    until(lambda: drawn_step(page) >= 8, "eight steps are drawn")
    page.keyboard.press(" ")
    page.wait_for_selector("[data-run-state=paused]")
    assert "run=" in place(page)
    assert violations(page) == []

    now = first_layer(page)
    time = page.get_by_label("Time travel").get_by_role("slider")
    time.focus()
    page.keyboard.press("Home")
    until(lambda: drawn_step(page) == 0, "the first checkpoint is drawn")
    assert "at=0" in place(page)
    assert (first_layer(page) != now).any()
    page.reload()
    until(lambda: drawn_step(page) == 0, "the reloaded page shows the same checkpoint")
    page.get_by_text("open step 0 in Explore").click()
    page.wait_for_selector("html[data-state=done]")
    expect(page.locator("[data-node=conv1][data-unit]").first).to_be_visible()


def test_a_change_is_marked_and_a_wrong_one_is_told(page: Page) -> None:
    begun(page, SHAPES)
    rate = page.get_by_role("textbox", name="Learning rate")
    rate.fill("0.2")
    rate.press("Enter")
    expect(page.get_by_text("Learning rate from 0.05 to 0.2").first).to_be_attached()
    rate.fill("much")
    rate.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Type a number.")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-run-state=stopped]")


def test_a_run_that_diverges_says_so_and_leads_back(page: Page) -> None:
    begun(page, f"{SHAPES}&learning_rate=1000")
    page.wait_for_selector("[data-run-state=failed]")
    page.get_by_role("button", name="in a new run").click()
    until(lambda: page.locator("[data-run-state]").get_attribute("data-run-state") != "failed", "the new run is open")
