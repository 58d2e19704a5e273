"""The input as a hand meets it: a stroke on the pad, and the camera."""

import statistics

from playwright.sync_api import Page, Request

from benchmarks import Row
from benchmarks.browser import WHERE, Stage, settled, since_pressed, stage, until

STROKES = 40
CAMERA_SECONDS = 6
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class Passing:
    """Pictures that are sent and not kept: how many have been, and how many at once."""

    def __init__(self, page: Page) -> None:
        self.sent = 0
        self.most = 0
        self._under_way: set[Request] = set()
        page.on("request", self.begun)
        page.on("requestfinished", self.ended)
        page.on("requestfailed", self.ended)

    def begun(self, request: Request) -> None:
        """One more is on its way."""
        if request.method == "POST" and "keep=false" in request.url:
            self.sent += 1
            self._under_way.add(request)
            self.most = max(self.most, len(self._under_way))

    def ended(self, request: Request) -> None:
        """It has arrived, or failed."""
        self._under_way.discard(request)


def run() -> list[Row]:
    """All rows of this module."""
    with stage(*FAKE_CAMERA) as place:
        milliseconds, most = camera(place)
        return [
            Row("a stroke on the pad → all of lenet5 drawn", WHERE, stroke(place), 36, "ms"),
            Row("one picture of the camera → all of tiny_vgg drawn, and the next", WHERE, milliseconds, 100, "ms"),
            Row("pictures of the camera on their way at once", WHERE, most, 1, "pictures"),
        ]


def stroke(place: Stage) -> float:
    """Milliseconds from a movement of the pen until everything is drawn, in the median."""
    with place.page() as page:
        page.goto("/?model=lenet5&input=draw")
        page.wait_for_selector("[data-surface]")
        settled(page)
        box = page.locator("[data-surface]").bounding_box()
        assert box is not None
        left, top, width, height = (box[side] for side in ("x", "y", "width", "height"))
        page.mouse.move(left + width / 4, top + height / 4)
        page.mouse.down()
        settled(page)
        times = []
        for step in range(STROKES):
            # Down one side and up the other: each movement changes pixels that were not painted before.
            turn = step % 20
            x = left + width * (0.25 + 0.5 * (step // 20))
            y = top + height * (0.2 + 0.03 * turn)
            times.append(since_pressed(page, lambda x=x, y=y: page.mouse.move(x, y)))
            page.wait_for_timeout(30)
        page.mouse.up()
        return statistics.median(times)


def camera(place: Stage) -> tuple[float, int]:
    """Milliseconds for each picture in the long run, and the most that were under way at once."""
    with place.page() as page:
        page.context.grant_permissions(["camera"])
        passing = Passing(page)
        page.goto("/?model=tiny_vgg&input=camera")
        until(lambda: page.evaluate("window.drawn.length") > 3, "the camera runs")
        page.evaluate("window.drawn.length = 0")
        page.wait_for_timeout(1000 * CAMERA_SECONDS)
        drawn: int = page.evaluate("window.drawn.length")
        return 1000 * CAMERA_SECONDS / max(drawn, 1), passing.most
