"""Whether the server lives, whether it is ready to answer, and what it has done."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from app.web.metrics import prometheus
from app.web.problems import problem, response
from app.web.schemas import Health
from app.web.services import Injected

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the server lives", responses={200: {"model": Health}})
async def healthz() -> dict[str, str]:
    """Answers as long as the event loop turns."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether the server is ready to answer", responses={200: {"model": Health}})
async def readyz(services: Injected) -> Any:
    """200 as soon as asks are answered, 503 before and while it closes."""
    if services.ready:
        return {"status": "ready"}
    return response(problem("unavailable", "The server is starting or closing. Try again in a moment."))


@router.get("/metrics", summary="Counters and gauges for Prometheus", response_class=PlainTextResponse)
async def metrics(services: Injected) -> Response:
    """What runs now and what was done since the start, in Prometheus' text format."""
    return PlainTextResponse(prometheus(asdict(services.engine.metrics())), media_type="text/plain; version=0.0.4")
