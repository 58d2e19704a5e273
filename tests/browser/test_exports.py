"""What is taken away from the page: pictures, drawings, exact numbers, and lines that get the same again."""

import base64
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import drawn, sample

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

Array = NDArray[Any]


@pytest.fixture
def open_view(page: Page) -> Callable[[str], None]:
    """Opens a view of Tiny VGG on the espresso and waits until it is drawn."""

    def opened(view: str) -> None:
        page.goto(f"/?model=tiny_vgg&image={sample('espresso')[0]}&{view}")
        drawn(page)
        if "at=" in view:
            page.wait_for_selector("[data-value=done]")

    return opened


@pytest.fixture
def exact(address: str) -> Array:
    """The values of unit 3 of conv_2_2, in float32 as the server computed them."""
    ask = {"method": "activations", "model": "tiny_vgg", "image": sample("espresso")[0]}
    params = {"nodes": ["conv_2_2"], "units": [3]}
    archive = httpx.post(
        f"{address}/api/v1/ask", json={**ask, "params": params}, headers={"Accept": "application/x-npz"}, timeout=60
    )
    with np.load(io.BytesIO(archive.content)) as arrays:
        values: Array = arrays["conv_2_2"][0]
    return values


def taken(part: Locator) -> Locator:
    """The row of a part of the panel from which its result is taken away, unfolded."""
    row = part.locator("details.take").first
    row.locator("summary").click()
    return row


def saved(page: Page, control: Locator) -> bytes:
    """The file that a control hands over."""
    with page.expect_download() as download:
        control.click()
    return Path(download.value.path()).read_bytes()


def pixels(content: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def map_row(page: Page) -> Locator:
    return taken(page.locator("[data-map]").locator("xpath=../.."))


def test_map_is_saved_at_its_true_pixels_enlarged_and_as_a_drawing(
    page: Page, open_view: Callable[[str], None]
) -> None:
    open_view("node=conv_2_2&unit=3")
    row = map_row(page)
    true = pixels(saved(page, row.get_by_role("button", name="PNG", exact=True)))
    large = pixels(saved(page, row.get_by_role("button", name="PNG, large")))
    assert true.shape == (26, 26, 3)
    times = large.shape[0] // 26
    assert times > 10
    assert np.array_equal(large, true.repeat(times, 0).repeat(times, 1))
    drawing = saved(page, row.get_by_role("button", name="SVG")).decode()
    embedded = re.search(r"data:image/png;base64,([^\"]+)", drawing)
    assert embedded
    assert np.array_equal(pixels(base64.b64decode(embedded[1])), true)
    assert "linearGradient" in drawing
    assert "conv_2_2 · unit 3" in drawing


def test_numbers_of_a_map_are_exact(page: Page, open_view: Callable[[str], None], exact: Array) -> None:
    open_view("node=conv_2_2&unit=3")
    row = map_row(page)
    with np.load(io.BytesIO(saved(page, row.get_by_role("link", name="NPZ")))) as arrays:
        assert np.array_equal(arrays["conv_2_2"], exact[None])
    lines = saved(page, row.get_by_role("link", name="CSV")).decode().splitlines()
    assert lines[0] == "unit,row,column,value"
    table = [line.split(",") for line in lines[1:]]
    assert {unit for unit, *_ in table} == {"3"}
    read = np.zeros_like(exact)
    for _, at_row, column, value in table:
        read[int(at_row), int(column)] = np.float32(value)
    assert np.array_equal(read, exact)


def test_histogram_is_drawn_with_its_range(page: Page, open_view: Callable[[str], None]) -> None:
    open_view("node=conv_2_2")
    part = page.locator(".panel section", has_text="square root")
    bars = part.locator("svg rect").count()
    drawing = saved(page, taken(part).get_by_role("button", name="SVG")).decode()
    assert drawing.count("<rect") == bars + 1
    assert "conv_2_2 · All values" in drawing


PARTS = {
    "wall": ("node=conv_2_2", ".panel section:has(.wall)", "conv_2_2"),
    "kernels": ("node=conv_2_2", ".panel section:has(.kernels)", "norms"),
    "classes": ("node=output", ".panel section:has(table)", "probabilities"),
    "map": ("node=conv_2_2&unit=3", ".panel .pair > div:has([data-map])", "conv_2_2"),
    "value": ("node=conv_2_2&unit=3&at=11,9", "section[data-value]", "products"),
}


@pytest.mark.parametrize("part", PARTS)
def test_lines_get_the_same_again(page: Page, open_view: Callable[[str], None], tmp_path: Path, part: str) -> None:
    view, selector, array = PARTS[part]
    open_view(view)
    row = taken(page.locator(selector))
    row.get_by_role("button", name="Python").click()
    done = subprocess.run([sys.executable, "-c", row.locator("pre").inner_text()], capture_output=True, check=True)
    told = done.stdout.decode()
    assert f"'{array}': (" in told
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    row.get_by_role("button", name="curl").click()
    subprocess.run(["/bin/sh", "-c", row.locator("pre").inner_text()], cwd=tmp_path, check=True)
    with np.load(next(tmp_path.iterdir())) as arrays:
        assert all(f"'{name}': {values.shape}" in told for name, values in arrays.items())


def test_lines_of_a_value_without_arrays_print_it(page: Page, open_view: Callable[[str], None]) -> None:
    open_view("node=relu_2_1&unit=3&at=11,9")
    row = taken(page.locator("section[data-value]"))
    value = float(page.locator("[data-network-value]").get_attribute("data-network-value") or "nan")
    row.get_by_role("button", name="Python").click()
    done = subprocess.run([sys.executable, "-c", row.locator("pre").inner_text()], capture_output=True, check=True)
    assert f"'value': {value}" in done.stdout.decode()
