"""An application can be made and closed again and again, says what it cannot do, and passes on what the engine says."""

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.engine.ask import Ask
from app.engine.errors import Busy, EngineClosed
from app.main import create_app
from app.settings import Settings
from app.store.samples import Sample
from app.web.services import DataFolderError
from tests.web.problems import problem
from tests.web.streaming import Running, running


async def cycle(folder: Path, image: str) -> None:
    """Makes an application, asks it something, and closes it."""
    app = create_app(Settings(data_dir=folder))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            body = {"method": "classify", "model": "lenet5", "image": image}
            assert (await client.post("/api/v1/ask", json=body)).status_code == 200
    assert not app.state.services.ready


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(sys.platform != "linux", reason="it counts the files of /proc")
def test_fifty_cycles_leave_nothing_behind(tmp_path: Path, espresso: Sample) -> None:
    asyncio.run(cycle(tmp_path, espresso.image))
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for _ in range(50):
        asyncio.run(cycle(tmp_path, espresso.image))
    gc.collect()
    assert threading.active_count() <= threads + 2
    assert open_files() <= files + 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataFolderError, match="Name a folder that can be written to in CONVSCOPE_DATA_DIR"):
        create_app(Settings(data_dir=tmp_path / "file"))


def test_a_network_that_cannot_be_made_ready_does_not_stop_the_server(tmp_path: Path) -> None:
    with running(tmp_path, default_model="nothing") as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/api/v1/models/lenet5").status_code == 200
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("error", "code"),
    [(EngineClosed(), "unavailable"), (Busy("9 asks are already waiting, the most there may be.", 10), "busy")],
)
def test_what_the_engine_cannot_do_now_is_passed_on(
    http: httpx.Client, shared_server: Running, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async def refuse(_ask: Ask, **_keywords: Any) -> None:
        raise error

    monkeypatch.setattr(shared_server.app.state.services.engine, "ask", refuse)
    answer = http.post("/api/v1/ask", json={"method": "classify", "model": "lenet5"})
    document = problem(answer, code)
    assert int(answer.headers["retry-after"]) >= 1
    assert document.get("position") == getattr(error, "position", None)


def test_a_page_that_is_not_built_is_told(
    http: httpx.Client, shared_server: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shared_server.app.state.services.assets, "folder", tmp_path)
    document = problem(http.get("/"), "unavailable")
    assert document["detail"].startswith("The page is not built: ")
    assert http.get("/docs/api").status_code == 200
