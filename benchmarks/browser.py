"""One server and one Chromium without a window, and what measures inside of its pages."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks._memory import private
from tests.chromium import launch
from tests.conftest import shared_folder
from tests.serving import serving

PATIENCE = 120.0
"""Seconds after which a measurement is given up."""

WHERE = "headless Chromium"

# `drawn` holds the times at which everything in sight was drawn: each the beginning of the frame after the one that
# drew it, when that one is on its way to the screen. `pressed` is when the last click or stroke happened.
WATCHING = """
window.drawn = [];
window.pressed = 0;
new MutationObserver(() => {
  if (document.documentElement?.dataset.state !== "done") return;
  requestAnimationFrame((time) => window.drawn.push(time));
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
for (const kind of ["click", "pointermove"]) {
  addEventListener(kind, (event) => (window.pressed = event.timeStamp), { capture: true });
}
"""


@dataclass(frozen=True)
class Stage:
    """A server's address and a browser."""

    address: str
    browser: Browser

    @contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page of 1440 × 900 with nothing in its cache."""
        context = self.browser.new_context(base_url=self.address, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(WATCHING)
        try:
            yield page
        finally:
            context.close()


@contextmanager
def stage(*flags: str) -> Iterator[Stage]:
    """A server with published weights where they are at hand, and a browser with further flags."""
    weights = str(shared_folder() / "weights")
    limits = {"CONVSCOPE_ASKS_PER_SECOND": "10000", "CONVSCOPE_UPLOADS_PER_SECOND": "10000"}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), CONVSCOPE_WEIGHTS=weights, **limits) as (_, address),
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, *flags)
        try:
            yield Stage(address, browser)
        finally:
            browser.close()


def until(true: Callable[[], object], what: str) -> None:
    """Waits until a condition holds; raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.02)


def settled(page: Page) -> None:
    """Waits until everything in sight is drawn, and the page is at rest."""
    until(lambda: page.evaluate("document.documentElement.dataset.state") in ("done", "failed"), "the page is drawn")
    failure = page.locator("[data-notice=failure]")
    if failure.count():
        raise RuntimeError(failure.inner_text())
    page.wait_for_timeout(300)


def since_pressed(page: Page, press: Callable[[], object]) -> float:
    """Milliseconds from a click or stroke until everything in sight is drawn again."""
    page.evaluate("window.drawn.length = 0")
    press()
    until(lambda: page.evaluate("window.drawn.length"), "the page is drawn again")
    milliseconds: float = page.evaluate("window.drawn.at(-1) - window.pressed")
    return milliseconds


def footprint(browser: Browser) -> float:
    """Megabytes that the largest page process holds for itself, as Chromium's own task manager counts them."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max(private(process["id"]) for process in processes if process["type"] == "renderer") / 1e6
