"""receptive_field: boxes with their clipping and padding, and the effective field against torch and Captum."""

from typing import Any

import captum.attr
import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError, ImageRequired, UnknownNode, UnknownUnit
from app.explain.method import Frame, methods
from app.explain.network import Network
from tests.explain.nets import listed, noise

pytestmark = pytest.mark.usefixtures("one_thread")


def asked(network: Network, image: Tensor | None = None, **params: Any) -> list[Frame]:
    method = methods()["receptive_field"]
    return list(method.run(network, image, method.params(**params)))


def test_box_clipped_and_padded() -> None:
    (frame,) = asked(listed("resnet18"), node="layer1.0.conv1", row=0, column=55)
    assert frame.array is None
    assert frame.values["box"] == {"top": -9, "left": 211, "bottom": 9, "right": 229}
    assert frame.values["clipped"] == {"top": 0, "left": 211, "bottom": 9, "right": 223}
    assert frame.values["padding"] == {"top": 9, "left": 0, "bottom": 0, "right": 6}
    field = {"size": [19, 19], "step": [4, 4], "start": [-9, -9], "whole": False, "gated": False}
    assert frame.values["field"] == field


def test_the_middle_value_unless_told() -> None:
    (middle,) = asked(listed("lenet5"), node="conv1")
    (same,) = asked(listed("lenet5"), node="conv1", row=14, column=14)
    assert middle.values == same.values


def test_a_flattened_entry_is_followed_back_to_its_map() -> None:
    network = listed("lenet5")
    unit = 3 * 25 + 2 * 5 + 4
    (entry,) = asked(network, node="flatten", unit=unit)
    (value,) = asked(network, node="pool2", row=2, column=4)
    assert entry.values["origin"] == {"node": "pool2", "unit": 3, "row": 2, "column": 4}
    assert entry.values["box"] == value.values["box"]
    (whole,) = asked(network, node="flatten")
    assert whole.values["field"]["whole"]
    assert whole.values["box"] == {"top": 0, "left": 0, "bottom": 31, "right": 31}


def test_an_entry_is_followed_through_dropout_and_activations() -> None:
    network = Network(nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Dropout(), nn.ReLU()), (3, 5, 6))
    (entry,) = asked(network, node="3", unit=17)
    assert entry.values["origin"] == {"node": "0", "unit": 1, "row": 1, "column": 1}
    assert entry.values["box"] == {"top": 1, "left": 1, "bottom": 3, "right": 3}


def test_what_sees_only_padding() -> None:
    network = Network(nn.Sequential(nn.Conv2d(1, 1, 1, padding=2)), (1, 4, 4))
    frames = asked(network, node=network.output, effective=True, samples=1, row=0, column=0)
    assert frames[0].values["clipped"] is None
    assert frames[-1].values["inside"] is None
    assert not frames[-1].array.any()


def test_effective_field_of_the_untouched_module() -> None:
    module = models.create("tiny_vgg").eval()
    network = listed("tiny_vgg")
    x = noise(network)
    frames = asked(network, x.clone(), node="conv_2_2", unit=4, row=9, column=11, effective=True, over="image")
    truth = captum.attr.NeuronGradient(module, module.conv_2_2).attribute(x.requires_grad_(), (4, 9, 11))
    torch.testing.assert_close(frames[-1].array, truth[0].abs().sum(0), rtol=1e-4, atol=1e-6)
    assert frames[-1].values["inside"] == pytest.approx(1)


def test_effective_field_improves_frame_by_frame() -> None:
    network = listed("cifar_resnet20")
    frames = asked(network, node="layer1.1.conv2", effective=True, samples=3)
    assert [frame.name for frame in frames] == ["receptive_field"] + ["effective"] * 3
    assert [frame.step for frame in frames] == [1, 2, 3, 4]
    assert {frame.steps for frame in frames} == {4}
    assert [frame.values["samples"] for frame in frames[1:]] == [1, 2, 3]
    one = asked(network, node="layer1.1.conv2", effective=True, samples=1)
    assert torch.equal(one[-1].array, frames[1].array)
    assert not torch.equal(frames[-1].array, frames[1].array)
    again = asked(network, node="layer1.1.conv2", effective=True, samples=3)
    assert torch.equal(again[-1].array, frames[-1].array)
    other = asked(network, node="layer1.1.conv2", effective=True, samples=3, seed=1)
    assert not torch.equal(other[-1].array, frames[-1].array)


def test_the_effective_field_is_far_smaller_than_the_box() -> None:
    """Luo et al. 2016: most of the gradient lies around the centre, less than the share of the area would have."""
    network = listed("resnet18")
    frames = asked(network, node="layer3.0.conv1", effective=True, samples=2)
    effective, box = frames[-1].array, frames[0].values["clipped"]
    assert frames[-1].values["inside"] == pytest.approx(1)
    height, width = box["bottom"] - box["top"] + 1, box["right"] - box["left"] + 1
    top, left = box["top"] + height // 4, box["left"] + width // 4
    core = effective[top : top + height // 2, left : left + width // 2].sum() / effective.sum()
    assert core > 0.5


def test_bad_names_and_places() -> None:
    network = listed("lenet5")
    with pytest.raises(UnknownNode, match=r"^lenet5 has no node “conv9”\.") as node:
        asked(network, node="conv9")
    assert node.value.field == "params.node"
    with pytest.raises(UnknownUnit, match=r"^conv1 has no unit 6: its 6 units count from 0 to 5\.$") as unit:
        asked(network, node="conv1", unit=6)
    assert unit.value.field == "params.unit"
    with pytest.raises(AskError, match=r"^conv1 has no row 28: its 28 rows count from 0 to 27\.$") as row:
        asked(network, node="conv1", row=28)
    assert row.value.field == "params.row"
    with pytest.raises(AskError, match=r"^conv1 has no column -1: its 28 columns count from 0 to 27\.$") as column:
        asked(network, node="conv1", column=-1)
    assert column.value.field == "params.column"
    with pytest.raises(AskError, match=r"^output has no row 1: it has but one, so that row 0 is right\.$"):
        asked(network, node="output", row=1)
    with pytest.raises(ImageRequired, match=r"^An effective field over the image needs one"):
        asked(network, node="conv1", effective=True, over="image")


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channel_counts(channels: int) -> None:
    network = Network(nn.Sequential(nn.Conv2d(channels, 2, 3, padding=1), nn.ReLU()), (channels, 8, 8))
    frames = asked(network, node="0", row=4, column=4, effective=True, samples=2)
    assert frames[-1].array.shape == (8, 8)
    assert (frames[-1].array > 0).sum() == 9
