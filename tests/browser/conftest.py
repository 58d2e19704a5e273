"""A real Chromium on the real server; each page is watched, and leaves a picture in tests/output."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from tests.browser.looking import DEADLINE, sample
from tests.chromium import SOFTWARE_GRAPHICS, installed, launch
from tests.conftest import CHECKOUT, shared_folder
from tests.serving import serving

OUTPUT = CHECKOUT / "tests" / "output"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server runs, with published weights where they are at hand; ends without a slash."""
    weights = str(shared_folder() / "weights")
    with serving(tmp_path_factory.mktemp("data"), CONVSCOPE_WEIGHTS=weights) as (_, ready):
        yield ready.rstrip("/")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser that `CHROMIUM` names, the one that is installed, or Playwright's own.

    One per file: as long as it is open Playwright keeps an event loop running, in which `asyncio.run` refuses to work.
    """
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright, SOFTWARE_GRAPHICS)
        except Error as error:
            if installed():
                raise
            pytest.skip(f"there is no Chromium; `python3 dev.py test` gets one ({error.message.splitlines()[0]})")
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that a person does not see. A test that causes errors on purpose clears them."""

    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def attach(self, page: Page, host: str) -> None:
        """Listens to a page of a host's."""

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        def request(asked: Request) -> None:
            self.requests.append(asked.url)
            parts = urlsplit(asked.url)
            if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
                self.foreign.append(asked.url)

        page.on("console", console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", request)
        page.on("websocket", lambda socket: self.requests.append(socket.url))


@pytest.fixture
def watch() -> Watch:
    """What the test's page does behind the picture."""
    return Watch()


@pytest.fixture
def page(chromium: Browser, address: str, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page of 1440 × 900. At its end: a screenshot, no error on the console, no request to another host."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    # A busy machine takes its time; how long a thing takes is never asserted.
    context.set_default_timeout(1000 * DEADLINE)
    page = context.new_page()
    watch.attach(page, urlsplit(address).netloc)
    yield page
    OUTPUT.mkdir(exist_ok=True)
    name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name)
    page.screenshot(path=OUTPUT / f"{name}.png")
    context.close()
    assert watch.foreign == []
    assert watch.errors == []


class Violations(Protocol):
    """Runs axe-core on a page, or on a part of it, with all its rules or with some."""

    def __call__(self, page: Page, part: str = "html", rules: Sequence[str] = ()) -> list[str]: ...


AXE = """([part, rules]) =>
  axe.run(part, {
    resultTypes: ["violations"],
    preload: false,
    ...(rules.length ? { runOnly: rules } : {}),
  }).then((result) => result.violations)"""


@pytest.fixture(scope="session")
def violations() -> Violations:
    """What axe-core finds, of whatever weight, each with the elements concerned."""
    source = (CHECKOUT / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def run(page: Page, part: str = "html", rules: Sequence[str] = ()) -> list[str]:
        # Added by evaluation and not as a script, which the content security policy would refuse.
        if page.evaluate("typeof axe === 'undefined'"):
            page.evaluate(source)
        found = page.evaluate(AXE, [part, list(rules)])
        return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]

    return run


@pytest.fixture
def photograph(shared: Callable[[str], Path]) -> Path:
    """A real photograph of a zebra."""
    return shared("photos/zebra.jpg")


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A picture twice as wide as high: an espresso at the left, a ladybug at the right."""
    whole = Image.new("RGB", (512, 256))
    for index, name in enumerate(("espresso", "ladybug")):
        whole.paste(sample(name)[1].resize((256, 256)), (256 * index, 0))
    whole.save(tmp_path / "wide.png")
    return tmp_path / "wide.png"
