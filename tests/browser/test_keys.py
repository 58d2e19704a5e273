"""The keys that lead about the page: each does what the list of keys says it does."""

from playwright.sync_api import Page, expect

from tests.browser.looking import drawn, image_of, place, until


def test_letters_choose_the_network_the_picture_the_range_and_the_theme(page: Page) -> None:
    page.goto("/")
    drawn(page)
    page.keyboard.press("m")
    expect(page.locator("#model")).to_be_focused()
    page.locator("#model").blur()
    first = image_of(page)
    page.keyboard.press("i")
    until(lambda: image_of(page) != first, "the next picture")
    page.keyboard.press("I")
    until(lambda: image_of(page) == first, "the picture before")
    for key, views in (("r", ("range=net", "range=unit")), ("t", ("theme=light", "theme=dark"))):
        for view in views:
            page.keyboard.press(key)
            until(lambda view=view: view in place(page), view)  # type: ignore[misc]


def test_digits_jump_and_arrows_go_on_from_there(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto("/?model=tiny_vgg&zoom=2")
    drawn(page)
    at = "const at = document.activeElement"
    focused = f"(() => {{ {at}; return `${{at.dataset.node ?? at.title.split(' ')[0]}} ${{at.role}}` }})()"
    for key, node in (("5", "max_pool_1"), ("1", "conv_1_1")):
        page.keyboard.press(key)
        until(lambda node=node: page.evaluate(focused) == f"{node} rowheader", node)  # type: ignore[misc]
        expect(page.locator("[role=rowheader]:focus")).to_be_in_viewport(ratio=1)
    page.keyboard.press("ArrowDown")
    until(lambda: page.evaluate(focused) == "conv_1_1 gridcell", "its first tile")


def test_blocks_open_and_close_and_the_strip_is_magnified(page: Page) -> None:
    page.goto("/?model=resnet18")
    drawn(page)
    columns = page.locator("[role=rowheader]")
    folded = columns.count()
    page.locator("[role=rowheader]", has_text="layer1").focus()
    page.keyboard.press("o")
    until(lambda: "open=layer1" in place(page) and columns.count() > folded, "layer1 is open")
    page.keyboard.press("O")
    until(lambda: "layer4" in place(page), "all are open")
    page.keyboard.press("O")
    until(lambda: columns.count() == folded, "all are folded")
    for key, zoom in (("+", "zoom=1.5"), ("+", "zoom=2"), ("-", "zoom=1.5"), ("0", "")):
        page.keyboard.press(key)
        until(lambda zoom=zoom: zoom in place(page) and ("zoom" in place(page)) == bool(zoom), key)  # type: ignore[misc]
