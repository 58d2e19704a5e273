"""Hiding parts of the picture, and changing it a little: equal to Captum's, bounded as asked, and it fools."""

import pytest
import torch
from captum import attr
from torch import Tensor, nn

import models
from app.explain.errors import AskError
from app.explain.network import Network
from tests.explain.nets import noise, small
from tests.explain.test_attribution import array, close, last, real

__all__ = ["real"]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(("patch", "stride"), [(8, 8), (15, 7), (64, 1)])
def test_occlusion_is_captums(patch: int, stride: int) -> None:
    network = small("resnet18")
    module, x = models.create("resnet18").eval(), noise(network)
    expected = attr.Occlusion(module).attribute(
        x, (3, patch, patch), (3, stride, stride), target=4, perturbations_per_eval=16
    )
    found = array(network, x, "occlusion", "map", patch=patch, stride=stride, fill="mean", target=4)
    assert close(found, expected[0, 0].float(), 1e-3)


def test_a_patch_larger_than_the_picture() -> None:
    network = small("resnet18")
    with pytest.raises(AskError, match=r"^patch is 65 pixels, but the network's input has 64 × 64: .* At most 64 "):
        last(network, noise(network), "occlusion", patch=65)


def test_rise_finds_the_only_place_that_counts() -> None:
    class Corner(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            inside = x[:, 0, 2:8, 2:8].mean((1, 2))
            return torch.stack([3 * inside, -3 * inside], 1)

    network = Network(Corner(), (1, 28, 28), name="corner")
    found = last(network, torch.ones(1, 1, 28, 28), "rise", samples=2000, error=0)["map"]
    assert found.array is not None and found.values["samples"] == 2000
    inside, outside = found.array[3:7, 3:7].mean(), found.array[14:].mean()
    assert inside > outside + 2 * found.array[14:].std()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_four_of_255_fool_a_published_network(norm: str, real: tuple[nn.Module, Network, Tensor]) -> None:
    _, network, x = real
    frames = last(network, x, "adversarial", norm=norm, steps=8)
    told, change, picture = frames["picture"].values, frames["change"].array, frames["picture"].array
    assert told["fooled"] and told["now"]["index"] != told["class"]["index"]
    assert change is not None and picture is not None
    size = change.abs().max() if norm == "linf" else change.square().mean().sqrt()
    assert float(size) <= 4 / 255 + 1e-6
    assert picture.min() >= 0 and picture.max() <= 1


def test_epsilon_below_zero_and_a_missing_class() -> None:
    network = small("resnet18")
    with pytest.raises(AskError, match=r"^epsilon is -1: how far pixels may go cannot be below 0\."):
        last(network, noise(network), "adversarial", epsilon=-1)
    with pytest.raises(AskError, match="has no class 1000: its 1000 classes count from 0 to 999"):
        last(network, None, "fooling_image", target=1000)


def test_noise_becomes_a_confident_class(real: tuple[nn.Module, Network, Tensor]) -> None:
    told = last(real[1], None, "fooling_image", target=340, steps=60, confidence=0.9)["picture"].values
    assert told["class"]["probability"] >= 0.9
    assert told["curve"][0] < 0.1
