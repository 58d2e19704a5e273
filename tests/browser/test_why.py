"""“Why?”: maps over the picture in the method's own numbers, about the chosen class, side by side or blinking."""

import io
import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Violations
from tests.browser.looking import drawn, place, sample

expect.set_options(timeout=60_000)

Numbers = NDArray[np.float32]


def open_why(page: Page, view: str = "why=", image: str | None = None) -> Locator:
    """The panel, with everything in it answered."""
    page.goto(f"/?model=tiny_vgg&image={image or sample('espresso')[0]}&{view}")
    panel = page.locator("[data-why-panel]")
    settled(panel)
    return panel


def settled(panel: Locator) -> None:
    """Waits until there are maps, and all of them are answered."""
    expect(panel.locator("[data-why]").first).to_be_visible()
    expect(panel.locator("[data-why]:not([data-state=done])")).to_have_count(0)


def shown(panel: Locator) -> list[str | None]:
    return [part.get_attribute("data-why") for part in panel.locator("[data-why]").all()]


def pixels(panel: Locator, method: str) -> NDArray[np.uint8]:
    """What the page drew of a method's map, rows × columns × 3."""
    canvas = panel.locator(f"[data-why={method}] canvas")
    read = "c => [c.height, c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    rows, columns, *values = canvas.evaluate(read)
    return np.array(values, np.uint8).reshape(rows, columns, 4)[:, :, :3]


