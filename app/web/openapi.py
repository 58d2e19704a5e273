"""The description of the REST API: OpenAPI, with examples that run."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from app.explain.method import methods
from app.store.samples import Samples
from app.web import problems
from app.web.examples import example_asks
from app.web.schemas import Problem

ABOUT = """What the pages show, for programs.

Upload a picture (or take a sample's id), ask a network something about it, and get the answer as JSON, as a picture, as
NumPy arrays, or step by step. An answer's id is the hash of the ask: it is a permanent link, and asking twice costs
nothing. Every error is a problem document (RFC 9457).
"""

TAGS = [
    {"name": "models", "description": "The networks: their cards and their graphs."},
    {"name": "images", "description": "Pictures, known by the SHA-256 of their pixels."},
    {"name": "methods", "description": "What can be asked."},
    {"name": "runs", "description": "Trainings: begun, watched, changed while they go on; see docs/protocol.md."},
    {"name": "ask", "description": "One question, answered whole."},
    {"name": "answers", "description": "What was answered, and its arrays in bulk."},
    {"name": "health", "description": "Whether the server lives, and what it does."},
]


def install(app: FastAPI) -> None:
    """Serves the description at /api/v1/openapi.json."""

    @app.get("/api/v1/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(description(request.app))


def description(app: FastAPI) -> dict[str, Any]:
    """The whole description."""
    document = get_openapi(
        title="Convscope", version="1", summary="See inside convolutional networks", description=ABOUT, tags=TAGS,
        routes=app.routes,
    )  # fmt: skip
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in document["paths"].values():
        for operation in path.values():
            describe_problems(operation)
    samples: Samples = app.state.services.samples
    describe_ask(document, samples)
    describe_images(document, samples)
    return document


def describe_problems(operation: dict[str, Any]) -> None:
    """Every error of an operation is a problem document."""
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"description": "What was wrong, and what would be right.", "content": content}
    for response in operation["responses"].values():
        if response.get("content") == {}:
            del response["content"]


def describe_ask(document: dict[str, Any], samples: Samples) -> None:
    """The body of an ask: one shape for each method, its parameters from the method's declaration."""
    schemas = document["components"]["schemas"]
    shapes = []
    for name, method in methods().items():
        params = method.params.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}")
        for inner, schema in params.pop("$defs", {}).items():
            schemas[f"{name}.{inner}"] = schema
        schemas[f"{name}.params"] = params
        schemas[f"{name}.ask"] = ask_schema(name, method.title, method.image, bool(params.get("required")))
        shapes.append({"$ref": f"#/components/schemas/{name}.ask"})
    schemas["Ask"] = {"title": "Ask", "oneOf": shapes}
    content = document["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {"$ref": "#/components/schemas/Ask"}
    content["examples"] = {name: {"value": ask} for name, ask in example_asks(samples).items()}


def ask_schema(name: str, title: str, image: str, params_required: bool) -> dict[str, Any]:
    """The JSON Schema of one method's ask."""
    properties: dict[str, Any] = {
        "method": {"const": name},
        "model": {"type": "string", "description": "A network's id."},
        "params": {"$ref": f"#/components/schemas/{name}.params"},
        "image": {"type": ["string", "null"], "description": "An image's id."},
        "framing": {"$ref": "#/components/schemas/Framing"},
    }
    required = ["method", "model"]
    if image == "required":
        properties["image"]["type"] = "string"
        required.append("image")
    if params_required:
        required.append("params")
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def describe_images(document: dict[str, Any], samples: Samples) -> None:
    """Gives the addresses of images a sample's id to try them with."""
    for path in ("/api/v1/images/{image}", "/api/v1/images/{image}/about"):
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter["name"] == "image" and samples.all:
                parameter["example"] = samples.all[0].image
