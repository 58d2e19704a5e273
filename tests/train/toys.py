"""A data set that LeNet-5 learns in seconds: a bright square whose place is the class."""

import torch

from app.train.augment import random_shift
from app.train.datasets import Dataset
from app.train.recipes import Recipe


def nudged(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return random_shift(x, 1, generator)


def squares(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures N×1×32×32 with a little noise, and their classes."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 10
    images = torch.randint(0, 60, (count, 1, 32, 32), generator=generator, dtype=torch.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        row, column = divmod(label, 4)
        image[:, 2 + 10 * row : 8 + 10 * row, 1 + 8 * column : 7 + 8 * column] = 230
    return images, labels


def dataset() -> Dataset:
    return Dataset("squares", *squares(480, seed=1), *squares(500, seed=2))


def recipe(epochs: int = 4) -> Recipe:
    return Recipe("lenet5", "squares", "adamw", 3e-3, 1e-2, epochs, 32, nudged, average_decay=0.8, validation=96)