def asked(address: str, method: str, model: str, image: str, **params: Any) -> Numbers:
    """The map as REST tells it."""
    body = {"method": method, "model": model, "image": image, "params": params}
    headers = {"Accept": "application/x-npz"}
    answer = httpx.post(f"{address}/api/v1/ask", json=body, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    map_: Numbers = np.load(io.BytesIO(answer.content))["map"]
    return map_


def colour_strength(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far each pixel's colour is from that of a map's zero, which is white here."""
    return np.linalg.norm(255.0 - picture.astype(float), axis=2)


def agree(picture: NDArray[np.uint8], map_: Numbers) -> bool:
    """Whether colours grow as values of one sign do, from next to none to the strongest."""
    strength = colour_strength(picture)
    for side in (map_ > 0, map_ < 0):
        growing = strength[side][np.abs(map_[side]).argsort()]
        if (np.diff(growing) < -4).any():
            return False
    share = np.abs(map_) / np.abs(map_).max()
    return bool(strength[share == 1].min() > 250 and strength[share < 1e-3].max(initial=0) < 40)


def test_it_draws_the_methods_own_numbers_about_the_class_that_was_chosen(page: Page, address: str) -> None:
    panel = open_why(page, "why=grad_cam,occlusion&theme=light&opacity=1")
    image = sample("espresso")[0]
    for method in ("grad_cam", "occlusion"):
        assert agree(pixels(panel, method), asked(address, method, "tiny_vgg", image))
    best = pixels(panel, "grad_cam")
    page.locator(".class[data-unit='2']").click()
    expect(page.locator(".class[data-unit='2']")).to_have_attribute("aria-pressed", "true")
    assert "target=2" in place(page)
    expect(panel.locator("h2")).to_contain_text("pizza")
    settled(panel)
    other = asked(address, "grad_cam", "tiny_vgg", image, target=2)
    assert agree(pixels(panel, "grad_cam"), other)
    assert not np.array_equal(pixels(panel, "grad_cam"), best)


def test_squeezenet_explains_a_photograph(page: Page, address: str, photograph: Path) -> None:
    """Real weights and a real zebra: the map is REST's, and what it says is where the zebra is."""
    upload = httpx.post(f"{address}/api/v1/images", files={"file": photograph.open("rb")}, timeout=60).json()
    page.goto(f"/?model=squeezenet1_1&image={upload['id']}&why=grad_cam&theme=light")
    panel = page.locator("[data-why-panel]")
    settled(panel)
    expect(panel.locator("h2")).to_contain_text("zebra")
    map_ = asked(address, "grad_cam", "squeezenet1_1", upload["id"])
    assert map_.shape == (224, 224)
    assert agree(pixels(panel, "grad_cam"), map_)


def test_it_is_opened_by_key_and_from_the_classes_and_left_by_escape(page: Page) -> None:
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}")
    drawn(page)
    page.keyboard.press("w")
    panel = page.locator("[data-why-panel]")
    expect(panel).to_be_visible()
    assert len(shown(panel)) >= 2
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    assert "why" not in place(page)
    page.locator(".classes .why").click()
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_have_count(0)


def test_maps_are_added_removed_and_kept_in_the_address(page: Page, violations: Violations) -> None:
    panel = open_why(page)
    before = shown(panel)
    panel.locator("select.add").select_option("gradient_x_input")
    settled(panel)
    assert shown(panel) == [*before, "gradient_x_input"]
    panel.locator(f"[data-why={before[-1]}] .remove").click()
    kept = [*before[:-1], "gradient_x_input"]
    assert shown(panel) == kept
    panel.locator("[data-why-layer]").select_option("relu_2_1")
    assert "layer=relu_2_1" in place(page)
    address = place(page)
    page.reload()
    settled(panel)
    assert shown(panel) == kept
    assert place(page) == address
    assert violations(page) == []


def test_opacity_and_blinking(page: Page) -> None:
    panel = open_why(page, "why=grad_cam,saliency")
    panel.get_by_label("Opacity").fill("0.3")
    assert panel.locator("[data-why=saliency] canvas").evaluate("c => getComputedStyle(c).opacity") == "0.3"
    assert "opacity=0.3" in place(page)
    page.keyboard.press("x")
    expect(panel.locator("[data-blink='1']")).to_have_count(1)
    expect(panel.locator("[data-blink='0']")).to_have_count(1)
    assert panel.locator("[data-why]:visible").count() == 1
    page.keyboard.press("x")
    expect(panel.locator("[data-why]:visible")).to_have_count(2)


def test_where_motion_is_not_wanted_blinking_goes_on_by_hand(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, reduced_motion="reduce")
    panel = open_why(context.new_page(), "why=grad_cam")
    button = panel.get_by_role("button", name="Blink")
    canvas = panel.locator("[data-why=grad_cam] canvas")
    opacities = []
    for _ in range(3):
        panel.page.keyboard.press("x")
        opacities.append(canvas.evaluate("c => getComputedStyle(c).opacity"))
    assert opacities == ["0.7", "0", "0.7"]
    expect(button).to_have_attribute("aria-pressed", "false")
    context.close()


def test_a_long_one_shows_its_progress_and_is_stopped(page: Page) -> None:
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&why=smoothgrad")
    part = page.locator("[data-why=smoothgrad]")
    part.locator("summary", has_text="Settings").click()
    part.get_by_label("Samples").fill("1000")
    part.get_by_label("Samples").press("Enter")
    part.get_by_role("button", name="Cancel").click()
    expect(part.get_by_role("status")).to_contain_text("Stopped at step")
    expect(part).to_have_attribute("data-state", "waiting")


def test_what_cannot_be_done_says_why(page: Page) -> None:
    panel = open_why(page, "why=saliency")
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&why=grad_cam,saliency&target=10")
    expect(panel.locator("[data-why=grad_cam] [role=alert]")).to_contain_text(
        "tiny_vgg has no class 10: its 10 classes count from 0 to 9."
    )
    panel.locator("[data-why-class]").select_option("")
    settled(panel)
    expect(panel.locator("[role=alert]")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_text_is_missing(page: Page, language: str) -> None:
    panel = open_why(page, f"why=grad_cam,occlusion&lang={language}")
    assert "why." not in panel.inner_text()
    assert "panel." not in panel.inner_text()


def test_nothing_is_wider_than_a_phone(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844}, has_touch=True)
    panel = open_why(context.new_page(), "why=grad_cam,occlusion")
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    assert panel.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_fooled_network_shows_the_change_enlarged_and_how_its_opinion_went(page: Page, address: str) -> None:
    panel = open_why(page, "why=adversarial,fooling_image,dense_classes&theme=light")
    part = panel.locator("[data-why=adversarial]")
    body = {"method": "adversarial", "model": "tiny_vgg", "image": sample("espresso")[0], "params": {}}
    told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=120).json()
    assert told["fooled"]
    expect(part.locator("[data-now]")).to_have_attribute("data-now", told["now"]["label"])
    expect(part.locator("[data-curve]")).to_contain_text("espresso: from 100.0 % to ")
    read = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    change = np.array(part.locator("[data-change] canvas").evaluate(read)).reshape(-1, 4)[:, :3]
    # What is at most 4 of 255 reaches from black to white.
    assert change.min() <= 1 and change.max() >= 254
    expect(panel.locator("[data-why=fooling_image] [data-curve]")).to_contain_text("espresso: from ")
    larger = panel.locator("[data-why=dense_classes] canvas")
    assert larger.evaluate("c => [c.width, c.height]") == [128, 128]


