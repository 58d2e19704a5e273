"""The page as a person meets it: the first view, and another sample picked."""

import statistics
from dataclasses import dataclass, field

from playwright.sync_api import Page

from benchmarks import Row
from benchmarks.browser import WHERE, Stage, settled, since_pressed, stage, until

VIEWS = 7


@dataclass
class Transfer:
    """What a page got over HTTP, compressed as it came, with headers, in bytes."""

    scripts: float = 0
    total: float = 0
    kinds: dict[str, str] = field(default_factory=dict)

    def attach(self, page: Page) -> None:
        """Counts from now on."""
        network = page.context.new_cdp_session(page)
        network.on("Network.responseReceived", lambda event: self.kinds.update({event["requestId"]: event["type"]}))
        network.on("Network.loadingFinished", self.finished)
        network.send("Network.enable")

    def finished(self, event: dict[str, object]) -> None:
        """Something has come whole."""
        size = float(str(event["encodedDataLength"]))
        self.total += size
        if self.kinds.get(str(event["requestId"])) == "Script":
            self.scripts += size


def run() -> list[Row]:
    """All rows of this module."""
    with stage() as place:
        first_view(place)
        views = [first_view(place) for _ in range(VIEWS)]
        times, transfers = zip(*views, strict=True)
        return [
            Row("the first view of tiny_vgg drawn", WHERE, statistics.median(times), 1200, "ms"),
            Row("its scripts", "gzipped", max(transfer.scripts for transfer in transfers) / 1000, 60, "KB"),
            Row(
                "all that it gets over HTTP", "gzipped", max(transfer.total for transfer in transfers) / 1000, 200, "KB"
            ),
            Row("another sample picked → all maps of tiny_vgg drawn", WHERE, another_sample(place), 130, "ms"),
        ]


def first_view(place: Stage) -> tuple[float, Transfer]:
    """Milliseconds from a navigation with an empty cache until everything is drawn, and what it took."""
    transfer = Transfer()
    with place.page() as page:
        transfer.attach(page)
        page.goto("/")
        until(lambda: page.evaluate("window.drawn.length"), "the first view is drawn")
        milliseconds: float = page.evaluate("window.drawn[0]")
        page.wait_for_load_state("networkidle")
        return milliseconds, transfer


def another_sample(place: Stage) -> float:
    """Milliseconds from the click, in the median over the samples, none of which was computed before."""
    with place.page() as page:
        page.goto("/?model=tiny_vgg")
        settled(page)
        samples = page.locator("[data-sample][aria-pressed=false]")
        names = [samples.nth(index).get_attribute("data-sample") for index in range(samples.count())]
        times = []
        for name in names:
            times.append(since_pressed(page, page.locator(f"[data-sample={name}]").click))
            settled(page)
        return statistics.median(times)
