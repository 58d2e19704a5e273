"""Images: uploaded once, known by their content, given back as PNG."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from app.explain.framing import read_framing
from app.store.images import ImageRecord
from app.web.caching import etag, immutable, unchanged
from app.web.forms import form_type, the_file
from app.web.multipart import parts
from app.web.negotiate import named
from app.web.schemas import Image
from app.web.services import Injected, client_of

router = APIRouter(tags=["images"])

LARGEST_SIDE = 8192

THUMBNAIL_SIDE = 256
"""Pictures that are asked for at this size or smaller are there to be told apart, not to be read."""

UPLOAD_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary", "description": "The picture."}},
            }
        }
    },
}


@router.post(
    "/images",
    status_code=201,
    summary="Upload a picture",
    response_class=JSONResponse,
    responses={200: {"model": Image, "description": "It was there already, or is not kept."}, 201: {"model": Image}},
    openapi_extra={"requestBody": UPLOAD_BODY},
)
async def upload(
    request: Request,
    services: Injected,
    keep: Annotated[bool, Query(description="False: hold it in memory only, until newer ones need its room.")] = True,
) -> Response:
    """Keeps a picture (PNG, JPEG, GIF, WebP, BMP, AVIF) under the SHA-256 of its pixels; 200 if it was there already.

    It is turned upright by its EXIF orientation and laid on white where it is transparent; of a moving picture the
    first frame is kept. Everything else in the file (place, camera, name) is forgotten.

    With `keep=false` it can be asked about like any other (200), but is dropped for newer ones: for frames of a camera
    and strokes of a pen. Links to answers about it don't last.
    """
    client = client_of(request)
    (services.uploads if keep else services.passing).take(client)
    kind = form_type(request, "picture")
    body = await request.body()

    def add() -> tuple[ImageRecord, bool]:
        data = bytes(the_file(parts(body, kind), "picture").body)
        return services.images.add(data) if keep else (services.images.add_passing(data, client), False)

    record, new = await asyncio.to_thread(add)
    return JSONResponse(asdict(record), 201 if new else 200, {"Location": f"/api/v1/images/{record.id}"})


@router.get(
    "/images/{image}",
    summary="A picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, 304: {"description": "You have it already."}},
)
async def picture(
    request: Request,
    image: str,
    services: Injected,
    size: Annotated[int | None, Query(ge=1, le=LARGEST_SIDE, description="Longer side, at most.")] = None,
    model: Annotated[str | None, Query(description="Exactly what this network sees, at its own pixels.")] = None,
    fit: Annotated[str | None, Query(description="For the network: crop, stretch or letterbox.")] = None,
    crop: Annotated[str | None, Query(description="For the network: a square, as left,top,size in fractions.")] = None,
) -> Response:
    """A picture as PNG: upright, or smaller, or as one network sees it, fitted as an ask's `framing` says.

    Of at most 256 pixels a side (`size`) it comes as WebP to who names `image/webp` in Accept, as browsers do.
    """
    preprocessing = services.models.card(model).preprocessing if model is not None else None
    framing = read_framing(fit, crop)
    await asyncio.to_thread(services.images.record, image)
    thumbnail = preprocessing is None and size is not None and size <= THUMBNAIL_SIDE
    kind = "image/webp" if thumbnail and named(request.headers.get("accept", ""), "image/webp") else "image/png"
    tag = etag(image, size, preprocessing, framing, kind)
    known = unchanged(request, tag)
    if known is not None:
        return known
    if preprocessing is not None:
        content = await asyncio.to_thread(services.images.seen_png, image, preprocessing, framing)
    elif size is not None and kind == "image/webp":
        content = await asyncio.to_thread(services.images.shown_webp, image, size)
    else:
        content = await asyncio.to_thread(services.images.shown_png, image, size)
    return immutable(content, kind, tag, {"Vary": "Accept"})


@router.get("/images/{image}/about", summary="What is known of a picture", response_model=Image)
async def about(image: str, services: Injected) -> dict[str, object]:
    """Its size in pixels, and what was done to it when it came."""
    return asdict(await asyncio.to_thread(services.images.record, image))
