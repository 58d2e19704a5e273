"""Every method on networks of one and of four channels, and the same answer however many pictures share a pass."""

import pytest
import torch
from torch import Tensor, nn

from app.explain.ascent import plan
from app.explain.method import methods
from app.explain.network import Network
from tests.explain.nets import noise, seeded
from tests.explain.test_every_method import answer

EVERY = pytest.mark.parametrize("name", list(methods()))

COMPANY = {
    "max_response": "climbs share one stream of random numbers",
    "wall": "climbs share one stream of random numbers",
    "class_image": "climbs share one stream of random numbers",
    "universal_perturbation": "a step is made from the pictures of a pass",
    "population": "the first pass decides the histograms' edges",
}
"""Methods of which another answer is right where other pictures share a pass, and why."""


class Channels(nn.Module):
    """A network for pictures of any number of channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3)
        )
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(torch.relu(self.features(x)))
        return logits


def network_of(channels: int) -> Network:
    return Network(seeded(Channels(channels)), (channels, 24, 24), name="channels")


@EVERY
@pytest.mark.parametrize("channels", [1, 4])
def test_one_and_four_channels(name: str, channels: int) -> None:
    network = network_of(channels)
    found = answer(network, noise(network), name)
    shows = methods()[name].shows
    for frame in found.values():
        assert frame.array is None or frame.array.isfinite().all()
        if frame.array is not None and frame.kind == "picture" and frame.axes[-1] == "colour":
            assert frame.array.shape[-1] == channels
            assert 0 <= float(frame.array.min()) and float(frame.array.max()) <= 1
    assert not shows or found[shows].array is not None


@pytest.mark.parametrize("name", [name for name in methods() if name not in COMPANY])
def test_how_many_share_a_pass_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(3)
    x = noise(network)
    together = answer(network, x, name)
    monkeypatch.setattr(plan, "BATCH_MACS", 1)
    alone = answer(network, x, name)
    assert list(together) == list(alone)
    for frame in together.values():
        other = alone[frame.name].array
        assert (frame.array is None) == (other is None)
        if frame.array is not None and other is not None:
            assert torch.allclose(frame.array, other, rtol=1e-3, atol=1e-4 * float(frame.array.abs().max()) + 1e-7)


def test_what_is_counted_does_not_depend_on_how_many_share_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(3)
    together = answer(network, noise(network), "population")["histogram"].values
    monkeypatch.setattr(plan, "BATCH_MACS", 1)
    alone = answer(network, noise(network), "population")["histogram"].values
    for name in ("mean", "variance", "zeros", "least", "greatest", "selectivity"):
        assert alone[name] == pytest.approx(together[name], rel=1e-4, abs=1e-6)
