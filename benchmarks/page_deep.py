"""The page where it has much to show: resnet152 with every block open, and 512 units at once."""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from benchmarks import Row
from benchmarks.browser import WHERE, Stage, footprint, settled, stage, until

MODEL = "resnet152"
UNITS = 512
STEP = 240
"""Pixels that a turn of the wheel goes."""

# A change of the view from outside, as the browser's back button makes one.
GO = "(query) => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')); }"
ALL_BLOCKS = """async (model) => {
  const { graph } = await (await fetch(`/api/v1/models/${model}`)).json();
  const paths = graph.nodes.flatMap(({ path }) => path.map((_, depth) => path.slice(0, depth + 1).join(".")));
  return [...new Set(paths)];
}"""
PRESSED_UNTIL_DRAWN = """(element) => new Promise((resolve) => {
  const began = performance.now();
  element.click();
  requestAnimationFrame(() => requestAnimationFrame((time) => resolve(time - began)));
})"""


def run() -> list[Row]:
    """All rows of this module."""
    with stage() as place:
        rows = deep(place)
        sorting, recolouring = many_units(place)
    return [
        *rows,
        Row("512 units sorted anew and drawn", WHERE, sorting, 50, "ms"),
        Row("512 units recoloured", WHERE, recolouring, 50, "ms"),
    ]


def deep(place: Stage) -> list[Row]:
    """resnet152 opened whole and scrolled from end to end."""
    with place.page() as page, tempfile.TemporaryDirectory() as folder:
        page.goto(f"/?model={MODEL}")
        settled(page)
        blocks = page.evaluate(ALL_BLOCKS, MODEL)
        trace = Path(folder) / "trace.json"
        place.browser.start_tracing(
            page=page, path=trace, categories=["toplevel", "disabled-by-default-devtools.timeline"]
        )
        page.evaluate(GO, f"{page.evaluate('location.search')}&open={','.join(blocks)}")
        settled(page)
        held = [footprint(place.browser), *scrolled(place, page)]
        place.browser.stop_tracing()
        longest = longest_task(json.loads(trace.read_text(encoding="utf-8"))["traceEvents"])
    rows = [
        Row(f"{MODEL} opened and scrolled from end to end: longest task of the main thread", WHERE, longest, 50, "ms")
    ]
    if sys.platform == "linux":
        rows.append(Row("memory of the tab that does it", WHERE, max(held), 400, "MB"))
    return rows


def scrolled(place: Stage, page: Page) -> list[float]:
    """Turns the wheel until the end of the strip; the memory held on the way, in megabytes."""
    strip = "document.querySelector('.strip')"
    end = page.evaluate(f"{strip}.scrollWidth - {strip}.clientWidth")
    page.mouse.move(700, 500)
    held = []
    for turn in range(end // STEP + 2):
        page.mouse.wheel(STEP, 0)
        page.wait_for_timeout(30)
        if turn % 20 == 0:
            held.append(footprint(place.browser))
    until(lambda: page.evaluate(f"{strip}.scrollLeft") >= end - 2, "the strip is at its end")
    settled(page)
    return [*held, footprint(place.browser)]


def longest_task(events: list[dict[str, Any]]) -> float:
    """Milliseconds of the longest task on the page's main thread, of the events of a trace."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["dur"]
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in threads and "dur" in event
    ]
    return max(tasks) / 1000


def many_units(place: Stage) -> tuple[float, float]:
    """Milliseconds until all 512 units of a layer are drawn in another order, and in other colours."""
    with place.page() as page:
        page.goto("/?model=resnet18&node=layer4.1.conv2")
        settled(page)
        units = page.locator(".panel [role=gridcell]")
        while units.count() < UNITS:
            page.locator(".panel .more").first.click()
        until(lambda: units.count() == UNITS, "all units are in the wall")
        until(lambda: page.locator(".panel [role=gridcell][data-tile-state=done]").count() == UNITS, "all have come")
        settled(page)
        orders = [
            page.get_by_role("button", name=name, exact=True) for name in ("mean", "variance", "number", "strength")
        ]
        ranges = [page.locator(f"input[name=range][value={name}]") for name in ("unit", "net", "layer")]
        return pressed(page, orders), pressed(page, ranges)


def pressed(page: Page, choices: list[Locator]) -> float:
    """Milliseconds until what a choice changes is drawn, in the median of all choices, thrice each."""
    times = []
    for choice in choices * 3:
        times.append(choice.evaluate(PRESSED_UNTIL_DRAWN))
        page.wait_for_timeout(200)
    return statistics.median(times)
