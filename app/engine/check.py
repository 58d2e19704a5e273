"""Everything an ask can have wrong, found before anything runs."""

import math
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.engine.ask import Ask, CheckedAsk, ModelSource
from app.engine.errors import BadParameter, UnknownMethod, UnknownModel
from app.explain.errors import ImageRequired, MemoryBudget
from app.explain.framing import usual_is_none
from app.explain.method import Method, Params, methods
from app.explain.network import Network
from models.registry import UnknownModel as UnregisteredModel


def check(ask: Ask, models: ModelSource, memory_limit: int) -> CheckedAsk:
    """Checks an ask and fills in its defaults.

    Args:
        ask: the question.
        models: where networks come from.
        memory_limit: bytes that one ask may take.

    Raises:
        AskError: naming what was wrong, its field, and what would be right.
    """
    known = methods()
    if ask.method not in known:
        raise UnknownMethod(ask.method, known)
    method = known[ask.method]
    try:
        network = models.network(ask.model)
        weights = models.weights_id(ask.model)
    except UnregisteredModel as error:
        raise UnknownModel(str(error), "model") from None
    params = checked_params(method, ask.params)
    check_names(network, params)
    image = ask.image if method.image != "none" else None
    if image is None and method.image == "required":
        raise ImageRequired(
            f"{method.title} looks at a picture: name one as “image”, by the id its upload gave.", "image"
        )
    memory = method.memory(network, params)
    if memory > memory_limit:
        raise MemoryBudget(
            f"{method.title} on {ask.model} would take about {readable_bytes(memory)} with these parameters; one ask "
            f"may take {readable_bytes(memory_limit)}. Ask for fewer nodes, fewer units or a smaller size.",
            "params",
        )
    understood = Ask(
        method=ask.method,
        model=ask.model,
        image=image,
        params=params.model_dump(mode="json"),
        framing=usual_is_none(ask.framing) if image is not None else None,
    )
    return CheckedAsk(understood, method, network, params, weights, memory)


def checked_params(method: Method, given: dict[str, Any]) -> Params:
    """Validates parameters.

    Raises:
        BadParameter: one is unknown, missing, of another type, out of bounds or not finite.
    """
    try:
        params = method.params.model_validate(given)
    except ValidationError as error:
        raise bad_parameter(method, error.errors()[0]) from None
    for field, value in numbers("params", params.model_dump()):
        if not math.isfinite(value):
            raise BadParameter(f"{field} is {value}, but it must be a finite number.", field)
    return params


def numbers(field: str, value: object) -> Iterator[tuple[str, float]]:
    """Every floating-point number in nested tables and lists, with the path to it."""
    if isinstance(value, float):
        yield field, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from numbers(f"{field}.{name}", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from numbers(f"{field}.{index}", item)


def bad_parameter(method: Method, error: ErrorDetails) -> BadParameter:
    """One sentence from pydantic's first complaint: the field, the value given, and what would be right."""
    schema = method.params.model_json_schema()
    place = [part for part in error["loc"] if isinstance(part, int) or part in schema.get("properties", {})]
    declared = schema.get("properties", {}).get(place[0]) if place else None
    field = ".".join(["params", *map(str, place)])
    if error["type"] == "extra_forbidden":
        names = ", ".join(method.params.model_fields)
        name = str(error["loc"][0])[:80]
        right = f"Its parameters are: {names}." if names else "It takes none."
        return BadParameter(f"{method.name} has no parameter “{name}”. {right}", f"params.{name}")
    if error["type"] == "missing":
        return BadParameter(f"{method.name} needs {field}: {expected(declared, schema)}.", field)
    if declared is None or error["type"] == "value_error":
        return BadParameter(f"{field} is {shown(error['input'])}: {error['msg'].removeprefix('Value error, ')}.", field)
    if len(place) > 1:
        declared = items_of(declared)
    return BadParameter(f"{field} is {shown(error['input'])}, but it must be {expected(declared, schema)}.", field)


def items_of(declared: dict[str, Any]) -> dict[str, Any] | None:
    """What a list's own schema, or that of a list or nothing, says of its items."""
    lists = [option for option in (declared, *declared.get("anyOf", ())) if "items" in option]
    return lists[0]["items"] if lists else None


def shown(value: object) -> str:
    """A value as a message shows it: short, text in quotes."""
    text = f"“{value}”" if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def expected(declared: dict[str, Any] | None, schema: dict[str, Any]) -> str:
    """What a field's JSON Schema allows, in words: "a whole number from 1 to 1000"."""
    declared = declared or {}
    if "$ref" in declared:
        return expected(schema["$defs"][declared["$ref"].rsplit("/", 1)[-1]], schema)
    if "anyOf" in declared:
        return ", or ".join(expected(option, schema) for option in declared["anyOf"])
    if "const" in declared:
        return shown(declared["const"])
    if "enum" in declared:
        return "one of " + ", ".join(shown(option) for option in declared["enum"])
    kind = declared.get("type")
    if kind == "array":
        count = bounds(declared.get("minItems"), declared.get("maxItems"), None, None)
        items = f", each {expected(declared['items'], schema)}" if declared.get("items") else ""
        return f"a list{f' of length{count}' if count else ''}{items}"
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "text"}
    limits = (declared.get(key) for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
    return words.get(str(kind), "null" if kind == "null" else "a table") + bounds(*limits)


def bounds(low: float | None, high: float | None, above: float | None, below: float | None) -> str:
    """Bounds in words, with a space in front; empty where there are none."""
    if low is not None and high is not None:
        return f" from {low:.12g} to {high:.12g}"
    parts = [
        f" {word} {limit:.12g}"
        for word, limit in (("at least", low), ("at most", high), ("above", above), ("below", below))
        if limit is not None
    ]
    return " and".join(parts)


def check_names(network: Network, params: Params) -> None:
    """Checks the parameters that name a part of the network: `node`, `nodes`, and `unit`, `units` of that node.

    Raises:
        UnknownNode: the network has none of this name.
        UnknownUnit: the node, or each of the nodes, has fewer.
    """
    values = dict(params)
    nodes = [
        network.node(name, f"params.{field}") for field in ("node", "nodes") for name in listed(values.get(field), str)
    ]
    if not nodes:
        return
    largest = max(nodes, key=lambda node: node.units)
    for field in ("unit", "units"):
        for unit in listed(values.get(field), int):
            network.unit(largest, unit, f"params.{field}")


def listed(value: object, kind: type[Any]) -> list[Any]:
    """A value of a kind as a list of one, a list of such values as it is, anything else as none."""
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, kind) and not isinstance(item, bool)]


def readable_bytes(count: int) -> str:
    """A number of bytes for people: "1.5 GiB"."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 2**power:
            size = count / 2**power
            return f"{size:.0f} {unit}" if size >= 10 else f"{size:.1f} {unit}"
    return f"{count} bytes"
