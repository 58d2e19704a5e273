"""Pages, scripts and JSON come compressed to who understands it; pictures, numbers and events as they are."""

import gzip

import httpx
import pytest

from app.store.samples import Sample


def got(http: httpx.Client, path: str, encodings: str) -> tuple[httpx.Headers, bytes]:
    """An answer's headers, and its body as it came over the wire."""
    with http.stream("GET", path, headers={"Accept-Encoding": encodings}) as response:
        assert response.status_code == 200
        return response.headers, b"".join(response.iter_raw())


@pytest.mark.parametrize("path", ["/", "/docs", "/api/v1/models/tiny_vgg", "/static/pages/pages.css"])
def test_text_is_compressed_for_who_understands_it(http: httpx.Client, path: str) -> None:
    (plain_headers, plain), (small_headers, small) = got(http, path, "identity"), got(http, path, "br, gzip")
    assert "content-encoding" not in plain_headers
    assert small_headers["content-encoding"] == "gzip"
    assert "accept-encoding" in plain_headers["vary"].lower()
    assert "accept-encoding" in small_headers["vary"].lower()
    assert gzip.decompress(small) == plain
    assert len(small) < len(plain) / 2


def test_pictures_and_numbers_come_as_they_are(http: httpx.Client, espresso: Sample) -> None:
    ask = {"method": "activations", "model": "tiny_vgg", "image": espresso.image, "params": {"nodes": ["conv_1_1"]}}
    answer = http.post("/api/v1/ask", json=ask).json()["answer"]
    for path in (f"/api/v1/images/{espresso.image}", f"/api/v1/answers/{answer}/conv_1_1?dtype=u8"):
        assert "content-encoding" not in got(http, path, "gzip")[0]


@pytest.mark.parametrize("kind", ["text/event-stream", "application/x-npz", "image/png"])
def test_events_and_files_come_as_they_are(http: httpx.Client, espresso: Sample, kind: str) -> None:
    ask = {"method": "activations", "model": "tiny_vgg", "image": espresso.image, "params": {"nodes": ["conv_1_1"]}}
    response = http.post("/api/v1/ask", json=ask, headers={"Accept": kind, "Accept-Encoding": "gzip"})
    assert response.status_code == 200
    assert "content-encoding" not in response.headers
