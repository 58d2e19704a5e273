"""The languages of the pages: which fits the reader, and the texts that the server itself writes in it."""

import json
from functools import cache

from fastapi import Request

from app.resources import resource

FALLBACK = "en"
"""The language of the documentation, and of who reads none of the others."""

FOLDER = "static/src/texts"


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages there are: a folder of texts each."""
    return tuple(sorted(path.name for path in resource(FOLDER).iterdir() if path.is_dir()))


@cache
def texts(language: str, part: str) -> dict[str, str]:
    """The texts of one part of the page in a language."""
    file = resource(FOLDER) / language / f"{part}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


@cache
def first_texts(language: str) -> dict[str, str]:
    """The texts of the main page's first view, which it carries in itself; `first.json` names their files."""
    folder = resource(FOLDER)
    parts: list[str] = json.loads((folder / "first.json").read_text(encoding="utf-8"))
    there = [part for part in parts if (folder / language / f"{part}.json").is_file()]
    return {key: text for part in there for key, text in texts(language, part).items()}


def language_of(request: Request) -> str:
    """The language of a request: as its address says (`?lang=de`), or else the one that the browser likes best."""
    asked = request.query_params.get("lang", "")
    return asked if asked in languages() else preferred(request.headers.get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The best of our languages for an `Accept-Language` header (RFC 9110, §12.5.4); English where none is named."""
    weighted = [weight(entry) for entry in accepted.split(",")]
    known = [(quality, -place, code) for place, (code, quality) in enumerate(weighted) if code in languages()]
    quality, _, code = max(known, default=(0.0, 0, FALLBACK))
    return code if quality > 0 else FALLBACK


def weight(entry: str) -> tuple[str, float]:
    """An entry such as `de-AT;q=0.8`: its language without the region, and its quality, zero where it is no number."""
    tag, _, parameter = entry.partition(";")
    name, _, number = parameter.strip().partition("=")
    try:
        quality = float(number) if name.strip() == "q" else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().split("-")[0].lower(), quality
