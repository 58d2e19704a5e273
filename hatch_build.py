"""The packaging hook: builds the page with a Node that pip brings, where it is missing or older than its sources."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGED = ("templates", "static/build", "static/src/texts", "static/pages", "static/samples")


def load_builder(root: str) -> ModuleType:
    """The page's own build script, which is no package."""
    path = Path(root) / "static" / "build_page.py"
    spec = importlib.util.spec_from_file_location("build_page", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PageHook(BuildHookInterface[Any]):
    """Runs before the wheel, the source distribution and the editable install."""

    def dependencies(self) -> list[str]:
        builder = load_builder(self.root)
        return [builder.NODE_PACKAGE] if builder.is_stale() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        load_builder(self.root).build()
        # An editable install reads the checkout itself: copies would grow stale.
        if self.target_name == "wheel" and version == "standard":
            for folder in PACKAGED:
                build_data["force_include"][str(Path(self.root) / folder)] = f"app/data/{folder}"
