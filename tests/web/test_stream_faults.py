"""What bad input and faults get on the stream: each line of the list, on a real socket."""

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator

import httpx
import pytest
import torch
from pydantic import Field
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.explain.method import _METHODS, Frame, Params, method, methods
from app.web.outbox import WINDOW_BYTES
from app.web.server import configuration
from app.web.throttle import Throttle
from tests.web.streaming import RawSocket, picture, running, until, until_async, wire


class GatedParams(Params):
    gate: int = Field(0, ge=0, title="Gate")
    variant: int = Field(0, ge=0, title="To ask the same in another way")


class Gate:
    """Lets a method pass one node at a time; each gate's ask is another, so that none is answered from the cache."""

    numbers = itertools.count(1)

    def __init__(self):
        self.number = next(self.numbers)
        self.nodes = []
        self.permits = threading.Semaphore(0)
        GATES[self.number] = self

    @property
    def ask(self):
        return {"method": "gated", "params": {"gate": self.number}}

    def open(self, nodes=1000):
        self.permits.release(nodes)


GATES = {}


@pytest.fixture(scope="module", autouse=True)
def gated():
    """A method that computes one node for each permit, and yields nothing in between."""
    methods()

    @method("gated", title="Gated", source="these tests", image="required")
    def gated(network, image, params: GatedParams) -> Iterator[Frame]:
        """Waits at every node."""
        for node, _ in network.run(image):
            GATES[params.gate].nodes.append(node.name)
            assert GATES[params.gate].permits.acquire(timeout=60)
        yield Frame("end", image[0, 0, 0], ("unit",))

    yield
    del _METHODS["gated"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("stream")) as place:
        place.image = place.client.upload(picture())["id"]
        yield place


@pytest.fixture(autouse=True)
def nothing_was_logged_as_an_error(server):
    server.records.clear()
    yield
    assert not [text for text in server.complaints() if "ASGI" in text or "never retrieved" in text]


def refused(server, **options):
    """The HTTP answer to a handshake that fails."""

    async def scene():
        options.setdefault("subprotocols", ["convscope.v1"])
        async with connect(server.address, proxy=None, **options):
            raise AssertionError("The handshake should have failed.")

    with pytest.raises(InvalidStatus) as caught:
        asyncio.run(scene())
    return caught.value.response


def answered(server):
    """Asks on a new connection: whether all is well."""

    async def scene():
        async with wire(server) as line:
            await line.ask("fine", server.image, method="classify")
            return (await line.hear_until("done"))[-1]["values"]["top"]

    assert len(asyncio.run(scene())) > 0
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200


# The handshake


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


# Messages


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 60_000, "is not JSON"),
        ("[]", "JSON, but no object"),
        ("7", "JSON, but no object"),
        ("{}", "one of ask, cancel, look, ack"),
        ('{"type": "aks", "id": "a"}', "one of ask, cancel, look, ack"),
        ('{"type": ["ask"]}', "one of ask, cancel, look, ack"),
        ('{"type": "ask", "id": "a", "model": "tiny_vgg"}', "lacks “method”"),
        ('{"type": "ask", "id": 7, "method": "classify", "model": "tiny_vgg"}', "“id” is 7"),
        ('{"type": "ask", "id": "", "method": "classify", "model": "tiny_vgg"}', "“id” is ''"),
        ('{"type": "ask", "id": "a", "method": "classify", "model": "m", "colour": 1}', "“colour” that is not known"),
        ('{"type": "ask", "id": "a", "method": "m", "model": "m", "deliver": "some"}', "“deliver” is 'some'"),
        ('{"type": "ack", "bytes": -1}', "“bytes” is -1"),
        ('{"type": "ack", "bytes": 1.5}', "“bytes” is 1.5"),
        ('{"type": "ack", "bytes": NaN}', "“bytes” is nan"),
        ('{"type": "ack", "bytes": 99}', "99 bytes were acknowledged, but only 0 were sent"),
        ('{"type": "look", "id": "nobody", "nodes": []}', "There is no ask “nobody” here"),
        ('{"type": "look", "id": "a", "nodes": [{}]}', "lacks “nodes.0.node”"),
    ],
)
def test_a_message_that_is_none_is_told_what_would_be_right_and_the_connection_goes_on(server, text, words):
    async def scene():
        async with wire(server) as line:
            await line.socket.send(text)
            error = await line.hear()
            await line.ask("fine", server.image, method="classify")
            await line.hear_until("done", "fine")
            return error

    error = asyncio.run(scene())
    assert error["type"] == "error" and error["problem"]["type"].endswith("#bad_request")
    assert words in error["problem"]["detail"]


