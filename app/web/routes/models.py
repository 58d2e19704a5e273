"""The networks: their cards and graphs."""

import asyncio
from typing import Any

from fastapi import APIRouter

from app.web.describe import describe_card, describe_graph
from app.web.schemas import Model, ModelList
from app.web.services import Injected

router = APIRouter(tags=["models"])


@router.get("/models", summary="All networks, smallest first", responses={200: {"model": ModelList}})
async def list_models(services: Injected) -> dict[str, Any]:
    """The card of each: where it comes from, what it eats, what it says, and whose weights it has."""
    return {"models": [describe_card(card, services.models) for card in services.models.cards()]}


@router.get("/models/{model}", summary="One network: its card and its graph", responses={200: {"model": Model}})
async def one_model(model: str, services: Injected) -> dict[str, Any]:
    """The card, and the traced graph: every call site with its operation, shape, parameters and receptive field."""
    card = services.models.plain_card(model)
    network = await asyncio.to_thread(services.models.network, model)
    return {"card": describe_card(card, services.models), "graph": describe_graph(network)}
