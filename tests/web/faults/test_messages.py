"""Messages, asks and frames that are wrong: each gets its sentence or its code, and nobody else notices."""

import asyncio
from collections.abc import Iterator

import pytest
import torch

from app.explain.method import _METHODS, Frame, method
from tests.web.faults.gates import Gate, GatedParams
from tests.web.streaming import RawSocket, until, wire


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
