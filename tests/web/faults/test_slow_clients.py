"""Clients that are slow, silent or gone: bounded, reaped, and their work stopped."""

import asyncio
import json

import httpx

from app.web.outbox import WINDOW_BYTES
from app.web.server import configuration
from tests.web.faults.gates import Gate
from tests.web.streaming import RawSocket, picture, running, until, until_async, wire


def answered(server):
    """Asks on a new connection: whether all is well."""

    async def scene():
        async with wire(server) as line:
            await line.ask("fine", server.image, method="classify")
            return (await line.hear_until("done"))[-1]["values"]["top"]

    assert len(asyncio.run(scene())) > 0
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200


def test_a_client_that_never_acknowledges_gets_no_more_than_the_window(server):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, model="squeezenet1_1")
            heard = await line.hear_until("progress", acknowledge=False)
            while heard[-1].get("step") != heard[-1].get("steps") or heard[-1]["type"] != "progress":
                heard.append(await line.hear(acknowledge=False))
            heard += await line.hear_all(acknowledge=False)
            frames = sum(message["bytes"] for message in heard if message["type"] == "frame")
            assert WINDOW_BYTES // 2 < frames <= WINDOW_BYTES
            await line.say(type="ack", bytes=line.bytes)
            return await line.hear_until("done")

    assert asyncio.run(scene())[-1]["type"] == "done", "and all of it as soon as it does"


def test_a_client_that_stalls_loses_its_asks_and_not_its_connection(tmp_path):
    with running(tmp_path, stream_stall_seconds=0.3) as place:
        image = place.client.upload(picture())["id"]

        async def scene():
            async with wire(place) as line:
                await line.ask("a", image, model="squeezenet1_1")
                heard = await line.hear_until("error", acknowledge=False)
                assert sum(message.get("bytes", 0) for message in heard) <= WINDOW_BYTES
                await line.say(type="ack", bytes=line.bytes)
                await line.ask("a", image, model="squeezenet1_1", params={"nodes": ["features.0"]})
                return heard[-1], await line.hear_until("done")

        error, again = asyncio.run(scene())
        assert error["problem"]["type"].endswith("#stalled") and error["id"] == "a"
        assert again[-1]["type"] == "done"


def test_a_client_that_never_reads_is_reaped(tmp_path):
    with running(tmp_path, ping=(3600, 0.3)) as place:
        image = place.client.upload(picture())["id"]
        nodes = [node["name"] for node in place.client.get("/models/squeezenet1_1")["graph"]["nodes"]]
        silent = RawSocket(place, receive_buffer=4096)
        for number in range(16):
            ask = {"type": "ask", "id": f"a{number}", "method": "activations", "model": "squeezenet1_1", "image": image}
            # More text than the sockets of both sides take: the server is left with bytes that it cannot send.
            silent.send(json.dumps({**ask, "params": {"nodes": nodes[number:]}}).encode())
        until(lambda: [stream for stream in place.streams if not stream.writable.is_set()])
        (stream,) = place.streams
        stream.loop.call_soon_threadsafe(stream.send_keepalive_ping)
        until(lambda: not place.streams)
        silent.close()
        until(place.idle)
        assert not [text for text in place.complaints() if "ASGI" in text]


def test_a_peer_that_vanished_is_noticed_by_its_missing_pong(tmp_path):
    with running(tmp_path, ping=(0.3, 0.3)) as place:
        vanished = RawSocket(place)
        assert vanished.close_code() == 1011
        until(lambda: not place.streams)


def test_the_shipped_settings_reap_within_45_seconds():
    config = configuration(lambda: None)
    assert config.ws_ping_interval + config.ws_ping_timeout <= 45
    assert config.ws_per_message_deflate is False


def test_a_disconnect_stops_the_work_within_one_layer(server):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, **gate.ask)
            await until_async(lambda: gate.nodes)
            gate.open(1)
            await until_async(lambda: len(gate.nodes) == 2)
            line.socket.transport.abort()

    gate = Gate()
    cancelled = server.metrics.cancelled
    asyncio.run(scene())
    until(lambda: server.metrics.cancelled == cancelled + 1)
    gate.open()
    until(server.idle)
    assert len(gate.nodes) <= 3, "at most the node that was being computed"


def test_a_tab_closed_in_the_middle_of_a_transfer_leaves_nothing_behind(server):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, model="squeezenet1_1")
            await line.hear_until("frame", acknowledge=False)
            line.socket.transport.abort()

    for _ in range(5):
        asyncio.run(scene())
    until(server.idle)
    until(lambda: not server.server.server_state.tasks)
    answered(server)


def test_cancelling_is_idempotent_before_the_start_twice_and_after_the_end(server):
    async def scene():
        async with wire(server) as line:
            await line.say(type="cancel", id="a")
            await line.ask("a", server.image, **gate.ask)
            await line.say(type="cancel", id="a")
            await line.say(type="cancel", id="a")
            first = await line.hear_until("cancelled")
            await line.ask("a", server.image, method="classify")
            second = await line.hear_until("done")
            await line.say(type="cancel", id="a")
            await line.say(type="cancel", id="a")
            return first, second, await line.hear_all()

    gate = Gate()
    first, second, rest = asyncio.run(scene())
    assert {message["type"] for message in first} <= {"accepted", "cancelled"}
    assert second[-1]["id"] == "a" and rest == []
    gate.open()
    until(server.idle)


def test_a_cancelled_ask_sends_nothing_more(server):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, model="squeezenet1_1")
            await line.hear_until("frame", acknowledge=False)
            await line.say(type="cancel", id="a")
            await line.hear_until("cancelled", acknowledge=False)
            await line.say(type="ack", bytes=line.bytes)
            return await line.hear_all(acknowledge=True)

    assert asyncio.run(scene()) == []
