"""filters: kernels as they are, and as pictures."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError, UnknownUnit
from app.explain.method import Frame, methods
from app.explain.network import Network
from tests.explain.nets import Everything, Functional, listed, traced

pytestmark = pytest.mark.usefixtures("one_thread")


def asked(network: Network, **params: Any) -> dict[str, Frame]:
    method = methods()["filters"]
    return {frame.name: frame for frame in method.run(network, None, method.params(**params))}


def array(frames: dict[str, Frame], name: str) -> Tensor:
    found = frames[name].array
    assert found is not None
    return found


@pytest.mark.parametrize("model_id", ["lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1", "resnet18"])
def test_kernels_are_the_modules_weights(model_id: str) -> None:
    module = models.create(model_id)
    network = listed(model_id)
    for node in network.nodes.values():
        if node.operation != "convolution":
            continue
        frames = asked(network, node=node.name)
        weight = module.get_submodule(node.module).weight
        assert torch.equal(array(frames, "kernels"), weight)
        torch.testing.assert_close(array(frames, "norms"), weight.square().sum(1).sqrt().detach())
        assert frames["kernels"].kind == "weight"
        assert ("bias" in frames) == (module.get_submodule(node.module).bias is not None)
        assert ("pictures" in frames) == (node.inputs == ("input",) and model_id != "lenet5")


def test_colours_of_a_first_layer() -> None:
    frames = asked(listed("tiny_vgg"), node="conv_1_1")
    assert next(iter(frames)) == "pictures"
    picture = frames["pictures"]
    assert picture.kind == "picture"
    assert picture.axes == ("unit", "row", "column", "colour")
    pixels, kernels = array(frames, "pictures"), array(frames, "kernels")
    assert pixels.shape == (10, 3, 3, 3)
    assert 0 <= pixels.min() <= pixels.max() <= 1
    for unit in range(10):
        peak = kernels[unit].abs().max()
        # Middle grey is zero, and the largest weight in size is as far from it as colours go.
        torch.testing.assert_close((pixels[unit] - 0.5) * 2 * peak, kernels[unit].permute(1, 2, 0))
        assert (pixels[unit] - 0.5).abs().max() == pytest.approx(0.5)


def test_views_choose_what_comes_first() -> None:
    network = listed("squeezenet1_1")
    deep, first = "features.3.expand3x3", "features.0"
    assert next(iter(asked(network, node=first))) == "pictures"
    assert next(iter(asked(network, node=deep))) == "kernels"
    assert next(iter(asked(network, node="features.12.expand3x3"))) == "norms"
    for view, name in (("colour", "pictures"), ("channels", "kernels"), ("norm", "norms")):
        frames = asked(network, node=first, view=view)
        assert next(iter(frames)) == name
        assert next(iter(frames.values())).values["view"] == view
    with pytest.raises(
        AskError, match=r"^The kernels of features.3.expand3x3 have no colours: .* “channels” or “norm”\.$"
    ):
        asked(network, node=deep, view="colour")


def test_units_and_inputs() -> None:
    network = listed("tiny_vgg")
    whole = asked(network, node="conv_2_1")
    part = asked(network, node="conv_2_1", units=[7, 2], inputs=[9, 0, 4])
    assert torch.equal(array(part, "kernels"), array(whole, "kernels")[[7, 2]][:, [9, 0, 4]])
    torch.testing.assert_close(array(part, "norms"), array(part, "kernels").norm(dim=1))
    assert torch.equal(array(part, "bias"), array(whole, "bias")[[7, 2]])
    values = part["kernels"].values
    assert (values["units"], values["inputs"], values["shape"]) == ([7, 2], [9, 0, 4], [10, 10, 3, 3])
    assert values["source"] == "max_pool_1"
    with pytest.raises(UnknownUnit, match=r"^conv_2_1 has no unit 10: its 10 units count from 0 to 9\.$"):
        asked(network, node="conv_2_1", units=[10])
    detail = r"^The kernels of conv_2_1 have no input -1: their 10 inputs count from 0 to 9\.$"
    with pytest.raises(AskError, match=detail) as error:
        asked(network, node="conv_2_1", inputs=[-1])
    assert error.value.field == "params.inputs"


def test_other_nodes_have_no_kernels() -> None:
    detail = r"^relu1 has no kernels\. The convolutions of lenet5 are: conv1, conv2\.$"
    with pytest.raises(AskError, match=detail) as error:
        asked(listed("lenet5"), node="relu1")
    assert error.value.field == "params.node"


def test_grouped_1x1_functional_and_transposed() -> None:
    functional = traced(Functional())
    grouped = asked(functional, node="convolution.1")
    assert torch.equal(array(grouped, "kernels"), functional.module.grouped)
    assert grouped["kernels"].values["first_input"] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert array(asked(listed("resnet18"), node="layer2.0.downsample.0"), "kernels").shape == (128, 64, 1, 1)
    network = traced(Everything())
    up = network.module.up
    kernels = array(asked(network, node="up"), "kernels")
    assert kernels.shape == (6, 4, 3, 2)
    # Unit 4 is the second of the second group, whose four inputs are 4…7.
    assert torch.equal(kernels[4], up.weight[4:8, 1])


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channel_counts_have_no_colours(channels: int) -> None:
    network = Network(nn.Sequential(nn.Conv2d(channels, 2, 3), nn.Flatten()), (channels, 6, 6))
    frames = asked(network, node="0")
    assert list(frames) == ["kernels", "norms", "bias"]
    assert array(frames, "kernels").shape == (2, channels, 3, 3)
