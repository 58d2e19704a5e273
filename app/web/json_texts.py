"""JSON as text, each long list written once however often it is said."""

from typing import Any

import orjson

LONG = 256
"""Entries of a list from which on its text is worth remembering."""


def to_json(value: Any) -> str:
    """A value as JSON; null for what is not finite."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Texts:
    """Writes values as JSON and remembers the text of every long list in them.

    What a method says of a node in its progress is said again, with all else, when the ask is done: the same lists.
    """

    def __init__(self) -> None:
        # A list is kept with its text, so that no other list can come to have its identity.
        self._known: dict[int, tuple[list[Any], orjson.Fragment]] = {}

    def write(self, value: Any) -> str:
        """A value as JSON; null for what is not finite."""
        return to_json(self._abridged(value))

    def _abridged(self, value: Any) -> Any:
        """The value with the text of each long list in its place."""
        if isinstance(value, dict):
            return {key: self._abridged(item) for key, item in value.items()}
        if isinstance(value, list) and len(value) >= LONG:
            known = self._known.get(id(value))
            if known is None:
                known = self._known[id(value)] = value, orjson.Fragment(to_json(value))
            return known[1]
        return value
