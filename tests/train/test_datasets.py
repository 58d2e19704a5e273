"""Readers: on files written here, and on the real data where they are at hand, against published counts."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from app.train import datasets

Shared = Callable[[str], Path]


def write_idx(path: Path, array: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes()))


def test_mnist_files(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    pixels = {
        "train": random.integers(0, 256, (5, 28, 28), np.uint8),
        "t10k": random.integers(0, 256, (3, 28, 28), np.uint8),
    }
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part, array in pixels.items():
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", array)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", np.arange(len(array), dtype=np.uint8))
    read = datasets.load("mnist", tmp_path)
    assert read.train_images.shape == (5, 1, 32, 32)
    assert torch.equal(read.train_images[:, 0, 2:-2, 2:-2], torch.from_numpy(pixels["train"]))
    assert int(read.train_images.sum()) == int(pixels["train"].sum())
    assert read.test_labels.tolist() == [0, 1, 2]


def test_cifar_sheets(tmp_path: Path) -> None:
    pictures = np.random.default_rng(2).integers(0, 256, (1000, 32, 32, 3), np.uint8)
    sheet = pictures.reshape(25, 40, 32, 32, 3).transpose(0, 2, 1, 3, 4).reshape(25 * 32, 40 * 32, 3)
    folder = tmp_path / "cifar10"
    folder.mkdir()
    for part in ("train", "test"):
        Image.fromarray(sheet).save(folder / f"{part}_00.webp", lossless=True)
    labels = (np.arange(1000) % 10).astype(np.uint8)
    np.savez(folder / "labels.npz", train=labels, test=labels[::-1], classes=np.array(list("abcdefghij")))
    read = datasets.load("cifar10", tmp_path)
    assert torch.equal(read.train_images, torch.from_numpy(pictures).permute(0, 3, 1, 2))
    assert read.train_labels.tolist() == labels.tolist()
    assert read.test_labels.tolist() == labels[::-1].tolist()


def test_tiny_imagenet_sheets(tmp_path: Path) -> None:
    folder = tmp_path / "tiny-imagenet-200"
    folder.mkdir()
    colours = np.linspace(0, 255, 1000).astype(np.uint8)
    sheet = np.repeat(np.repeat(colours.reshape(25, 40), 64, 0), 64, 1)
    labels = (np.arange(1000) % 200).astype(np.uint8)
    for part in ("train", "val"):
        Image.fromarray(sheet).convert("RGB").save(folder / f"{part}_000.avif", quality=90)
        np.save(folder / f"{part}_labels.npy", labels)
    read = datasets.load("tiny-imagenet-200", tmp_path)
    assert read.train_images.shape == (1000, 3, 64, 64)
    assert np.abs(read.test_images[:, 1, 32, 32].numpy().astype(int) - colours).max() <= 6
    assert read.train_labels.tolist() == labels.tolist()


def test_tiny_imagenet_zip(tmp_path: Path) -> None:
    folder = tmp_path / "tiny-imagenet-10"
    folder.mkdir()
    (folder / "classes.json").write_text(
        json.dumps([{"index": 1, "wnid": "n1", "name": "a"}, {"index": 0, "wnid": "n0", "name": "b"}])
    )
    with zipfile.ZipFile(folder / "tiny-imagenet-10.zip", "w") as archive:
        for part, wnid, mode in (("train", "n1", "L"), ("train", "n0", "RGB"), ("val", "n0", "RGB")):
            file = io.BytesIO()
            Image.new(mode, (64, 64), 200 if mode == "L" else (10, 20, 30)).save(file, "JPEG")
            archive.writestr(f"{part}/{wnid}/{mode}.JPEG", file.getvalue())
    read = datasets.load("tiny-imagenet-10", tmp_path)
    assert read.train_images.shape == (2, 3, 64, 64)
    assert dict(zip(read.train_labels.tolist(), read.train_images[:, 0, 5, 5].tolist(), strict=True)) == {1: 200, 0: 10}
    assert read.test_labels.tolist() == [0]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(datasets.DatasetMissing, match="no data set called “emnist”; there are mnist"):
        datasets.load("emnist", tmp_path)
    with pytest.raises(
        datasets.DatasetMissing, match=r"“cifar10” is not in .* Give the folder that holds it with --data"
    ):
        datasets.load("cifar10", tmp_path)


@pytest.mark.parametrize(
    ("name", "first_train", "first_test"),
    [("mnist", [5, 0, 4, 1, 9], [7, 2, 1, 0, 4]), ("fashion-mnist", [9, 0, 0, 3, 0], [9, 2, 1, 1, 6])],
)
def test_real_mnist(shared: Shared, name: str, first_train: list[int], first_test: list[int]) -> None:
    read = datasets.load(name, shared(f"data/{name}").parent)
    assert (len(read.train_images), len(read.test_images)) == (60_000, 10_000)
    assert read.train_labels[:5].tolist() == first_train
    assert read.test_labels[:5].tolist() == first_test
    if name == "mnist":
        inner = read.train_images[:, :, 2:-2, 2:-2].float() / 255
        # The mean and deviation that everybody normalises MNIST with.
        assert float(inner.mean()) == pytest.approx(0.1307, abs=1e-4)
        assert float(inner.std()) == pytest.approx(0.3081, abs=1e-4)


def test_real_cifar10(shared: Shared) -> None:
    read = datasets.load("cifar10", shared("data/cifar10").parent)
    assert read.train_labels.bincount().tolist() == [5000] * 10
    assert read.test_labels.bincount().tolist() == [1000] * 10
    assert read.test_labels[:5].tolist() == [3, 8, 8, 0, 6]
    mean = read.train_images.float().mean((0, 2, 3)) / 255
    assert mean.tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)


def test_real_tiny_imagenet_10(shared: Shared) -> None:
    read = datasets.load("tiny-imagenet-10", shared("data/tiny-imagenet-10").parent)
    assert read.train_labels.bincount().tolist() == [500] * 10
    assert read.test_labels.bincount().tolist() == [50] * 10
    assert read.train_images.shape == (5000, 3, 64, 64)


def test_real_pavements(shared: Shared) -> None:
    read = datasets.load("pavements-10", shared("data/pavements-10").parent)
    known = datasets.spec("pavements-10", shared("data/pavements-10").parent)
    assert (len(read.train_images), len(read.test_images)) == (known.train, known.test) == (3941, 1000)
    assert tuple(read.train_images.shape[1:]) == known.shape and read.classes == known.classes
    assert read.test_labels.bincount().tolist() == [100] * 10
    assert read.train_labels.bincount()[read.classes.index("grass")] == 390
