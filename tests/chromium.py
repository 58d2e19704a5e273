"""Chromium without a window, for the browser tests and the benchmarks."""

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SOFTWARE_GRAPHICS = "--enable-unsafe-swiftshader"
"""WebGL where there is no graphics hardware: slow, and not what a person's browser does there."""


def installed() -> str | None:
    """The browser that `CHROMIUM` names, or the one that is installed; None where there is only Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: "Playwright", *flags: str) -> "Browser":
    """Starts it, with further flags; Playwright's own where none is installed."""
    return playwright.chromium.launch(
        executable_path=installed(), args=[*FLAGS, *flags], ignore_default_args=[SOFTWARE_GRAPHICS]
    )
