"""JSON as text, each long list written once however often it is said."""

from typing import Any

import orjson

LONG = 256
"""Entries of a list from which on its text is worth remembering."""


def to_json(value: Any) -> str:
    """A value as JSON; null for what is not finite."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Texts:
    """Writes messages as JSON and remembers the text of every long list in their tables.

    What a method says of a node in its progress is said again, with all else, when the ask is done: the same lists.
    """

    def __init__(self) -> None:
        # A list is kept with its text, so that no other list can come to have its identity.
        self._known: dict[int, tuple[list[Any], orjson.Fragment]] = {}

    def write(self, message: dict[str, Any]) -> str:
        """A message as JSON; null for what is not finite."""
        return to_json(self._abridged(message))

    def _abridged(self, table: dict[str, Any]) -> dict[str, Any]:
        """The table with the text of each long list in its place."""
        return {
            key: self._abridged(item)
            if isinstance(item, dict)
            else self._text(item)
            if isinstance(item, list) and len(item) >= LONG
            else item
            for key, item in table.items()
        }

    def _text(self, items: list[Any]) -> orjson.Fragment:
        known = self._known.get(id(items))
        if known is None:
            known = self._known[id(items)] = items, orjson.Fragment(to_json(items))
        return known[1]
