"""Labelled pictures that somebody brings: a folder or zip with a folder for each class."""

import io
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from app.train.dataset import Dataset
from app.train.picture_files import BadPictures, Limits, PictureFile, picture_files

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")
MOST_PIXELS = 50_000_000
MOST_CLASSES = 1000
MEMORY = 1 << 30
"""Bytes that the pictures of one set may take."""

TRAIN, TEST = ("train", "training"), ("test", "testing", "val", "valid", "validation")
"""What the folders of a set's parts are called, where it has them."""

HELD_OUT = 5
"""One picture in so many is for the test, where a set does not say which."""

RIGHT = "Put each class's pictures into a folder of its own, and these folders into one, or into a zip."


@dataclass(frozen=True)
class Labelled:
    """Pictures in uint8, N×3×S×S, with their classes by name.

    Attributes:
        images: N×3×S×S.
        labels: N, places in `classes`.
        test: N, whether a picture is for the test and not for training.
        classes: in the order of their names.
        empty: classes whose folders hold no picture that can be read; they are not in `classes`.
        skipped: files that could not be read, each with the reason.
    """

    images: Tensor
    labels: Tensor
    test: Tensor
    classes: tuple[str, ...]
    empty: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the set came to be, in sentences."""
        notes = []
        if self.skipped:
            named = "; ".join(f"{name} ({reason})" for name, reason in self.skipped[:5])
            more = f"; and {len(self.skipped) - 5} more" if len(self.skipped) > 5 else ""
            which = "1 file was" if len(self.skipped) == 1 else f"{len(self.skipped)} files were"
            notes.append(f"{which} left out: {named}{more}.")
        if self.empty:
            notes.append(f"No picture was found for: {', '.join(self.empty)}.")
        return tuple(notes)

    def dataset(self, name: str) -> Dataset:
        """The same in its two parts."""
        train = ~self.test
        images, labels = self.images, self.labels
        return Dataset(name, images[train], labels[train], images[self.test], labels[self.test], self.classes)


def read_labelled(path: Path, side: int = 64, limits: Limits | None = None) -> Labelled:
    """Reads a folder or zip of `class/picture`, or of `train/class/picture` and `test/class/picture`.

    Each picture's middle square is resized to side × side. Without a part for the test, one picture in five of each
    class is held out, evenly over their names. Files that are no pictures are left out, and said.

    Raises:
        BadPictures: it is neither, is broken or hostile, too large, or holds fewer than two classes.
    """
    with ExitStack() as opened:
        archive = None
        if not path.is_dir():
            try:
                archive = opened.enter_context(zipfile.ZipFile(path))
            except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError):
                raise BadPictures(f"{path.name} is neither a folder nor a zip that can be read. {RIGHT}") from None
        files, folders = picture_files(path, limits or Limits(), archive)
        return labelled(path.name, files, folders, side, limits or Limits())


def labelled(name: str, files: list[PictureFile], folders: list[PurePosixPath], side: int, limits: Limits) -> Labelled:
    """The set that files in folders make."""
    above = common_folder([file.path for file in files])
    placed = {file.path.relative_to(above): file for file in files}
    tops = {inside.parts[0].lower() for inside in placed if len(inside.parts) > 1}
    parted = bool(tops) and tops <= {*TRAIN, *TEST}
    depth = 2 if parted else 1
    pictures: list[Tensor] = []
    classes: list[str] = []
    parts: list[bool] = []
    skipped: list[tuple[str, str]] = []
    known = {inside.parts[depth - 1] for inside in inner(folders, above) if len(inside.parts) >= depth}
    budget = MEMORY // (3 * side * side)
    for inside, file in placed.items():
        if len(inside.parts) <= depth:
            skipped.append((str(file.path), "it is in no class's folder"))
            continue
        known.add(inside.parts[depth - 1])
        if len(pictures) == budget:
            raise BadPictures(
                f"{name} holds more than {budget:,} pictures, as many as fit into memory at {side} × {side}."
            )
        try:
            pictures.append(read_picture(file, side, limits))
        except BadPictures as error:
            skipped.append((str(file.path), str(error)))
            continue
        classes.append(inside.parts[depth - 1])
        parts.append(parted and inside.parts[0].lower() in TEST)
    return checked(name, pictures, classes, parts, known, skipped)


def checked(
    name: str,
    pictures: list[Tensor],
    classes: list[str],
    parts: list[bool],
    known: set[str],
    skipped: list[tuple[str, str]],
) -> Labelled:
    """The set, where there is something to tell apart."""
    names = sorted(set(classes))
    if len(names) < 2:
        found = f"only one class with pictures, “{names[0]}”" if names else "no pictures in folders of classes"
        first = f" The first of {len(skipped)} files left out is {skipped[0][0]}: {skipped[0][1]}." if skipped else ""
        raise BadPictures(f"{name} holds {found}; two are needed to learn a difference.{first} {RIGHT}")
    if len(names) > MOST_CLASSES:
        raise BadPictures(f"{name} holds {len(names):,} classes; at most {MOST_CLASSES:,} are read.")
    labels = torch.tensor([names.index(one) for one in classes])
    test = torch.tensor(parts)
    if not test.any() or test.all():
        test = held_out(labels)
    return Labelled(
        torch.stack(pictures), labels, test, tuple(names), tuple(sorted(known - set(names))), tuple(skipped)
    )


def held_out(labels: Tensor) -> Tensor:
    """One in five of each class, the third, the eighth …; of a class of two or more at least one."""
    test = torch.zeros_like(labels, dtype=torch.bool)
    for label in labels.unique():
        places = (labels == label).nonzero()[:, 0]
        test[places[min(2, len(places) - 1) :: HELD_OUT] if len(places) > 1 else places[:0]] = True
    return test


def common_folder(paths: list[PurePosixPath]) -> PurePosixPath:
    """The folder that holds everything, where classes or parts are not at the top: a zip is often packed with one."""
    above = PurePosixPath()
    while paths:
        heads = {path.parts[len(above.parts)] for path in paths}
        below = [len(path.parts) - len(above.parts) for path in paths]
        # What is left below must still be a class and a picture.
        if len(heads) != 1 or min(below) < 2 or max(below) < 3:
            break
        above /= heads.pop()
    return above


def inner(folders: list[PurePosixPath], above: PurePosixPath) -> list[PurePosixPath]:
    """Folders below another one, from there."""
    return [folder.relative_to(above) for folder in folders if folder.is_relative_to(above) and folder != above]


def read_picture(file: PictureFile, side: int, limits: Limits) -> Tensor:
    """The middle square of a picture, upright, on white, 3×side×side.

    Raises:
        BadPictures: with the reason alone.
    """
    if file.size > limits.file_bytes:
        raise BadPictures(f"it has more than {limits.file_bytes >> 20} MiB")
    try:
        data = file.read()
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        # RuntimeError is what zipfile says of a password.
        raise BadPictures("it has a password" if "password" in str(error) else "its data are broken") from None
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadPictures(f"it has {image.width} × {image.height} pixels")
            upright = ImageOps.exif_transpose(image)
            layered = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            flat = Image.new("RGB", layered.size, "white")
            flat.paste(layered, mask=layered.getchannel("A") if layered.mode == "RGBA" else None)
            square = ImageOps.fit(flat, (side, side), Image.Resampling.BILINEAR)
    except BadPictures:
        raise
    # Decoders raise whatever their formats led them to.
    except Exception:
        raise BadPictures("it is no picture that can be read") from None
    return torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1).contiguous()
