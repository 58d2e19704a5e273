"""What the Models page shows: a network's drawing, its table of layers and its source. None of it loads weights."""

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from app.web.describe import describe_graph
from app.web.schemas import Graph, Outline, SourceFile
from app.web.services import Injected
from models.source import source

router = APIRouter(tags=["models"])


@router.get("/models/{model}/outline", summary="A network's drawing", responses={200: {"model": Outline}})
async def outline(model: str, services: Injected) -> dict[str, Any]:
    """Its layers as boxes, to a scale that is the same for all networks, and what one pass costs."""
    return await asyncio.to_thread(services.structures.outline, model)


@router.get("/models/{model}/layers", summary="A network's layers", responses={200: {"model": Graph}})
async def layers(model: str, services: Injected) -> dict[str, Any]:
    """Every call site, as the network's own address gives it, but without building the network."""
    return describe_graph(await asyncio.to_thread(services.structures.network, model))


@router.get("/models/{model}/source", summary="A network's source", responses={200: {"model": SourceFile}})
async def source_file(model: str, services: Injected) -> dict[str, Any]:
    """The file of `models/` that makes it, and the lines that make each of its parts. Of the listed networks only."""
    return asdict(await asyncio.to_thread(source, model))
