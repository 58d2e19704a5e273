"""The stream on a real socket: what is asked arrives, true and in order."""

import asyncio

import numpy as np
import pytest
import torch

from app.client import Problem, values
from tests.web.streaming import picture, running, wire

CONVOLUTIONS = ["conv_1_1", "conv_1_2", "conv_2_1", "conv_2_2"]
WIDE = "features.0"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("stream")) as place:
        yield place


@pytest.fixture(scope="module")
def image(server):
    return server.client.upload(picture())["id"]


def truth(server, image, model="tiny_vgg"):
    """Every node's values as torch has them, in float64."""
    services = server.app.state.services
    network = services.models.network(model)
    x = services.images.tensor(image, network.preprocessing)
    twin = network.converted(dtype=torch.float64)
    with torch.no_grad():
        return {node.name: value[0].numpy() for node, value in twin.run(x.double())}


def test_every_node_arrives_within_half_a_step_of_what_torch_computes(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image)
            return await line.hear_until("done")

    heard = asyncio.run(scene())
    expected = truth(server, image)
    frames = {message["name"]: message for message in heard if message["type"] == "frame"}
    assert set(frames) == set(expected)
    for name, frame in frames.items():
        assert frame["detail"] == "map" and frame["shape"] == list(expected[name].shape)
        step = np.diff(np.array(frame["range"])) / 254 if frame["dtype"] == "u8" else np.zeros(1)
        order = frame.get("units", range(len(expected[name])))
        error = np.abs(values(frame["array"], frame) - expected[name][list(order)])
        assert np.all(error <= step.reshape(-1, *[1] * (error.ndim - 1)) / 2 + 1e-4)


