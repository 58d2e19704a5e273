"""A data set that LeNet-5 learns in seconds: a bright square whose place is the class."""

from typing import Any

import torch

from app.train.augment import Augmentation
from app.train.datasets import Dataset
from app.train.plan import Plan
from app.train.recipes import Recipe


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


def plan(epochs: int = 4, **fields: Any) -> Plan:
    told = {
        "optimiser": "adamw", "schedule": "one-cycle", "learning_rate": 3e-3, "weight_decay": 1e-2, "epochs": epochs,
        "batch_size": 32, "augmentation": Augmentation(crop=1), "average_decay": 0.8, "validation": 96, **fields,
    }  # fmt: skip
    return Plan(model="lenet5", data="squares", recipe=Recipe(**told))
