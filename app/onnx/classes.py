"""Names of a network's outputs, where its file tells them."""

import json
from collections.abc import Mapping


def class_names(properties: Mapping[str, str], units: int) -> tuple[str, ...] | None:
    """Names out of the file's properties, if there is one for each output."""
    for key in ("classes", "labels", "class_names", "names"):
        names = listed(properties.get(key, ""))
        if len(names) == units:
            return names
    return None


def listed(told: str) -> tuple[str, ...]:
    """Names out of a property: a JSON list, a JSON object by number, or one on each line."""
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        found = told.splitlines()
    if isinstance(found, dict):
        found = list(found.values())
    return tuple(str(name)[:200] for name in found) if isinstance(found, list) else ()
