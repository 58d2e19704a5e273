"""Compare: two halves of Explore that are scrolled and pinned together, with an address of their own."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Violations


def halves(page: Page) -> tuple[FrameLocator, FrameLocator]:
    return page.frame_locator("iframe >> nth=0"), page.frame_locator("iframe >> nth=1")


def query_of(page: Page, half: str) -> dict[str, list[str]]:
    return parse_qs(parse_qs(urlsplit(page.url).query)[half][0])


def test_two_pictures_are_scrolled_and_pinned_together(page: Page, violations: Violations) -> None:
    page.goto("/")
    page.get_by_role("link", name="Compare").click()
    page.wait_for_selector("html[data-state=done]", timeout=60_000)
    one, other = halves(page)
    assert query_of(page, "a")["model"] == query_of(page, "b")["model"]
    assert query_of(page, "a")["image"] != query_of(page, "b")["image"]
    one.locator(".strip").evaluate("strip => { strip.scrollLeft = strip.scrollWidth }")
    moved = other.locator(".strip")
    moved.evaluate("strip => new Promise(done => strip.scrollLeft ? done() : (strip.onscroll = done))")
    share = "strip => strip.scrollLeft / (strip.scrollWidth - strip.clientWidth)"
    assert abs(moved.evaluate(share) - 1) < 0.02
    one.locator(".strip").evaluate("strip => { strip.scrollLeft = 0 }")
    one.locator("[data-node=conv_1_1][data-unit]").first.click()
    unit = one.locator("html").evaluate("() => new URLSearchParams(location.search).get('unit')")
    expect(other.locator("[data-node=conv_1_1][aria-selected=true]").first).to_have_attribute("data-unit", unit)
    page.wait_for_url(lambda url: url.count("conv_1_1") == 2)
    assert query_of(page, "b")["unit"] == [unit]
    assert violations(page) == []
    page.reload()
    page.wait_for_selector("html[data-state=done]", timeout=60_000)
    assert query_of(page, "b")["unit"] == [unit]


def test_another_network_follows_by_its_layers(page: Page) -> None:
    page.goto("/compare?same=image&a=model%3Dtiny_vgg&b=model%3Dcifar_resnet20")
    page.wait_for_selector("html[data-state=done]", timeout=60_000)
    one, _ = halves(page)
    before = query_in(page.url, "a")
    one.locator("[data-sample]").nth(1).click()
    page.wait_for_url(lambda url: query_in(url, "a") == query_in(url, "b") != before)
    page.get_by_label("scrolled and pinned together").uncheck()
    assert "pinned=0" in page.url
    one.locator("[data-sample]").nth(2).click()
    page.wait_for_url(lambda url: query_in(url, "a") != query_in(url, "b"))


def query_in(url: str, half: str) -> list[str] | None:
    return parse_qs(parse_qs(urlsplit(url).query)[half][0]).get("image")
