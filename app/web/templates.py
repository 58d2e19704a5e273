"""The templates of the pages: always escaped, and strict about what they are given."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from app.resources import resource
from app.web.problems import finite

if TYPE_CHECKING:
    from jinja2 import Environment


class Templates:
    """Jinja, loaded with the first page: a server that only answers programs never needs it.

    Args:
        vite: writes the tags of a built entry.
    """

    def __init__(self, vite: Callable[..., Markup]) -> None:
        self._vite = vite

    @cached_property
    def environment(self) -> "Environment":
        """Jinja with what the templates use."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        loader = FileSystemLoader(resource("templates"))
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        environment.globals["vite"] = self._vite
        environment.filters["data"] = as_data
        environment.filters["prose"] = as_prose
        return environment

    def render(self, template: str, **context: Any) -> str:
        """A page."""
        return self.environment.get_template(template).render(**context)


def as_data(value: Any) -> Markup:
    """JSON for a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    harmless = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(harmless)  # noqa: S704 (nothing in it can be markup any more)


def as_prose(text: str) -> Markup:
    """Text in which `names` stand between backquotes."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))
