"""The samples are what their index says, and the shipped networks know what is on them."""

import pytest
import torch

from app.explain.preprocess import tensor
from app.store.samples import read_sample, sample_id, shipped_samples
from models import cards, create, declaration, find_weights

DIGITS = {"2": "two", "3": "three", "4": "four", "7": "seven", "8": "eight"}

SAMPLES = shipped_samples()


@pytest.mark.parametrize("sample", SAMPLES.all, ids=lambda sample: sample.name)
def test_the_index_is_right(sample) -> None:  # type: ignore[no-untyped-def]
    path = SAMPLES.folder / f"{sample.name}.png"
    assert sample_id(path) == sample.image
    assert read_sample(path).size == (sample.width, sample.height)
    assert set(sample.models) <= {card.id for card in cards()}


def class_of(name: str, model: str) -> str:
    """What a network calls what is on a sample."""
    if (name, model) == ("sport_car", "cifar_resnet20"):
        return "automobile"
    return DIGITS[name[-1]] if name.startswith("digit_") else name.replace("_", " ")


@pytest.mark.parametrize("model", [card.id for card in cards() if find_weights(card, [])])
def test_the_networks_know_what_is_on_them(model: str) -> None:
    card, module = declaration(model)[0], create(model, pretrained=True, folders=[]).eval()
    expected, found = {}, {}
    for sample in SAMPLES.all:
        if model in sample.models:
            picture = read_sample(SAMPLES.folder / f"{sample.name}.png")
            with torch.no_grad():
                logits = module(tensor(picture, card.preprocessing))
            expected[sample.name] = class_of(sample.name, model)
            found[sample.name] = card.classes[int(logits.argmax())]
    assert len(expected) >= 3
    assert found == expected


def test_every_shipped_network_has_a_sample() -> None:
    shipped = {card.id for card in cards() if find_weights(card, [])}
    assert shipped <= {model for sample in SAMPLES.all for model in sample.models}
