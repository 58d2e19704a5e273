"""What all networks trained on ImageNet share: class names and preprocessing."""

import json
from pathlib import Path

from models.card import Preprocessing

PREPROCESSING = Preprocessing(resize=256, crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))

CLASSES: tuple[str, ...] = tuple(
    json.loads((Path(__file__).parent / "labels" / "imagenet.json").read_text(encoding="utf-8"))
)
