"""The pages: Jinja templates that carry their first data, and the files that they load."""

import asyncio
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.explain.method import methods
from app.resources import resource
from app.web import languages
from app.web.describe import describe_card, describe_graph, describe_method
from app.web.services import Injected, Services
from app.web.templates import Templates
from models import UnknownModel

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

QUICK_PARAMETERS = 1_000_000
"""Networks up to this size are built while the page waits; the page asks for larger ones itself."""


class BuiltFiles(StaticFiles):
    """Files whose names change with their content, and so may be kept for good."""

    def file_response(self, *arguments: Any, **keywords: Any) -> Any:
        response = super().file_response(*arguments, **keywords)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class PlainFiles(StaticFiles):
    """Files that are asked for again each time, by their ETag."""

    def file_response(self, *arguments: Any, **keywords: Any) -> Any:
        response = super().file_response(*arguments, **keywords)
        response.headers["Cache-Control"] = "no-cache"
        return response


def install(app: FastAPI, services: Services) -> None:
    """Adds the pages and their files."""
    app.state.templates = Templates(services.assets.vite)
    app.include_router(router)
    app.mount("/static/build", BuiltFiles(directory=services.assets.folder, check_dir=False), "build")
    app.mount("/static/pages", PlainFiles(directory=resource("static/pages")), "pages")


def render(request: Request, template: str, **context: Any) -> HTMLResponse:
    """A page from its template."""
    templates: Templates = request.app.state.templates
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(templates.render(template, **context), headers=headers)


@router.get("/")
async def explore(request: Request, services: Injected) -> HTMLResponse:
    """The main page, with the data of its first view."""
    asked = request.query_params.get("model", services.settings.default_model)
    language = languages.language_of(request)
    return render(
        request,
        "explore.html",
        first=await first_data(services, asked) | {"texts": languages.first_texts(language)},
        language=language,
        texts=languages.texts(language, "server"),
    )


@router.get("/models")
async def models_page(request: Request, services: Injected) -> HTMLResponse:
    """The networks: all as drawings, or one with its layers and its source."""
    return catalogue(request, services, "src/models.ts")


@router.get("/compare")
async def compare_page(request: Request, services: Injected) -> HTMLResponse:
    """Two networks on one picture, or two pictures in one network."""
    return catalogue(request, services, "src/compare.ts")


@router.get("/train")
async def train_page(request: Request) -> HTMLResponse:
    """Networks that learn while one looks on. What there is to choose is asked for: it is seldom needed."""
    language = languages.language_of(request)
    texts = languages.texts(language, "server")
    return render(request, "catalogue.html", first={}, entry="src/train.ts", language=language, texts=texts)


def catalogue(request: Request, services: Services, entry: str) -> HTMLResponse:
    """A page that carries the networks, the samples, and the drawings that are at hand."""
    language = languages.language_of(request)
    first = {
        "models": [describe_card(card, services.models, classes=False) for card in services.models.cards()],
        "samples": [sample.model_dump(mode="json") for sample in services.samples.all],
        "default_model": services.settings.default_model,
        "outlines": services.structures.known(),
    }
    texts = languages.texts(language, "server")
    return render(request, "catalogue.html", first=first, entry=entry, language=language, texts=texts)


async def first_data(services: Services, model: str) -> dict[str, Any]:
    """What the page knows before it asks: networks, samples, methods, and the graph of the first view's network.

    `model` is null where the address names a network that does not exist or takes long to build.
    """
    return {
        "models": [describe_card(card, services.models, classes=False) for card in services.models.cards()],
        "samples": [sample.model_dump(mode="json") for sample in services.samples.all],
        "methods": [describe_method(method) for method in methods().values()],
        "default_model": services.settings.default_model,
        "model": await first_model(services, model),
    }


async def first_model(services: Services, model: str) -> dict[str, Any] | None:
    """The card and graph of a network that is quickly at hand."""
    try:
        card = services.models.plain_card(model)
    except UnknownModel:
        return None
    if card.parameters > QUICK_PARAMETERS and not services.models.is_built(model):
        return None
    network = await asyncio.to_thread(services.models.network, model)
    return {"card": describe_card(card, services.models), "graph": describe_graph(network)}
