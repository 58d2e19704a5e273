"""The pictures of a data set as a network's inputs: generated shapes, or the sets in the folder `CONVSCOPE_DATA`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.climb import normalised
from app.explain.attribution.target import picture_shape
from app.explain.errors import AskError
from app.explain.method import Params
from app.explain.network import Network
from app.train.picture_files import BadPictures

FOLDER = "CONVSCOPE_DATA"
"""The environment variable that names the folder with the data sets, each in a folder of its own."""

OWN_SIDE = 128
"""Pixels of somebody's own pictures; a network's input is made of these."""

SHAPES = ("disc", "square", "rows of stripes", "columns of stripes")


class DataParams(Params):
    """Over which pictures."""

    data: Literal[
        "shapes", "mnist", "fashion-mnist", "cifar10", "tiny-imagenet-10", "tiny-imagenet-200", "pavements-10"
    ] = Field(
        default="shapes", title="Data set", description="shapes: generated ones. The others from the server's folder."
    )
    own: str | None = Field(
        default=None,
        pattern=r"^[\w-][\w .-]{0,79}$",
        title="Own data set",
        description="Instead: the name of a folder or zip, with a folder for each class, in the server's folder.",
    )
    part: Literal["train", "test"] = Field(default="test", title="Part")
    samples: int = Field(default=256, ge=1, le=60000, title="Pictures", description="At most as many as there are.")


@dataclass(frozen=True)
class Pictures:
    """Pictures in uint8, N×C×H×W, their classes, N, and the names of these, where they have some."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...] = ()

    def batches(self, network: Network, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches as the network's input, with their classes."""
        channels, *sides = picture_shape(network)
        for images, labels in zip(self.images.split(size), self.labels.split(size), strict=True):
            pictures = images.to(network.device, network.dtype) / 255
            if pictures.shape[1] != channels:
                pictures = pictures.mean(1, keepdim=True).expand(-1, channels, -1, -1)
            if list(pictures.shape[2:]) != sides:
                pictures = F.interpolate(pictures, sides, mode="bilinear", antialias=True, align_corners=False)
            yield normalised(network, pictures), labels


def pictures(params: DataParams) -> Pictures:
    """The first pictures of a part of a data set.

    Raises:
        AskError: the data set is not there.
    """
    if params.own is None and params.data == "shapes":
        return shapes(params.samples, 0 if params.part == "train" else 1)
    name, folder = params.own or params.data, os.environ.get(FOLDER)
    if not folder or not (Path(folder) / name).exists():
        where = f"{folder} has no folder of this name" if folder else f"{FOLDER} names no folder"
        raise AskError(
            f"The data set “{name}” is not there: {where}. “shapes”, which is generated, always is.",
            "params.own" if params.own else "params.data",
        )
    try:
        found = loaded(name, Path(folder), params.own is not None)[params.part]
    except BadPictures as error:
        raise AskError(str(error), "params.own") from None
    return Pictures(found.images[: params.samples], found.labels[: params.samples], found.classes)


@lru_cache(maxsize=2)
def loaded(name: str, folder: Path, own: bool) -> dict[str, Pictures]:
    """A data set's parts, kept."""
    from app.train.datasets import load
    from app.train.labelled import read_labelled

    read = read_labelled(folder / name, OWN_SIDE).dataset(name) if own else load(name, folder)
    return {
        "train": Pictures(read.train_images, read.train_labels, read.named),
        "test": Pictures(read.test_images, read.test_labels, read.named),
    }


def shapes(count: int, seed: int, side: int = 64) -> Pictures:
    """Discs, squares and stripes of random size, place and colour on a random ground, 64×64."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.rand((count, 10), generator=generator)
    labels = torch.arange(count) % len(SHAPES)
    down, right = (torch.arange(side).float() / side)[None, :, None], (torch.arange(side).float() / side)[None, None]
    row, column, size = (random[:, i, None, None] for i in range(3))
    row, column, size = 0.3 + 0.4 * row, 0.3 + 0.4 * column, 0.1 + 0.15 * size
    away = torch.stack([(down - row).abs().expand(-1, side, side), (right - column).abs().expand(-1, side, side)])
    waves = torch.stack([(down - row).expand(-1, side, side), (right - column).expand(-1, side, side)]) / size
    inside = torch.stack([away.square().sum(0) < size**2, away.amax(0) < size, *(waves.remainder(1) < 0.5)])
    chosen = inside[labels, torch.arange(count)][:, None]
    ground, colour = random[:, 3:6, None, None], random[:, 6:9, None, None]
    images = torch.where(chosen, colour, 0.3 * ground + 0.35)
    return Pictures((images * 255).to(torch.uint8), labels, SHAPES)
