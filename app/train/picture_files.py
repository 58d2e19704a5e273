"""A folder or zip as files by name: what others made is listed and read within bounds."""

import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

MEBIBYTE = 1 << 20

PARTS_OF_SYSTEMS = ("__MACOSX", "Thumbs.db", "desktop.ini")
"""What operating systems leave in folders; files and folders that begin with a point are theirs too."""


class BadPictures(ValueError):
    """A folder or zip from which no data set can be made; the message says what was wrong and what would be right."""


@dataclass(frozen=True)
class Limits:
    """How much is read of what others made."""

    files: int = 100_000
    file_bytes: int = 32 * MEBIBYTE
    all_bytes: int = 2048 * MEBIBYTE


@dataclass(frozen=True)
class PictureFile:
    """A file: its place inside the folder or zip, its size in bytes, and how it is read."""

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]


def picture_files(
    path: Path, limits: Limits, archive: zipfile.ZipFile | None = None
) -> tuple[list[PictureFile], list[PurePosixPath]]:
    """All files of a folder, or of an opened zip, in order of their names, and all folders.

    Nothing is unpacked to disk, and nothing is read yet. Sizes are those that a zip's directory tells: no file of it
    gives more bytes than that.

    Raises:
        BadPictures: there are too many files or bytes, or a name that leads out of the zip.
    """
    files, folders = from_zip(archive) if archive else from_folder(path)
    if len(files) > limits.files:
        raise BadPictures(f"{path.name} holds {len(files):,} files; at most {limits.files:,} are read.")
    total = sum(file.size for file in files)
    if total > limits.all_bytes:
        raise BadPictures(
            f"{path.name} holds {total / MEBIBYTE:,.0f} MiB when it is unpacked; at most "
            f"{limits.all_bytes / MEBIBYTE:,.0f} are read."
        )
    return sorted(files, key=lambda file: str(file.path)), sorted(folders)


def from_folder(folder: Path) -> tuple[list[PictureFile], list[PurePosixPath]]:
    """A folder's files and folders; links are not followed."""
    files, folders = [], []
    for found in folder.rglob("*"):
        inside = PurePosixPath(found.relative_to(folder).as_posix())
        if is_of_a_system(inside) or found.is_symlink():
            continue
        if found.is_dir():
            folders.append(inside)
        elif found.is_file():
            files.append(PictureFile(inside, found.stat().st_size, found.read_bytes))
    return files, folders


def from_zip(archive: zipfile.ZipFile) -> tuple[list[PictureFile], list[PurePosixPath]]:
    """A zip's files and folders."""
    files, folders = [], []
    for entry in archive.infolist():
        inside = PurePosixPath(entry.filename)
        if inside.is_absolute() or ".." in inside.parts or "\\" in entry.filename or ":" in entry.filename:
            raise BadPictures(
                f"The zip holds “{entry.filename[:80]}”, a name that leads out of it. Pack a folder of folders, one "
                "for each class, anew."
            )
        if is_of_a_system(inside) or stat.S_ISLNK(entry.external_attr >> 16):
            continue
        if entry.is_dir():
            folders.append(inside)
        else:
            files.append(PictureFile(inside, entry.file_size, partial(archive.read, entry)))
    return files, folders


def is_of_a_system(path: PurePosixPath) -> bool:
    """Whether nobody put a file there on purpose."""
    return any(part.startswith(".") or part in PARTS_OF_SYSTEMS for part in path.parts)
