"""The weights that ship do on real test pictures what their cards say."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from app.train.datasets import load
from app.train.networks import sized
from models import create, declaration

PICTURES = 1000


@pytest.mark.parametrize("model_id", ["lenet1", "lenet5"])
def test_measured_accuracy(model_id: str, shared: Callable[[str], Path]) -> None:
    card = declaration(model_id)[0]
    assert card.training
    preprocessing = card.preprocessing
    digits = load(card.training.data, shared("data/mnist").parent)
    x = sized(digits.test_images[:PICTURES], preprocessing.crop).float() / 255
    x = (x - preprocessing.mean[0]) / preprocessing.std[0]
    with torch.no_grad():
        answers = create(model_id, pretrained=True).eval()(x).argmax(1)
    share = 100 * float((answers == digits.test_labels[:PICTURES]).float().mean())
    assert share == pytest.approx(card.training.measured.top1, abs=1.0)
