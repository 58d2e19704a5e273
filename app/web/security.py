"""Who may ask: Host, Origin and token are checked before anything else, for HTTP and WebSocket alike."""

import ipaddress
import secrets
import socket
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings
from app.web import problems

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-src 'self'; frame-ancestors 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_for(settings: Settings) -> str | None:
    """The token that callers must show: the one that is set, a new one beyond loopback, none on loopback."""
    if settings.token is not None and settings.token.get_secret_value():
        return settings.token.get_secret_value()
    return None if is_loopback(settings.host) else secrets.token_urlsafe(24)


def host_name(host: str) -> str:
    """The name in a Host header, without its port, in lower case; empty if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


class Guard:
    """ASGI middleware that refuses what should not reach the app, and adds the headers that protect a browser."""

    def __init__(self, app: ASGIApp, settings: Settings, token: str | None) -> None:
        self.app = app
        self.token = token
        self.cookie = f"convscope_{settings.port}"
        self.names = LOOPBACK_NAMES | {name.lower() for name in settings.allowed_hosts} | {settings.host.lower()}
        self.remote = not is_loopback(settings.host)
        if self.remote:
            own = socket.gethostname().lower()
            self.names |= {own, f"{own}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        shown = take_token(scope)
        problem = self.refusal(scope, shown)
        if problem is not None:
            await refuse(scope, receive, send, problem)
        elif shown and scope["type"] == "http" and self.token and scope["method"] == "GET":
            await self.welcome(scope, receive, send)
        else:
            await self.app(scope, receive, with_headers(send))

    def refusal(self, scope: Scope, shown: str | None) -> dict[str, Any] | None:
        """The problem of a request that is refused, or None."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.knows(host_name(hosts[0])):
            named = ", ".join(hosts)[:100]
            detail = f"This server is not called “{named}”. Name it in CONVSCOPE_ALLOWED_HOSTS if it should be."
            return problems.problem("bad_host", detail)
        if (scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS) and foreign(headers, hosts[0]):
            detail = "This request was started by another site's page. Only pages of this server, and scripts, may ask."
            return problems.problem("forbidden", detail)
        if self.token and scope["path"] not in OPEN_PATHS and not self.authorised(headers, shown):
            detail = "Show the token that the server printed at its start: as ?token=… or in “Authorization: Bearer …”."
            return problems.problem("unauthorised", detail)
        return None

    def knows(self, name: str) -> bool:
        """Whether this server goes by a name. A number cannot be pointed elsewhere by anybody's DNS."""
        if name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.remote

    def authorised(self, headers: Headers, shown: str | None) -> bool:
        """Whether the right token was shown in the address, in a header or in the cookie."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        kept = SimpleCookie()
        try:
            kept.load(headers.get("cookie", ""))
        except Exception:
            kept.clear()
        cookie = kept[self.cookie].value if self.cookie in kept else ""
        offered = [shown or "", value.strip() if scheme.lower() == "bearer" else "", cookie]
        token = (self.token or "").encode()
        # All are compared, so that the time taken tells nothing.
        matches = [secrets.compare_digest(offer.encode(), token) for offer in offered]
        return any(matches)

    async def welcome(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Puts a token that came in the address into a cookie, and leads to the address without it."""
        query = scope["query_string"].decode("latin-1")
        # A path of two slashes would be another host's address.
        target = "/" + scope["path"].lstrip("/") + (f"?{query}" if query else "")
        answer = RedirectResponse(target, 303)
        answer.set_cookie(self.cookie, self.token or "", max_age=30 * 86400, httponly=True, samesite="lax")
        await answer(scope, receive, with_headers(send))


def take_token(scope: Scope) -> str | None:
    """Takes the token out of an address, so that no log line and no Referer ever holds it."""
    query = scope["query_string"]
    if b"token=" not in query:
        return None
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    shown = [value for name, value in pairs if name == "token"]
    scope["query_string"] = urlencode([pair for pair in pairs if pair[0] != "token"]).encode()
    return shown[0] if shown else None


def foreign(headers: Headers, host: str) -> bool:
    """Whether a browser sent this for another site's page. Scripts send neither header."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origins = headers.getlist("origin")
    if not origins:
        return False
    origin = urlsplit(origins[0])
    return len(origins) > 1 or origin.scheme not in ("http", "https") or origin.netloc.lower() != host.lower()


async def refuse(scope: Scope, receive: Receive, send: Send, problem: dict[str, Any]) -> None:
    """Answers a refused request with its problem; a WebSocket's handshake too, where the server can."""
    headers = {"WWW-Authenticate": "Bearer"} if problem["status"] == 401 else {}
    answer = problems.response(problem, headers)
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": problem["title"]})
            return
        await send(
            {"type": "websocket.http.response.start", "status": answer.status_code, "headers": answer.raw_headers}
        )
        await send({"type": "websocket.http.response.body", "body": answer.body})
        return
    await answer(scope, receive, with_headers(send))


def with_headers(send: Send) -> Send:
    """Adds the protecting headers to a response, and leaves those that it has."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
