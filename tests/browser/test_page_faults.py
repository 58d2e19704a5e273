"""The page where a browser lacks something, or a person has set it up otherwise."""

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Violations
from tests.browser.looking import EXAMINE, drawn, place, sample, state, truth, until

NO_WEBGL = """
const original = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith("webgl") ? null : original.call(this, kind, ...rest);
};
"""

VIEWS = ["model=tiny_vgg", "model=tiny_vgg&node=conv_1_2", "model=tiny_vgg&node=conv_1_2&unit=3&at=11,9"]


def label(page: Page, node: str, unit: int) -> str:
    """What a tile says of itself."""
    return (
        page.locator(f'[role=gridcell][data-node="{node}"][data-unit="{unit}"]').first.get_attribute("aria-label") or ""
    )


def shows(page: Page, name: str) -> bool:
    """Whether the first layer's tiles tell the largest values that torch has for a sample."""
    maps = truth("tiny_vgg", name)["conv_1_1"]
    largest = [float(values.flat[np.abs(values).argmax()]) for values in maps]
    told = [float(label(page, "conv_1_1", unit).rsplit(" ", 1)[-1].replace("−", "-")) for unit in range(len(maps))]
    return bool(np.allclose(told, largest, rtol=6e-3))


@pytest.mark.parametrize("view", VIEWS)
def test_with_forced_colours_nothing_is_lost(
    chromium: Browser, address: str, violations: Violations, view: str
) -> None:
    context = chromium.new_context(base_url=address, forced_colors="active", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"/?{view}")
    drawn(page)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert violations(page) == []
    assert page.locator("[role=gridcell].done").count() > 50
    chosen = page.locator("fieldset label").filter(has=page.locator("input:checked")).first
    other = page.locator("fieldset label").filter(has_not=page.locator("input:checked")).first
    look = "label => getComputedStyle(label).backgroundColor + getComputedStyle(label).color"
    assert chosen.evaluate(look) != other.evaluate(look), "what is chosen looks otherwise than what is not"
    context.close()


def test_who_wants_no_motion_gets_none(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/?model=tiny_vgg&node=conv_2_2&unit=3")
    drawn(page)
    page.locator("section[data-response]").wait_for()
    page.keyboard.press("f")
    page.locator("html[data-stage]").wait_for()
    page.evaluate("document.documentElement.dataset.idle = ''")
    assert page.evaluate("document.getAnimations().length") == 0
    moves = "getComputedStyle(document.querySelector('.controls')).transitionProperty"
    assert page.evaluate(moves) == "none"
    # Nothing grows or slides by itself; asked for, it does.
    assert page.locator("section[data-slides]").get_attribute("data-slides") == "still"
    assert page.locator("section[data-response]").get_attribute("data-response") == "waiting"
    page.locator("section[data-response]").get_by_role("button", name="Start").click()
    page.locator("section[data-response=done]").wait_for(timeout=120_000)
    context.close()


@pytest.mark.parametrize("size", [(720, 450, 2), (1024, 768, 1), (320, 640, 1)], ids=["zoom", "projector", "narrow"])
@pytest.mark.parametrize("view", VIEWS[:2])
def test_a_small_or_magnified_window_loses_nothing(
    chromium: Browser, address: str, size: tuple[int, int, int], view: str
) -> None:
    width, height, ratio = size
    context = chromium.new_context(
        base_url=address, viewport={"width": width, "height": height}, device_scale_factor=ratio, locale="en-GB"
    )
    page = context.new_page()
    page.goto(f"/?{view}")
    drawn(page)
    if "node=" in view:
        page.wait_for_selector(".panel [data-tile-state]")
        waiting = ".panel [data-tile-state=computing], .panel [data-tile-state=waiting]"
        until(lambda: page.locator(waiting).count() == 0, "the panel's tiles are drawn")
        drawn(page)
    findings = page.evaluate(EXAMINE)
    assert not findings, "\n".join(findings)
    context.close()


def test_without_webgl_the_same_values_are_drawn(page: Page) -> None:
    page.add_init_script(NO_WEBGL)
    page.goto("/?model=tiny_vgg")
    drawn(page)
    assert shows(page, "espresso")
    canvas = page.locator("canvas[data-renderer]").first
    assert canvas.get_attribute("data-renderer") == "2d"
    assert canvas.evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    )


def test_without_javascript_the_page_says_so_and_leads_to_the_rest_docs(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    assert "needs JavaScript" in page.locator("noscript").inner_text()
    page.locator("noscript a[href='/docs/api']").click()
    page.wait_for_url("**/docs/api")
    assert "/api/v1/ask" in page.locator("body").inner_text()
    context.close()


def test_two_browsers_at_once_do_not_see_each_others_pictures(chromium: Browser, address: str) -> None:
    contexts = [chromium.new_context(base_url=address) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto("/?model=tiny_vgg")
    for page in pages:
        drawn(page)
    pages[0].locator("[data-sample=pizza]").click()
    pages[1].locator("[data-sample=orange]").click()
    for page, name in zip(pages, ("pizza", "orange"), strict=True):
        drawn(page, sample(name)[0])
        assert shows(page, name)
    for context in contexts:
        context.close()


def test_a_tab_that_was_asleep_goes_on(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    session.send("Page.setWebLifecycleState", {"state": "active"})
    page.locator("[data-sample=pizza]").click()
    drawn(page, sample("pizza")[0])
    assert shows(page, "pizza")
    assert state(page) == "done" and sample("pizza")[0] in place(page)
    until(lambda: page.locator("[data-notice=connection]").count() == 0, "no banner stays")
