"""A server for the tests of the stream: the real application on a real socket, with the shipped server settings."""

import asyncio
import base64
import io
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from PIL import Image
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect

from app.client import Client, read_frame
from app.main import create_app
from app.settings import Settings
from app.web.server import configuration

DEADLINE = 60.0
"""Seconds after which a test gives up; how long a thing takes is never asserted."""


class Running:
    """A server that runs in a thread of this process."""

    def __init__(self, server: uvicorn.Server, app: Any, settings: Settings) -> None:
        self.server = server
        self.app = app
        self.settings = settings
        self.port: int = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = f"ws://127.0.0.1:{self.port}/api/v1/stream"
        self.client = Client(self.url)
        self.records: list[logging.LogRecord] = []

    @property
    def metrics(self) -> Any:
        return self.app.state.services.engine.metrics()

    @property
    def streams(self) -> list[WebSocketsSansIOProtocol]:
        """WebSockets that are open."""
        connections = set(self.server.server_state.connections)
        return [connection for connection in connections if isinstance(connection, WebSocketsSansIOProtocol)]

    def idle(self) -> bool:
        return self.metrics.running == 0 and self.metrics.queued == 0

    def complaints(self) -> list[str]:
        """What the server logged as an error."""
        return [record.getMessage() for record in self.records if record.levelno >= logging.ERROR]


@contextmanager
def running(folder: Path, ping: tuple[float, float] | None = None, **settings: Any) -> Iterator[Running]:
    """Runs a server until the block ends. `ping` replaces the seconds between pings, and those to answer one."""
    chosen = Settings(data_dir=folder, **settings)
    app = create_app(chosen)
    config = configuration(app, port=0)
    if ping is not None:
        config.ws_ping_interval, config.ws_ping_timeout = ping
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    place = Running(server, app, chosen)

    def keep(record: logging.LogRecord) -> bool:
        place.records.append(record)
        return True

    # The next server that is configured takes every handler off uvicorn's loggers, and leaves the filters.
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "convscope", "asyncio")]
    for logger in loggers:
        logger.addFilter(keep)
    try:
        yield place
    finally:
        for logger in loggers:
            logger.removeFilter(keep)
        server.should_exit = True
        thread.join(DEADLINE)


def until(condition: Callable[[], object]) -> None:
    """Waits for something to come true."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


async def until_async(condition: Callable[[], object]) -> None:
    """Waits for something to come true, and lets the event loop work."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.01)


def picture(seed: int = 0, side: int = 64) -> bytes:
    """A PNG of coloured noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Wire:
    """A stream whose every message is sent and read by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.bytes = 0
        self.log: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        import json

        await self.socket.send(json.dumps(message))

    async def ask(self, identity: str, image: str | None = None, **message: Any) -> None:
        message = {"method": "activations", "model": "tiny_vgg", **message}
        if image is not None:
            message["image"] = image
        await self.say(type="ask", id=identity, **message)

    async def hear(self, acknowledge: bool = True) -> dict[str, Any]:
        """The next message; a frame as its header, with `type` frame and its `array`."""
        import json

        async with asyncio.timeout(DEADLINE):
            data = await self.socket.recv()
        if isinstance(data, str):
            message = json.loads(data)
        else:
            self.bytes += len(data)
            array, header = read_frame(data)
            message = {**header, "type": "frame", "array": array, "bytes": len(data)}
            if acknowledge:
                await self.say(type="ack", bytes=self.bytes)
        self.log.append(message)
        return message

    async def hear_until(
        self, kind: str, identity: str | None = None, acknowledge: bool = True
    ) -> list[dict[str, Any]]:
        """All messages up to the first of a kind."""
        heard = []
        while not heard or heard[-1]["type"] != kind or (identity and heard[-1].get("id") != identity):
            heard.append(await self.hear(acknowledge))
        return heard

    async def hear_all(self, acknowledge: bool = False) -> list[dict[str, Any]]:
        """All messages until none comes for a while."""
        heard = []
        while True:
            try:
                async with asyncio.timeout(1.0):
                    heard.append(await self.hear(acknowledge))
            except TimeoutError:
                return heard


@asynccontextmanager
async def wire(server: Running, **options: Any) -> AsyncIterator[Wire]:
    """Opens a stream."""
    options = {"subprotocols": ["convscope.v1"], "compression": None, "proxy": None, "max_size": None, **options}
    async with connect(server.address, **options) as connection:
        yield Wire(connection)


class RawSocket:
    """A WebSocket client of bare bytes, which can do everything wrong."""

    def __init__(self, server: Running, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /api/v1/stream HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: convscope.v1",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head

    def send(self, payload: bytes, opcode: int = 1, masked: bool = True, length: int | None = None) -> None:
        """One frame; `length` claims another length than the payload has."""
        claimed = len(payload) if length is None else length
        mask = 0x80 if masked else 0
        if claimed < 126:
            head = struct.pack("!BB", 0x80 | opcode, mask | claimed)
        elif claimed < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, mask | 126, claimed)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, mask | 127, claimed)
        # A mask of zeros leaves the payload as it is.
        self.socket.sendall(head + (bytes(4) if masked else b"") + payload)

    def close_code(self) -> int:
        """Reads until the server's close frame: its code."""
        while True:
            first, second = self.read(2)
            length = second & 127
            if length >= 126:
                length = int.from_bytes(self.read(2 if length == 126 else 8), "big")
            payload = self.read(length)
            if first & 15 == 8:
                return int.from_bytes(payload[:2], "big")

    def read(self, count: int) -> bytes:
        """So many bytes."""
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            assert chunk, "The server went without a close frame."
            data += chunk
        return data

    def close(self) -> None:
        self.socket.close()
