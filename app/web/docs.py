"""The documentation that the server carries: methods, errors and the REST API, made from their declarations."""

import json
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from app.engine.check import expected
from app.engine.errors import UnknownMethod
from app.explain.method import Method, methods
from app.web import languages
from app.web.describe import help_text
from app.web.examples import curl, example_ask, example_asks, python
from app.web.formulas import method_formulas, value_formulas
from app.web.openapi import description
from app.web.pages import render
from app.web.problem_types import TYPES
from app.web.services import Injected

router = APIRouter(prefix="/docs", include_in_schema=False, default_response_class=HTMLResponse)


def install(app: FastAPI) -> None:
    """Adds the pages."""
    app.include_router(router)


@router.get("")
async def overview(request: Request, services: Injected) -> HTMLResponse:
    """What there is: methods, networks, errors, the API."""
    listed = [(method, help_text(method)[0]) for method in methods().values()]
    networks = [(card, services.models.weights(card)) for card in services.models.cards()]
    return render(request, "docs/overview.html", methods=listed, networks=networks)


@router.get("/words")
async def words_page(request: Request) -> HTMLResponse:
    """What the words of the field mean: the texts of the page's help."""
    texts = languages.texts(languages.FALLBACK, "words")
    words = [(key.removeprefix("word."), text) for key, text in texts.items() if not key.endswith(".is")]
    return render(request, "docs/words.html", words=[(name, word, texts[f"word.{name}.is"]) for name, word in words])


@router.get("/methods/{name}")
async def method_page(request: Request, name: str, services: Injected) -> HTMLResponse:
    """One method: what it does, its parameters, and an ask that runs."""
    known = methods()
    if name not in known:
        raise UnknownMethod(name, known)
    method = known[name]
    ask, base = example_ask(method, services.samples), base_address(request)
    return render(
        request,
        "docs/method.html",
        method=method,
        help=help_text(method),
        formulas=method_formulas(name),
        value_formulas=value_formulas() if name == "arithmetic" else {},
        params=parameter_rows(method),
        curl=curl(base, ask),
        python=python(base, ask),
    )


@router.get("/onnx")
async def onnx_page(request: Request, services: Injected) -> HTMLResponse:
    """What is read of an ONNX file, from what reads it."""
    from app.onnx.importer import NEWEST, OLDEST
    from app.onnx.operations import made_of

    bounds = {"oldest": OLDEST, "newest": NEWEST, "limits": services.settings.model_limits}
    return render(request, "docs/onnx.html", operations=made_of(), **bounds)


@router.get("/errors")
async def errors_page(request: Request) -> HTMLResponse:
    """Every kind of error."""
    return render(request, "docs/errors.html", types=TYPES)


@router.get("/api")
async def api_page(request: Request, services: Injected) -> HTMLResponse:
    """The REST API, operation by operation."""
    document = description(request.app)
    base = base_address(request)
    examples = {name: curl(base, ask) for name, ask in example_asks(services.samples).items()}
    return render(request, "docs/api.html", api=document, groups=operations(document), base=base, examples=examples)


def base_address(request: Request) -> str:
    """The server's own address, as the caller sees it."""
    return f"{request.url.scheme}://{request.headers['host']}"


def parameter_rows(method: Method) -> list[dict[str, Any]]:
    """A method's parameters for a table: name, title, what it may be, default, help."""
    schema = method.params.model_json_schema()
    return [
        {
            "name": name,
            "title": field.get("title", name),
            "allowed": expected(field, schema),
            "unit": field.get("unit", ""),
            "default": "needed" if name in schema.get("required", ()) else json.dumps(field.get("default")),
            "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def operations(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The API's operations by tag, in the order of the tags."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            groups[operation["tags"][0]].append({"verb": verb.upper(), "path": path, **operation})
    return groups
