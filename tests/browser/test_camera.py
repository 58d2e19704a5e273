"""The camera: live, frozen, stopped and refused; and every tool for the input held against axe-core."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.answers import opened, shares
from tests.browser.conftest import Violations, Watch
from tests.browser.looking import drawn, until
from tests.chromium import launch

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

PASS = """(video, frames) => new Promise((done) => {
  const count = () => (frames-- > 0 ? video.requestVideoFrameCallback(count) : done());
  count();
})"""
"""Waits until so many pictures of the camera have come by."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of these tests has a camera that shows a turning disc."""
    with sync_playwright() as playwright:
        browser = launch(playwright, *FAKE_CAMERA)
        yield browser
        browser.close()


def test_the_camera_runs_freezes_and_stops(page: Page, watch: Watch) -> None:
    page.context.grant_permissions(["camera"])
    opened(page, "model=tiny_vgg&input=camera")

    def sent() -> int:
        # Requests are heard of only while the browser is spoken to.
        page.evaluate("0")
        return sum("keep=false" in address for address in watch.requests)

    until(lambda: sent() > 5, "pictures are sent")
    # As many as are answered: never more than one is on its way.
    rate = page.locator("[data-rate]")
    until(lambda: int(rate.get_attribute("data-rate") or 0) > 0, "the rate is told")
    assert rate.get_attribute("data-rate") in rate.inner_text()
    assert page.locator("[data-passing=camera]").count() == 1
    page.locator("body").focus()
    page.keyboard.press(" ")
    until(lambda: page.locator("[data-freeze][aria-pressed=true]").count() == 1, "it is frozen")
    drawn(page)
    still, frozen = sent(), shares(page)
    page.locator("video").evaluate(PASS, 8)
    assert sent() <= still + 1
    assert shares(page) == frozen
    page.keyboard.press(" ")
    until(lambda: sent() > still + 3, "it goes on")
    page.get_by_role("button", name="Close the tools").click()
    until(lambda: page.locator("video").count() == 0, "it is closed")
    drawn(page)
    closed = sent()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestIdleCallback(done)))")
    assert sent() <= closed + 1
    assert page.locator("[data-passing]").count() == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [("NotAllowedError", "denied"), ("NotFoundError", "none"), ("NotReadableError", "busy"), ("", "insecure")],
)
def test_a_camera_that_cannot_be_had_is_told(page: Page, error: str, code: str) -> None:
    if error:
        page.add_init_script(
            f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{error}'))"
        )
    else:
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    opened(page, "model=tiny_vgg&input=camera")
    until(lambda: page.locator(f"[data-refused={code}]").count() == 1, "the sentence")
    assert page.locator("[data-refused]").inner_text()[-1] == "."


@pytest.mark.parametrize("tool", ["fit", "brush", "draw", "camera"])
def test_the_tools_are_accessible(page: Page, violations: Violations, tool: str) -> None:
    page.context.grant_permissions(["camera"])
    opened(page, f"model=tiny_vgg&input={tool}")
    if tool == "camera":
        page.locator("[data-freeze]").click()
    assert violations(page) == []
