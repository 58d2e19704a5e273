"""How each network that ships with weights was trained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Generator, Tensor

from app.train.augment import random_affine, random_flip, random_shift


def digits(x: Tensor, generator: Generator) -> Tensor:
    return random_affine(x, degrees=12, shift=0.08, scale=0.12, shear=10, generator=generator)


def photographs(x: Tensor, generator: Generator) -> Tensor:
    x = random_flip(x, generator)
    return random_affine(x, degrees=8, shift=0.12, scale=0.2, shear=4, generator=generator, padding="reflection")


def small_photographs(x: Tensor, generator: Generator) -> Tensor:
    return random_shift(random_flip(x, generator), 4, generator)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a training goes; learning rates follow one cycle (Smith & Topin 2018)."""

    model: str
    dataset: str
    optimiser: Literal["adamw", "sgd"]
    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int
    augment: Callable[[Tensor, Generator], Tensor]
    label_smoothing: float = 0.0
    bfloat16: bool = False
    compiled: bool = False
    average_decay: float = 0.0
    validation: int = 2000
    seed: int = 1

    def describe(self) -> str:
        """The recipe in one sentence, for the card."""
        parts = [
            f"{self.epochs} epochs of {'AdamW' if self.optimiser == 'adamw' else 'SGD with Nesterov momentum 0.9'}",
            f"one-cycle learning rate up to {self.learning_rate:g}",
            f"weight decay {self.weight_decay:g}",
            f"batches of {self.batch_size}",
            f"augmented as “{self.augment.__name__.replace('_', ' ')}” in app/train/recipes.py",
        ]
        if self.label_smoothing:
            parts.append(f"label smoothing {self.label_smoothing:g}")
        if self.average_decay:
            parts.append(f"weights averaged with decay {self.average_decay:g} per step")
        if self.bfloat16:
            parts.append("bfloat16 autocast, channels last")
        return ", ".join(parts)


RECIPES = {
    recipe.model: recipe
    for recipe in (
        Recipe("lenet1", "mnist", "adamw", 1e-2, 1e-3, 40, 128, digits, average_decay=0.999),
        Recipe("lenet5", "mnist", "adamw", 2e-3, 2e-2, 60, 64, digits, label_smoothing=0.05, average_decay=0.999),
        Recipe(
            "tiny_vgg",
            "tiny-imagenet-10",
            "adamw",
            8e-3,
            1e-3,
            300,
            64,
            photographs,
            average_decay=0.998,
            validation=250,
        ),
        Recipe(
            "cifar_resnet20",
            "cifar10",
            "sgd",
            0.2,
            5e-4,
            64,
            128,
            small_photographs,
            bfloat16=True,
            compiled=True,
            average_decay=0.998,
        ),
    )
}