def test_a_region_of_a_map_is_asked_the_reverse(page: Page, address: str) -> None:
    panel = open_why(page, "why=occlusion")
    picture = panel.locator("[data-why=occlusion] [role=application]")
    box = picture.bounding_box()
    assert box
    picture.click(position={"x": box["width"] * 0.505, "y": box["height"] * 0.755})
    part = panel.locator("[data-region=done]")
    expect(part).to_be_visible()
    assert "region=48,32" in place(page)
    params = {"row": 48, "column": 32}
    body = {"method": "region", "model": "tiny_vgg", "image": sample("espresso")[0], "params": params}
    told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=120).json()
    assert float(part.locator("[data-loss]").get_attribute("data-loss") or "nan") == pytest.approx(told["loss"])
    units = [int(unit.get_attribute("data-region-unit") or -1) for unit in part.locator("[data-region-unit]").all()]
    assert units == [unit["unit"] for unit in told["units"]]
    # By keys it moves a sixteenth of the picture.
    picture.focus()
    page.keyboard.press("ArrowUp")
    expect(panel.locator("[data-region=done]")).to_be_visible()
    assert "region=44,32" in place(page)
    node = told["arrays"]["change"]["node"]
    panel.locator("[data-region-unit]").first.click()
    expect(page.locator(".panel[data-level=unit]")).to_be_visible()
    assert f"node={node}" in place(page)


def test_a_units_strongest_values_stand_beside_what_made_them(page: Page, address: str) -> None:
    image = sample("espresso")[0]
    page.goto(f"/?model=tiny_vgg&image={image}&node=relu_2_1&unit=3")
    part = page.locator("[data-deconvnet=done]")
    part.scroll_into_view_if_needed()
    body = {"method": "deconvnet", "model": "tiny_vgg", "image": image}
    params = {"node": "relu_2_1", "unit": 3, "strongest": 9}
    told = httpx.post(f"{address}/api/v1/ask", json={**body, "params": params}, timeout=120).json()
    expected = [f"{place['row']},{place['column']}" for place in told["places"]]
    found = [place.get_attribute("data-place") for place in part.locator("[data-place]").all()]
    assert found == expected
    assert len(found) == 9
    # The patch is what the unit sees: 10 × 10 pixels, fewer where it reaches over the edge.
    sides = part.locator("[data-place] canvas").evaluate_all("all => all.map(c => [c.height, c.width])")
    assert max(side for pair in sides for side in pair) == 10


def test_the_patches_of_a_data_set_that_drive_a_unit_are_the_methods_own(page: Page, address: str) -> None:
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&node=relu_1_2&unit=3")
    page.locator("[data-patches]").scroll_into_view_if_needed()
    part = page.locator("[data-patches=done]")
    expect(part).to_be_visible()
    params = {"node": "relu_1_2", "first": 3, "count": 1, "k": 9}
    body = {"method": "top_patches", "model": "tiny_vgg", "params": params}
    headers = {"Accept": "application/x-npz"}
    answer = httpx.post(f"{address}/api/v1/ask", json=body, headers=headers, timeout=120)
    patches = np.load(io.BytesIO(answer.content))["patches"][0]
    read = "all => all.map(c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data])"
    drawn = np.array(part.locator("figure canvas").evaluate_all(read)).reshape(*patches.shape[:3], 4)[..., :3]
    assert np.abs(drawn - 255 * patches).max() <= 1
    # Another data set is asked for, and kept in the address; this server has none.
    part.get_by_label("Data set").select_option("mnist")
    expect(page.locator("[data-patches=failed] [role=alert]")).to_contain_text("The data set “mnist” is not there")
    assert "data=mnist" in place(page)


