"""Problem documents (RFC 9457): every error, in HTTP and on the stream, has this one shape."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.explain.errors import AskError
from app.store.images import NoSuchImage
from app.web.assets import PageNotBuilt
from app.web.gone import ClientGone
from app.web.problem_types import TYPES
from models import UnknownModel

log = logging.getLogger("convscope")

MEDIA_TYPE = "application/problem+json"


BY_STATUS = {400: "malformed", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
             406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 422: "bad_request",
             429: "rate_limited", 503: "unavailable"}  # fmt: skip
"""The code of an error that the framework raised with nothing but a status."""


def problem(code: str, detail: str, field: str | None = None, **more: Any) -> dict[str, Any]:
    """A problem document as plain data."""
    kind = TYPES[code]
    document = {"type": f"/docs/errors#{code}", "title": kind.title, "status": kind.status, "detail": detail}
    return document | ({"field": field} if field else {}) | more


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document of an exception; of an unforeseen one it says nothing of the program's inside."""
    if isinstance(error, AskError):
        code = error.code if error.code in TYPES else "internal"
        position = getattr(error, "position", None)
        return problem(code, error.detail, error.field, **({} if position is None else {"position": position}))
    if isinstance(error, UnknownModel):
        return problem("unknown_model", str(error), "model")
    if isinstance(error, NoSuchImage):
        detail = f"There is no image “{str(error)[:80]}”. Upload it first, and ask with the id it gets."
        return problem("unknown_image", detail, "image")
    if isinstance(error, PageNotBuilt):
        return problem("unavailable", str(error))
    return problem("internal", "The server failed at this. Its log says why; other requests are not affected.")


def response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as an HTTP response."""
    known = {"Retry-After": "1"} if document["status"] in (429, 503) else {}
    return JSONResponse(document, document["status"], {**known, **(headers or {})}, MEDIA_TYPE)


def validation_problem(error: RequestValidationError) -> dict[str, Any]:
    """The first thing that is wrong with a request's form, in one sentence."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"]]
    field = ".".join(where[1:]) or where[0]
    if first["type"] == "json_invalid":
        return problem("bad_request", f"The body is not JSON: {first['ctx']['error']}.", "body")
    if first["type"] == "missing":
        place = {"query": "query parameter", "body": "field", "header": "header"}.get(where[0], "part")
        return problem("bad_request", f"The {place} “{field}” is missing.", field)
    given = repr(first.get("input"))
    given = given if len(given) <= 80 else f"{given[:77]}…"
    message = first["msg"].removeprefix("Value error, ")
    return problem("bad_request", f"“{field}” is {given}: {message[:1].lower()}{message[1:]}.", field)


def install(app: FastAPI) -> None:
    """Makes every error that leaves the app a problem document."""

    async def on_ask_error(request: Request, error: Exception) -> Response:
        document = problem_of(error)
        if document["status"] == 500:
            log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return response(document)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = BY_STATUS.get(error.status_code, "internal")
        return response(problem(code, sentence(request, error)), error.headers)

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return response(validation_problem(error))

    async def on_gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)

    for departure in (ClientGone, ClientDisconnect):
        app.add_exception_handler(departure, on_gone)
    for kind in (AskError, UnknownModel, NoSuchImage, PageNotBuilt, Exception):
        app.add_exception_handler(kind, on_ask_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)


def sentence(request: Request, error: HTTPException) -> str:
    """What an error of the framework means, in a sentence."""
    path = request.url.path[:200]
    if error.status_code == 404:
        return f"There is nothing at {path}. /docs/api lists every address."
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        return f"{path} does not take {request.method[:20]}; it takes {allowed}."
    return f"{str(error.detail).rstrip('.')}."


def finite(value: Any) -> Any:
    """Nested values as JSON can hold them: null for NaN and infinities."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
