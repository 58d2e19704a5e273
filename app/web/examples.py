"""Examples of asks that run as they stand: for the API's description, the docs and their tests."""

import json
from typing import Any

from app.explain.method import Method, methods
from app.store.samples import Samples

NODE = "conv_1_2"


def example_ask(method: Method, samples: Samples) -> dict[str, Any]:
    """An ask of a method with the parameters that it needs, about a sample picture where it looks at one."""
    schema = method.params.model_json_schema()
    needed = {name: example_value(name, schema["properties"][name]) for name in schema.get("required", ())}
    ask: dict[str, Any] = {"method": method.name, "model": method.example}
    if method.image != "none":
        ask["image"] = next(sample.image for sample in samples.all if method.example in sample.models)
    return {**ask, "params": needed}


def example_value(name: str, schema: dict[str, Any]) -> Any:
    """A value for a parameter that has no default."""
    if "examples" in schema:
        return schema["examples"][0]
    if name == "node":
        return NODE
    if schema.get("type") == "array":
        return [example_value(name, schema["items"])]
    return schema.get("minimum", 0)


def example_asks(samples: Samples) -> dict[str, dict[str, Any]]:
    """One example for every method, by its name."""
    return {name: example_ask(method, samples) for name, method in methods().items()}


def curl(base: str, ask: dict[str, Any]) -> str:
    """The command line that asks this."""
    return f"curl -X POST {base}/api/v1/ask -H 'Content-Type: application/json' \\\n  -d '{json.dumps(ask)}'"


def python(base: str, ask: dict[str, Any]) -> str:
    """The Python lines that ask this, with nothing but the standard library."""
    return (
        "import json, urllib.request\n\n"
        f"ask = {ask!r}\n"
        f'request = urllib.request.Request("{base}/api/v1/ask", json.dumps(ask).encode(), '
        '{"Content-Type": "application/json"})\n'
        "answer = json.load(urllib.request.urlopen(request))\n"
        "print(answer)"
    )