def test_a_layer_over_a_data_set_has_the_pictures_value_marked_in_every_unit(page: Page, address: str) -> None:
    image = sample("espresso")[0]
    page.goto(f"/?model=tiny_vgg&image={image}&node=relu_1_2")
    page.locator("[data-population]").scroll_into_view_if_needed()
    part = page.locator("[data-population=done]")
    expect(part).to_be_visible()
    body = {"method": "population", "model": "tiny_vgg", "image": image, "params": {"node": "relu_1_2"}}
    told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=120).json()
    units = [int(each.get_attribute("data-population-unit") or -1) for each in part.locator("button.unit").all()]
    assert units == sorted(units, key=lambda unit: (-told["selectivity"][unit], unit))
    here = [float(line.get_attribute("data-here") or "nan") for line in part.locator("[data-here]").all()]
    assert here == pytest.approx([told["here"][unit] for unit in units])
    # The mark stands between the ends of the unit's own histogram, which reach as far as its values.
    edges, unit = told["edges"], units[0]
    low = max(edge for edge in edges if edge <= told["least"][unit])
    high = min(edge for edge in edges if edge > told["greatest"][unit])
    share = (told["here"][unit] - low) / (high - low)
    assert float(part.locator("[data-here]").first.get_attribute("x1") or "nan") == pytest.approx(120 * share, rel=1e-6)
    part.locator("button.unit").first.click()
    assert f"unit={units[0]}" in place(page)


def test_maps_are_put_to_the_test_against_chance(page: Page, address: str) -> None:
    panel = open_why(page, "why=grad_cam,saliency")
    panel.locator("button.test").click()
    part = panel.locator("[data-truth=done]")
    expect(part).to_be_visible()
    assert "why=grad_cam,saliency,faithfulness" in place(page)
    params = {"attributions": ["grad_cam", "saliency"]}
    body = {"method": "faithfulness", "model": "tiny_vgg", "image": sample("espresso")[0], "params": params}
    told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=120).json()
    for name in ("grad_cam", "saliency", "random"):
        row = part.locator(f"[data-tested={name}]").inner_text()
        assert f"{told['curves'][name]['deletion_area']:.2f}" in row
        assert f"{told['curves'][name]['insertion_area']:.2f}" in row
        assert part.locator(f"[data-curve={name}]").count() == 2
    assert part.locator("[data-map=good]").count() == 3


def test_a_unit_is_knocked_out_everything_after_it_follows_and_it_is_undone(page: Page, address: str) -> None:
    image = sample("espresso")[0]
    page.goto(f"/?model=tiny_vgg&image={image}&node=relu_1_1&unit=2")
    drawn(page, image)
    first = page.locator(".classes .class.best")
    before = first.inner_text()
    page.locator("[data-unit-surgery] button").filter(has_text="Knock it out").click()
    bar = page.locator("[data-surgery=done]")
    expect(bar).to_be_visible()
    drawn(page, image)
    assert "cuts=relu_1_1*2*scale*0" in place(page)
    params = {"edits": [{"node": "relu_1_1", "unit": 2, "kind": "scale", "value": 0}], "wanted": "classes", "k": 10}
    body = {"method": "operated", "model": "tiny_vgg", "image": image, "params": params}
    best = httpx.post(f"{address}/api/v1/ask", json=body, timeout=120).json()["top"][0]
    # The class bars and the tiles are the changed network's.
    expect(first).to_contain_text(best["label"])
    expect(first).to_contain_text(f"{100 * best['probability']:.1f} %")
    tile = page.locator("[role=gridcell][data-node=relu_1_1][data-unit='2']").first
    expect(tile).to_have_attribute("aria-label", re.compile(r"largest 0\b"))
    # Undone by a key, done again, and as it was for everybody.
    page.keyboard.press("z")
    expect(page.locator("[data-surgery]")).to_have_count(0)
    expect(first).to_have_text(before, use_inner_text=True)
    page.keyboard.press("Z")
    expect(page.locator("[data-cut='relu_1_1*2*scale*0']")).to_be_visible()
    page.locator("[data-unit-surgery] button").filter(has_text="Bring it back").click()
    expect(page.locator("[data-surgery]")).to_have_count(0)


def test_a_number_of_a_kernel_is_changed_where_it_stands(page: Page) -> None:
    page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&node=conv_1_2&unit=3")
    kernels = page.locator("[data-kernels]")
    kernels.locator("button").first.click()
    page.locator(".chosen td button").first.click()
    page.locator("[data-kernel-number]").fill("2.5")
    page.locator("[data-kernel-number]").press("Enter")
    expect(page.locator("[data-surgery] [data-cut]")).to_contain_text("conv_1_2 3: kernel")
    expect(page.locator(".chosen td.marked")).to_have_text("2.50")
