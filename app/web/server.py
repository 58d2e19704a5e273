"""How the server is run: every setting of uvicorn, in one place."""

import gc
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn

from app.web.stream_protocol import StreamProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LARGEST_MESSAGE = 64 * 1024

SEND_BUFFER_BYTES = 1 << 20

YOUNG_OBJECTS = 20_000
"""New objects between two looks for garbage: an answer's tables are thousands, and hardly any are ever garbage."""


def configuration(
    app: "ASGIApp", host: str = "127.0.0.1", port: int = 8000, access_log: bool = False
) -> uvicorn.Config:
    """Uvicorn's settings for an application."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=StreamProtocol,
        # Compressing what the stream sends costs fifty times its encoding, and on the event loop.
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_MESSAGE,
        # A peer that vanished is noticed within interval + timeout seconds.
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=5,
        server_header=False,
        access_log=access_log,
        log_level="info" if access_log else "warning",
    )


class Server(uvicorn.Server):
    """Says where the page is, as soon as it is there."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self.address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Convscope is ready: {self.address}", flush=True)


def serve(app: "ASGIApp", host: str, port: int, token: str | None = None, access_log: bool = False) -> None:
    """Serves until interrupted. Open streams are closed with 1012, so that their clients come back.

    Args:
        app: the application.
        host: address to listen on.
        port: 0 takes a free one.
        token: what callers must show; it becomes part of the address that is printed.
        access_log: whether to write a line per request.
    """
    listening = listen(host, port)
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    address = f"http://{shown}:{port}/" + (f"?token={token}" if token else "")
    look_for_garbage_seldom()
    Server(configuration(app, host, port, access_log), address).run(sockets=[listening])


def look_for_garbage_seldom() -> None:
    """Keeps the search for garbage, which stops every thread, short and rare."""
    # What is loaded by now stays: to look through it would take a tenth of a second.
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; ends the program with a sentence where there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Its connections' too: a whole window goes out at once, instead of piecemeal as the peer reads.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        return listening
    except OSError as error:
        sys.exit(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}. "
            "Choose another port with PORT=8001 or --port 8001, another address with HOST or --host."
        )
