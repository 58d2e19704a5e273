"""What all networks trained on ImageNet share: class names, preprocessing, and where torchvision's weights are."""

import json
from pathlib import Path
from typing import Any

from models.card import Accuracy, Card, Preprocessing, Published

PREPROCESSING = Preprocessing(resize=256, crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))

CLASSES: tuple[str, ...] = tuple(
    json.loads((Path(__file__).parent / "labels" / "imagenet.json").read_text(encoding="utf-8"))
)


def sized(crop: int, resize: int, **rest: Any) -> Preprocessing:
    """ImageNet's preprocessing at another size."""
    return PREPROCESSING.model_copy(update={"crop": crop, "resize": resize, **rest})


def imagenet_card(file: str, megabytes: float, top1: float, top5: float, **facts: Any) -> Card:
    """The card of a network whose weights torchvision publishes, the first version of each (IMAGENET1K_V1).

    Args:
        file: its name ends with the first digits of its SHA-256.
        megabytes: its size.
        top1: accuracy on the 50,000 validation images, in percent.
        top5: likewise.
        facts: the other fields of the card.
    """
    published = Published(
        url=f"https://download.pytorch.org/models/{file}",
        sha256_prefix=Path(file).stem.rsplit("-", 1)[1],
        megabytes=megabytes,
        accuracy=Accuracy(top1=top1, top5=top5, on="ImageNet validation", source="torchvision"),
        licence="BSD-3-Clause (torchvision)",
    )
    return Card(**{"preprocessing": PREPROCESSING, "classes": CLASSES, "published": published, **facts})
