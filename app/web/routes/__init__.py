"""The REST routes, one file for each kind of thing."""

from fastapi import APIRouter

from app.web.routes import answers, ask, gallery, health, images, methods, models, own, runs, samples, weights

api = APIRouter(prefix="/api/v1")
for routes in (health, models, own, weights, gallery, images, samples, methods, ask, answers, runs):
    api.include_router(routes.router)

__all__ = ["api", "health"]
