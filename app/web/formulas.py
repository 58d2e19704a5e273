"""Formulas in MathML for the documentation: static/formulas/make.mjs writes them, for the page too."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup


@cache
def table() -> dict[str, Any]:
    """All formulas: `values` by their plain text, `methods` by name."""
    known: dict[str, Any] = json.loads((Path(__file__).parent / "formulas.json").read_text(encoding="utf-8"))
    return known


def method_formulas(name: str) -> list[Markup]:
    """The formulas of a method."""
    return [Markup(formula) for formula in table()["methods"].get(name, ())]  # noqa: S704 (made by the project itself)


def value_formulas() -> dict[str, Markup]:
    """The formulas of single values by their plain text."""
    return {plain: Markup(entry["formula"]) for plain, entry in table()["values"].items()}  # noqa: S704
