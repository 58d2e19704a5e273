"""The stream over a real socket: a server in a process of its own, its clients in this one."""

import asyncio
import io
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from app.client import Client, Problem, Stream
from app.store.models import ModelStore
from benchmarks import Row

CLIENTS = 30
CONVOLUTIONS = [f"features.{number}" for number in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)]
NODES = [*CONVOLUTIONS, "classifier.6"]
"""With the last node, so that the whole network is computed."""
FRESH = itertools.count()
"""Numbers of pictures that nobody asked about yet, so that no answer comes from the cache."""


class Server:
    """`convscope serve` on a free port, with its data in a folder of its own."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {
            **os.environ,
            "CONVSCOPE_DATA_DIR": folder,
            "CONVSCOPE_UPLOADS_PER_SECOND": "10000",
            "CONVSCOPE_CACHE_BYTES": str(64 << 20),
        }
        command = [sys.executable, "-m", "app.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.client = Client(f"http://127.0.0.1:{port}")

    def wait(self) -> None:
        """Returns as soon as it is ready to answer."""
        while True:
            try:
                self.client.request("GET", "/readyz")
                return
            except (OSError, Problem):
                if self.process.poll() is not None:
                    raise RuntimeError("The server did not start.") from None
                time.sleep(0.005)

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait()

    async def images(self, count: int) -> list[str]:
        """Uploads pictures that it has not seen yet; meanwhile open streams are kept alive."""
        return [await asyncio.to_thread(self.image) for _ in range(count)]

    def image(self) -> str:
        """Uploads a picture that it has not seen yet."""
        pixels = np.random.default_rng(next(FRESH)).integers(0, 256, (256, 256, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
        return str(self.client.upload(buffer.getvalue())["id"])

    def resident_bytes(self) -> int:
        """Memory that its process holds now."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]) * 4096


@contextmanager
def served() -> Iterator[Server]:
    """A server for a while."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            server.wait()
            yield server
        finally:
            server.stop()


def run() -> list[Row]:
    """All rows of this module."""
    with served() as server:
        rows = [*asyncio.run(vgg16(server)), asyncio.run(thirty_clients(server))]
        if sys.platform == "linux":
            rows.append(asyncio.run(memory(server)))
    return [*rows, cold_start()]


async def vgg16(server: Server) -> list[Row]:
    """The outputs of VGG-16's 13 convolutions as bytes, against the bare forward pass."""
    module = ModelStore().network("vgg16").module
    x = torch.rand(1, 3, 224, 224)
    totals, firsts = [], []
    async with server.client.stream() as stream:
        for _ in range(9):
            (image,) = await server.images(1)
            first, total = await timed(stream, "vgg16", image, NODES)
            began = time.perf_counter()
            with torch.inference_mode():
                module(x)
            bare = time.perf_counter() - began
            totals.append(total / bare)
            firsts.append(first / bare)
    against = "the bare forward pass"
    return [
        Row("vgg16's 13 convolutions streamed to a client as bytes", against, statistics.median(totals[2:]), 1.3),
        Row("the first of their strips", against, statistics.median(firsts[2:]), 0.15),
    ]


async def timed(stream: Stream, model: str, image: str, nodes: list[str] | None = None) -> tuple[float, float]:
    """Seconds until the first array of all activations came, and until the last had."""
    began = time.perf_counter()
    first = 0.0
    async for event in stream.ask("activations", model, image, {"nodes": nodes}):
        if event.array is not None and not first:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began


@asynccontextmanager
async def streams(server: Server, count: int) -> AsyncIterator[list[Stream]]:
    """So many clients, each with a stream of its own."""
    opened = [server.client.stream() for _ in range(count)]
    try:
        yield [await context.__aenter__() for context in opened]
    finally:
        for context in opened:
            await context.__aexit__(None, None, None)


async def thirty_clients(server: Server) -> Row:
    """Thirty clients who ask at once, against thirty times one who asks alone."""
    ratios = []
    async with streams(server, CLIENTS) as clients:
        for _ in range(9):
            images = await server.images(2 * CLIENTS)
            began = time.perf_counter()
            for image in images[:CLIENTS]:
                await timed(clients[0], "tiny_vgg", image)
            alone = time.perf_counter() - began
            began = time.perf_counter()
            await asyncio.gather(*map(timed, clients, itertools.repeat("tiny_vgg"), images[CLIENTS:]))
            ratios.append((time.perf_counter() - began) / alone)
    return Row(
        "30 clients ask for all activations of tiny_vgg at once, over the stream",
        "30 × one client",
        statistics.median(ratios[2:]),
        1 / 3,
    )


async def memory(server: Server) -> Row:
    """Resident memory after a thousand asks, against that after a hundred."""
    resident = []
    async with streams(server, 10) as clients:
        for asks in (100, 900):
            for _ in range(asks // 10):
                images = await server.images(10)
                await asyncio.gather(*map(timed, clients, itertools.repeat("tiny_vgg"), images))
            resident.append(server.resident_bytes())
    return Row("memory of the server after 1000 asks", "after 100 asks", resident[1] / resident[0], 1.1)


def cold_start() -> Row:
    """From the command to `readyz`, against importing torch."""

    ratios = []
    for _ in range(7):
        began = time.perf_counter()
        with served():
            ready = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        ratios.append(ready / (time.perf_counter() - began))
    return Row("cold start until the server is ready", "import torch", statistics.median(ratios[1:]), 1.6)
