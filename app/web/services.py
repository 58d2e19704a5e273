"""What the routes work with: one of each per application."""

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.engine.ask import Ask, Engine
from app.engine.workers import Workers
from app.explain.method import methods
from app.explain.population.pictures import FOLDER as DATA_FOLDER
from app.settings import Settings
from app.store.asks import AskStore
from app.store.blobs import Blobs, open_blobs
from app.store.database import Database
from app.store.door import Door
from app.store.factories import Factory
from app.store.fetching import Fetches, Fetching
from app.store.images import ImageStore
from app.store.models import ModelStore
from app.store.own import OwnModels
from app.store.passing import Passing
from app.store.run_pictures import RunPictures
from app.store.runs import Runs
from app.store.samples import Samples, shipped_samples
from app.store.structures import Structures
from app.store.wishes import Wishes
from app.web.assets import Assets
from app.web.describe import describe_method
from app.web.limits import RateLimit
from app.web.recall import RememberingEngine
from app.web.security import token_for
from models import Card

log = logging.getLogger("convscope")

FIRST_CLASSES = 10
"""Classes that the page asks for first."""


@dataclass
class Services:
    """Settings, sources, engine and limits of one application."""

    settings: Settings
    token: str | None
    database: Database
    images: ImageStore
    models: ModelStore
    fetches: Fetches
    door: Door
    own: OwnModels
    structures: Structures
    runs: Runs
    run_pictures: RunPictures
    workers: Workers
    samples: Samples
    engine: Engine
    assets: Assets
    uploads: RateLimit
    passing: RateLimit
    asks: RateLimit
    ready: bool = False

    def bring(self, path: Path, file: str, wishes: Wishes) -> tuple[Card, bool]:
        """Takes a network in; see `Door.admit`. Its card tells where its preprocessing is probably wrong."""
        card, new = self.door.admit(path, file, wishes)
        return (self._hinted(card) if new else card), new

    def publish_run(self, run_id: str, step: int, title: str | None = None) -> Card:
        """Keeps a run's checkpoint as a network of its own; raises UnknownModel, DiskFull."""
        from app.store.publish import publish

        return publish(self.runs, self.own, f"run:{run_id}@{step}", title)

    def change_model(self, model_id: str, wishes: Wishes) -> Card:
        """Changes what is said of a network that somebody brought; raises UnknownModel, BadModel."""
        card = self.door.change(self.models.brought(model_id), wishes)
        self._forget(model_id)
        return self._hinted(card)

    def _hinted(self, card: Card) -> Card:
        """A card that is kept with a hint where there is one to give."""
        from app.store.hint import one_answer_for_all, without_hint

        hint = one_answer_for_all(self.models.network(card.id), self.samples)
        notes = (*without_hint(card.notes), *([hint] if hint else []))
        if notes != card.notes:
            card = card.model_copy(update={"notes": notes})
            self.own.change(card)
        return card

    def _forget(self, model_id: str) -> None:
        """Drops what was made of a network."""
        self.models.forget(model_id)
        self.structures.forget(model_id)

    def delete_model(self, model_id: str) -> None:
        """Forgets a network that somebody brought; raises UnknownModel, and BadModel for one of the list."""
        self.own.remove(self.models.brought(model_id))
        self._forget(model_id)

    async def warm(self) -> None:
        """Makes ready what the first view needs, and imports what the first upload needs, beside the event loop."""
        try:
            await asyncio.to_thread(self.models.network, self.settings.default_model)
            await asyncio.to_thread(lambda: [describe_method(method) for method in methods().values()])
            await asyncio.to_thread(lambda: self.database.engine)
            await self._answer_first_view()
            await asyncio.to_thread(self.structures.known)
        # Whoever asks for what is broken is told; the rest of the server works.
        except Exception:
            log.exception("Something cannot be made ready")

    async def _answer_first_view(self) -> None:
        """Asks what the page asks when it is opened, so that it is answered from what is kept."""
        model = self.settings.default_model
        sample = next((sample for sample in self.samples.all if model in sample.models), None)
        if sample is None:
            return
        for method, params in (("activations", {}), ("classify", {"k": FIRST_CLASSES})):
            ask = Ask(method=method, model=model, image=sample.image, params=params)
            await self.engine.answer(ask, client="the first view")


class DataFolderError(RuntimeError):
    """Uploads could not be kept; the message says why, and what can be set."""


def blobs_of(settings: Settings) -> Blobs:
    """Where pictures are kept; raises DataFolderError."""
    try:
        return open_blobs(settings.blobs)
    except OSError as error:
        raise DataFolderError(
            f"Uploads cannot be kept in {settings.blobs}: {error.strerror or error}. "
            "Name a folder that can be written to in CONVSCOPE_DATA_DIR."
        ) from error


def open_models(settings: Settings) -> ModelStore:
    """The catalogue that a server with these settings has; raises DataFolderError."""
    return ModelStore(
        OwnModels(Database(settings.database), blobs_of(settings)),
        settings.model_limits,
        fetched=settings.fetched,
        converted=settings.converted,
    )


def data_folder() -> Path | None:
    """The folder of the data sets."""
    named = os.environ.get(DATA_FOLDER)
    return Path(named) if named else None


def build_services(settings: Settings, factories: Sequence[Factory] = ()) -> Services:
    """Puts together the parts of an application; nothing runs yet."""
    from app.engine.local import LocalEngine

    database = Database(settings.database)
    samples = shipped_samples()
    passing = Passing(settings.passing_bytes, settings.passing_per_client)
    blobs = blobs_of(settings)
    images = ImageStore(database, blobs, samples, settings.max_pixels, passing)
    own = OwnModels(database, blobs)
    data = data_folder()
    workers = Workers(settings.training_runs, settings.training_environment)
    runs = Runs(settings.runs, data, workers)
    models = ModelStore(own, settings.model_limits, factories, settings.fetched, runs, settings.converted)
    local = LocalEngine(
        models,
        images,
        workers=settings.workers,
        cache_bytes=settings.cache_bytes,
        ask_bytes=settings.ask_bytes,
        waiting=settings.queue_length,
    )
    return Services(
        settings=settings,
        token=token_for(settings),
        database=database,
        images=images,
        models=models,
        own=own,
        fetches=Fetches(Fetching(settings.fetched), models.forget),
        door=Door(own, settings.model_limits),
        structures=Structures(models, blobs),
        runs=runs,
        run_pictures=RunPictures(data),
        workers=workers,
        samples=samples,
        engine=RememberingEngine(local, AskStore(database), passing),
        assets=Assets(),
        uploads=RateLimit(settings.uploads_per_second, settings.uploads_at_once),
        passing=RateLimit(settings.passing_per_second, settings.passing_at_once),
        asks=RateLimit(settings.asks_per_second, settings.asks_at_once),
    )


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that a request or a WebSocket reached."""
    services: Services = connection.app.state.services
    return services


def from_request(request: Request) -> Services:
    """The same, as a dependency of a route."""
    return services_of(request)


Injected = Annotated[Services, Depends(from_request)]


def client_of(connection: HTTPConnection) -> str:
    """Who asks, for turns and limits: the caller's address."""
    return connection.client.host if connection.client else "unknown"
