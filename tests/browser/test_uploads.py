"""Pictures of one's own: uploaded, dropped, pasted, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import Watch
from tests.browser.looking import drawn, image_of, place, state, until


def test_a_photograph_of_ones_own_is_looked_at(page: Page, photograph: Path) -> None:
    page.goto("/?model=squeezenet1_1")
    drawn(page)
    before = image_of(page)
    page.set_input_files("input[type=file]", photograph)
    until(lambda: image_of(page) != before, "the photograph is there")
    drawn(page)
    rows = page.locator("[data-class]")
    until(lambda: rows.first.get_attribute("data-class") == "zebra", "the zebra is recognised")
    page.reload()
    drawn(page)
    until(lambda: rows.first.get_attribute("data-class") == "zebra", "and found again")


TRANSFER = """async ([kind, target]) => {
  const canvas = new OffscreenCanvas(90, 70);
  const context = canvas.getContext('2d');
  context.fillStyle = kind === 'drop' ? 'teal' : 'gold';
  context.fillRect(20, 10, 40, 50);
  const transfer = new DataTransfer();
  transfer.items.add(new File([await canvas.convertToBlob()], kind + '.png', {type: 'image/png'}));
  const event = kind === 'drop'
    ? new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true})
    : new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true});
  document.querySelector(target).dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(page: Page, kind: str) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    before = image_of(page)
    page.evaluate(TRANSFER, [kind, "main"])
    until(lambda: image_of(page) != before, "the picture has arrived")
    drawn(page)
    assert page.locator(f"button[aria-label='{kind}.png'][aria-pressed=true]").count() == 1


def test_what_is_no_picture_is_refused_and_the_view_stays(page: Page, watch: Watch, tmp_path: Path) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    before = place(page)
    fake = tmp_path / "fake.png"
    fake.write_text("<html>no picture</html>", encoding="utf-8")
    page.set_input_files("input[type=file]", fake)
    notice = page.locator("[data-notice=upload]")
    notice.wait_for()
    assert "not" in notice.inner_text()
    assert (place(page), state(page)) == (before, "done")
    notice.get_by_role("button").click()
    until(lambda: notice.count() == 0, "the notice is gone")
    watch.errors.clear()


def test_several_files_become_pictures_in_the_strip(page: Page, tmp_path: Path) -> None:
    for index in range(3):
        pixels = np.random.default_rng(50 + index).integers(0, 256, (20, 20, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"number {index}.png")
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.set_input_files("input[type=file]", [tmp_path / f"number {index}.png" for index in range(3)])
    for index in range(3):
        page.locator(f"button[aria-label='number {index}.png']").wait_for()
    until(
        lambda: page.locator("button[aria-label='number 0.png'][aria-pressed=true]").count() == 1, "the first is shown"
    )


@pytest.mark.parametrize(
    ("text", "words"), [("https://example.org/cat.jpg", "An address"), ("a cat on a mat", "Text was")]
)
@pytest.mark.parametrize("way", ["drop", "paste"])
def test_what_is_no_picture_is_told(page: Page, way: str, text: str, words: str) -> None:
    page.goto("/?model=tiny_vgg")
    drawn(page)
    page.evaluate(
        """([way, text]) => {
          const transfer = new DataTransfer();
          transfer.setData("text/plain", text);
          dispatchEvent(
            way === "drop"
              ? new DragEvent("drop", { dataTransfer: transfer, cancelable: true })
              : new ClipboardEvent("paste", { clipboardData: transfer }),
          );
        }""",
        [way, text],
    )
    assert words in page.locator("[data-notice=upload]").inner_text()
    drawn(page)
