"""How each network that ships was trained."""

from typing import Any

from app.train.augment import Augmentation
from app.train.plan import Plan
from app.train.recipes import Recipe

DIGITS = Augmentation(rotate=12, shift=0.08, scale=0.12, shear=10)
PHOTOGRAPHS = Augmentation(flip=True, rotate=8, shift=0.12, scale=0.2, shear=4, border="reflection")


def one_cycle(**fields: Any) -> Recipe:
    """A recipe of one cycle."""
    return Recipe(schedule="one-cycle", **{"validation": 2000, **fields})


RECIPES = {
    str(plan.model): plan
    for plan in (
        Plan(
            model="lenet1",
            data="mnist",
            recipe=one_cycle(
                optimiser="adamw", learning_rate=1e-2, weight_decay=1e-3, epochs=40, batch_size=128,
                augmentation=DIGITS, average_decay=0.999,
            ),
        ),
        Plan(
            model="lenet5",
            data="mnist",
            recipe=one_cycle(
                optimiser="adamw", learning_rate=2e-3, weight_decay=2e-2, epochs=60, batch_size=64,
                augmentation=DIGITS, label_smoothing=0.05, average_decay=0.999,
            ),
        ),
        Plan(
            model="tiny_vgg",
            data="tiny-imagenet-10",
            recipe=one_cycle(
                optimiser="adamw", learning_rate=8e-3, weight_decay=1e-3, epochs=300, batch_size=64,
                augmentation=PHOTOGRAPHS, average_decay=0.998, validation=250,
            ),
        ),
        Plan(
            model="cifar_resnet20",
            data="cifar10",
            recipe=one_cycle(
                optimiser="sgd", nesterov=True, learning_rate=0.2, weight_decay=5e-4, epochs=64, batch_size=128,
                augmentation=Augmentation(flip=True, crop=4), average_decay=0.998, bfloat16=True, compiled=True,
            ),
        ),
    )
}  # fmt: skip
"""By the network's id."""
