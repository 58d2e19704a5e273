"""What the page loses for a while: its graphics, its server, the speed of its line."""

import socket
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from tests.browser.looking import DEADLINE, drawn, sample, screenshot, state, until
from tests.serving import serving


def test_a_lost_graphics_context_is_replaced(page: Page) -> None:
    page.goto("/?model=tiny_vgg&renderer=webgl2")
    drawn(page)
    page.mouse.move(2, 2)
    before = screenshot(page, "[role=grid] [data-node=conv_1_1][data-unit='2']")
    lose = "document.querySelector('canvas[data-renderer]').getContext('webgl2').getExtension('WEBGL_lose_context')"
    page.evaluate(f"window.lost = document.querySelector('canvas[data-renderer]'); {lose}.loseContext()")
    until(lambda: page.evaluate("!window.lost.isConnected"), "there is another canvas")
    drawn(page)
    assert np.array_equal(before, screenshot(page, "[role=grid] [data-node=conv_1_1][data-unit='2']"))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_server_that_comes_back_is_found_again(chromium: Browser, tmp_path: Path) -> None:
    port = str(free_port())
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    notice = page.locator("[data-notice=connection]")
    with serving(tmp_path, "--port", port) as (_, address):
        page.clock.install()
        page.goto(f"{address}?model=tiny_vgg")
        drawn(page)
    notice.wait_for(timeout=DEADLINE * 1000)
    assert "connection to the server is lost" in notice.inner_text()
    # A minute without a server: what was seen stays and can be looked at otherwise; the page asks again and again.
    attempts: list[object] = []
    page.on("websocket", lambda socket: attempts.append(socket))
    for _ in range(12):
        page.clock.fast_forward(5000)
        until(lambda: "again in" in notice.inner_text(), "the next attempt is told")
    assert 4 <= len(attempts) <= 13
    assert page.locator("[role=gridcell].done").count() > 50
    page.keyboard.press("r")
    page.locator("[data-node=conv_1_1][data-unit='0']").hover()
    until(lambda: "one range for" in page.locator("[data-legend]").inner_text(), "colours still change")
    with serving(tmp_path, "--port", port):
        page.clock.fast_forward(8000)
        until(lambda: notice.count() == 0, "the connection is back")
        page.locator("[data-sample=pizza]").click()
        drawn(page, sample("pizza")[0])
    context.close()


def test_on_a_slow_line_the_page_is_never_blank(page: Page) -> None:
    """400 kbit/s and 400 ms there and back, as browsers' tools have it for a slow 3G."""
    tools = page.context.new_cdp_session(page)
    line = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000, "offline": False}
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", line)
    page.goto("/?model=tiny_vgg", wait_until="commit")
    page.locator("header").wait_for(timeout=DEADLINE * 1000)
    # The frame says what is being done, until all is there.
    assert state(page) in ("waiting", "computing", "done")
    assert page.locator("[data-status]").inner_text() != ""
    drawn(page)
    page.locator("[data-sample=pizza]").click()
    drawn(page, sample("pizza")[0])
    assert page.locator("[role=gridcell].done").count() > 50
    # What was asked for later comes as well: the panel's script and its maps.
    page.goto("/?model=tiny_vgg&node=conv_2_2&unit=3", wait_until="commit")
    page.locator(".panel [data-map]").wait_for(timeout=DEADLINE * 1000)
    drawn(page)