@pytest.mark.parametrize(
    ("ask", "code", "field"),
    [
        ({"method": "clasify"}, "unknown_method", "method"),
        ({"model": "vgg17"}, "unknown_model", "model"),
        ({"image": "0" * 64}, "unknown_image", "image"),
        ({"image": "../../etc/passwd"}, "unknown_image", "image"),
        ({"image": None}, "image_required", "image"),
        ({"params": {"nodes": ["conv_9"]}}, "unknown_node", "params.nodes"),
        ({"params": {"nodes": ["conv_1_1"], "units": [10]}}, "unknown_unit", "params.units"),
        ({"params": {"nodes": 3}}, "bad_parameter", "params.nodes"),
        ({"params": {"colour": 3}}, "bad_parameter", "params.colour"),
        ({"method": "classify", "params": {"k": -1}}, "bad_parameter", "params.k"),
        ({"method": "classify", "params": {"k": 10**30}}, "bad_parameter", "params.k"),
    ],
)
def test_an_ask_that_cannot_be_answered_gets_its_problem_and_another_is_answered(server, ask, code, field):
    async def scene():
        async with wire(server) as line:
            await line.ask("bad", **{"image": server.image, **ask})
            error = (await line.hear_until("error"))[-1]
            await line.ask("fine", server.image, method="classify")
            await line.hear_until("done", "fine")
            return error

    error = asyncio.run(scene())
    assert error["id"] == "bad"
    assert error["problem"]["type"].endswith(f"#{code}") and error["problem"].get("field") == field
    assert error["problem"]["detail"].endswith(".")


def test_an_id_in_use_is_refused_and_the_first_goes_on(server):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, **gate.ask)
            await line.ask("a", server.image, method="classify")
            error = (await line.hear_until("error"))[-1]
            gate.open()
            await line.hear_until("done")
            return error

    gate = Gate()
    assert "“a” is in use" in asyncio.run(scene())["problem"]["detail"]


def test_more_asks_than_one_connection_may_have_are_refused(server):
    async def scene():
        async with wire(server) as line:
            for number in range(65):
                params = {"gate": gate.number, "variant": number}
                await line.ask(f"a{number}", server.image, method="gated", params=params)
            return (await line.hear_until("error"))[-1]

    gate = Gate()
    error = asyncio.run(scene())
    assert error["id"] == "a64" and error["problem"]["type"].endswith("#busy")
    gate.open()
    until(server.idle)


# Broken frames


@pytest.mark.parametrize(
    ("payload", "options", "code"),
    [
        (b"x" * 70_000, {}, 1009),
        (b"\xff\xfe{}", {}, 1007),
        (b"{}", {"opcode": 2}, 1003),
        (b"{}", {"masked": False}, 1002),
        (b"{}", {"opcode": 3}, 1002),
        (b"{}", {"opcode": 11}, 1002),
        (b"", {"length": 1 << 62}, 1009),
        (b"x" * 200, {"opcode": 9}, 1002),
    ],
    ids=["oversize", "not UTF-8", "binary", "unmasked", "reserved", "reserved control", "2^62 bytes", "long ping"],
)
def test_a_broken_frame_closes_this_connection_with_its_code_and_no_other(server, payload, options, code):
    async def bystander():
        async with wire(server) as line:
            broken = RawSocket(server)
            try:
                broken.send(payload, **options)
                found = await asyncio.to_thread(broken.close_code)
            finally:
                broken.close()
            await line.ask("fine", server.image, method="classify")
            await line.hear_until("done", "fine")
            return found

    assert asyncio.run(bystander()) == code


# Slow, silent and vanished clients


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


# Many


def test_a_flood_of_messages_holds_up_nobody_else(server):
    async def scene():
        async with wire(server) as flood, wire(server) as line:

            async def pour():
                for _ in range(10_000):
                    await flood.socket.send("{}")

            pouring = asyncio.create_task(pour())
            hearing = asyncio.create_task(flood.hear_until("never"))
            await until_async(lambda: flood.log)
            for number in range(5):
                await line.ask(f"a{number}", server.image, method="classify", params={"k": number + 1})
                await line.hear_until("done", f"a{number}")
            heard = len(flood.log)
            for task in (pouring, hearing):
                task.cancel()
            flood.socket.transport.abort()
            await asyncio.gather(pouring, hearing, return_exceptions=True)
            return heard

    assert asyncio.run(scene()) < 10_000, "others are answered before the flood is worked off"


