"""JSON as text, each long list written once however often it is said."""

from typing import Any

import orjson


def to_json(value: Any) -> str:
    """A value as JSON; null for what is not finite."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Texts:
    """Writes values as JSON and remembers the text of every list in them.

    What a method says of a node in its progress is said again, with all else, when the ask is done: the same lists.
    """

    def __init__(self) -> None:
        # A list is kept with its text, so that no other list can come to have its identity.
        self._known: dict[int, tuple[list[Any], str]] = {}

    def write(self, value: Any) -> str:
        """A value as JSON; null for what is not finite."""
        if isinstance(value, dict):
            items = (f"{to_json(str(key))}:{self.write(item)}" for key, item in value.items())
            return f"{{{','.join(items)}}}"
        if isinstance(value, list):
            known = self._known.get(id(value))
            if known is None:
                known = self._known[id(value)] = value, to_json(value)
            return known[1]
        return to_json(value)
