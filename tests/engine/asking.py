"""What tests ask, wait for and hold answers against."""

import asyncio
from typing import Any

import pytest
import torch

from app.engine.ask import Answer, Ask
from app.engine.listener import LocalListener
from app.engine.local import LocalEngine
from app.explain.method import Frame
from tests.engine.toys import Gate, Models, picture


def steps(label: str = "a", count: int = 3) -> Ask:
    return Ask(method="steps", model="toy", params={"steps": count, "label": label})


def sums(image: int, **params: Any) -> Ask:
    return Ask(method="sums", model="toy", image=str(image), params=params)


async def until_idle(engine: LocalEngine) -> None:
    """Waits until nothing runs or waits."""
    while (now := engine.metrics()).running or now.queued:
        await asyncio.sleep(0.001)


async def until_logged(gate: Gate, entry: str) -> None:
    """Waits until a method did something."""
    while entry not in gate.log:
        await asyncio.sleep(0.001)


async def rest(listener: LocalListener) -> list[Frame]:
    """The frames from here to the end."""
    return [frame async for frame in listener]


def assert_right(answer: Answer, models: Models, image: int) -> None:
    """Holds an answer of `sums` against a pass of its own."""
    for node, value in models.networks["toy"].run(picture(image)):
        torch.testing.assert_close(answer.arrays[node.name].array, value[0])
        assert answer.values["sums"][node.name] == pytest.approx(float(value.sum()), rel=1e-4, abs=1e-4)
