"""WS /api/v1/stream: who is let in, and how many."""

from itertools import count

from fastapi import APIRouter, FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.web import problems
from app.web.services import Services, client_of
from app.web.stream_session import Session
from app.web.throttle import Throttle

SUBPROTOCOL = "convscope.v1"


class Stream:
    """The open connections of one application. Host, Origin and token were checked before (see `security`)."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sessions: set[Session] = set()
        self._numbers = count(1)

    async def connect(self, websocket: WebSocket) -> None:
        """Serves one connection from its handshake to its end."""
        try:
            await self._connect(websocket)
        except WebSocketDisconnect:
            # It went away before there was anything to end.
            return

    async def _connect(self, websocket: WebSocket) -> None:
        offered = websocket.scope["subprotocols"]
        if SUBPROTOCOL not in offered:
            named = f"“{', '.join(offered)[:100]}”" if offered else "none"
            detail = f"The stream speaks the subprotocol “{SUBPROTOCOL}”; the client offers {named}."
            await websocket.send_denial_response(
                problems.response(problems.problem("malformed", detail, "Sec-WebSocket-Protocol"))
            )
            return
        await websocket.accept(SUBPROTOCOL)
        settings = self._services.settings
        if len(self._sessions) >= settings.stream_connections:
            await websocket.close(1013, f"All {settings.stream_connections} connections are taken. Try again later.")
            return
        session = Session(
            websocket,
            self._services.engine,
            self._services.runs,
            f"{client_of(websocket)}/{next(self._numbers)}",
            Throttle(settings.stream_messages_per_second),
            settings.stream_stall_seconds,
        )
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)


def install(app: FastAPI, services: Services) -> None:
    """Adds the stream to an application."""
    router = APIRouter()
    router.add_api_websocket_route("/api/v1/stream", Stream(services).connect)
    app.include_router(router)
