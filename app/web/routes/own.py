"""Networks that people bring: added as a file, changed in what is said of them, deleted."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from app.store.blobs import full_disk_told
from app.store.wishes import Wishes, read_wishes
from app.web.describe import describe_card
from app.web.forms import form_type, spooled, the_file
from app.web.multipart import Buffer, parts
from app.web.schemas import CardWithWeights
from app.web.services import Injected, Services, client_of
from models import Card

router = APIRouter(tags=["models"])

LONGEST_FIELD = 1 << 20
COPIED_AT_ONCE = 1 << 20


def upload_body() -> dict[str, Any]:
    """The form of an upload, for the API's description: the file, and what its owner says of it."""
    wishes = {name: {"type": "string", "description": field.description} for name, field in Wishes.model_fields.items()}
    file = {"type": "string", "format": "binary", "description": "An ONNX file, or weights."}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file, **wishes}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


@router.post(
    "/models",
    status_code=201,
    summary="Bring a network",
    response_class=JSONResponse,
    responses={
        200: {"model": CardWithWeights, "description": "It was there already."},
        201: {"model": CardWithWeights},
    },
    openapi_extra={"requestBody": upload_body()},
)
async def bring(request: Request, services: Injected) -> Response:
    """Keeps an ONNX file, or weights for a listed network (safetensors, or a state dict that torch.save wrote).

    It is read as data: nothing in it is run. The same file is kept once (200).
    """
    services.uploads.take(client_of(request))
    kind = form_type(request, "network")
    with tempfile.TemporaryFile(prefix="convscope-") as file:
        body = await spooled(request, file)
        card, new = await asyncio.to_thread(admit, services, body, kind)
    described = describe_card(card, services.models)
    return JSONResponse(described, 201 if new else 200, {"Location": f"/api/v1/models/{card.id}"})


def admit(services: Services, body: Buffer, kind: str) -> tuple[Card, bool]:
    """Reads the form, and lets its file through the door."""
    fields = list(parts(body, kind))
    upload = the_file(fields, "network")
    wishes = {
        part.name: bytes(part.body[:LONGEST_FIELD]).decode("utf-8", "replace") for part in fields if part is not upload
    }
    with tempfile.TemporaryDirectory(prefix="convscope-") as folder:
        path = Path(folder) / "upload"
        with full_disk_told(), path.open("wb") as file:
            for start in range(0, len(upload.body), COPIED_AT_ONCE):
                file.write(upload.body[start : start + COPIED_AT_ONCE])
        return services.bring(path, upload.filename or "", read_wishes(wishes))


@router.patch(
    "/models/{model}",
    summary="Say otherwise of a network that was brought",
    responses={200: {"model": CardWithWeights}},
)
async def change(model: str, wishes: Wishes, services: Injected) -> dict[str, Any]:
    """Changes its title, its preprocessing or the names of its classes, and gives its card. What is left out stays."""
    card = await asyncio.to_thread(services.change_model, model, wishes)
    return describe_card(card, services.models)


@router.delete("/models/{model}", status_code=204, summary="Delete a network that was brought", response_class=Response)
async def delete(model: str, services: Injected) -> Response:
    """Forgets a network and its file. Those of the list stay."""
    await asyncio.to_thread(services.delete_model, model)
    return Response(status_code=204)
