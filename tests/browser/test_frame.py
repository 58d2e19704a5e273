"""The frame: what a link hides, keys, history, narrow pages, and the way out with Esc."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Violations, Watch
from tests.browser.looking import GO, drawn, place, until

HIDDEN = {
    "modes": "nav",
    "model": "#model",
    "why": "button:has-text('Why?')",
    "samples": "[data-sample]",
    "upload": "input[type=file]",
    "tour": "button:has-text('tour')",
    "range": "[name=range]",
    "stage": "button:has-text('Stage')",
    "theme": "[title^=Theme]",
    "language": "[title=Language]",
    "keys": "button:has-text('Help')",
    "views": "button:has-text('keep this view')",
    "link": "footer button:has-text('link')",
}


def test_what_a_link_hides_is_gone(page: Page) -> None:
    page.goto("/")
    drawn(page)
    for control, selector in HIDDEN.items():
        assert page.locator(selector).count() > 0, control
    page.keyboard.press("?")
    page.get_by_role("button", name="For teachers").click()
    told = page.get_by_role("dialog").locator("dt").all_inner_texts()
    assert sorted(told) == sorted(HIDDEN)
    page.keyboard.press("Escape")
    for hidden in HIDDEN:
        page.evaluate(GO, f"/?hide={hidden}")
        until(lambda hidden=hidden: page.locator(HIDDEN[hidden]).count() == 0, hidden)  # type: ignore[misc]
        left = [control for control, selector in HIDDEN.items() if page.locator(selector).count()]
        assert left == [control for control in HIDDEN if control != hidden]
    page.goto("/?hide=" + ",".join(HIDDEN))
    drawn(page)
    assert [control for control, selector in HIDDEN.items() if page.locator(selector).count()] == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_where_bringing_pictures_is_hidden_none_is_taken(page: Page, watch: Watch) -> None:
    page.goto("/?hide=upload")
    drawn(page)
    prevented = page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["no picture"], "picture.png", { type: "image/png" }));
          const drop = new DragEvent("drop", { dataTransfer: transfer, cancelable: true });
          dispatchEvent(drop);
          dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
          return drop.defaultPrevented;
        }"""
    )
    assert prevented, "or the browser would open the file in place of the page"
    drawn(page)
    assert page.locator("[data-notice=upload]").count() == 0
    assert [asked for asked in watch.requests if asked.endswith("/api/v1/images")] == []


def test_the_help_tells_keys_words_and_what_can_be_hidden(page: Page, violations: Violations) -> None:
    page.goto("/")
    drawn(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("kbd").first).to_be_visible()
    page.get_by_role("button", name="Words").click()
    expect(dialog).to_contain_text("The part of the input picture that can change a value.")
    assert violations(page) == []
    page.get_by_role("button", name="For teachers").click()
    expect(dialog.get_by_text("hide=")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_esc_leads_out_level_by_level(page: Page) -> None:
    page.goto("/?stage=1&node=conv_1_2&unit=4&at=3,3")
    drawn(page)
    page.locator("body").focus()
    for gone in ("at=", "unit=", "node=", "stage="):
        assert gone in place(page)
        page.keyboard.press("Escape")
        until(lambda gone=gone: gone not in place(page), gone)  # type: ignore[misc]


def test_back_forward_and_reload_restore_the_view(page: Page) -> None:
    page.goto("/?range=net&theme=dark")
    drawn(page)
    first = place(page)
    page.locator('[role="gridcell"][data-node="conv_1_2"][data-unit="4"]').click()
    until(lambda: "unit=4" in place(page), "the unit is open")
    second = place(page)
    page.go_back()
    until(lambda: place(page) == first, "back")
    expect(page.locator(".panel")).to_have_count(0)
    page.go_forward()
    until(lambda: place(page) == second, "forward")
    expect(page.locator(".panel h2")).to_contain_text("conv_1_2")
    page.reload()
    drawn(page)
    assert place(page) == second
    expect(page.locator("[name=range][value=net]")).to_be_checked()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("size", [(390, 844), (320, 640), (720, 450), (1024, 768)])
def test_nothing_is_cut_on_a_small_page(
    page: Page, size: tuple[int, int], language: str, violations: Violations
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"/?lang={language}")
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_role("button", name=re.compile("^(More|Mehr)$")).click()
    last = page.get_by_role("button", name=re.compile("^(Help|Hilfe)"))
    expect(last).to_be_in_viewport(ratio=1)
    for part in page.locator("header > *:visible, footer > *:visible").all():
        box = part.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= size[0] + 0.5, part
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(last).to_be_hidden()
