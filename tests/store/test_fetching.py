"""Published weights from a publisher that stalls, cuts, lies and sends other bytes."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from app.store.errors import BadModel
from app.store.fetching import Fetches, FetchFailed, Fetching, Progress, State
from app.store.models import ModelStore
from models import Card, create, declaration
from models.weights_files import published_name
from tests.publisher import Publisher

CONTENT = os.urandom(600_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher(CONTENT)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def card(publisher: Publisher) -> Card:
    card = declaration("resnet18")[0]
    assert card.published
    url = f"http://127.0.0.1:{publisher.server_port}/net-{DIGEST[:8]}.pth"
    published = card.published.model_copy(update={"url": url, "sha256_prefix": DIGEST[:8], "megabytes": 0.6})
    return card.model_copy(update={"published": published})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("manner", ["well", "cut", "stalled", "without ranges", "too short"])
def test_the_file_comes_whole(publisher: Publisher, card: Card, tmp_path: Path, manner: str) -> None:
    publisher.manner = manner
    told: list[Progress] = []
    if manner == "too short":
        # Half a file that was announced as a whole one is not the published file.
        with pytest.raises(FetchFailed, match="is not the file that was published"):
            Fetching(tmp_path, 0.3).fetch(card)
        publisher.manner = "well"
    path = Fetching(tmp_path, 0.3).fetch(card, told.append)
    assert path.read_bytes() == CONTENT
    assert files(tmp_path) == [f"net-{DIGEST[:8]}.pth"]
    assert told[-1].received == len(CONTENT)
    if manner in ("cut", "stalled"):
        assert publisher.asked[1:] and all(publisher.asked[1:])


def test_what_was_begun_goes_on(publisher: Publisher, card: Card, tmp_path: Path) -> None:
    (tmp_path / f"net-{DIGEST[:8]}.pth.part").write_bytes(CONTENT[:250_000])
    assert Fetching(tmp_path).fetch(card).read_bytes() == CONTENT
    assert publisher.asked == ["bytes=250000-"]


def test_what_cannot_go_on_begins_anew(publisher: Publisher, card: Card, tmp_path: Path) -> None:
    publisher.manner = "not satisfied"
    (tmp_path / f"net-{DIGEST[:8]}.pth.part").write_bytes(b"old")
    assert Fetching(tmp_path).fetch(card).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [
        ("other bytes", "its SHA-256 begins with"),
        ("endless", "sends more than the file that was published"),
        ("nowhere", "the answer was 404"),
        ("silent", "put the file into a folder that CONVSCOPE_WEIGHTS names"),
    ],
)
def test_what_cannot_be_had_leaves_nothing_that_is_taken_for_it(
    publisher: Publisher, card: Card, tmp_path: Path, manner: str, sentence: str
) -> None:
    publisher.manner = manner
    with pytest.raises(FetchFailed) as caught:
        Fetching(tmp_path, 0.2).fetch(card)
    assert sentence in caught.value.detail
    assert not [name for name in files(tmp_path) if not name.endswith(".part")]


def test_a_length_beyond_the_end_is_no_reason_to_wait_for_ever(
    publisher: Publisher, card: Card, tmp_path: Path
) -> None:
    publisher.manner = "too long"
    with pytest.raises(FetchFailed):
        Fetching(tmp_path, 0.3).fetch(card)


def test_without_a_network_it_says_what_to_do(card: Card, tmp_path: Path) -> None:
    assert card.published
    nobody = card.published.model_copy(update={"url": "http://127.0.0.1:1/net.pth"})
    with pytest.raises(FetchFailed, match="Without a network, put the file into a folder"):
        Fetching(tmp_path).fetch(card.model_copy(update={"published": nobody}))
    with pytest.raises(BadModel, match="Nobody publishes weights of lenet5"):
        Fetching(tmp_path).fetch(declaration("lenet5")[0])


def test_many_who_ask_get_one_file_fetched_once(publisher: Publisher, card: Card, tmp_path: Path) -> None:
    fetching = Fetching(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: fetching.fetch(card), range(8)))
    assert len(paths) == len(publisher.asked) == 1


def state_when_over(fetches: Fetches, card: Card) -> State:
    """How a fetch ended."""
    deadline = time.monotonic() + 60
    while fetches.state(card.id).state == "fetching" and time.monotonic() < deadline:
        time.sleep(0.01)
    return fetches.state(card.id)


def test_how_far_it_is_can_be_asked(publisher: Publisher, card: Card, tmp_path: Path) -> None:
    here: list[str] = []
    fetches = Fetches(Fetching(tmp_path, 0.3), here.append)
    assert fetches.state(card.id).state == "idle"
    publisher.manner = "other bytes"
    assert fetches.begin(card).state == "fetching"
    failed = state_when_over(fetches, card)
    assert (failed.state, here) == ("failed", []) and "is not the file that was published" in (failed.detail or "")
    publisher.manner = "well"
    fetches.begin(card)
    assert state_when_over(fetches, card) == State("done", len(CONTENT), len(CONTENT))
    assert here == [card.id]


def test_fetched_weights_are_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONVSCOPE_WEIGHTS", raising=False)
    card = declaration("squeezenet1_1")[0]
    store = ModelStore(fetched=tmp_path)
    assert store.weights(card) == "random"
    state = create("squeezenet1_1").state_dict()
    state["classifier.1.bias"] += 3
    torch.save(state, tmp_path / str(published_name(card)))
    assert store.weights(card) == "local"
    assert torch.equal(store.network(card.id).module.state_dict()["classifier.1.bias"], state["classifier.1.bias"])
