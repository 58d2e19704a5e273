"""The application: `create_app(settings)`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from app.settings import Settings
from app.store.factories import Factory
from app.web import docs, openapi, pages, problems, stream
from app.web.body import BodyLimit
from app.web.routes import api, health
from app.web.security import Guard
from app.web.services import build_services

SENT_AS_THEY_ARE = ("image/*", "text/event-stream", "application/x-convscope-frame", "application/x-npz")
"""Kinds of answers that are small for what they hold, or must not wait until there is enough to compress."""


def create_app(settings: Settings | None = None, factories: Sequence[Factory] = ()) -> FastAPI:
    """Puts the application together; nothing runs until the server starts it.

    Args:
        settings: read from the environment by default.
        factories: networks that the operator's own code makes.
    """
    settings = settings or Settings()
    services = build_services(settings, factories)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.engine.start()
        services.ready = True
        warming = asyncio.ensure_future(services.warm())
        try:
            yield
        finally:
            services.ready = False
            warming.cancel()
            await asyncio.to_thread(services.engine.close)
            await asyncio.to_thread(services.workers.close)
            services.database.close()

    app = FastAPI(
        title="Convscope",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Guard, settings=settings, token=services.token),
            Middleware(BodyLimit, images=settings.max_upload_bytes, models=settings.max_model_bytes),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6, exclude_content_types=SENT_AS_THEY_ARE),
        ],
    )
    app.state.services = services
    problems.install(app)
    app.include_router(health.router)
    app.include_router(api)
    stream.install(app, services)
    pages.install(app, services)
    docs.install(app)
    openapi.install(app)
    return app
