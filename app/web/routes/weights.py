"""Published weights: fetched from their publisher on request."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from app.web.schemas import FetchState
from app.web.services import Injected, client_of
from models import declaration

router = APIRouter(tags=["models"])


@router.post(
    "/models/{model}/weights",
    status_code=202,
    summary="Fetch a network's published weights",
    responses={202: {"model": FetchState}},
)
async def fetch(request: Request, model: str, services: Injected) -> dict[str, Any]:
    """Begins to fetch them from their publisher, checked by their SHA-256. However many ask, they are fetched once."""
    services.uploads.take(client_of(request))
    return asdict(services.fetches.begin(declaration(model)[0]))


@router.get("/models/{model}/weights", summary="How far that is", responses={200: {"model": FetchState}})
async def state(model: str, services: Injected) -> dict[str, Any]:
    """The state of the fetch: bytes that are here, and of how many."""
    return asdict(services.fetches.state(declaration(model)[0].id))
