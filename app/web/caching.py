"""Answers that never change: an ETag, and 304 where the caller has them already."""

import hashlib
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

YEAR = 365 * 86400


def etag(*parts: object) -> str:
    """A strong ETag of what determines a response's bytes."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """304 where the caller showed this ETag, else None."""
    shown = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers=headers(tag)) if tag in shown else None


def immutable(content: bytes, media_type: str, tag: str, more: Mapping[str, str] | None = None) -> Response:
    """A response that may be kept for good, by its receiver only; with more headers where they are given."""
    return Response(content, media_type=media_type, headers={**headers(tag), **(more or {})})


def headers(tag: str) -> dict[str, str]:
    """The headers that make it so."""
    return {"ETag": tag, "Cache-Control": f"private, max-age={YEAR}, immutable"}
