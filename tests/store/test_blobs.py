"""Blobs are written whole or not at all, in a folder and elsewhere."""

import errno
import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from app.store.blobs import Blobs, FolderBlobs, RemoteBlobs, open_blobs
from app.store.errors import DiskFull


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return open_blobs(str(tmp_path / "blobs") if request.param == "folder" else f"memory://{uuid.uuid4()}")


def test_a_url_chooses_where_blobs_are(tmp_path: Path) -> None:
    assert isinstance(open_blobs(str(tmp_path)), FolderBlobs)
    assert isinstance(open_blobs("memory://x"), RemoteBlobs)


def test_what_was_put_is_got(blobs: Blobs) -> None:
    blobs.put("a/b.png", b"one")
    blobs.put("a/b.png", b"two")
    assert blobs.get("a/b.png") == b"two"
    assert blobs.has("a/b.png")


def test_what_was_not_put_is_missing(blobs: Blobs) -> None:
    assert not blobs.has("a/b.png")
    with pytest.raises(KeyError):
        blobs.get("a/b.png")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    blobs = FolderBlobs(tmp_path)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        with pytest.raises(DiskFull, match="disk is full: nothing was kept"):
            blobs.put("a/b", b"data")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    blobs.put("a/b", b"data")
    assert blobs.get("a/b") == b"data"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_while_a_blob_is_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tempfile.NamedTemporaryFile

    def on_a_full_disk(**options: Any) -> Any:
        file = temporary(**options)
        with open("/dev/full", "wb") as full:
            os.dup2(full.fileno(), file.fileno())
        return file

    blobs = FolderBlobs(tmp_path)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", on_a_full_disk)
    with pytest.raises(DiskFull):
        blobs.put("a/b", b"data")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_other_faults_of_the_disk_are_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    blobs = FolderBlobs(tmp_path)
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        blobs.put("a", b"data")
    assert list(tmp_path.iterdir()) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    blobs = FolderBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / "link").symlink_to(secret)
    assert not blobs.has("link")
    with pytest.raises(KeyError):
        blobs.get("link")


def test_what_a_killed_server_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old, new, kept = tmp_path / "old.part", tmp_path / "new.part", tmp_path / "kept.png"
    for path in (old, new, kept):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    FolderBlobs(tmp_path)
    assert not old.exists()
    assert new.exists()
    assert kept.exists()
