"""The engine: thirty clients at once, memory after many asks, and what it adds to a bare pass."""

import asyncio
import gc
import itertools
import statistics
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from app.engine.ask import Ask, ImageSource
from app.engine.local import LocalEngine
from app.explain.framing import Framing
from app.store.models import ModelStore
from app.web.server import look_for_garbage_seldom
from benchmarks import Row
from models.card import Preprocessing

CLIENTS = 30
MEBIBYTE = 2**20


class Noise(ImageSource):
    """Images by number, each of its own random pixels."""

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
        generator = torch.Generator().manual_seed(int(image_id))
        return torch.rand((1, *preprocessing.input_shape), generator=generator)


MODELS = ModelStore()
FRESH = itertools.count()
"""Numbers of images that nobody asked for yet, so that no answer comes from the cache."""


def activations(model: str) -> Ask:
    """All activations of a network on a fresh image."""
    return Ask(method="activations", model=model, image=str(next(FRESH)))


def run() -> list[Row]:
    """All rows of this module."""
    # As the server does when it starts.
    look_for_garbage_seldom()
    return [asyncio.run(thirty_clients()), asyncio.run(one_pass()), asyncio.run(memory())]


async def timed(work: Coroutine[Any, Any, Any]) -> float:
    """Seconds that some work takes."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def thirty_clients() -> Row:
    """Thirty clients who ask at once, against one client who asks thirty times."""

    async def one_after_the_other(engine: LocalEngine) -> None:
        for _ in range(CLIENTS):
            await engine.answer(activations("tiny_vgg"), client="one")

    async def at_once(engine: LocalEngine) -> None:
        await asyncio.gather(*(engine.answer(activations("tiny_vgg"), client=str(client)) for client in range(CLIENTS)))

    with LocalEngine(MODELS, Noise(), cache_bytes=64 * MEBIBYTE) as engine:
        await at_once(engine)
        ratios = [await timed(at_once(engine)) / await timed(one_after_the_other(engine)) for _ in range(9)]
    return Row(
        "30 clients ask the engine for all activations of tiny_vgg at once",
        "30 × one client",
        statistics.median(ratios),
        1 / 3,
    )


async def one_pass() -> Row:
    """All activations of VGG-16 with their statistics, against the bare forward pass."""
    module = MODELS.network("vgg16").module
    x = torch.rand(1, 3, 224, 224)

    async def bare() -> None:
        with torch.inference_mode():
            module(x)

    with LocalEngine(MODELS, Noise(), cache_bytes=0) as engine:
        ratios = []
        for _ in range(7):
            streamed = await timed(engine.answer(activations("vgg16"), client="one"))
            ratios.append(streamed / await timed(bare()))
    return Row(
        "the engine answers all activations of vgg16", "the bare forward pass", statistics.median(ratios[1:]), 1.3
    )


async def memory() -> Row:
    """Resident memory after a thousand asks, against that after a hundred, when the cache is full."""
    with LocalEngine(MODELS, Noise(), cache_bytes=64 * MEBIBYTE) as engine:
        resident = []
        for asks in (100, 900):
            for _ in range(asks // CLIENTS + 1):
                await asyncio.gather(
                    *(engine.answer(activations("tiny_vgg"), client=str(client)) for client in range(CLIENTS))
                )
            gc.collect()
            resident.append(resident_bytes())
    return Row("memory after 1000 asks", "after 100 asks", resident[1] / resident[0], 1.1)


def resident_bytes() -> int:
    """Memory that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        # Elsewhere than on Linux only the highest is known.
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * 4096
