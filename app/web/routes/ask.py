"""One ask, answered whole."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from app.engine.ask import Answer, Ask
from app.web.describe import describe_answer
from app.web.events import events
from app.web.gone import unless_gone
from app.web.negotiate import preferred
from app.web.problems import finite, problem, response
from app.web.schemas import AnswerDocument
from app.web.services import Injected, client_of
from app.web.write import as_csv, as_npz, as_png, as_webp, saved_as

router = APIRouter(tags=["ask"])

TYPES = ("application/json", "image/png", "image/webp", "application/x-npz", "text/csv", "text/event-stream")


@router.post(
    "/ask",
    summary="Ask a network something",
    response_class=JSONResponse,
    responses={200: {"model": AnswerDocument, "content": {kind: {} for kind in TYPES[1:]}}},
)
async def ask(
    request: Request,
    body: Ask,
    services: Injected,
    array: Annotated[
        str | None, Query(description="Which array becomes the picture or the table; the first by default.")
    ] = None,
) -> Response:
    """Answers one ask whole. `Accept` chooses how.

    `application/json`: the values, and where the arrays are; `image/png`: one array as a picture;
    `image/webp`: a film; `application/x-npz`: all arrays in float32; `text/csv`: one array as a table;
    `text/event-stream`: what happens on the way.
    """
    kind = preferred(request.headers.get("accept", "*/*"), TYPES)
    if kind is None:
        return response(problem("not_acceptable", f"An answer can be written as {', '.join(TYPES)}.", "Accept"))
    client = client_of(request)
    services.asks.take(client)
    if kind == "text/event-stream":
        listener = await services.engine.ask(body, client=client)
        return StreamingResponse(events(listener), media_type=kind, headers={"Cache-Control": "no-store"})
    answer = await unless_gone(request, services.engine.answer(body, client=client))
    return await written(answer, kind, array)


async def written(answer: Answer, kind: str, array: str | None = None) -> Response:
    """An answer in one of the types; large ones are written beside the event loop."""
    if kind == "image/png":
        return Response(await asyncio.to_thread(as_png, answer, array), media_type=kind)
    name = f"{answer.ask.model}-{answer.ask.method}"
    if kind == "image/webp":
        film = await asyncio.to_thread(as_webp, answer, array)
        return Response(film, media_type=kind, headers=saved_as(f"{name}.webp"))
    if kind == "application/x-npz":
        return Response(await asyncio.to_thread(as_npz, answer), media_type=kind, headers=saved_as(f"{name}.npz"))
    if kind == "text/csv":
        return Response(
            await asyncio.to_thread(as_csv, answer, array), media_type=kind, headers=saved_as(f"{name}.csv")
        )
    return JSONResponse(await asyncio.to_thread(lambda: finite(describe_answer(answer))))
