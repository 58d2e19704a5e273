"""What of one ask is sent first."""

import asyncio

import torch

from app.explain.method import Frame
from app.explain.network import Network
from app.render.frames import decode_frame
from app.web.outbox import Outbox
from app.web.stream_delivery import Delivery
from app.web.stream_messages import Look

NODES = ["conv1", "conv2", "conv3", "conv4"]


def network() -> Network:
    module = torch.nn.Sequential()
    for name in NODES:
        module.add_module(name, torch.nn.Conv2d(2, 2, 1))
    return Network(module, (2, 3, 3), name="chain")


def order(looked_at_before: list[str], looked_at_after: list[str]) -> list[str]:
    """The nodes in the order in which their strips go out, when all of them wait."""

    async def scene() -> list[str]:
        outbox = Outbox(lambda: None)
        delivery = Delivery("a", network(), outbox, deliver="look", silent=True)
        delivery.look([Look(node=node) for node in looked_at_before])
        for node in NODES:
            delivery.frame(Frame(node, torch.ones(2, 3, 3), ("unit", "row", "column"), node=node))
        delivery.look([Look(node=node) for node in looked_at_after])
        sent: list[bytes] = []

        async def send_bytes(data: bytes) -> None:
            sent.append(data)

        async def send_text(text: str) -> None:
            raise AssertionError(text)

        task = asyncio.create_task(outbox.run(send_text, send_bytes))
        while outbox.holds(delivery):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [decode_frame(data)[0]["name"] for data in sent]

    return asyncio.run(scene())


def test_strips_go_out_as_they_are_computed_where_nothing_is_looked_at() -> None:
    assert order([], []) == NODES


def test_strips_of_what_is_on_screen_go_first_and_each_once() -> None:
    assert order(["conv4", "conv2"], ["conv4", "conv2"]) == ["conv4", "conv2", "conv1", "conv3"]


def test_a_newer_look_gives_waiting_strips_another_order() -> None:
    assert order(["conv4"], ["conv3"]) == ["conv3", "conv1", "conv2", "conv4"]
    assert order(["conv4"], []) == NODES
