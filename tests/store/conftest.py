"""Stores in a folder of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.blobs import open_blobs
from app.store.database import Database
from app.store.images import ImageStore
from app.store.samples import shipped_samples

StoreMaker = Callable[[], ImageStore]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/data/convscope.sqlite")
    yield database
    database.close()


@pytest.fixture
def make_store(tmp_path: Path, database: Database) -> StoreMaker:
    """Makes an image store, again and again on the same files."""
    return lambda: ImageStore(database, open_blobs(str(tmp_path / "blobs")), shipped_samples(), 50_000_000)
