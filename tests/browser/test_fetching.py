"""Published weights fetched in the page: how far it is, what went wrong, and the network with them."""

import hashlib
import io
import re
import threading
from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Page, expect

from models import create
from tests.browser.conftest import OUTPUT, Violations, Watch
from tests.browser.looking import drawn
from tests.publisher import Publisher
from tests.serving import serving

MODEL = "squeezenet1_1"
PATIENCE = 90_000

ELSEWHERE = """
import sys
from models import registry

registry.load_declarations()
model, url, prefix = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
card, builder = registry._BUILDERS[model]
published = card.published.model_copy(update={"url": url, "sha256_prefix": prefix})
registry._BUILDERS[model] = (card.model_copy(update={"published": published}), builder)
from app.cli import app
app()
"""
"""The server, with a network whose weights are published at another address."""


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    buffer = io.BytesIO()
    torch.save(create(MODEL).state_dict(), buffer)
    server = Publisher(buffer.getvalue())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def address(publisher: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without any weights but those that ship."""
    digits = hashlib.sha256(publisher.content).hexdigest()[:8]
    url = f"http://127.0.0.1:{publisher.server_port}/{MODEL}-{digits}.pth"
    program = ("-c", ELSEWHERE, MODEL, url, digits)
    with serving(tmp_path_factory.mktemp("data"), program=program, CONVSCOPE_WEIGHTS="") as (_, ready):
        yield ready.rstrip("/")


def test_weights_are_fetched_in_the_page(
    page: Page, publisher: Publisher, watch: Watch, violations: Violations
) -> None:
    page.goto(f"/?model={MODEL}")
    drawn(page)
    notice = page.locator("[data-notice=random]")
    fetch = notice.get_by_role("button")
    # What is wrong is told, and it can be tried again.
    wrong = (("nowhere", "404"), ("other bytes", "SHA-256"), ("no answer", "a folder that CONVSCOPE_WEIGHTS names"))
    for manner, sentence in wrong:
        publisher.manner = manner
        fetch.click()
        expect(notice.get_by_role("alert")).to_contain_text(sentence, timeout=PATIENCE)
        assert violations(page) == []
    # A file that has come half is half a bar, for as long as nothing more comes.
    publisher.manner = "in two halves"
    fetch.click()
    bar = notice.get_by_role("progressbar")
    expect(bar).to_have_js_property("value", len(publisher.content) // 2, timeout=PATIENCE)
    expect(bar).to_have_js_property("max", len(publisher.content))
    expect(notice).to_contain_text(re.compile(r"2\.\d+ MB / [45]"))
    assert violations(page) == []
    page.screenshot(path=OUTPUT / "fetching.png")
    publisher.go_on.set()
    expect(notice).to_have_count(0, timeout=PATIENCE)
    drawn(page)
    watch.errors.clear()
