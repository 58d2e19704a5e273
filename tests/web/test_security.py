"""Who is let in: Host, Origin, token; what every response carries; what cannot be reached."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Settings
from app.web.security import HEADERS, host_name, is_loopback, token_for
from tests.web.problems import problem
from tests.web.streaming import Running, running

TOKEN = "correct-horse"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that asks for a token, as beyond loopback."""
    with running(
        tmp_path_factory.mktemp("guarded"), host="0.0.0.0", token=SecretStr(TOKEN), allowed_hosts=("lecture.example",)
    ) as server:
        yield server


@pytest.fixture
def stranger(guarded: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded.url, trust_env=False) as client:
        yield client


def raw(server: Running, request: str) -> str:
    """Sends bytes as they are and reads the whole answer."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", "", "0.0.0.0", "10.0.0.9"]
)
def test_other_hosts_are_refused(http: httpx.Client, host: str) -> None:
    document = problem(http.get("/api/v1/models", headers={"Host": host}), "bad_host")
    assert document["detail"].startswith(f"This server is not called “{host}”.")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]", "LOCALHOST:9"])
def test_loopback_by_all_its_names(http: httpx.Client, host: str) -> None:
    assert http.get("/healthz", headers={"Host": host}).status_code == 200


def test_two_hosts_or_none_are_refused(shared_server: Running) -> None:
    for hosts in ("", "Host: localhost\r\nHost: localhost\r\n"):
        answer = raw(shared_server, f"GET /healthz HTTP/1.0\r\n{hosts}Connection: close\r\n\r\n")
        assert answer.split(" ", 2)[1] == "400"


@pytest.mark.parametrize("host", ["192.168.1.7:8000", "[fe80::1]", "lecture.example:80", socket.gethostname()])
def test_beyond_loopback_numbers_and_own_names_are_right(stranger: httpx.Client, host: str) -> None:
    assert stranger.get("/healthz", headers={"Host": host}).status_code == 200


def test_beyond_loopback_other_names_are_refused(stranger: httpx.Client) -> None:
    problem(stranger.get("/healthz", headers={"Host": "evil.example"}), "bad_host")


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost.evil"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "file://"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_other_sites_may_not_post(http: httpx.Client, headers: dict[str, str]) -> None:
    for path in ("/api/v1/ask", "/api/v1/images"):
        document = problem(http.post(path, headers=headers), "forbidden")
        assert document["detail"].startswith("This request was started by another site's page.")


def test_other_sites_may_link_here(http: httpx.Client) -> None:
    assert http.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_own_pages_and_scripts_may_post(http: httpx.Client, shared_server: Running) -> None:
    own = {"Origin": shared_server.url, "Sec-Fetch-Site": "same-origin"}
    for headers in ({}, own, {"Sec-Fetch-Site": "none"}):
        problem(http.post("/api/v1/ask", json={}, headers=headers), "bad_request")


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/api/v1/models", "/api/v1/openapi.json", "/static/pages/pages.css", "/metrics"]
)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": f"Basic {TOKEN}"},
     {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer é"}],
)  # fmt: skip
def test_without_the_token_nothing_is_shown(stranger: httpx.Client, path: str, headers: dict[str, str]) -> None:
    answer = stranger.get(path, headers={name: value.encode("utf-8") for name, value in headers.items()})  # type: ignore[misc]
    problem(answer, "unauthorised")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("query", ["?token=", "?token=wrong", "?token=%00"])
def test_a_wrong_token_in_the_address_is_refused(stranger: httpx.Client, query: str) -> None:
    problem(stranger.get(f"/{query}"), "unauthorised")


def test_health_needs_no_token(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").status_code == stranger.get("/readyz").status_code == 200


def test_the_right_token_opens_everything(stranger: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert stranger.get("/api/v1/models", headers=headers).status_code == 200
    problem(stranger.post("/api/v1/ask", json={}, headers=headers), "bad_request")


def test_a_token_in_the_address_becomes_a_cookie(stranger: httpx.Client) -> None:
    answer = stranger.get(f"/?model=lenet5&token={TOKEN}&range=net")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?model=lenet5&range=net")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert stranger.get("/api/v1/models").status_code == 200
    assert stranger.get("/", headers={"Cookie": "a=b; ;;=; x"}).status_code in (200, 401)


def test_the_way_back_leads_nowhere_else(stranger: httpx.Client) -> None:
    answer = stranger.get(f"{stranger.base_url}//evil.example/?token={TOKEN}")
    assert answer.headers["location"] == "/evil.example/"


def test_a_token_in_the_address_of_a_post_is_enough_for_scripts(stranger: httpx.Client) -> None:
    problem(stranger.post(f"/api/v1/ask?token={TOKEN}", json={}), "bad_request")


def test_the_token_is_in_no_log_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import uvicorn

    from app.main import create_app
    from app.web.server import configuration

    app = create_app(Settings(data_dir=tmp_path, host="0.0.0.0", token=SecretStr(TOKEN)))
    lines: list[str] = []

    async def ask() -> None:
        import asyncio
        import logging

        handler = logging.Handler()
        handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
        config = configuration(app, port=0, access_log=True)
        logging.getLogger("uvicorn.access").addHandler(handler)
        server = uvicorn.Server(config)
        task = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{port}/?token={TOKEN}&model=lenet5")
            await client.get(f"http://127.0.0.1:{port}/?token=wrong")
        server.should_exit = True
        await task

    import asyncio

    asyncio.run(ask())
    assert any("model=lenet5" in line for line in lines)
    assert not any("token" in line for line in lines)
    assert TOKEN not in "".join(capfd.readouterr())


def test_a_token_is_made_up_beyond_loopback_only(tmp_path: Path) -> None:
    tokens = [token_for(Settings(data_dir=tmp_path, host="0.0.0.0")) for _ in range(2)]
    assert all(token and len(token) >= 32 for token in tokens)
    assert tokens[0] != tokens[1]
    assert token_for(Settings(data_dir=tmp_path)) is None
    assert token_for(Settings(data_dir=tmp_path, token=SecretStr("mine"))) == "mine"
    assert token_for(Settings(data_dir=tmp_path, host="0.0.0.0", token=SecretStr(""))) not in ("", None)


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
                           ("0.0.0.0", False), ("::", False), ("192.168.0.1", False), ("example.org", False)]
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


@pytest.mark.parametrize(
    ("host", "name"), [("a.b:80", "a.b"), ("[::1]:8", "::1"), ("A.", "a"), ("a@b", "b"), ("[::1", ""), ("", "")]
)
def test_names_of_hosts(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    "path", ["/static/..%2fapp/main.py", "/static/%2e%2e/app/main.py", "/static/build/..%2f..%2fpackage.json",
             "/static/build/%2e%2e/%2e%2e/pyproject.toml", "/static/pages/..%5c..%5cpyproject.toml",
             "/static/samples/draw.py", "/static/build/", "/static/pages/", "/.git/config", "/templates/base.html"]
)  # fmt: skip
def test_paths_lead_nowhere_else(http: httpx.Client, path: str) -> None:
    problem(http.get(path), "not_found")


def test_raw_dots_lead_nowhere_else(shared_server: Running) -> None:
    host = f"Host: 127.0.0.1:{shared_server.port}\r\nConnection: close"
    for path in ("/static/pages/../../pyproject.toml", "/static/build/../../../../etc/passwd", "//etc/passwd"):
        assert raw(shared_server, f"GET {path} HTTP/1.1\r\n{host}\r\n\r\n").startswith("HTTP/1.1 404")


PAGES = ["/", "/docs", "/docs/api", "/docs/errors", "/docs/methods/classify", "/api/v1/models", "/nothing", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
def test_every_response_protects_the_browser(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(http: httpx.Client) -> None:
    waiting, seen = ["/"], set()
    waiting += ["/docs"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = http.get(path)
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        text = answer.text
        assert not re.search(r"<script(?![^>]*(\bsrc=|type=\"application/json\"))", text), path
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", text), path
        addresses = re.findall(r"(?:src|href)=\"([^\"]*)\"", text)
        assert all(address.startswith(("/", "#")) and not address.startswith("//") for address in addresses), path
        waiting += [address.split("#")[0] for address in addresses if address.startswith("/")]
    assert {"/docs/api", "/docs/errors", "/docs/methods/classify", "/static/pages/pages.css"} <= seen


def test_what_an_address_says_is_never_markup(http: httpx.Client) -> None:
    evil = "<script>alert(1)</script>"
    for path in ("/", "/docs"):
        assert evil not in http.get(path, params={"model": evil, "image": evil, "node": evil}).text
    for path in (f"/docs/methods/{evil}", f"/api/v1/models/{evil}", f"/{evil}"):
        answer = http.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
