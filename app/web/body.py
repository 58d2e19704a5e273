"""How large a request's body may be: told by its header, and counted as it comes."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.engine.check import readable_bytes
from app.web import problems

IMAGES, MODELS = "/api/v1/images", "/api/v1/models"

FORM = 1 << 21
"""Bytes of a form beside its file."""

LARGEST_OTHER = 256 * 1024
"""Most bytes of a body that is no upload: asks are small."""


class BodyLimit:
    """ASGI middleware that answers 413 where a body is too large, before it is read or while it comes."""

    def __init__(self, app: ASGIApp, images: int, models: int) -> None:
        self.app = app
        self.limits = {IMAGES: images, MODELS: models + FORM}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limits.get(scope["path"], LARGEST_OTHER)
        detail = f"The body is larger than {readable_bytes(limit)}, the most that {scope['path'][:80]} takes."
        if announced(scope) > limit:
            await problems.response(problems.problem("too_large", detail))(scope, receive, send)
            return
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, detail)
            return message

        await self.app(scope, counting, send)


def announced(scope: Scope) -> int:
    """The body's length by its header, 0 where it says nothing."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
