"""One server with the shipped settings for all tests that change nothing others rely on, and a client of it."""

from collections.abc import Iterator

import httpx
import pytest

from app.store.samples import Sample, shipped_samples
from tests.web.streaming import Running, running


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("data"), uploads_per_second=1000, uploads_at_once=1000) as server:
        yield server


@pytest.fixture
def http(shared_server: Running) -> Iterator[httpx.Client]:
    # What another server of this process had to say since.
    shared_server.records.clear()
    with httpx.Client(base_url=shared_server.url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def espresso() -> Sample:
    return next(sample for sample in shipped_samples().all if sample.name == "espresso")
