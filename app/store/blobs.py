"""Blobs: bytes under a key, written whole or not at all; in a folder, or anywhere that fsspec reaches."""

import contextlib
import errno
import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from app.store.errors import DiskFull

ABANDONED_SECONDS = 3600
COPIED_AT_ONCE = 1 << 20


class Blobs(Protocol):
    """Bytes by key; a key is made of letters, digits, dots and slashes by this program, never by a caller."""

    def put(self, key: str, data: bytes) -> None:
        """Writes a blob, whole or not at all; raises DiskFull."""
        ...

    def get(self, key: str) -> bytes:
        """Reads a blob; raises KeyError where there is none."""
        ...

    def has(self, key: str) -> bool:
        """Whether there is such a blob."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Writes a file's bytes as a blob, whole or not at all, without holding them in memory; raises DiskFull."""
        ...

    def file(self, key: str) -> Path:
        """A blob as a file of this machine, not to be changed; raises KeyError where there is none."""
        ...

    def remove(self, key: str) -> None:
        """Removes a blob; nothing where there is none."""
        ...


def open_blobs(url: str) -> Blobs:
    """The blobs of a folder, or of an fsspec URL such as `s3://bucket/folder`."""
    return RemoteBlobs(url) if "://" in url else FolderBlobs(Path(url))


@contextlib.contextmanager
def full_disk_told() -> Iterator[None]:
    """Raises DiskFull where writing fails for want of room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise


class FolderBlobs:
    """Blobs as files. A file appears under its name only when its bytes are safely on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()

    def put(self, key: str, data: bytes) -> None:
        self._write(key, io.BytesIO(data))

    def put_file(self, key: str, path: Path) -> None:
        with path.open("rb") as source:
            self._write(key, source)

    def _write(self, key: str, source: BinaryIO) -> None:
        target = self.folder / key
        with full_disk_told():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                try:
                    shutil.copyfileobj(source, file, COPIED_AT_ONCE)
                    file.flush()
                    os.fsync(file.fileno())
                    file.close()
                    os.replace(file.name, target)
                except BaseException:
                    # Closing writes what is still in the buffer, which fails again on a full disk.
                    with contextlib.suppress(OSError):
                        file.close()
                    Path(file.name).unlink(missing_ok=True)
                    raise
            sync_folder(target.parent)

    def get(self, key: str) -> bytes:
        return self.file(key).read_bytes()

    def file(self, key: str) -> Path:
        if not self.has(key):
            raise KeyError(key)
        return self.folder / key

    def has(self, key: str) -> bool:
        path = self.folder / key
        # A link in the folder was not put there by this program.
        return path.is_file() and not path.is_symlink()

    def remove(self, key: str) -> None:
        (self.folder / key).unlink(missing_ok=True)

    def _remove_abandoned(self) -> None:
        """Removes what a killed server left half-written; others may be writing here right now."""
        for path in self.folder.glob("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                    path.unlink()


def sync_folder(folder: Path) -> None:
    """Makes a rename in a folder survive a power cut, where the system lets one."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteBlobs:
    """Blobs behind fsspec. Object stores show an object only when it is whole."""

    def __init__(self, url: str) -> None:
        import fsspec  # type: ignore[import-untyped]

        filesystem, root = fsspec.core.url_to_fs(url)
        self._filesystem: Any = filesystem
        self._root = root.rstrip("/")

    def put(self, key: str, data: bytes) -> None:
        path = f"{self._root}/{key}"
        self._filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        self._filesystem.pipe_file(path, data)

    def get(self, key: str) -> bytes:
        try:
            data: bytes = self._filesystem.cat_file(f"{self._root}/{key}")
            return data
        except FileNotFoundError:
            raise KeyError(key) from None

    def has(self, key: str) -> bool:
        return bool(self._filesystem.exists(f"{self._root}/{key}"))

    def put_file(self, key: str, path: Path) -> None:
        target = f"{self._root}/{key}"
        self._filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        self._filesystem.put_file(str(path), target)

    @cached_property
    def _fetched(self) -> FolderBlobs:
        """What was fetched as a file, for this process alone."""
        folder = tempfile.TemporaryDirectory(prefix="convscope-", ignore_cleanup_errors=True)
        self._folder = folder
        return FolderBlobs(Path(folder.name))

    def file(self, key: str) -> Path:
        if not self._fetched.has(key):
            self._fetched.put(key, self.get(key))
        return self._fetched.file(key)

    def remove(self, key: str) -> None:
        self._fetched.remove(key)
        if self.has(key):
            self._filesystem.rm_file(f"{self._root}/{key}")
