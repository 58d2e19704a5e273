"""Accept: the caller's preference decides, the server's order breaks ties."""

import pytest

from app.web.negotiate import named, preferred

OFFERED = ("application/json", "image/png", "text/event-stream")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("image/png", "image/png"),
        ("image/*", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0.5, image/png", "image/png"),
        ("application/json;q=0.5, image/png;q=0.4", "application/json"),
        ("*/*, application/json;q=0", "image/png"),
        ("image/*;q=0.9, image/png;q=0.1, text/*;q=0.5", "text/event-stream"),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("", None),
        (",,;;", None),
    ],
)
def test_preferences(accept: str, chosen: str | None) -> None:
    assert preferred(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("image/avif,image/webp,image/*,*/*;q=0.8", True),
        ("image/webp;q=0.5", True),
        ("image/webp;q=0, image/*", False),
        ("image/*", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_knows_a_type_names_it(accept: str, told: bool) -> None:
    assert named(accept, "image/webp") is told
