"""Who gets a stream, and what the others are told."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.web.streaming import running, wire


def refused(server, **options):
    """The HTTP answer to a handshake that fails."""

    async def scene():
        options.setdefault("subprotocols", ["convscope.v1"])
        async with connect(server.address, proxy=None, **options):
            raise AssertionError("The handshake should have failed.")

    with pytest.raises(InvalidStatus) as caught:
        asyncio.run(scene())
    return caught.value.response


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost.evil",
        "http://127.0.0.1.evil.example:{port}",
        "http://evil127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:1{port}",
        "http://127.0.0.1",
        "http://user@127.0.0.1:{port}",
        "file://",
        "",
    ],
)
def test_a_foreign_origin_is_refused(server, origin):
    response = refused(server, origin=origin.format(port=server.port))
    assert response.status_code == 403
    assert json.loads(response.body)["type"].endswith("#forbidden")


def test_our_own_origin_and_none_are_let_in(server):
    async def scene(**options):
        async with wire(server, **options) as line:
            await line.ask("a", server.image, method="classify")
            await line.hear_until("done")

    asyncio.run(scene(origin=server.url))
    asyncio.run(scene())


def test_a_foreign_host_is_refused(server):
    response = refused(server, additional_headers={"Host": "evil.example"})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("offered", "named"),
    [(None, "the client offers none"), (["convscope.v2"], "“convscope.v2”"), (["chat", "x"], "“chat, x”")],
)
def test_another_subprotocol_is_refused_with_a_readable_reason(server, offered, named):
    response = refused(server, subprotocols=offered)
    document = json.loads(response.body)
    assert response.status_code == 400 and response.headers["Content-Type"] == "application/problem+json"
    assert "speaks the subprotocol “convscope.v1”" in document["detail"] and named in document["detail"]


def test_beyond_loopback_a_token_is_asked_for(tmp_path):
    with running(tmp_path, host="0.0.0.0", token="s3cret") as place:
        assert refused(place).status_code == 401
        assert refused(place, additional_headers={"Authorization": "Bearer wrong"}).status_code == 401

        async def scene():
            async with wire(place, additional_headers={"Authorization": "Bearer s3cret"}) as line:
                await line.say(type="cancel", id="x")
                await line.say(type="nonsense")
                return await line.hear()

        assert asyncio.run(scene())["type"] == "error"
        assert not any("s3cret" in record.getMessage() for record in place.records)
