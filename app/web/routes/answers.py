"""Answers by their id: the values, and the arrays in bulk."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from app.engine.ask import Answer
from app.engine.errors import UnknownAnswer
from app.explain.errors import AskError
from app.explain.method import Frame
from app.render.carry import carry, has_units
from app.render.frames import DataType
from app.render.picture import picture
from app.render.units import parse_units
from app.store.images import IMAGE_ID
from app.web.caching import etag, immutable, unchanged
from app.web.gone import unless_gone
from app.web.routes.ask import written
from app.web.schemas import AnswerDocument
from app.web.services import Injected, Services, client_of
from app.web.write import array_of, csv_of, npz_of, saved_as, webp_of

router = APIRouter(tags=["answers"])

FRAME = "application/x-convscope-frame"
DOCUMENTS = {"json": "application/json", "npz": "application/x-npz"}
ARRAYS = {"frame": FRAME, "npz": "application/x-npz", "csv": "text/csv", "png": "image/png", "webp": "image/webp"}

FILES: dict[str, Callable[[Frame, list[int] | None], bytes]] = {
    "npz": lambda frame, units: npz_of(frame, units=units),
    "csv": csv_of,
    "png": lambda frame, units: picture(frame if units is None else part(frame, units)),
    "webp": lambda frame, units: webp_of(frame if units is None else part(frame, units)),
}
"""How an array, or these of its units, becomes a file."""

AnswerId = Annotated[str, Path(description="The id that an ask got.")]


@router.get(
    "/answers/{answer}",
    summary="An answer",
    response_class=JSONResponse,
    responses={200: {"model": AnswerDocument, "content": {DOCUMENTS["npz"]: {}}}},
)
async def one_answer(
    request: Request,
    answer: AnswerId,
    services: Injected,
    form: Annotated[
        Literal["json", "npz"], Query(alias="format", description="The values, or all arrays in float32.")
    ] = "json",
) -> Response:
    """The same as the ask got; computed again where it was dropped."""
    return await written(await recalled(request, answer, services), DOCUMENTS[form])


@router.get(
    "/answers/{answer}/{array:path}",
    summary="One array of an answer, or some of its units",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in ARRAYS.values()}}, 304: {"description": "You have it already."}},
)
async def one_array(
    request: Request,
    answer: AnswerId,
    array: Annotated[str, Path(description="The array's name; it may hold dots and slashes.")],
    services: Injected,
    units: Annotated[str | None, Query(description="Which units, such as 3,7,9-12.")] = None,
    dtype: Annotated[
        Literal["u8", "f16", "f32"], Query(description="Of a frame: bytes with their range, or exact.")
    ] = "u8",
    form: Annotated[
        Literal["frame", "npz", "csv", "png", "webp"],
        Query(alias="format", description="One binary frame; the exact float32 values as a file; a picture; a film."),
    ] = "frame",
) -> Response:
    """One binary frame, or a file. It never changes, and may be kept for good."""
    tag = etag(answer, array, units, dtype, form)
    known = unchanged(request, tag)
    if known is not None:
        return known
    frame = array_of(await recalled(request, answer, services), array)
    chosen = chosen_units(frame, units)
    if form == "frame":
        return immutable(await asyncio.to_thread(encoded, frame, answer, chosen, dtype), FRAME, tag)
    content = await asyncio.to_thread(FILES[form], frame, chosen)
    named = array if units is None else f"{array}-unit-{units}"
    return immutable(content, ARRAYS[form], tag, saved_as(f"{named}.{form}"))


async def recalled(request: Request, answer: str, services: Services) -> Answer:
    """An answer, kept or computed again; raises UnknownAnswer."""
    if not IMAGE_ID.fullmatch(answer):
        raise UnknownAnswer(answer)
    return await unless_gone(request, services.engine.recall(answer, client=client_of(request)))


def chosen_units(frame: Frame, units: str | None) -> list[int] | None:
    """The units that a query names; None where it names none."""
    assert frame.array is not None
    if units is None:
        return None
    if not has_units(frame):
        raise AskError(f"{frame.name} has no units to choose from: its axes are {', '.join(frame.axes)}.", "units")
    return parse_units(units, len(frame.array), frame.name)


def part(frame: Frame, units: list[int]) -> Frame:
    """A frame with these of its units alone."""
    assert frame.array is not None
    return replace(frame, array=frame.array[units])


def encoded(frame: Frame, answer: str, units: list[int] | None, dtype: DataType) -> bytes:
    """An array as one frame. What has no rows and columns is small, and always travels exactly."""
    assert frame.array is not None
    return carry(frame, answer, "f32" if frame.array.ndim < 2 else dtype, units)
