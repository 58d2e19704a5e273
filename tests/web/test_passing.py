"""Pictures sent with keep=false: asked about like any other, at a camera's rate, and gone without a trace."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.store.pictures import encoded, noise
from tests.web.problems import problem
from tests.web.streaming import Running, running, until, wire


def send(http: httpx.Client, seed: int, keep: str = "false") -> httpx.Response:
    files = {"file": ("frame", encoded(noise(64, 48, seed=seed), "BMP"))}
    return http.post("/api/v1/images", params={"keep": keep}, files=files)


def classify(http: httpx.Client, image: str) -> httpx.Response:
    return http.post("/api/v1/ask", json={"method": "classify", "model": "tiny_vgg", "image": image})


def client(server: Running) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=60, trust_env=False)


def test_a_passing_picture_is_answered_like_a_kept_one(http: httpx.Client, shared_server: Running) -> None:
    passing = send(http, 70)
    assert passing.status_code == 200
    assert not passing.json()["kept"]
    image = passing.json()["id"]
    assert http.get(f"/api/v1/images/{image}", params={"model": "tiny_vgg"}).status_code == 200
    answer = classify(http, image).json()

    async def scene() -> list[dict[str, Any]]:
        async with wire(shared_server) as line:
            await line.ask("a", image, method="classify")
            return await line.hear_until("done")

    assert asyncio.run(scene())[-1]["answer"] == answer["answer"]
    kept = send(http, 70, keep="true")
    assert kept.status_code == 201
    assert {**kept.json(), "kept": False} == passing.json()


def test_the_oldest_is_dropped_and_the_sentence_says_so(tmp_path: Path) -> None:
    with running(tmp_path, passing_per_client=2) as server, client(server) as http:
        first, *_ = (send(http, seed).json()["id"] for seed in (1, 2, 3))
        document = problem(classify(http, first), "unknown_image")
        assert "keep=false and has been dropped" in document["detail"]
        problem(http.get(f"/api/v1/images/{first}"), "unknown_image")
        assert server.complaints() == []


def test_a_camera_is_not_an_upload_but_has_its_limit(tmp_path: Path) -> None:
    limits = {"uploads_at_once": 1, "uploads_per_second": 0.001, "passing_at_once": 5, "passing_per_second": 0.001}
    with running(tmp_path, **limits) as server, client(server) as http:
        assert [send(http, seed).status_code for seed in range(5)] == [200] * 5
        problem(send(http, 5), "rate_limited")
        assert send(http, 6, keep="true").status_code == 201
        problem(send(http, 7, keep="true"), "rate_limited")


def test_asks_about_what_passes_are_not_written_down(tmp_path: Path) -> None:
    with running(tmp_path) as server, client(server) as http:
        passing = classify(http, send(http, 1).json()["id"]).json()["answer"]
        kept = classify(http, send(http, 2, keep="true").json()["id"]).json()["answer"]
        asks = server.app.state.services.engine._asks
        until(lambda: asks.get(kept) is not None)
        assert asks.get(passing) is None
        # It is still at hand as long as its answer is.
        assert http.get(f"/api/v1/answers/{passing}").status_code == 200


def test_a_bad_picture_does_not_pass_either(http: httpx.Client) -> None:
    answer = http.post("/api/v1/images", params={"keep": "false"}, files={"file": ("frame", b"BM nothing")})
    problem(answer, "truncated")
    problem(http.post("/api/v1/images", params={"keep": "perhaps"}, files={"file": ("frame", b"")}), "bad_request")
