"""What was promised survives a restart and a kill -9: a real server in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.store.pictures import encoded, noise
from tests.web.streaming import until

PROGRAM = """
from app.main import create_app
from app.settings import Settings
from app.web.server import serve
settings = Settings()
serve(create_app(settings), settings.host, settings.port)
"""


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


@contextmanager
def server(folder: Path, checkout: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    port = free_port()
    environment = {**os.environ, "CONVSCOPE_DATA_DIR": str(folder), "CONVSCOPE_PORT": str(port), "OMP_NUM_THREADS": "1",
                   "CONVSCOPE_UPLOADS_PER_SECOND": "1000", "CONVSCOPE_UPLOADS_AT_ONCE": "1000"}  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, cwd=checkout)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:

        def ready() -> bool:
            assert process.poll() is None, "the server ended"
            try:
                return client.get("/readyz").status_code == 200
            except httpx.TransportError:
                return False

        try:
            until(ready)
            yield process, client
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
def test_finished_uploads_survive(tmp_path: Path, checkout: Path, end: str) -> None:
    promised: list[str] = []
    with server(tmp_path, checkout) as (process, client):

        def keep_uploading() -> None:
            with httpx.Client(base_url=client.base_url, trust_env=False, timeout=60) as own:
                for seed in range(10_000):
                    try:
                        answer = own.post("/api/v1/images", files={"file": ("a", encoded(noise(40, 30, seed)))})
                    except httpx.TransportError:
                        return
                    if answer.status_code == 201:
                        promised.append(answer.json()["id"])

        uploading = threading.Thread(target=keep_uploading)
        uploading.start()
        until(lambda: len(promised) >= 12)
        process.send_signal(getattr(signal, end))
        process.wait(30)
        uploading.join()
    with server(tmp_path, checkout) as (_, client):
        for image in promised:
            assert client.get(f"/api/v1/images/{image}").status_code == 200
    names = {path.stem for path in (tmp_path / "blobs").rglob("*.png")}
    assert set(promised) <= names
    # At most the one upload that was under way is there without having been promised.
    assert len(names) <= len(promised) + 1


def test_a_server_ends_promptly_when_told(tmp_path: Path, checkout: Path) -> None:
    with server(tmp_path, checkout) as (process, client):
        assert client.get("/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
