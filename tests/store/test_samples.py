"""The samples are what their index says, and the shipped networks know what is on them."""

import pytest
import torch

from app.explain.preprocess import tensor
from app.store.samples import read_sample, sample_id, shipped_samples
from models import cards, create, declaration, find_weights

SAMPLES = shipped_samples()


@pytest.mark.parametrize("sample", SAMPLES.all, ids=lambda sample: sample.name)
def test_the_index_is_right(sample) -> None:  # type: ignore[no-untyped-def]
    path = SAMPLES.folder / f"{sample.name}.png"
    assert sample_id(path) == sample.image
    assert read_sample(path).size == (sample.width, sample.height)
    assert set(sample.models) == {card.id for card in cards() if set(sample.labels) & set(card.classes)}


@pytest.mark.parametrize("model", [card.id for card in cards() if find_weights(card, [])])
def test_the_networks_know_what_is_on_them(model: str) -> None:
    card, module = declaration(model)[0], create(model, pretrained=True, folders=[]).eval()
    mistaken, asked = {}, 0
    for sample in SAMPLES.all:
        if model in sample.models:
            picture = read_sample(SAMPLES.folder / f"{sample.name}.png")
            with torch.no_grad():
                logits = module(tensor(picture, card.preprocessing))
            asked += 1
            found = card.classes[int(logits.argmax())]
            if found not in sample.labels:
                mistaken[sample.name] = found
    assert asked >= 3
    assert mistaken == {}


def test_every_network_has_a_sample_that_it_has_a_class_for() -> None:
    assert {card.id for card in cards()} == {model for sample in SAMPLES.all for model in sample.models}
