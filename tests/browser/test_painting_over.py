"""The brush on any picture: strokes lie where they are painted, and the network sees them there."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from tests.browser.answers import brush_on_right_half, opened, shares, stroke
from tests.browser.looking import drawn, until


def test_the_brush_changes_what_the_network_says_and_it_comes_back(page: Page) -> None:
    opened(page, "model=tiny_vgg&input=brush")
    until(lambda: shares(page).get("espresso", 0) > 90, "an espresso")
    before = shares(page)
    width = page.locator("input[type=range]")
    width.fill(width.get_attribute("max") or "")
    page.locator("label:has(input[value=black])").click()
    stroke(page, [(0.1, y / 10) for y in range(1, 10)] + [(x / 10, 0.5) for x in range(1, 10)])
    stroke(page, [(0.3, 0.8), (0.9, 0.8), (0.9, 0.2), (0.3, 0.2)])
    until(lambda: shares(page).get("espresso", 100) < 60, "less of an espresso")
    assert page.locator("[data-passing=brush]").count() > 0
    page.locator("[data-clear]").click()
    until(lambda: shares(page) == before, "as it was")
    assert page.locator("[data-passing]").count() == 0


def test_strokes_lie_on_the_original_and_the_network_sees_them_in_place(page: Page, wide: Path) -> None:
    brush_on_right_half(page, wide)
    # What the network doesn't see changes nothing; three quarters from the left is the middle of what it sees.
    stroke(page, [(0.2, 0.2), (0.2, 0.8)])
    stroke(page, [(0.75, 0.5), (0.75, 0.51)])

    def painted() -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of what the network sees in black."""
        seen = page.locator("canvas[data-passing]").first.evaluate(
            "canvas => [...canvas.getContext('2d').getImageData(0, 0, 64, 64).data]"
        )
        rows, columns = (np.array(seen).reshape(64, 64, 4)[..., :3].sum(-1) == 0).nonzero()
        return rows, columns

    page.locator("canvas[data-passing]").first.wait_for()
    until(lambda: painted()[0].size, "the stroke is seen")
    drawn(page)
    dark = painted()
    assert abs(dark[0].mean() - 32) < 1
    assert abs(dark[1].mean() - 31.5) < 1
    assert 6 <= np.ptp(dark[1]) <= 10
