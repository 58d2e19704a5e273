"""Ways through the network level: by keys, by the address, by opening what is folded."""

from playwright.sync_api import Page

from tests.browser.conftest import Watch
from tests.browser.looking import drawn, image_of, place, sample, state, until


def test_a_unit_shows_its_own_lines_while_it_is_pointed_at(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    strong = page.locator("path.strong")
    assert strong.count() == 0
    for node, lines in (("conv_2_2", 10), ("relu_2_2", 1), ("max_pool_1", 1)):
        page.locator(f'[data-node="{node}"][data-unit="3"]').hover()
        until(lambda lines=lines: (strong.get_attribute("d") or "").count("M") == lines, f"lines of {node}")
    page.mouse.move(2, 2)
    until(lambda: strong.count() == 0, "no lines are strong any more")


def test_the_keys_alone_lead_in_and_out(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    grid_has_focus = "document.activeElement?.getAttribute('role') === 'gridcell'"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(grid_has_focus):
            break
    focused = "document.activeElement.dataset.node + ' ' + document.activeElement.dataset.unit"
    assert page.evaluate(focused) == "conv_1_1 0"
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate(focused) == "relu_1_1 3"
    assert page.locator("[role=grid] [tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    until(lambda: "node=relu_1_1" in place(page) and "unit=3" in place(page), "the unit is open")
    page.keyboard.press("Escape")
    until(lambda: "unit=" not in place(page), "the layer is open")
    page.keyboard.press("Escape")
    until(lambda: "node=" not in place(page), "the network is there")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    until(lambda: place(page).endswith("node=relu_1_1"), "the layer is open by its name")


def test_the_list_of_keys_comes_and_goes(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.keyboard.press("?")
    dialog = page.locator("dialog")
    dialog.wait_for(state="visible")
    assert dialog.locator("dd").count() >= 15
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_reload_back_and_forward_restore_the_view(page: Page) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    first = image_of(page)
    page.locator("[data-sample=pizza]").click()
    second = sample("pizza")[0]
    drawn(page, second)
    page.locator("[data-node=conv_1_2][data-unit='4']").click()
    page.get_by_text("Net", exact=True).click()
    address = place(page)
    for part in (f"image={second}", "node=conv_1_2", "unit=4", "range=net"):
        assert part in address
    page.reload()
    drawn(page, second)
    assert place(page) == address
    assert page.locator("[role=gridcell][aria-selected=true]").get_attribute("data-unit") == "4"
    assert page.locator("[data-sample=pizza]").get_attribute("aria-pressed") == "true"
    page.go_back()
    until(lambda: "node=" not in place(page), "the unit is left")
    page.go_back()
    drawn(page, first)
    page.go_forward()
    drawn(page, second)


def test_unknown_things_in_the_address_are_named(page: Page, watch: Watch) -> None:
    page.goto("/?model=tiny_vgg&node=conv_9")
    drawn(page)
    assert page.locator("[data-notice=node]").inner_text().startswith("Tiny VGG has no layer “conv_9”.")
    page.goto("/?model=tiny_vgg&image=abc")
    until(lambda: state(page) == "failed", "the failure is told")
    assert "“abc”" in page.locator("[data-notice=failure]").inner_text()
    page.locator("[data-sample=pizza]").click()
    drawn(page, sample("pizza")[0])
    assert page.locator("[data-notice=failure]").count() == 0
    page.goto("/?model=nonsense")
    until(lambda: state(page) == "failed", "the failure is told")
    assert "nonsense" in page.locator("[data-notice=failure]").inner_text()
    page.locator("#model").select_option("lenet5")
    drawn(page)
    watch.errors.clear()


def test_a_deep_network_folds_and_opens_in_place(page: Page) -> None:
    page.goto("/?model=resnet18")
    drawn(page)
    headers = page.locator("[role=rowheader]")
    names = [name.strip("▸ \n") for name in headers.locator(".name").all_inner_texts()]
    assert names == ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"]
    assert page.locator("path.skip").count() == 0
    page.locator("[role=rowheader][aria-label^='layer1, 14 layers']").click()
    until(lambda: "open=layer1" in place(page), "layer1 is open")
    page.locator("[role=rowheader][aria-label^='layer1.0, ']").click()
    drawn(page)
    assert page.locator("[data-node='layer1.0.add'][data-unit]").count() > 0
    assert page.locator("path.skip").count() == 1
    page.locator("[data-node='layer1.0.add'][data-unit]").first.hover()
    until(lambda: (page.locator("path.strong").get_attribute("d") or "").count("M") >= 1, "the addends are shown")
    page.get_by_role("button", name="layer1: fold").click()
    until(lambda: headers.count() == len(names), "layer1 is folded again")
