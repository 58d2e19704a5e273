"""Weights for a known architecture: which it is, how many classes and channels they have, and what does not fit."""

import pytest
import torch
from torch import Tensor

from models import WeightsMismatch, cards
from models.fitting import candidates, fitted, skeleton, template


def state_of(model_id: str, classes: int | None = None, channels: int | None = None) -> dict[str, Tensor]:
    return dict(skeleton(model_id, classes, channels).state_dict())


@pytest.mark.parametrize("model_id", [card.id for card in cards()])
def test_every_network_takes_another_number_of_classes(model_id: str) -> None:
    card = next(card for card in cards() if card.id == model_id)
    module = skeleton(model_id, 7)
    with torch.no_grad():
        answer = module(torch.empty(2, *card.preprocessing.input_shape, device="meta"))
    # Auxiliary heads answer beside the network's own.
    assert {one.shape for one in (answer if isinstance(answer, tuple) else (answer,))} == {(2, 7)}
    changed = {name for name, value in module.state_dict().items() if value.shape != template(model_id).own[name].shape}
    assert changed == {f"{head}.{part}" for head in template(model_id).heads for part in ("weight", "bias")}
    # Nothing but the state dict may hold values: they would be missing when it is loaded.
    assert {name for name, _ in module.named_buffers()} <= module.state_dict().keys()


@pytest.mark.parametrize("model_id", ["tiny_vgg", "resnet18", "efficientnet_b0", "squeezenet1_1", "lenet5"])
def test_the_architecture_is_found_by_its_weights(model_id: str) -> None:
    for classes, channels in ((None, None), (3, None), (37, 2)):
        state = state_of(model_id, classes, channels)
        assert next(iter(candidates(state))) == model_id
        module, _ = fitted(model_id, state, "a.pth")
        assert {name: value.shape for name, value in module.state_dict().items()} == {
            name: value.shape for name, value in state.items()
        }


def test_a_mismatch_tells_ten_differences_and_what_would_fit() -> None:
    with pytest.raises(WeightsMismatch) as caught:
        fitted("resnet34", state_of("resnet18", 5), "mine.pth")
    told = str(caught.value)
    assert told.startswith("mine.pth does not fit resnet34: layer1.2.conv1.weight is missing; ")
    assert told.count(" is missing") == 10
    missing = [
        name
        for name in template("resnet34").own.keys() - template("resnet18").own.keys()
        if not name.endswith("num_batches_tracked")
    ]
    assert told.endswith(f"; and {len(missing) - 10} more. It would fit resnet18.")


def test_weights_of_nothing_known_fit_nothing() -> None:
    assert list(candidates({"a": torch.zeros(3)})) == []
