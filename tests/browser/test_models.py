"""The Models page: the gallery, and a network with its layers and its source."""

import pytest
from playwright.sync_api import Page, expect

from models import cards
from tests.browser.conftest import Violations, Watch


def test_from_the_gallery_to_a_sorted_table_that_is_copied(page: Page, violations: Violations) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.get_by_role("link", name="Models").click()
    page.wait_for_selector("[data-state=done]", timeout=60_000)
    expect(page.locator("[data-model] svg")).to_have_count(len(cards()))
    assert violations(page) == []
    page.get_by_text("accuracy", exact=True).click()
    first = page.locator("[data-model]").first
    expect(first).to_have_attribute("data-model", "lenet5")
    page.locator("[data-model=resnet18] .about").click()
    page.wait_for_selector("[data-state=done]")
    rows = page.locator("tbody tr")
    expect(rows.first).to_have_attribute("data-node", "input")
    page.get_by_role("button", name="parameters").click()
    expect(page.get_by_role("columnheader", name="parameters")).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_have_attribute("data-node", "layer4.0.conv2")
    assert "sort=-parameters" in page.url
    page.reload()
    expect(rows.first).to_have_attribute("data-node", "layer4.0.conv2")
    page.get_by_role("button", name="copy as CSV").click()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[1] == "layer4.0.conv2,convolution,512×7×7,2359296,25088,115605504,307×307"
    page.get_by_role("button", name="copy as Markdown").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("| layer | operation | shape |")
    assert violations(page) == []


def test_the_source_is_fetched_when_it_is_looked_at(page: Page, watch: Watch) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto("/models?model=vgg16")
    page.wait_for_selector("[data-state=done]")
    assert not [address for address in watch.requests if address.endswith("/source")]
    page.locator(".source").scroll_into_view_if_needed()
    expect(page.locator(".line").first).to_be_visible()


def test_a_layer_marks_its_line(page: Page) -> None:
    page.goto("/models?model=vgg16")
    page.wait_for_selector("[data-state=done]")
    page.get_by_role("button", name="features.0", exact=True).click()
    expect(page.locator(".line.own")).to_contain_text("layers.append(nn.Conv2d(inputs, width, 3, padding=1))")
    expect(page.locator(".line.own")).to_be_in_viewport()
    assert page.url.endswith("/models?model=vgg16&node=features.0")
    drawing = page.locator(".drawing svg")
    box = drawing.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    expect(page.locator("tr.chosen")).to_have_attribute("data-node", "classifier.6")
    page.go_back()
    expect(page.locator("tr.chosen")).to_have_attribute("data-node", "features.0")


@pytest.mark.parametrize("width", [390, 1920])
def test_it_fits_every_page_in_german(page: Page, width: int, violations: Violations) -> None:
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 1080})
    for address in ("/models?lang=de&theme=dark", "/models?lang=de&theme=dark&model=googlenet"):
        page.goto(address)
        page.wait_for_selector("[data-state=done]", timeout=60_000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Die Netze" if "model" not in address[8:] else "G")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
