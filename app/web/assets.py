"""The built page in templates: `{{ vite("src/explore.ts") }}` writes the tags that one entry needs."""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

from markupsafe import Markup

from app.resources import resource

ADDRESS = "/static/build/"


class PageNotBuilt(RuntimeError):
    """The page's scripts are not there, or have no such entry."""


@dataclass(frozen=True)
class Chunk:
    """One built script: its file, its styles, and the scripts that it imports before it runs."""

    file: str
    css: tuple[str, ...]
    imports: tuple[str, ...]


class Assets:
    """What Vite built, as its manifest tells; read again when the page was built again."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or resource("static/build")
        self._modified = 0
        self._chunks: dict[str, Chunk] = {}

    def vite(self, entry: str, *soon: str) -> Markup:
        """The styles, preloads and script of an entry, as tags for the head of a page.

        Args:
            entry: the source that the page's script was made from.
            soon: sources that this script imports as soon as it runs; the browser fetches them beside it.

        Raises:
            PageNotBuilt: there is no manifest, or the manifest has no such entry.
        """
        chunks = self.chunks()
        for source in (entry, *soon):
            if source not in chunks:
                raise PageNotBuilt(f"The built page has no entry {source}; it has {', '.join(chunks)}.")
        needed = list(dict.fromkeys(name for source in (*soon, entry) for name in imported(chunks, source)))
        styles = dict.fromkeys(style for name in needed for style in chunks[name].css)
        preloads = [chunks[name].file for name in needed if name != entry]
        tags = [f'<link rel="stylesheet" href="{address(style)}">' for style in styles]
        tags += [f'<link rel="modulepreload" href="{address(file)}">' for file in preloads]
        tags.append(f'<script type="module" src="{address(chunks[entry].file)}"></script>')
        return Markup("\n".join(tags))  # noqa: S704 - every address in it is escaped

    def chunks(self) -> dict[str, Chunk]:
        """The manifest's chunks, by the source that each was made from."""
        manifest = self.folder / "manifest.json"
        if not manifest.is_file():
            raise PageNotBuilt(
                f"The page is not built: {manifest} is missing. `python3 dev.py run` builds it, "
                "and so does `pip install .`."
            )
        modified = manifest.stat().st_mtime_ns
        if modified != self._modified:
            self._chunks = {
                name: Chunk(chunk["file"], tuple(chunk.get("css", ())), tuple(chunk.get("imports", ())))
                for name, chunk in json.loads(manifest.read_text(encoding="utf-8")).items()
            }
            self._modified = modified
        return self._chunks


def imported(chunks: dict[str, Chunk], entry: str) -> list[str]:
    """An entry with all it imports at once, directly or not; what is imported comes first."""
    order: list[str] = []

    def visit(name: str, ancestors: tuple[str, ...]) -> None:
        if name in order or name in ancestors:
            return
        for needed in chunks[name].imports:
            visit(needed, (*ancestors, name))
        order.append(name)

    visit(entry, ())
    return order


def address(file: str) -> str:
    """The address of a built file, for use in an attribute."""
    return escape(ADDRESS + file)
