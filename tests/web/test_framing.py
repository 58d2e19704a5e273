"""Framing over REST, the stream and the client: the same square everywhere, part of what an answer is."""

import asyncio
import io
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

from app.store.samples import Sample
from models import create, declaration
from tests.store.pictures import encoded, noise
from tests.web.problems import problem
from tests.web.streaming import Running, wire

FRAMINGS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"fit": "stretch"}, {"fit": "stretch"}),
    ({"fit": "letterbox"}, {"fit": "letterbox"}),
    ({"left": 0.25, "top": 0.125, "size": 0.5}, {"crop": "0.25,0.125,0.5"}),
]


@pytest.fixture(scope="module")
def wide(shared_server: Running) -> str:
    """A picture that is twice as wide as high."""
    image: str = shared_server.client.upload(encoded(noise(160, 80, seed=9)))["id"]
    return image


def asked(http: httpx.Client, image: str, **changes: Any) -> httpx.Response:
    body = {"method": "activations", "model": "tiny_vgg", "image": image, "params": {"nodes": ["output"]}}
    return http.post("/api/v1/ask", json={**body, **changes})


@pytest.mark.parametrize(("framing", "query"), FRAMINGS)
def test_what_is_shown_is_what_is_computed(
    http: httpx.Client, wide: str, framing: dict[str, Any], query: dict[str, str]
) -> None:
    card = declaration("tiny_vgg")[0]
    seen = http.get(f"/api/v1/images/{wide}", params={"model": "tiny_vgg", **query})
    x = torch.from_numpy(np.asarray(Image.open(io.BytesIO(seen.content))).copy()).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(values)[:, None, None] for values in (card.preprocessing.mean, card.preprocessing.std))
    with torch.no_grad():
        expected = create("tiny_vgg", pretrained=True).eval()((x - mean) / std)[0].softmax(0)
    found = asked(http, wide, method="classify", params={"k": 10}, framing=framing).json()
    for entry in found["top"]:
        assert entry["probability"] == pytest.approx(expected[entry["index"]].item(), abs=1e-4)
    assert {name: value for name, value in found["ask"]["framing"].items() if value is not None} == {
        "fit": "crop",
        **framing,
    }


def test_a_framing_is_part_of_what_an_answer_is(http: httpx.Client, wide: str) -> None:
    usual = asked(http, wide).json()
    assert "framing" not in usual["ask"]
    for same in (None, {}, {"fit": "crop"}):
        assert asked(http, wide, framing=same).json()["answer"] == usual["answer"]
    ids = {asked(http, wide, framing=framing).json()["answer"] for framing, _ in FRAMINGS}
    assert len(ids | {usual["answer"]}) == 4
    tags = {
        http.get(f"/api/v1/images/{wide}", params={"model": "tiny_vgg", **query}).headers["etag"]
        for _, query in [*FRAMINGS, ({}, {})]
    }
    assert len(tags) == 4
    stretched = asked(http, wide, framing={"fit": "stretch"}).json()
    again = http.get(f"/api/v1/answers/{stretched['answer']}").json()
    assert again["ask"] == stretched["ask"]


def test_a_method_that_looks_at_no_picture_has_no_framing(http: httpx.Client, espresso: Sample) -> None:
    params = {"node": "conv_1_1", "view": "norm"}
    plain = asked(http, espresso.image, method="filters", params=params).json()
    framed = asked(http, espresso.image, method="filters", params=params, framing={"fit": "stretch"}).json()
    assert plain["answer"] == framed["answer"]


def test_the_client_and_the_stream_frame_alike(shared_server: Running, wide: str) -> None:
    framing = {"left": 0.5, "top": 0.0, "size": 1.0}
    by_http = shared_server.client.ask("classify", "tiny_vgg", wide, framing=framing)

    async def scene() -> list[dict[str, Any]]:
        async with wire(shared_server) as line:
            await line.ask("a", wide, method="classify", framing=framing)
            return await line.hear_until("done")

    accepted = next(message for message in asyncio.run(scene()) if message["type"] == "accepted")
    assert accepted["answer"] == by_http["answer"]


@pytest.mark.parametrize(
    ("framing", "field", "words"),
    [
        ({"left": 0.9, "top": 0, "size": 1}, "framing.left", "at most 0.5"),
        ({"fit": "squeeze"}, "framing.fit", "input should be 'crop', 'stretch' or 'letterbox'"),
        ({"fit": "letterbox", "left": 0, "top": 0, "size": 1}, "framing", "letterbox shows the whole picture"),
        ({"left": 0.1}, "framing", "top, size is missing"),
        (7, "framing", "7"),
    ],
)
def test_what_is_wrong_with_a_framing_is_told(
    http: httpx.Client, shared_server: Running, wide: str, framing: Any, field: str, words: str
) -> None:
    document = asked(http, wide, framing=framing).json()
    assert document["status"] == 422
    assert document["field"] == field
    assert words in document["detail"]

    async def scene() -> list[dict[str, Any]]:
        async with wire(shared_server) as line:
            await line.ask("a", wide, framing=framing)
            return await line.hear_until("error")

    told = asyncio.run(scene())[-1]["problem"]
    assert (told["field"], told["status"]) == (field, 422)
    assert words in told["detail"]


@pytest.mark.parametrize("query", [{"fit": "squeeze"}, {"crop": "1"}, {"crop": "a,b,c"}, {"crop": "0.9,0,1"}])
def test_what_is_wrong_with_an_address_is_told(http: httpx.Client, wide: str, query: dict[str, str]) -> None:
    answer = http.get(f"/api/v1/images/{wide}", params={"model": "tiny_vgg", **query})
    problem(answer, "bad_parameter")
