"""Runs: trainings that are begun, watched, changed while they go on, gone back in, and published."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.store.export import export
from app.store.runs import UnknownRun
from app.train.errors import BadRun
from app.train.plan import read_plan
from app.web.caching import etag, immutable
from app.web.describe import describe_card
from app.web.events import event
from app.web.run_options import design_of, options
from app.web.services import Injected, Services
from app.web.stream_watch import updates

router = APIRouter(tags=["runs"])

PLANNED = ("model", "architecture", "size", "data", "recipe", "seed")
MOST_STEPS = 10_000
MOST_PICTURES = 200


class Steps(BaseModel):
    """How many steps."""

    model_config = ConfigDict(extra="forbid")

    steps: int = Field(1, ge=1, le=MOST_STEPS)


class AtStep(BaseModel):
    """Which checkpoint."""

    model_config = ConfigDict(extra="forbid")

    step: int = Field(ge=0)
    title: str | None = Field(None, max_length=120)


class OnePicture(BaseModel):
    """A picture of the run's data set."""

    model_config = ConfigDict(extra="forbid")

    part: str = Field("test", pattern="^(train|test)$")
    index: int = Field(ge=0)


@router.get("/runs/options", summary="What can be trained")
async def what_can_be_chosen(services: Injected) -> dict[str, Any]:
    """Data sets, networks, and the schemas of recipes and architectures. A process is made ready for the next run."""
    await asyncio.to_thread(services.workers.prepare)
    return await asyncio.to_thread(options, services)


@router.get("/runs", summary="All runs, the newest first")
async def list_runs(services: Injected) -> dict[str, Any]:
    """What each is doing, and how far it is."""
    return {"runs": await asyncio.to_thread(services.runs.all)}


@router.post("/runs", status_code=201, summary="Begin a run")
async def create(request: Request, services: Injected) -> dict[str, Any]:
    """Takes a plan: `model` or `architecture`, `data`, and if wanted `recipe`, `seed`, `size`, `title`, `play`."""
    content = await table_of(request)
    unknown = set(content) - {*PLANNED, "title", "play"}
    if unknown:
        raise BadRun(f"There is no “{sorted(unknown)[0][:80]}” to choose.", sorted(unknown)[0][:80])
    plan = read_plan({key: content[key] for key in PLANNED if content.get(key) is not None})
    title = content.get("title")
    run_id = await asyncio.to_thread(services.runs.create, plan, title if isinstance(title, str) else None)
    if content.get("play"):
        await asyncio.to_thread(tell, services, run_id, {"do": "play"})
    return await shown(services, run_id)


async def table_of(request: Request) -> dict[str, Any]:
    """A body's JSON object; raises BadRun."""
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadRun("The body is not JSON.", "body") from None
    if not isinstance(content, dict):
        raise BadRun("The body is JSON, but no object.", "body")
    return content


async def shown(services: Services, run_id: str) -> dict[str, Any]:
    """A run as it is now."""
    return await asyncio.to_thread(services.runs.describe, run_id)


@router.post("/runs/architecture", summary="What an architecture comes to")
async def architecture(request: Request, services: Injected) -> dict[str, Any]:
    """Its graph with shapes, parameters, multiply-adds and receptive fields, its drawing, and the PyTorch that makes
    it. What is impossible is refused, with the layer and the reason."""
    content = await table_of(request)
    return await asyncio.to_thread(design_of, services, content)


@router.get("/runs/{run}", summary="One run")
async def one_run(run: str, services: Injected) -> dict[str, Any]:
    """Its plan, its state, how far it is, and its checkpoints."""
    return await shown(services, run)


@router.patch("/runs/{run}", summary="Rename a run, or change its recipe while it goes on")
async def change(run: str, request: Request, services: Injected) -> dict[str, Any]:
    """Takes `title`, and what of the recipe may change; that is marked on the curve with its step."""
    content = await table_of(request)
    title = content.pop("title", None)

    def do() -> dict[str, Any]:
        if content:
            services.runs.change(run, content)
        if title is not None:
            services.runs.rename(run, str(title))
        return services.runs.describe(run)

    return await asyncio.to_thread(do)


@router.delete("/runs/{run}", status_code=204, summary="Delete a run", response_class=Response)
async def delete(run: str, services: Injected) -> Response:
    """Ends it and forgets all of it."""

    def do() -> None:
        services.runs.folder(run)
        services.workers.end(run)
        services.runs.remove(run)

    await asyncio.to_thread(do)
    return Response(status_code=204)


def tell(services: Services, run: str, command: dict[str, Any]) -> None:
    """Has a run do something; raises BadRun where it cannot."""
    folder, state = services.runs.folder(run), services.runs.describe(run)
    if state["state"] in ("finished", "failed") and command["do"] in ("play", "step"):
        how = "is finished" if state["state"] == "finished" else "failed"
        raise BadRun(f"This run {how}: it doesn't go on. Go back to one of its checkpoints instead.", "run")
    services.workers.tell(run, folder, command)
    services.runs.forget(run)


