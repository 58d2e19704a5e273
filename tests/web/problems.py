"""What every error must look like."""

from typing import Any

import httpx

from app.web.problem_types import TYPES


def problem(response: httpx.Response, code: str) -> dict[str, Any]:
    """The response's problem document, checked: shape, code, status, a whole sentence."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document: dict[str, Any] = response.json()
    assert document["type"] == f"/docs/errors#{code}", document
    assert document["status"] == response.status_code == TYPES[code].status
    assert document["title"] == TYPES[code].title
    assert document["detail"].endswith((".", "…"))
    assert set(document) <= {"type", "title", "status", "detail", "field", "position"}
    return document
