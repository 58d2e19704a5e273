"""The sample pictures."""

from typing import Any

from fastapi import APIRouter

from app.web.schemas import SampleList
from app.web.services import Injected

router = APIRouter(tags=["images"])


@router.get("/samples", summary="The sample pictures", responses={200: {"model": SampleList}})
async def list_samples(services: Injected) -> dict[str, Any]:
    """Pictures that came with the server, with the networks that know what is on them."""
    return {"samples": [sample.model_dump(mode="json") for sample in services.samples.all]}