@router.post("/runs/{run}/play", status_code=202, summary="Go on")
async def play(run: str, services: Injected) -> dict[str, Any]:
    """Begins, goes on after a pause, or resumes from the last checkpoint."""
    await asyncio.to_thread(tell, services, run, {"do": "play"})
    return await shown(services, run)


@router.post("/runs/{run}/pause", status_code=202, summary="Stand still")
async def pause(run: str, services: Injected) -> dict[str, Any]:
    """Stands still after the step under way, with a checkpoint."""
    await asyncio.to_thread(tell, services, run, {"do": "pause"})
    return await shown(services, run)


@router.post("/runs/{run}/step", status_code=202, summary="Go so many steps")
async def step(run: str, services: Injected, steps: Steps | None = None) -> dict[str, Any]:
    """Takes so many steps, then stands still."""
    count = steps.steps if steps else 1
    await asyncio.to_thread(tell, services, run, {"do": "step", "steps": count})
    return await shown(services, run)


@router.post("/runs/{run}/stop", status_code=202, summary="End a run's process")
async def stop(run: str, services: Injected) -> dict[str, Any]:
    """Ends with a checkpoint, from which it can go on."""
    await asyncio.to_thread(tell, services, run, {"do": "stop"})
    return await shown(services, run)


@router.post("/runs/{run}/back", status_code=201, summary="Begin a new run from a checkpoint")
async def back(run: str, at: AtStep, services: Injected) -> dict[str, Any]:
    """A new run that goes on from there; this one stays as it is."""
    run_id = await asyncio.to_thread(services.runs.branch, run, at.step, at.title)
    return await shown(services, run_id)


@router.get("/runs/{run}/curve", summary="A run's curve")
async def curve(
    run: str,
    services: Injected,
    points: Annotated[int, Query(ge=1, le=20_000)] = 1000,
    since: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """Loss, accuracy and learning rate, the layers' norms, the evaluations and the changes, from a step on."""
    return await asyncio.to_thread(services.runs.curve, run, since, points)


@router.get("/runs/{run}/evaluations/{step}", summary="How well it did")
async def evaluation(run: str, step: int, services: Injected) -> dict[str, Any]:
    """With the confusion matrix, and the pictures that it got wrong."""
    return await asyncio.to_thread(services.runs.evaluation, run, step)


@router.get(
    "/runs/{run}/pictures",
    summary="Pictures of a run's data set",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def pictures(
    run: str,
    services: Injected,
    indices: Annotated[str, Query(description="Places, such as 5,17,40.")],
    part: Annotated[str, Query(pattern="^(train|test)$")] = "test",
    columns: Annotated[int, Query(ge=1, le=MOST_PICTURES)] = 10,
) -> Response:
    """One sheet of at most 200 pictures at their own size, row by row."""
    try:
        places = [int(place) for place in indices.split(",")][:MOST_PICTURES]
    except ValueError:
        raise BadRun(f"“indices” is “{indices[:60]}”, but it must be numbers between commas.", "indices") from None
    content = await asyncio.to_thread(services.run_pictures.sheet, services.runs.folder(run), part, places, columns)
    return immutable(content, "image/png", etag(run, part, indices, columns))


@router.post("/runs/{run}/pictures", status_code=201, summary="Take a picture of a run's data set up")
async def take_picture(run: str, picture: OnePicture, services: Injected) -> Any:
    """Keeps it as an upload would; its id can be asked about."""

    def keep() -> Any:
        return services.images.add(services.run_pictures.png(services.runs.folder(run), picture.part, picture.index))[0]

    return await asyncio.to_thread(keep)


@router.post("/runs/{run}/publish", status_code=201, summary="Publish a checkpoint")
async def publish(run: str, at: AtStep, services: Injected) -> dict[str, Any]:
    """Keeps it as a network that everybody can open."""
    card = await asyncio.to_thread(services.publish_run, run, at.step, at.title)
    return describe_card(card, services.models)


@router.get(
    "/runs/{run}/export",
    summary="Take a checkpoint away",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def take_away(run: str, services: Injected, step: Annotated[int, Query(ge=0)]) -> Response:
    """A zip: the weights as safetensors, what is known of them, the plan that trained them, the network's Python."""
    content = await asyncio.to_thread(export, services.runs, f"run:{run}@{step}")
    headers = {"Content-Disposition": f'attachment; filename="run-{run}-step-{step}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


@router.get("/runs/{run}/events", summary="A run, as server-sent events", response_class=StreamingResponse)
async def events(run: str, services: Injected, since: Annotated[int, Query(ge=0)] = 0) -> StreamingResponse:
    """What the stream's `watch` gives."""
    services.runs.folder(run)

    async def told() -> AsyncIterator[str]:
        try:
            async for update in updates(services.runs, run, since):
                yield event("run", update)
        except UnknownRun:
            return

    return StreamingResponse(told(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
