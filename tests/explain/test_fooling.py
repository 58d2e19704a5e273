"""One change for many pictures, and how far a change goes through the layers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError
from app.explain.fooling.evidence import evidence
from app.explain.method import methods
from app.explain.network import Network
from app.explain.population.pictures import DataParams, pictures
from tests.explain.nets import card, noise, traced
from tests.explain.test_attribution import last
from tests.explain.test_population import network

__all__ = ["network"]

pytestmark = pytest.mark.usefixtures("one_thread")


def told(network: Network, x: Tensor | None, name: str, **params: Any) -> dict[str, Any]:
    """All values of an answer."""
    asked = methods()[name]
    values: dict[str, Any] = {}
    for frame in asked.run(network, x, asked.params(**params)):
        values |= frame.values
    return values


class Smooth(nn.Module):
    """Without kinks, where a derivative would depend on the side: a skip, a gate and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 6, 3, stride=2), nn.Conv2d(6, 6, 3, padding=1)
        self.dense = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.first(x))
        x = x + torch.sigmoid(self.second(x)) * x
        logits: Tensor = self.dense(x.mean((2, 3)))
        return logits


def test_evidence_in_float64() -> None:
    """At each node the directional derivative of z_now − z_own by central differences of what follows the node."""
    small = traced(Smooth(), (3, 16, 16)).converted(dtype=torch.float64)
    before, after = noise(small).double(), noise(small, 1).double()
    found = evidence(small, before, after, 0, 2)
    values = {node.name: value for node, value in small.run(before)}
    moved = {node.name: value for node, value in small.run(after)}
    assert found["node"][0] == "input" and found["node"][-1] == small.output
    for name, distance, toward in zip(found["node"], found["distance"], found["toward"], strict=True):
        change = moved[name] - values[name]
        assert distance == pytest.approx(float(change.norm() / values[name].norm()), rel=1e-9)

        def score(way: float, name: str = name, change: Tensor = change) -> float:
            replaced = {name: lambda value: value + way * 1e-6 * change}
            logits = [value for _, value in small.run(before, replace=replaced)][-1][0]
            return float(logits[2] - logits[0])

        assert toward == pytest.approx((score(1) - score(-1)) / 2e-6, rel=1e-4, abs=1e-7)
    gained = (moved[small.output] - values[small.output])[0]
    assert found["toward"][-1] == pytest.approx(float(gained[2] - gained[0]), rel=1e-9)


def test_fooling_methods_tell_how_far_evidence_moved(network: Network) -> None:
    x = noise(network)
    for name, params in {"adversarial": {}, "fooling_image": {"steps": 5}}.items():
        found = told(network, x, name, **params)["evidence"]
        assert found["node"] == list(network.nodes) and len(found["toward"]) == len(found["distance"])
        assert found["toward"][-1] > 0


def test_a_universal_change_stays_small_and_is_what_is_shown(network: Network) -> None:
    x = noise(network).clamp(-1, 1)
    answer = last(network, x, "universal_perturbation", samples=32, unseen=16, passes=2, epsilon=6)
    change, enlarged, picture = (answer[name].array for name in ("change", "enlarged", "picture"))
    assert change is not None and enlarged is not None and picture is not None
    assert 0 < float(change.abs().max()) <= 6 / 255 + 1e-7
    assert torch.allclose(enlarged, 0.5 + change / (12 / 255), atol=1e-6)
    values = told(network, x, "universal_perturbation", samples=32, unseen=16, passes=2, epsilon=6)
    assert values["unseen"] == 16 and len(values["rates"]) == 2 and values["rates"][-1] == values["rate"]
    assert values["curve"][0] == 0 and sum(one["pictures"] for one in values["into"]) == round(16 * values["rate"])
    assert values["evidence"]["node"] == list(network.nodes)


def test_a_universal_change_of_nothing(network: Network) -> None:
    values = told(network, None, "universal_perturbation", samples=8, unseen=8, passes=1, epsilon=0)
    assert values["rate"] == 0 and values["into"] == []
    with pytest.raises(AskError, match=r"^epsilon is -1: .* 10 \(of 255\) is usual\."):
        told(network, None, "universal_perturbation", epsilon=-1)


def test_a_universal_perturbation_fools_most_unseen_pictures(
    shared: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ResNet-20 on CIFAR-10, L∞ 10/255: at least 60 % of test pictures get another answer, counted here anew."""
    monkeypatch.setenv("CONVSCOPE_DATA", str(shared("data/cifar10").parent))
    known = card("cifar_resnet20")
    resnet = Network(
        models.create("cifar_resnet20", pretrained=True),
        known.preprocessing.input_shape,
        name=known.id,
        preprocessing=known.preprocessing,
    )
    change = last(resnet, None, "universal_perturbation", data="cifar10", part="train", samples=512)["change"].array
    assert change is not None and float(change.abs().max()) <= 10 / 255 + 1e-6
    mean, deviation = (torch.tensor(v)[:, None, None] for v in (known.preprocessing.mean, known.preprocessing.std))
    plain = pictures(DataParams(data="cifar10", part="test", samples=2000)).images[1000:] / 255
    with torch.no_grad():
        before = resnet.module((plain - mean) / deviation).argmax(1)
        after = resnet.module(((plain + change.permute(2, 0, 1)).clamp(0, 1) - mean) / deviation).argmax(1)
    assert float((before != after).double().mean()) >= 0.6
