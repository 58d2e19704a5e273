"""The first view: there at once, whole, from this server alone."""

import gzip
import json

from playwright.sync_api import Page

from app.resources import resource
from tests.browser.conftest import Violations, Watch


def test_the_first_view_is_drawn_from_this_server_alone(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.wait_for_selector("[data-state=done]")
    assert page.locator("[data-sample]").count() >= 5
    assert page.locator("[data-node=conv_1_1][data-unit]").count() == 10
    assert len(watch.requests) > 3
    assert watch.foreign == []


def test_the_first_view_is_accessible(page: Page, violations: Violations) -> None:
    page.goto("/")
    page.wait_for_selector("[data-state=done]")
    assert violations(page) == []


def test_the_first_script_is_small() -> None:
    folder = resource("static/build")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    def files(entry: str) -> set[str]:
        chunk = manifest[entry]
        return {chunk["file"]}.union(*(files(needed) for needed in chunk.get("imports", [])))

    size = sum(len(gzip.compress((folder / file).read_bytes())) for file in files("src/explore.ts"))
    assert size <= 61_000