def test_a_throttle_lets_pass_a_burst_and_then_its_rate():
    throttle = Throttle(rate=100, burst=10)
    now = 5.0
    assert [throttle.delay(now) for _ in range(10)] == [0.0] * 10
    for _ in range(50):
        seconds = throttle.delay(now)
        assert seconds == pytest.approx(0.01)
        now += seconds
    now += 0.05
    assert [throttle.delay(now) for _ in range(5)] == pytest.approx([0.0] * 5, abs=1e-9)
    assert throttle.delay(now) == pytest.approx(0.01)
    now += 1000
    assert [throttle.delay(now) for _ in range(11)] == pytest.approx([0.0] * 10 + [0.01])


def test_two_hundred_sockets_work_and_one_more_is_told_to_come_back(tmp_path):
    with running(tmp_path, stream_connections=200) as place:
        image = place.client.upload(picture())["id"]

        async def scene():
            lines = []
            async with asyncio.timeout(60):
                for _ in range(200):
                    context = wire(place)
                    lines.append((context, await context.__aenter__()))
                for _, line in lines:
                    await line.ask("a", image, method="classify")
                for _, line in lines:
                    await line.hear_until("done")
                async with wire(place) as late:
                    with pytest.raises(ConnectionClosed) as refusal:
                        await late.hear()
                assert await asyncio.to_thread(place.client.models), "HTTP is not affected"
                await lines.pop()[0].__aexit__(None, None, None)
                async with wire(place) as late:
                    await late.ask("a", image, method="classify")
                    await late.hear_until("done")
                for context, _ in lines:
                    await context.__aexit__(None, None, None)
            return refusal.value.rcvd

        close = asyncio.run(scene())
        assert close.code == 1013 and "200 connections" in close.reason


def test_a_thousand_idle_sockets_are_no_burden(tmp_path):
    resource = pytest.importorskip("resource", reason="needs POSIX to raise the limit of open files")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"needs {wanted} open files; this system allows {hard}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with running(tmp_path) as place:
        image = place.client.upload(picture())["id"]
        idle = [RawSocket(place) for _ in range(1000)]
        try:
            assert len(place.streams) == 1000

            async def scene():
                async with wire(place) as line:
                    await line.ask("a", image)
                    return await line.hear_until("done")

            assert asyncio.run(scene())[-1]["arrays"]
            assert place.client.ask("classify", "tiny_vgg", image)["top"]
        finally:
            for raw in idle:
                raw.close()
        until(lambda: not place.streams)
        assert not [text for text in place.complaints() if "ASGI" in text]


# Restart


def test_a_restart_says_1012_and_the_same_ask_is_answered_after_it(tmp_path):
    params = {"nodes": ["conv_1_1"]}
    answers = []

    async def until_closed(place, image):
        async with wire(place) as line:
            await line.ask("a", image, params=params)
            answers.append((await line.hear_until("done"))[-1]["answer"])
            await line.ask("b", image, **gate.ask)
            await line.hear_until("accepted", "b")
            place.server.should_exit = True
            with pytest.raises(ConnectionClosed) as closed:
                await line.hear_until("done", "b")
            gate.open()
            return closed.value.rcvd

    gate = Gate()
    with running(tmp_path) as place:
        image = place.client.upload(picture())["id"]
        assert asyncio.run(until_closed(place, image)).code == 1012
        assert not [text for text in place.complaints() if "ASGI" in text]

    async def again(place):
        async with wire(place) as line:
            await line.ask("a", image, params=params)
            answers.append((await line.hear_until("done"))[-1]["answer"])

    with running(tmp_path) as place:
        asyncio.run(again(place))
    assert answers[0] == answers[1]


def test_a_method_that_fails_is_told_and_the_next_ask_is_answered(server):
    @method("broken", title="Broken", source="these tests")
    def broken(network, image, params: GatedParams) -> Iterator[Frame]:
        """Fails after a frame."""
        yield Frame("first", torch.full((2, 3, 3), float("nan")), ("unit", "row", "column"))
        raise ZeroDivisionError("secret inside")

    async def scene():
        async with wire(server) as line:
            await line.ask("a", server.image, method="broken")
            heard = await line.hear_until("error")
            await line.ask("fine", server.image, method="classify")
            await line.hear_until("done", "fine")
            return heard[-1]

    try:
        error = asyncio.run(scene())
    finally:
        del _METHODS["broken"]
    assert error["problem"]["status"] == 500 and error["id"] == "a"
