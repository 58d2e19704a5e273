"""What was asked is written down beside the answers, and never in their way."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.engine.ask import Ask
from app.engine.errors import UnknownAnswer
from app.engine.local import LocalEngine
from app.store.asks import AskStore
from app.store.blobs import open_blobs
from app.store.database import Database
from app.store.images import ImageStore
from app.store.models import ModelStore
from app.store.samples import Sample, shipped_samples
from app.web.recall import RememberingEngine

MODELS = ModelStore()


def engine_on(store: ImageStore, asks: AskStore, **options: Any) -> RememberingEngine:
    engine = RememberingEngine(LocalEngine(MODELS, store, **options), asks)
    engine.start()
    return engine


def asked(sample: Sample, k: int = 5) -> Ask:
    return Ask(method="classify", model="lenet5", image=sample.image, params={"k": k})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/asks.sqlite")
    yield database
    database.close()


@pytest.fixture
def images(tmp_path: Path, database: Database) -> ImageStore:
    return ImageStore(database, open_blobs(str(tmp_path / "blobs")), shipped_samples(), 1_000_000)


@pytest.fixture
def sample() -> Sample:
    return shipped_samples().all[-1]


def test_an_answer_is_recalled_by_another_engine(images: ImageStore, database: Database, sample: Sample) -> None:
    first = engine_on(images, AskStore(database))
    answer = asyncio.run(first.answer(asked(sample), client="a"))
    first.close()
    second = engine_on(images, AskStore(database))
    again = asyncio.run(second.recall(answer.id, client="b"))
    assert (again.id, again.values) == (answer.id, answer.values)
    with pytest.raises(UnknownAnswer):
        asyncio.run(second.recall("0" * 64, client="b"))
    second.close()


def test_an_answer_of_other_weights_is_not_recalled(
    images: ImageStore,
    database: Database,
    sample: Sample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asks = AskStore(database)
    asks.put({"f" * 64: asked(sample)})
    engine = engine_on(images, asks)
    with pytest.raises(UnknownAnswer):
        asyncio.run(engine.recall("f" * 64, client="a"))
    engine.close()


def test_no_answer_waits_for_the_disk(images: ImageStore, database: Database, sample: Sample) -> None:
    asks, written = AskStore(database), threading.Event()
    put = asks.put

    def slow(batch: Any) -> None:
        assert written.wait(60)
        put(batch)

    asks.put = slow  # type: ignore[method-assign]
    engine = engine_on(images, asks)
    answers = [asyncio.run(engine.answer(asked(sample, k), client="a")) for k in range(1, 6)]
    assert not any(asks.has(answer.id) for answer in answers)
    written.set()
    engine.close()
    assert all(AskStore(database).get(answer.id) for answer in answers)


def test_a_disk_that_fails_fails_no_ask(
    images: ImageStore,
    database: Database,
    sample: Sample,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asks = AskStore(database)

    def broken(_batch: Any) -> None:
        raise OSError("disk")

    asks.put = broken  # type: ignore[method-assign]
    engine = engine_on(images, asks)
    assert asyncio.run(engine.answer(asked(sample), client="a")).values["top"]
    engine.close()
    assert "Asks could not be kept" in caplog.text
