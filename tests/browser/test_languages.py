"""The page's language: as the browser has it, as the address says, switched in place, and fetched alone."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch
from tests.browser.looking import drawn, place


def words(page: Page) -> str:
    """All that the page's frame says."""
    said: str = page.evaluate("document.querySelector('header').innerText + document.querySelector('footer').innerText")
    return said


def test_the_browsers_language_is_spoken(chromium: Browser, address: str, watch: Watch) -> None:
    context = chromium.new_context(base_url=address, locale="de-DE")
    page = context.new_page()
    watch.attach(page, urlsplit(address).netloc)
    page.goto("/")
    drawn(page)
    assert page.locator("html").get_attribute("lang") == "de"
    assert "Erkunden" in words(page)
    assert "Schichten" in words(page)
    assert "lang=" not in place(page)
    assert not [url for url in watch.requests if "/assets/en-" in url]
    assert watch.errors == []
    context.close()


def test_a_language_is_switched_in_place_and_stays_in_the_address(page: Page) -> None:
    page.goto("/")
    drawn(page)
    assert "Explore" in words(page)
    drawings = page.evaluate("performance.getEntriesByType('navigation').length")
    page.keyboard.press("l")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("header")).to_contain_text("Erkunden")
    assert "lang=de" in place(page)
    assert page.evaluate("performance.getEntriesByType('navigation').length") == drawings
    page.reload()
    drawn(page)
    assert "Erkunden" in words(page)
    page.keyboard.press("l")
    expect(page.locator("header")).to_contain_text("Explore")


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_text_is_missing(page: Page, language: str) -> None:
    page.goto(f"/?lang={language}&node=conv_1_1&unit=3&at=5,5")
    drawn(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("dd").first).to_be_visible()
    # A key without a text would show itself.
    for said in (dialog.inner_text(), page.locator(".panel").inner_text()):
        assert re.findall(r"\b(?:panel|keys|key|help|range|tour)\.[a-z.]+", said) == []


def test_what_the_server_says_is_german_too(page: Page) -> None:
    """Everything that a panel of the German page says: no sentence of the server's is left in English.

    What a method yields ("Liefert …") has names that are the same in every language: response, row.
    """
    english = re.compile(r"\b(?:the|of|is|and|with|its|row|picture|unless)\b")
    for view in ("node=conv_2_2&unit=3&at=11,9", "node=max_pool_1&unit=3&at=4,5", "node=relu_1_1&unit=2&at=9,9"):
        page.goto(f"/?model=tiny_vgg&lang=de&{view}")
        drawn(page)
        page.locator("[data-value=done]").wait_for()
        for method in page.locator(".panel button:text-is('?')").all():
            method.click()
        said = page.locator(".panel").inner_text().splitlines()
        assert [line for line in said if english.search(line) and not re.match("Liefert |.*Quelle", line)] == [], view
