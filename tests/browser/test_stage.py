"""Stage mode: large, with controls that fade, and steps through views that were kept."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import drawn, place, until

SMALLEST = """() => {
  const sizes = [];
  const walk = document.createTreeWalker(document.querySelector(".page"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const zoom = element.currentCSSZoom;
    sizes.push([parseFloat(getComputedStyle(element).fontSize) * zoom, walk.currentNode.data.trim()]);
  }
  return sizes.sort((a, b) => a[0] - b[0])[0];
}"""


def stage(page: Page, query: str = "") -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"/?stage=1{query}")
    drawn(page)


def test_text_is_large_enough_for_a_hall(page: Page) -> None:
    for query in ("", "&node=conv_2_1&unit=3&at=5,5", "&node=output"):
        stage(page, query)
        size, text = page.evaluate(SMALLEST)
        assert size >= 20, text
    label = page.locator(".class .label").first
    assert label.evaluate("label => parseFloat(getComputedStyle(label).fontSize) * label.currentCSSZoom") >= 28


LINES = """() => [...document.querySelectorAll(".content > svg path")].map((path) => {
  const { strokeWidth, strokeOpacity } = getComputedStyle(path);
  const kind = ["skip", "answer", "strong"].find((name) => path.classList.contains(name)) ?? "plain";
  return [kind, parseFloat(strokeWidth) * path.currentCSSZoom, Number(strokeOpacity)];
})"""


def test_lines_are_twice_as_thick_and_not_faint(page: Page) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/?model=resnet18&open=layer1,layer1.0")
    drawn(page)
    pointed = page.locator("[data-node='layer1.0.conv2'][data-unit]").first
    strong = page.locator("path.strong")
    pointed.hover()
    strong.wait_for(state="attached")
    usual = {kind: width for kind, width, _ in page.evaluate(LINES)}
    assert {"plain", "skip", "strong"} <= set(usual)
    page.keyboard.press("f")
    page.locator("html[data-stage]").wait_for()
    drawn(page)
    pointed.hover()
    strong.wait_for(state="attached")
    for kind, width, opacity in page.evaluate(LINES):
        assert abs(width - 2 * usual[kind]) < 0.05, kind
        assert opacity >= 0.9, kind


def test_the_pointer_is_large_and_soft(page: Page) -> None:
    stage(page)
    page.mouse.move(900, 600)
    box = page.locator(".pointer").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48
    assert abs(box["x"] + box["width"] / 2 - 900) < 1
    assert abs(box["y"] + box["height"] / 2 - 600) < 1
    assert page.evaluate("getComputedStyle(document.elementFromPoint(900, 600)).cursor") == "none"


def test_the_key_opens_and_closes_it_and_the_address_knows(page: Page) -> None:
    page.goto("/")
    drawn(page)
    page.keyboard.press("f")
    expect(page.locator("html")).to_have_attribute("data-stage", "")
    assert "stage=1" in place(page)
    page.keyboard.press("f")
    expect(page.locator("html[data-stage]")).to_have_count(0)
    assert "stage" not in place(page)


def test_controls_fade_and_come_back(page: Page) -> None:
    stage(page)
    page.mouse.move(900, 600)
    until(lambda: page.locator("html[data-idle]").count() == 1, "the controls fade")
    header = page.locator("header")
    until(lambda: page.evaluate("getComputedStyle(document.querySelector('.controls')).opacity") == "0", "it fades out")
    page.mouse.move(905, 600)
    expect(page.locator("html[data-idle]")).to_have_count(0)
    expect(header).to_be_visible()


def test_a_presenters_keys_walk_the_layers_and_then_the_kept_views(page: Page) -> None:
    stage(page)
    for node in ("input", "conv_1_1", "relu_1_1"):
        page.keyboard.press("PageDown")
        until(lambda node=node: f"node={node}" in place(page), node)  # type: ignore[misc]
    page.keyboard.press("PageUp")
    until(lambda: "node=conv_1_1" in place(page), "back")
    page.keyboard.press("k")
    page.goto("/?stage=1&node=output&range=net")
    drawn(page)
    page.keyboard.press("k")
    page.goto("/?stage=1")
    drawn(page)
    page.keyboard.press("PageDown")
    until(lambda: "node=conv_1_1" in place(page), "the first kept view")
    page.keyboard.press("PageDown")
    until(lambda: "node=output" in place(page) and "range=net" in place(page), "the second kept view")
    page.keyboard.press("PageDown")
    assert "node=output" in place(page)


def test_the_list_of_views_is_put_in_order_and_carried_in_a_link(page: Page) -> None:
    for node in ("conv_1_1", "conv_2_2"):
        page.goto(f"/?node={node}")
        drawn(page)
        page.keyboard.press("k")
    page.get_by_role("button", name="views (2)").click()
    titles = page.get_by_role("dialog").get_by_role("textbox")
    expect(titles).to_have_count(2)
    page.get_by_role("button", name="Move “Tiny VGG · conv_2_2” up").click()
    expect(titles.first).to_have_value("Tiny VGG · conv_2_2")
    titles.first.fill("Second block")
    titles.first.press("Tab")
    page.get_by_role("button", name="Remove “Tiny VGG · conv_1_1”").click()
    expect(titles).to_have_count(1)
    link = page.evaluate("localStorage.getItem('convscope.views')")
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.goto("/#views=" + page.evaluate("text => encodeURIComponent(text)", link))
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("Second block")


def test_a_point_blanks_and_any_key_brings_it_back(page: Page) -> None:
    stage(page)
    page.keyboard.press(".")
    expect(page.locator(".blank")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator(".blank")).to_have_count(0)
    assert "node=" not in place(page)


def test_it_is_accessible(page: Page, violations: Violations) -> None:
    stage(page, "&theme=dark")
    assert violations(page) == []