def test_messages_come_in_the_order_that_the_protocol_tells(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": [WIDE, "features.3.squeeze"]})
            return await line.hear_until("done")

    heard = asyncio.run(scene())
    assert heard[0]["type"] == "accepted" and heard[-1]["type"] == "done"
    assert heard[0]["ask"]["params"] == {"nodes": [WIDE, "features.3.squeeze"], "units": None}
    assert all(message["id"] == "a" for message in heard)
    progress = [message for message in heard if message["type"] == "progress"]
    assert [(message["node"], message["step"], message["steps"]) for message in progress] == [
        (WIDE, 1, 2),
        ("features.3.squeeze", 2, 2),
    ]
    assert set(progress[0]["values"]["statistics"]) == {WIDE}
    frames = [message for message in heard if message["type"] == "frame"]
    for name in (WIDE, "features.3.squeeze"):
        mine = [frame for frame in frames if frame["name"] == name]
        order = next(m for m in progress if m["node"] == name)["values"]["statistics"][name]["order"]
        first = mine[0]
        assert first["units"] == order[:16], "the strongest units first"
        sent = [unit for frame in mine if frame["detail"] == "map" for unit in frame["units"]]
        assert sorted(sent) == list(range(len(order))), "every unit once at its true pixels"
        assert max(first["shape"][1:]) <= 64
        assert all(frame["full_shape"] == [len(order), *mine[-1]["shape"][1:]] for frame in mine)


def test_the_done_message_tells_what_an_http_ask_tells(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, method="classify", params={"k": 3})
            return (await line.hear_until("done"))[-1]

    done = asyncio.run(scene())
    whole = server.client.ask("classify", "tiny_vgg", image, k=3)
    assert done["answer"] == whole["answer"]
    assert done["values"]["top"] == whole["top"]
    assert done["arrays"] == whole["arrays"]


def test_a_strip_keeps_the_range_and_the_peaks_of_its_map(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": [WIDE]})
            return await line.hear_until("done")

    frames = [message for message in asyncio.run(scene()) if message["type"] == "frame"]
    strip = frames[0]
    assert strip["detail"] == "strip"
    ranges = {unit: pair for frame in frames[1:] for unit, pair in zip(frame["units"], frame["range"], strict=True)}
    assert [ranges[unit] for unit in strip["units"]] == strip["range"]
    for unit, small in zip(strip["units"], strip["array"], strict=True):
        whole = next(frame["array"][frame["units"].index(unit)] for frame in frames[1:] if unit in frame["units"])
        assert np.abs(small.astype(int) - 128).max() == np.abs(whole.astype(int) - 128).max() == 127


@pytest.mark.parametrize(("dtype", "tolerance"), [("f32", 1e-4), ("f16", 2e-2)])
def test_floats_travel_where_they_are_asked_for(server, image, dtype, tolerance):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, params={"nodes": CONVOLUTIONS}, dtype=dtype)
            return await line.hear_until("done")

    expected = truth(server, image)
    frames = [message for message in asyncio.run(scene()) if message["type"] == "frame"]
    assert {frame["name"] for frame in frames} == set(CONVOLUTIONS)
    for frame in frames:
        assert frame["dtype"] == dtype
        assert np.allclose(frame["array"], expected[frame["name"]][frame["units"]], atol=tolerance, rtol=tolerance)


def test_dense_nodes_are_exact_whole_and_of_one_range(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, params={"nodes": ["flatten", "output"]})
            return await line.hear_until("done")

    expected = truth(server, image)
    frames = {message["name"]: message for message in asyncio.run(scene()) if message["type"] == "frame"}
    for name in ("flatten", "output"):
        assert frames[name]["dtype"] == "f32" and "units" not in frames[name] and len(frames[name]["range"]) == 2
        assert np.allclose(frames[name]["array"], expected[name], atol=1e-4)


def test_deliver_none_sends_no_arrays_and_deliver_look_no_more_than_strips(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("none", image, deliver="none")
            nothing = await line.hear_until("done")
            await line.ask("look", image, model="squeezenet1_1", params={"nodes": [WIDE]}, deliver="look")
            return nothing, await line.hear_until("done")

    nothing, strips = asyncio.run(scene())
    assert not [message for message in nothing if message["type"] == "frame"]
    assert len([message for message in nothing if message["type"] == "progress"]) == 13
    frames = [message for message in strips if message["type"] == "frame"]
    assert [(frame["detail"], len(frame["units"])) for frame in frames] == [("strip", 16)]


def test_what_is_looked_at_comes_in_the_order_of_the_look(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": [WIDE, "features.1"]}, deliver="look")
            await line.hear_until("done")
            looks = [{"node": "features.1", "units": "40-42,3"}, {"node": WIDE, "units": "7", "size": 32}]
            looks.append({"node": WIDE})
            await line.say(type="look", id="a", nodes=looks)
            return [await line.hear() for _ in range(3)]

    heard = asyncio.run(scene())
    assert [(frame["name"], frame["detail"], frame["units"]) for frame in heard[:2]] == [
        ("features.1", "map", [40, 41, 42, 3]),
        (WIDE, "strip", [7]),
    ]
    assert heard[1]["shape"] == [1, 28, 28]
    assert heard[2]["name"] == WIDE and heard[2]["detail"] == "map"


def test_a_look_that_follows_the_ask_at_once_is_served(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": [WIDE]}, deliver="look")
            await line.say(type="look", id="a", nodes=[{"node": WIDE, "units": "60-63"}])
            heard = [await line.hear() for _ in range(5)]
            assert sorted(message["type"] for message in heard) == ["accepted", "done", "frame", "frame", "progress"]
            return [message for message in heard if message["type"] == "frame"]

    frames = asyncio.run(scene())
    assert [(frame["detail"], len(frame["units"])) for frame in frames] == [("strip", 16), ("map", 4)]
    assert frames[1]["units"] == [60, 61, 62, 63]


def test_a_look_after_done_is_answered(server, image):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": [WIDE]}, deliver="look")
            await line.hear_until("done")
            await line.say(type="look", id="a", nodes=[{"node": WIDE, "units": "5"}])
            return await line.hear_until("frame")

    heard = asyncio.run(scene())
    assert [message["type"] for message in heard] == ["frame"]
    assert heard[0]["units"] == [5] and heard[0]["detail"] == "map" and heard[0]["shape"] == [1, 111, 111]


def test_of_many_looks_only_the_newest_is_served(server, image):
    async def scene():
        async with wire(server) as line:
            nodes = [WIDE, "features.1"]
            await line.ask("a", image, model="squeezenet1_1", params={"nodes": nodes}, deliver="look", dtype="f32")
            # Both strips are acknowledged, then a look exhausts the window: the following looks wait for credit.
            await line.hear_until("done")
            for unit in range(64):
                await line.say(type="look", id="a", nodes=[{"node": WIDE, "units": f"{unit}-63"}])
            await line.say(type="look", id="a", nodes=[{"node": "features.1", "units": "63,0-40"}])
            unread = await line.hear_all()
            await line.say(type="ack", bytes=line.bytes)
            return unread, await line.hear_all(acknowledge=True)

    unread, heard = asyncio.run(scene())
    assert sum(message["bytes"] for message in unread) <= 1 << 20
    frames = [message for message in unread + heard if message["type"] == "frame"]
    newest = [unit for frame in frames if frame["name"] == "features.1" for unit in frame["units"]]
    assert newest == [63, *range(41)], "the newest look is served in full"
    stale = [unit for frame in frames if frame["name"] == WIDE for unit in frame["units"]]
    assert len(stale) < 2 * 64, "of the 64 looks before it hardly any"


@pytest.mark.parametrize(
    ("looks", "code", "words"),
    [
        ([{"node": "conv_9"}], "unknown_node", "tiny_vgg has no node “conv_9”"),
        ([{"node": "conv_1_1", "units": "10"}], "unknown_unit", "conv_1_1 has no unit 10: its 10 units"),
        ([{"node": "conv_1_1", "units": "0-99999999"}], "unknown_unit", "has no unit 99999999"),
        ([{"node": "conv_1_1", "units": "x"}], "bad_parameter", "“x” is no range of units"),
        ([{"node": "conv_1_1", "size": 0}], "bad_request", "greater than or equal to 1"),
    ],
)
def test_a_look_at_what_is_not_there_is_an_error_and_the_ask_goes_on(server, image, looks, code, words):
    async def scene():
        async with wire(server) as line:
            await line.ask("a", image)
            await line.hear_until("accepted")
            await line.say(type="look", id="a", nodes=looks)
            error = (await line.hear_until("error"))[-1]
            if not any(message["type"] == "done" for message in line.log):
                await line.hear_until("done")
            return error

    error = asyncio.run(scene())
    assert error["id"] == "a" and error["problem"]["type"].endswith(f"#{code}")
    assert words in error["problem"]["detail"]


def test_a_newer_ask_in_a_slot_ends_the_older_one(server, image):
    async def scene():
        async with wire(server) as line:
            for number in range(10):
                await line.ask(f"a{number}", image, slot="explore", params={"nodes": CONVOLUTIONS[: 1 + number % 4]})
            await line.hear_until("done", "a9")
            return line.log

    log = asyncio.run(scene())
    assert [message["id"] for message in log if message["type"] == "cancelled"] == [f"a{n}" for n in range(9)]
    assert [message["id"] for message in log if message["type"] == "done"] == ["a9"]
    for number in range(9):
        mine = [message["type"] for message in log if message.get("id") == f"a{number}"]
        assert mine[-1] == "cancelled", "nothing follows it"


def test_slots_of_two_connections_are_two(server, image):
    async def scene():
        async with wire(server) as first, wire(server) as second:
            await first.ask("a", image, slot="explore", params={"nodes": ["conv_1_1"]})
            await second.ask("a", image, slot="explore", params={"nodes": ["conv_2_2"]})
            return (await first.hear_until("done"))[-1], (await second.hear_until("done"))[-1]

    assert [list(done["arrays"]) for done in asyncio.run(scene())] == [["conv_1_1"], ["conv_2_2"]]


def test_the_client_of_the_documentation(server, image):
    async def scene():
        async with server.client.stream() as stream:
            kinds, arrays = [], {}
            async for event in stream.ask("activations", "tiny_vgg", image):
                kinds.append(event["type"])
                if event.array is not None:
                    arrays[event["name"]] = values(event.array, event), event.get("units")
            done = await stream.answer("classify", "tiny_vgg", image, {"k": 1})
            with pytest.raises(Problem, match="There is no method “clasify”") as refusal:
                await stream.answer("clasify", "tiny_vgg", image)
            return kinds, arrays, done, refusal.value.code

    kinds, arrays, done, code = asyncio.run(scene())
    assert kinds[0] == "accepted" and kinds[-1] == "done" and code == "unknown_method"
    whole, header = server.client.array(server.client.ask("activations", "tiny_vgg", image)["answer"], "conv_1_1")
    assert header["dtype"] == "f32"
    maps, units = arrays["conv_1_1"]
    assert header["units"] == list(range(10)) and sorted(units) == header["units"]
    assert np.abs(maps - whole[units]).max() <= np.abs(whole).max() / 254
    assert done["values"]["top"][0]["label"] == server.client.ask("classify", "tiny_vgg", image, k=1)["top"][0]["label"]
