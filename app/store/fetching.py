"""Fetching: published weights from their publisher, on request: resumed, checked, and kept whole or not at all."""

import hashlib
import http.client
import logging
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.explain.errors import AskError
from app.store.blobs import full_disk_told
from app.store.errors import BadModel
from models import Card
from models.weights_files import published_name

log = logging.getLogger("convscope")

ATTEMPTS = 4
"""Tries in a row of which none brings a single byte."""

STALL_SECONDS = 20.0
READ_AT_ONCE = 1 << 18
MEGABYTE = 1_000_000

SLACK = 1.1
"""How much larger than announced on its card a file may be."""


class FetchFailed(AskError):
    """The publisher's file could not be had, or is not the one that was published."""

    code = "fetch_failed"


@dataclass(frozen=True)
class Progress:
    """How far a fetch is: bytes that are here, and of how many, where the publisher tells."""

    received: int
    total: int | None


class Fetching:
    """Fetches weights into a folder. However many ask for the same, it is fetched once. For many threads.

    Args:
        folder: where the files are kept under their published names; a half one ends in `.part`.
        stall_seconds: how long the publisher may send nothing.
    """

    def __init__(self, folder: Path, stall_seconds: float = STALL_SECONDS) -> None:
        self.folder = folder
        self._stall_seconds = stall_seconds
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def fetch(self, card: Card, told: Callable[[Progress], None] = lambda _: None) -> Path:
        """The file of a card's published weights; waits where somebody is fetching it already.

        Raises:
            BadModel: nobody publishes them.
            FetchFailed: the publisher cannot be reached, or sends something else.
            DiskFull: there is no room for them.
        """
        name = published_name(card)
        if card.published is None or name is None:
            raise BadModel(f"Nobody publishes weights of {card.id}.", "model")
        with self._lock:
            lock = self._locks.setdefault(card.id, threading.Lock())
        with lock:
            target = self.folder / name
            if not target.is_file():
                part = target.with_name(f"{name}.part")
                with full_disk_told():
                    self.folder.mkdir(parents=True, exist_ok=True)
                    self._receive(card, part, told)
                check(card, part)
                os.replace(part, target)
            return target

    def _receive(self, card: Card, part: Path, told: Callable[[Progress], None]) -> None:
        """Receives a file to its end, going on where it was cut; raises FetchFailed."""
        failures = 0
        while True:
            had = size_of(part)
            try:
                if self._receive_once(card, part, told):
                    return
                reason = "it was cut"
            except urllib.error.HTTPError as error:
                # What is here is more than the publisher has: it is not the same file.
                if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and had:
                    part.unlink()
                    continue
                raise FetchFailed(f"{url_of(card)} cannot be fetched: the answer was {error.code}.", "model") from error
            except (OSError, http.client.HTTPException) as error:
                if not isinstance(
                    error, urllib.error.URLError | http.client.HTTPException | TimeoutError | ConnectionError
                ):
                    raise
                reason = str(getattr(error, "reason", error)) or type(error).__name__
            failures = 0 if size_of(part) > had else failures + 1
            if failures >= ATTEMPTS:
                raise FetchFailed(
                    f"{url_of(card)} cannot be fetched ({reason}). Without a network, put the file into a folder that "
                    "CONVSCOPE_WEIGHTS names.",
                    "model",
                )

    def _receive_once(self, card: Card, part: Path, told: Callable[[Progress], None]) -> bool:
        """One connection. Gives whether the file came to its end."""
        assert card.published is not None
        had = size_of(part)
        asked = urllib.request.Request(url_of(card), headers={"Range": f"bytes={had}-"} if had else {})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=self._stall_seconds) as answer:  # noqa: S310
            # Who does not know ranges sends all of it again.
            had = had if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0
            length = answer.headers.get("Content-Length", "")
            total = had + int(length) if length.isdigit() else None
            largest = SLACK * MEGABYTE * card.published.megabytes + MEGABYTE
            with part.open("ab" if had else "wb") as file:
                while block := answer.read1(READ_AT_ONCE):
                    file.write(block)
                    had += len(block)
                    told(Progress(had, total))
                    if had > largest:
                        file.close()
                        part.unlink()
                        raise FetchFailed(f"{url_of(card)} sends more than the file that was published.", "model")
                file.flush()
                os.fsync(file.fileno())
        return total is None or had >= total


def url_of(card: Card) -> str:
    """Where a card's weights are published."""
    assert card.published is not None
    return card.published.url


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0


def check(card: Card, part: Path) -> None:
    """Removes a file that is not the published one; raises FetchFailed then."""
    assert card.published is not None
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(card.published.sha256_prefix):
        part.unlink()
        raise FetchFailed(
            f"{url_of(card)} is not the file that was published: its SHA-256 begins with {digest[:8]}, not with "
            f"{card.published.sha256_prefix}. It was thrown away.",
            "model",
        )


@dataclass(frozen=True)
class State:
    """Where the weights of a network are on their way; `detail` says what failed."""

    state: Literal["idle", "fetching", "done", "failed"] = "idle"
    received: int = 0
    total: int | None = None
    detail: str | None = None


class Fetches:
    """Fetches in threads of their own, and how far each is. For many threads.

    Args:
        fetching: does the work.
        done: hears the id of a network whose weights are here now.
    """

    def __init__(self, fetching: Fetching, done: Callable[[str], None]) -> None:
        self._fetching = fetching
        self._done = done
        self._states: dict[str, State] = {}
        self._lock = threading.Lock()

    def state(self, model_id: str) -> State:
        """How far the fetch of a network's weights is."""
        return self._states.get(model_id, State())

    def begin(self, card: Card) -> State:
        """Begins to fetch, unless somebody else has; raises BadModel where nobody publishes them."""
        if card.published is None:
            raise BadModel(f"Nobody publishes weights of {card.id}.", "model")
        with self._lock:
            if self.state(card.id).state != "fetching":
                self._states[card.id] = State("fetching")
                threading.Thread(target=self._fetch, args=(card,), daemon=True).start()
            return self.state(card.id)

    def _fetch(self, card: Card) -> None:
        def told(progress: Progress) -> None:
            self._states[card.id] = State("fetching", progress.received, progress.total)

        try:
            path = self._fetching.fetch(card, told)
            self._done(card.id)
            self._states[card.id] = State("done", size_of(path), size_of(path))
        except AskError as error:
            self._states[card.id] = State("failed", detail=error.detail)
        except Exception:
            log.exception("Fetching the weights of %s failed", card.id)
            self._states[card.id] = State("failed", detail="The server failed at this. Its log says why.")
