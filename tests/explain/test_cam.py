"""Class activation maps: equal to Captum's, to each other where theory says so, and to full passes."""

from typing import Any

import pytest
import torch
from captum import attr
from torch import Tensor

import models
from app.explain.cam.ablation_cam import ablation_cam
from app.explain.cam.weighing import CamParams
from app.explain.errors import AskError, UnknownNode
from app.explain.method import methods
from tests.explain.nets import noise, small
from tests.explain.test_attribution import array, close, last

pytestmark = pytest.mark.usefixtures("one_thread")

CAMS = ("grad_cam", "grad_cam_plus_plus", "layer_cam", "score_cam", "ablation_cam")


@pytest.mark.parametrize(
    ("model_id", "node"), [("resnet18", "layer3.1.conv2"), ("squeezenet1_1", "features.6.squeeze")]
)
def test_grad_cam_is_captums(model_id: str, node: str) -> None:
    network = small(model_id)
    module, x = models.create(model_id).eval(), noise(network)
    layer = module.get_submodule(node)
    expected = attr.LayerGradCam(module, layer).attribute(x, target=7).detach()[0, 0].relu()
    assert close(array(network, x, "grad_cam", "low", node=node, target=7), expected)


def test_cam_is_grad_cam_up_to_scale() -> None:
    network = small("resnet18")
    x = noise(network)
    found = last(network, x, "cam", target=3)
    low = found["low"].array
    assert low is not None
    places = low.numel()
    assert close(low.relu() / places, array(network, x, "grad_cam", "low", target=3))
    told = found["map"].values
    assert told["logit"]["mean"] + told["logit"]["bias"] == pytest.approx(told["class"]["logit"], rel=1e-4)


@pytest.mark.parametrize(
    ("model_id", "node"),
    [
        ("resnet18", "layer4.0.conv1"),
        ("densenet121", "features.denseblock4.denselayer15.conv2"),
        ("googlenet", "inception5b.branch2.0.conv"),
    ],
)
def test_ablation_cam_is_whole_passes(model_id: str, node: str) -> None:
    """A unit left out in a whole pass gives the same weight, though branches go round the layer."""
    network = small(model_id)
    x = noise(network)
    weights = last(network, x, "ablation_cam", node=node, target=2)["map"].values["weights"]
    assert len(weights) == network.nodes[node].units
    plain = network.logits(x)[0, 2]
    for unit in (0, len(weights) // 2, len(weights) - 1):

        def without(value: Tensor, unit: int = unit) -> Tensor:
            value = value.clone()
            value[:, unit] = 0
            return value

        whole = network.logits(x, replace={node: without})[0, 2]
        assert weights[unit] == pytest.approx(float((plain - whole) / plain), rel=1e-3, abs=1e-5)


def test_layer_cam_and_plus_plus_by_hand() -> None:
    """In float64, from gradients of the plain module."""
    network = small("squeezenet1_1").converted(dtype=torch.float64)
    x = noise(network).double()
    kept: list[Tensor] = []

    def keep(value: Tensor) -> Tensor:
        kept.append(value.detach().requires_grad_())
        return kept[0]

    node = "features.9.cat" if "features.9.cat" in network.nodes else "features.9.concat"
    (slope,) = torch.autograd.grad(network.logits(x, replace={node: keep})[0, 5], kept[0])
    maps, slope = kept[0].detach()[0], slope[0]
    assert close(array(network, x, "layer_cam", "low", node=node, target=5), (slope.relu() * maps).sum(0).relu(), 1e-9)
    expected = torch.zeros_like(maps[0])
    for a, g in zip(maps, slope, strict=True):
        below = 2 * g**2 + g**3 * a.sum()
        expected += (torch.where(below == 0, torch.zeros_like(g), g**2 / below) * g.relu()).sum() * a
    assert close(array(network, x, "grad_cam_plus_plus", "low", node=node, target=5), expected.relu(), 1e-9)


@pytest.mark.parametrize("name", CAMS)
def test_bad_layers(name: str) -> None:
    network = small("resnet18")

    def ask(**params: Any) -> None:
        last(network, noise(network), name, **params)

    with pytest.raises(UnknownNode):
        ask(node="nowhere")
    with pytest.raises(AskError, match=r"^fc has 1000 values and no rows and columns: a class activation map needs"):
        ask(node="fc")


def test_no_closed_form() -> None:
    with pytest.raises(AskError, match=r"^lenet5 does not end in a mean .* grad_cam weighs the maps of any layer"):
        last(small("lenet5"), noise(small("lenet5")), "cam")


def test_frames_improve() -> None:
    """Each batch of units makes a frame, and the last counts all of them."""
    network = small("resnet18")
    frames = [f for f in ablation_cam(network, noise(network), CamParams(node="layer1.0.conv1")) if f.name == "map"]
    assert frames[-1].step == frames[-1].steps == 64
    assert methods()["ablation_cam"].run is ablation_cam
