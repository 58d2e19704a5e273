"""The network level in every window: nothing is cut, overlaps or shuts anybody out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OUTPUT, Violations
from tests.browser.looking import drawn


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["model=tiny_vgg", "model=resnet18&open=layer2"])
def test_nobody_is_shut_out(page: Page, violations: Violations, theme: str, view: str) -> None:
    page.goto(f"/?{view}&theme={theme}")
    drawn(page)
    assert violations(page) == []


@pytest.mark.parametrize("size", [(390, 844), (320, 640), (1024, 768)])
def test_a_small_window_loses_nothing(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/?model=tiny_vgg")
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    strip = "document.querySelector('.strip')"
    last = page.locator("[data-class]").last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box
    assert box["x"] + box["width"] <= size[0] + 1
    assert page.evaluate(f"{strip}.scrollWidth > {strip}.clientWidth") == (size[0] < 900)


@pytest.fixture
def large(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("model", ["tiny_vgg", "lenet5", "squeezenet1_1", "resnet18"])
def test_names_do_not_run_into_each_other(large: Page, theme: str, model: str) -> None:
    large.goto(f"/?model={model}&theme={theme}")
    drawn(large)
    OUTPUT.mkdir(exist_ok=True)
    large.screenshot(path=OUTPUT / f"network_{model}_{theme}_1920.png")
    names = large.locator("[role=rowheader]:not(.aslant) .name")
    boxes = [box for box in (names.nth(index).bounding_box() for index in range(names.count())) if box]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            assert beside or above
