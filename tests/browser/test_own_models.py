"""A network that somebody brings, walked through all four levels in a real browser, and deleted again."""

import io
import re
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect
from torch import Tensor, nn

from tests.browser.conftest import Violations, Watch
from tests.browser.test_levels import network_value
from tests.onnx.comparing import exported

PATIENCE = 60_000


def network() -> nn.Sequential:
    """A small classifier of seven classes."""
    torch.manual_seed(3)
    layers = (nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 11 * 11, 7))
    return nn.Sequential(*layers).eval()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seven.onnx"
    path.write_bytes(exported(network(), (3, 24, 24)))
    return path


def seen(address: str, model: str, image: str) -> Tensor:
    """What the network sees of a picture, 1×3×24×24 in −1…1."""
    png = httpx.get(f"{address}/api/v1/images/{image}", params={"model": model}).content
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].double() / 255 - 0.5) / 0.5


def test_an_onnx_file_is_brought_and_walked_through_all_levels(
    page: Page, address: str, file: Path, watch: Watch, violations: Violations
) -> None:
    page.goto("/")
    page.get_by_role("link", name="bring your own").click()
    dialog = page.get_by_role("dialog")
    # A file that is none is told what it lacks, and nothing that was written is lost.
    broken = file.with_name("broken.onnx")
    broken.write_bytes(file.read_bytes()[:-100])
    dialog.locator("input[type=file]").set_input_files(broken)
    dialog.get_by_text("Preprocessing and class names").click()
    dialog.get_by_label("Title").fill("Seven <b>things</b>")
    dialog.get_by_label("Values of pixels").select_option("symmetric")
    dialog.get_by_label("Class names").fill("\n".join(f"thing {i}" for i in range(7)))
    dialog.get_by_role("button", name="Bring it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Unreadable ONNX file.", timeout=PATIENCE)
    assert violations(page) == []
    watch.errors.clear()
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("button", name="Bring it").click()

    # The network.
    page.wait_for_url(re.compile("model=seven-b-things-b-"), timeout=PATIENCE)
    page.wait_for_selector("[data-state=done]", timeout=PATIENCE)
    model = re.findall("model=([^&]+)", page.url)[0]
    expect(page.locator("select#model option:checked")).to_have_text("Seven <b>things</b>")
    image = httpx.get(f"{address}/api/v1/samples").json()["samples"][0]["image"]
    x, values = seen(address, model, image), []
    with torch.no_grad():
        for layer in network().double():
            x = layer(x)
            values.append(x[0])
    expect(page.locator(".class.best")).to_be_visible()
    # A layer, one of its units, one of its values.
    page.goto(f"/?model={model}&image={image}&node=0")
    expect(page.locator(".panel [role=gridcell]")).to_have_count(6, timeout=PATIENCE)
    page.locator(".panel [role=gridcell][data-unit='4']").click()
    drawn = page.locator("[data-map]")
    box = drawn.bounding_box()
    assert box is not None
    cell = box["width"] / 22
    drawn.click(position={"x": 7.5 * cell, "y": 12.5 * cell})
    page.wait_for_selector("[data-value=done]", timeout=PATIENCE)
    assert page.url.endswith("node=0&unit=4&at=12,7")
    assert network_value(page) == pytest.approx(float(values[0][4, 12, 7]), rel=1e-4, abs=1e-6)
    # The pixels.
    page.locator("[data-grid=window] button").first.click()
    expect(page.locator(".panel h2")).to_contain_text("input", timeout=PATIENCE)
    page.goto(f"/?model={model}&image={image}&node=4")
    rows = page.locator(".panel table tbody tr")
    expect(rows).to_have_count(7, timeout=PATIENCE)
    expect(rows.first).to_contain_text(f"thing {int(values[4].argmax())}")

    # Its own page, where it is deleted once it is asked.
    page.goto(f"/models?model={model}")
    page.wait_for_selector("[data-state=done]", timeout=PATIENCE)
    page.get_by_role("button", name="delete").click()
    expect(dialog).to_contain_text("Delete Seven <b>things</b>?")
    assert violations(page) == []
    dialog.get_by_role("button", name="keep it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="delete").click()
    dialog.get_by_role("button", name="delete").click()
    page.wait_for_url(re.compile("/models$"))
    expect(page.locator("[data-model=tiny_vgg]")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(f"[data-model={model}]")).to_have_count(0)


DROP = """([name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name));
  dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, cancelable: true}));
}"""


def test_a_network_that_is_dropped_on_explore_is_asked_about_and_brought(page: Page, file: Path) -> None:
    page.goto("/?model=tiny_vgg")
    page.wait_for_selector("[data-state=done]", timeout=PATIENCE)
    page.evaluate(DROP, ["dropped.onnx", list(file.read_bytes())])
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("dropped.onnx", timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.evaluate(DROP, ["dropped.onnx", list(file.read_bytes())])
    dialog.get_by_role("button", name="Bring it").click(timeout=PATIENCE)
    page.wait_for_url(re.compile("model=dropped-"), timeout=PATIENCE)
    page.wait_for_selector("[data-state=done]", timeout=PATIENCE)
