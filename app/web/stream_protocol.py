"""Uvicorn's WebSocket connection, written to in larger pieces and ended well in every case."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

LINGER_SECONDS = 1.0
"""How long what a peer still sends is read and dropped, so that it gets to read why it was cut off."""

LARGE_BYTES = 64 << 10
"""What is larger is not copied to be joined with its neighbours."""


class Gathering:
    """A transport that gathers what is written within one turn of the event loop.

    An ask makes dozens of small messages; a system call for each would cost more than making them.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Takes bytes, and hands them on with those that follow at once."""
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)
        if len(data) > LARGE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hands on what was gathered."""
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.writelines(pieces)

    def close(self) -> None:
        """Closes after the last byte has gone."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once; what can be sent without waiting is sent."""
        self.flush()
        self._transport.abort()


class StreamProtocol(WebSocketsSansIOProtocol):
    """Uvicorn waits until the last byte is taken before it lets go. A peer that never reads never takes it: its
    connection, its task and its buffers would stay for ever. Here it is dropped.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection begins."""
        gathering = Gathering(cast(asyncio.Transport, transport), self.loop)
        super().connection_made(cast(asyncio.Transport, gathering))

    def keepalive_timeout(self) -> None:
        """The peer left a ping unanswered."""
        super().keepalive_timeout()
        self.transport.abort()

    def handle_parser_exception(self) -> None:
        """The peer broke the rules: it is told how, and cut off."""
        if self.close_sent or self.conn.close_sent is None:
            return
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # Closing with bytes unread would reset the connection, and the peer would never see the code.
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    async def send(self, message: "ASGISendEvent") -> None:
        """Sends; after a close, the peer has a while to answer it."""
        await super().send(message)
        if message["type"] == "websocket.close":
            self.loop.call_later(self.close_timeout + LINGER_SECONDS, self.transport.abort)
        elif message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            # A refusal completes the handshake too; uvicorn would log it as a fault of the application.
            self.handshake_complete = True
