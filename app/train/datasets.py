"""Data sets as tensors: uint8 pictures N×C×H×W and integer labels, read from a folder of files."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from app.train.dataset import Dataset
from app.train.labelled import read_labelled

TITLES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
    "tiny-imagenet-10": "Tiny ImageNet-10",
    "tiny-imagenet-200": "Tiny ImageNet",
    "pavements-10": "Pavements-10",
    "shapes": "Shapes",
}
"""What people call the data sets, by the names of their folders."""


GENERATED = (2000, 500)
"""Pictures of “shapes” for training, and for the test."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PAVEMENTS = (
    "asphalt", "cobblestone", "compacted", "concrete", "concrete_plates", "grass", "gravel", "ground", "paving_stones",
    "sett",
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What is known of a data set before it is read: of its pictures C×H×W, how many there are, and its classes."""

    shape: tuple[int, int, int]
    train: int
    test: int
    classes: tuple[str, ...]


class DatasetMissing(FileNotFoundError):
    """The files of a data set are not where they were looked for."""


SIZES = {
    "mnist": ((1, 32, 32), 60_000, 10_000),
    "fashion-mnist": ((1, 32, 32), 60_000, 10_000),
    "cifar10": ((3, 32, 32), 50_000, 10_000),
    "tiny-imagenet-10": ((3, 64, 64), 5000, 500),
    "tiny-imagenet-200": ((3, 64, 64), 80_000, 10_000),
    "pavements-10": ((3, 96, 96), 3941, 1000),
    "shapes": ((3, 64, 64), *GENERATED),
}
"""Of the pictures, and how many there are for training and for the test."""


def spec(name: str, folder: Path | None) -> Spec:
    """What is known of a data set in `folder/name`, without reading its pictures; raises DatasetMissing."""
    from app.explain.population.pictures import SHAPES

    if name not in SIZES:
        raise DatasetMissing(f"There is no data set called “{name[:80]}”; there are {', '.join(SIZES)}.")
    classes = {
        "mnist": DIGITS,
        "fashion-mnist": CLOTHES,
        "cifar10": CIFAR10,
        "shapes": SHAPES,
        "pavements-10": PAVEMENTS,
    }.get(name)
    if name == "shapes":
        return Spec(*SIZES[name], SHAPES)
    if folder is None or not (folder / name).is_dir():
        where = f"{folder} has no folder of this name" if folder else "CONVSCOPE_DATA names no folder"
        raise DatasetMissing(f"The data set “{name}” is not here: {where}. “shapes”, which is generated, always is.")
    return Spec(*SIZES[name], classes or class_names(folder / name))


def load(name: str, folder: Path) -> Dataset:
    """Reads a data set from `folder/name`; “shapes” is generated, and needs none.

    Raises:
        DatasetMissing: there is no such data set, or its folder is absent.
    """
    if name == "shapes":
        return generated()
    if name not in READERS:
        raise DatasetMissing(f"There is no data set called “{name}”; there are {', '.join(TITLES)}.")
    if not (folder / name).is_dir():
        raise DatasetMissing(f"The data set “{name}” is not in {folder}. Give the folder that holds it with --data.")
    return READERS[name](folder / name)


def generated() -> Dataset:
    """Discs, squares and stripes, N×3×64×64, in colours that tell nothing of their class."""
    from app.explain.population.pictures import SHAPES, shapes

    train, test = shapes(GENERATED[0], 0), shapes(GENERATED[1], 1)
    return Dataset("shapes", train.images, train.labels, test.images, test.labels, SHAPES)


def read_idx(path: Path) -> Tensor:
    """Reads a gzipped IDX file (LeCun's format for MNIST)."""
    raw = gzip.decompress(path.read_bytes())
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">i4", dimensions, offset=4)
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape).copy())


