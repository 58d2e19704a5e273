"""Floods, crowds and a restart: the others are served, and the same ask is answered after it."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from app.web.throttle import Throttle
from tests.web.faults.gates import Gate
from tests.web.streaming import RawSocket, picture, running, until, until_async, wire


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
