"""The drawing pad: what is drawn is what the network answers, by mouse and by keys."""

import re

from playwright.sync_api import Page

from tests.browser.answers import best, opened, shares, stroke
from tests.browser.looking import drawn, image_of, place, until

TWO = [
    (0.32, 0.36), (0.36, 0.27), (0.45, 0.22), (0.55, 0.22), (0.64, 0.28), (0.66, 0.37), (0.62, 0.46), (0.52, 0.57),
    (0.42, 0.67), (0.33, 0.77), (0.45, 0.77), (0.58, 0.77), (0.69, 0.77),
]  # fmt: skip
"""A two, in fractions of the pad."""


def test_a_digit_drawn_with_the_mouse_is_recognised(page: Page) -> None:
    opened(page, "model=lenet5&input=draw")
    stroke(page, TWO)
    until(lambda: best(page) == "two" and shares(page)["two"] > 80, "lenet5 sees a two")
    assert page.locator("[data-passing=draw]").count() == 1
    page.get_by_role("button", name="Undo").click()
    until(lambda: shares(page).get("two", 100) < 50, "the stroke is taken back")
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two again")
    page.locator("[data-clear]").click()
    until(lambda: best(page) != "two" or shares(page)["two"] < 50, "the pad is empty")


def test_a_drawing_is_kept_when_somebody_wants_a_link(page: Page) -> None:
    opened(page, "model=lenet5&input=draw")
    chosen = image_of(page)
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two")
    drawn(page)
    # What passes is not in the address: nobody could open it.
    assert image_of(page) == chosen
    said = shares(page)
    page.locator("[data-keep]").click()
    until(lambda: image_of(page) != chosen, "the address names the drawing")
    page.goto(re.sub(r"[?&]input=draw", "", place(page)).replace("/&", "/?"))
    drawn(page)
    until(lambda: bool(shares(page)), "the class bars are there")
    assert shares(page) == said
    assert page.locator("[data-surface]").count() == 0


def test_the_link_keeps_what_passes(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, "model=lenet5&input=draw")
    stroke(page, TWO)
    until(lambda: best(page) == "two", "lenet5 sees a two")
    drawn(page)
    page.get_by_role("button", name="link", exact=True).click()
    page.get_by_role("button", name="copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(link)
    drawn(other)
    until(lambda: shares(other) and shares(other) == shares(page), "the class bars are the same")
    assert other.locator("[data-surface]").count() == 0
    other.context.close()


def test_the_pad_works_by_keys_alone(page: Page) -> None:
    page.goto("/?model=lenet5")
    drawn(page)
    page.keyboard.press("d")
    surface = page.locator("[data-surface]")
    surface.wait_for()
    surface.focus()
    walk(page, "ArrowUp", 9)
    walk(page, "ArrowLeft", 5)
    page.keyboard.press(" ")
    for key, steps in (("ArrowRight", 10), ("ArrowDown", 18), ("ArrowLeft", 10), ("ArrowUp", 18)):
        walk(page, key, steps)
    page.keyboard.press(" ")
    until(lambda: best(page) == "zero", "lenet5 sees a zero")
    page.keyboard.press("Control+z")
    until(lambda: shares(page).get("zero", 100) < 50, "the stroke is taken back")


def walk(page: Page, key: str, steps: int) -> None:
    """Moves the pen."""
    for _ in range(steps):
        page.keyboard.press(key)