def read_mnist(folder: Path) -> Dataset:
    """Digits (or Fashion-MNIST) 28×28, with a border of two zeros as in LeCun 1998: N×1×32×32."""

    def images(name: str) -> Tensor:
        pixels = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
        return torch.nn.functional.pad(pixels, (2, 2, 2, 2)).unsqueeze(1)

    def labels(name: str) -> Tensor:
        return read_idx(folder / f"{name}-labels-idx1-ubyte.gz").long()

    names = CLOTHES if folder.name == "fashion-mnist" else DIGITS
    return Dataset(folder.name, images("train"), labels("train"), images("t10k"), labels("t10k"), names)


def read_sheet(path: Path, side: int = 32) -> Tensor:
    """A thousand pictures from a sheet of 25 rows × 40 columns: 1000×3×side×side."""
    sheet = np.asarray(Image.open(path).convert("RGB"))
    tiles = sheet.reshape(25, side, 40, side, 3).transpose(0, 2, 4, 1, 3)
    return torch.from_numpy(tiles.reshape(1000, 3, side, side))


def read_cifar10(folder: Path) -> Dataset:
    """CIFAR-10 from lossless sheets: N×3×32×32."""

    def images(part: str) -> Tensor:
        return torch.cat([read_sheet(path) for path in sorted(folder.glob(f"{part}_*.webp"))])

    labels = np.load(folder / "labels.npz")
    train, test = (torch.from_numpy(labels[part].astype(np.int64)) for part in ("train", "test"))
    return Dataset(folder.name, images("train"), train, images("test"), test, CIFAR10)


def read_tiny_part(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    """The pictures, N×3×64×64, and labels of “train” or “val”, from a zip of JPEGs."""
    classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    index = {entry["wnid"]: entry["index"] for entry in classes}
    pictures, labels = [], []
    with zipfile.ZipFile(folder / "tiny-imagenet-10.zip") as archive:
        for name in sorted(name for name in archive.namelist() if name.startswith(part) and name.endswith(".JPEG")):
            picture = np.array(Image.open(io.BytesIO(archive.read(name))).convert("RGB"))
            pictures.append(torch.from_numpy(picture).permute(2, 0, 1))
            labels.append(index[name.split("/")[1]])
    return torch.stack(pictures), torch.tensor(labels)


def class_names(folder: Path) -> tuple[str, ...]:
    """The names of Tiny ImageNet's classes, in the order of their labels; none where the file is not there."""
    if not (folder / "classes.json").exists():
        return ()
    entries = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    return tuple(entry["name"] for entry in sorted(entries, key=lambda entry: entry["index"]))


def read_tiny_imagenet_10(folder: Path) -> Dataset:
    """CNN Explainer's ten classes of Tiny ImageNet; what is validated there is the test here."""
    return Dataset(folder.name, *read_tiny_part(folder, "train"), *read_tiny_part(folder, "val"), class_names(folder))


def read_tiny_imagenet_200(folder: Path) -> Dataset:
    """Two hundred everyday classes from sheets: N×3×64×64; what is validated there is the test here."""

    def part(name: str) -> tuple[Tensor, Tensor]:
        images = torch.cat([read_sheet(path, 64) for path in sorted(folder.glob(f"{name}_*.avif"))])
        return images, torch.from_numpy(np.load(folder / f"{name}_labels.npy").astype(np.int64))

    return Dataset(folder.name, *part("train"), *part("val"), class_names(folder))


def read_pavements_10(folder: Path) -> Dataset:
    """Surfaces of roads from a zip with a folder for each, N×3×96×96; what is validated there is the test here."""
    found = read_labelled(folder / "pavements-10-96px.zip", 96)
    return found.dataset(folder.name)


READERS: dict[str, Callable[[Path], Dataset]] = {
    "mnist": read_mnist,
    "fashion-mnist": read_mnist,
    "cifar10": read_cifar10,
    "tiny-imagenet-10": read_tiny_imagenet_10,
    "tiny-imagenet-200": read_tiny_imagenet_200,
    "pavements-10": read_pavements_10,
}
