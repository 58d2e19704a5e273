"""`convscope serve` as a process: says where it is, answers, ends in good order, and says why it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.web.server import configuration
from tests.serving import serving


def test_it_serves_and_ends_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}readyz") as answer:
            assert answer.status == 200
            assert "uvicorn" not in str(answer.headers).lower()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGTERM)
        assert (output, errors) == ("", "")


def test_beyond_loopback_the_address_has_a_token(tmp_path: Path) -> None:
    with serving(tmp_path, HOST="0.0.0.0") as (_, address):
        plain, _, token = address.partition("?token=")
        assert len(token) >= 32
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{plain}api/v1/models")
        request = urllib.request.Request(f"{plain}api/v1/models", headers={"Authorization": f"Bearer {token}"})
        assert urllib.request.urlopen(request).status == 200


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "app.cli", "serve"]
        environment = {**os.environ, "CONVSCOPE_DATA_DIR": str(tmp_path), "PORT": str(port)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Cannot listen on 127.0.0.1, port {port}: ")
    assert done.stderr.rstrip().endswith("another address with HOST or --host.")
    assert "Traceback" not in done.stderr


def test_the_stream_is_never_compressed() -> None:
    chosen = configuration(lambda scope: None, "127.0.0.1", 0)  # type: ignore[arg-type]
    chosen.load()
    assert isinstance(chosen, uvicorn.Config)
    assert chosen.ws_per_message_deflate is False
    assert chosen.ws_max_size == 64 * 1024
    assert issubclass(chosen.ws_protocol_class, WebSocketsSansIOProtocol)
