"""activations and their statistics against hooks, Captum and numpy in float64."""

from typing import Any

import captum.attr
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import models
from app.explain.errors import UnknownNode, UnknownUnit
from app.explain.method import Frame, methods
from app.explain.network import Network
from app.explain.node import Node
from app.explain.statistics import statistics
from tests.explain.nets import Functional, card, listed, noise, traced

pytestmark = pytest.mark.usefixtures("one_thread")

PER_UNIT = ("min", "max", "mean", "variance", "zeros", "norm")


def asked(network: Network, x: Tensor, **params: Any) -> list[Frame]:
    method = methods()["activations"]
    return list(method.run(network, x, method.params(**params)))


def table(frame: Frame) -> dict[str, Any]:
    assert frame.node is not None
    found: dict[str, Any] = frame.values["statistics"][frame.node]
    return found


@pytest.mark.parametrize("model_id", ["lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1"])
def test_values_of_the_untouched_module_in_float64(model_id: str) -> None:
    module = models.create(model_id).eval().double()
    network = Network(module, card(model_id).preprocessing.input_shape, name=model_id)
    x = noise(network).double()
    truth: dict[str, Tensor] = {}
    for name, part in module.named_modules():
        if network.nodes.get(name):
            part.register_forward_hook(lambda _, __, y, name=name: truth.setdefault(name, y.clone()))
    with torch.no_grad():
        module(x)
    frames = {frame.name: frame.array for frame in asked(network, x)}
    assert list(frames) == list(network.nodes)
    assert len(truth) > 10
    for name, expected in truth.items():
        assert torch.equal(frames[name], expected[0]), name


def test_values_as_captum_has_them() -> None:
    module = models.create("tiny_vgg").eval()
    network = listed("tiny_vgg")
    x = noise(network)
    for name in ("conv_1_1", "max_pool_1", "conv_2_2", "output"):
        truth = captum.attr.LayerActivation(module, module.get_submodule(name)).attribute(x)
        (frame,) = asked(network, x, nodes=[name])
        torch.testing.assert_close(frame.array, truth[0].detach())


def test_one_frame_per_node_as_it_is_computed() -> None:
    network = listed("lenet5")
    frames = asked(network, noise(network))
    assert [frame.name for frame in frames] == list(network.nodes)
    assert [frame.step for frame in frames] == list(range(1, 14))
    assert {frame.steps for frame in frames} == {13}
    assert [frame.axes for frame in frames if frame.node == "conv1"] == [("unit", "row", "column")]
    assert [frame.axes for frame in frames if frame.node == "fc3"] == [("unit",)]
    assert {frame.kind for frame in frames if (frame.node or "").startswith("relu")} == {"positive"}


def test_it_streams() -> None:
    """The first layer is there before the second is computed."""
    network = listed("lenet5")
    method = methods()["activations"]
    frames = method.run(network, torch.full((1, 1, 32, 32), 0.5), method.params())
    ran: list[str] = []
    handle = network.module.fc3.register_forward_hook(lambda *_: ran.append("fc3"))
    try:
        assert [next(frames).name for _ in range(2)] == ["input", "conv1"]
        assert ran == []
        list(frames)
        assert ran == ["fc3"]
    finally:
        handle.remove()


def test_nodes_and_units() -> None:
    network = listed("lenet5")
    x = noise(network)
    whole = {frame.name: frame for frame in asked(network, x)}
    chosen = asked(network, x, nodes=["relu2", "conv2", "relu2"], units=[7, 2])
    assert [frame.name for frame in chosen] == ["conv2", "relu2"]
    for frame in chosen:
        assert torch.equal(frame.array, whole[frame.name].array[[7, 2]])
        full = table(whole[frame.name])
        assert table(frame)["max"] == [full["max"][7], full["max"][2]]
        assert sorted(table(frame)["order"]) == [0, 1]


def test_unknown_names() -> None:
    network = listed("lenet5")
    x = noise(network)
    with pytest.raises(UnknownNode, match=r"^lenet5 has no node “conv9”\. Its nodes are: input, conv1, ") as node:
        asked(network, x, nodes=["conv1", "conv9"])
    assert node.value.field == "params.nodes"
    with pytest.raises(UnknownUnit, match=r"^conv1 has no unit 6: its 6 units count from 0 to 5\.$") as unit:
        asked(network, x, nodes=["conv1"], units=[6])
    assert unit.value.field == "params.units"


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("model_id", ["tiny_vgg", "cifar_resnet20"])
def test_statistics(model_id: str, layout: torch.memory_format) -> None:
    network = listed(model_id).converted(memory_format=layout)
    for frame in asked(network, noise(network).contiguous(memory_format=layout)):
        told, truth = table(frame), frame.array.double().flatten(1) if frame.array.dim() > 1 else None
        assert told["nonfinite"] == 0
        assert told["range"] == [float(frame.array.min()), float(frame.array.max())]
        strength = frame.array if frame.kind == "positive" else frame.array.abs()
        peaks = strength.flatten(1).amax(1) if truth is not None else strength
        assert peaks[told["order"]].tolist() == sorted(peaks.tolist(), reverse=True)
        if truth is None:
            assert not set(PER_UNIT) & set(told)
            continue
        assert told["min"] == truth.amin(1).tolist()
        assert told["max"] == truth.amax(1).tolist()
        assert told["mean"] == pytest.approx(truth.mean(1).tolist(), rel=1e-4, abs=1e-6)
        assert told["variance"] == pytest.approx(truth.var(1, correction=0).tolist(), rel=1e-3, abs=1e-9)
        assert told["zeros"] == pytest.approx((truth == 0).double().mean(1).tolist(), abs=1e-7)
        assert told["norm"] == pytest.approx(truth.norm(dim=1).tolist(), rel=1e-5)
        assert told["dead"] == int((truth == 0).all(1).sum())


def summed_up(maps: Tensor) -> dict[str, Any]:
    """The statistics of one image's maps."""
    return statistics(Node("n", "convolution", "n", (), ("input",), tuple(maps.shape)), maps.unsqueeze(0))[0]


def test_statistics_of_several_images_are_those_of_each() -> None:
    maps = torch.randn(3, 4, 9, 7, generator=torch.Generator().manual_seed(0))
    maps[1, 2, 3, 4] = torch.nan
    maps[2, 1] = 5
    node = Node("n", "convolution", "n", (), ("input",), (4, 9, 7))
    assert statistics(node, maps) == [summed_up(one) for one in maps]


def test_variance_around_a_large_mean() -> None:
    maps = 1000 + torch.rand(3, 40, 40)
    expected = maps.double().flatten(1).var(1, correction=0).tolist()
    assert summed_up(maps)["variance"] == pytest.approx(expected, rel=1e-4)
    assert summed_up(torch.full((2, 5, 5), 0.1))["variance"] == [0, 0]


floats = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, float("nan"), float("inf"), float("-inf")])


@settings(max_examples=150)
@given(st.lists(st.lists(floats, min_size=6, max_size=6), min_size=1, max_size=4))
def test_statistics_of_what_is_finite(rows: list[list[float]]) -> None:
    maps = torch.tensor(rows).reshape(-1, 2, 3)
    told = summed_up(maps)
    values = np.array(rows, np.float32).astype(np.float64)
    kept = [row[np.isfinite(row)] for row in values]
    assert told["nonfinite"] == sum(6 - len(row) for row in kept)
    for i, row in enumerate(kept):
        if not len(row):
            assert told["max"][i] is None
            assert told["mean"][i] is None
            continue
        assert (told["min"][i], told["max"][i]) == (row.min(), row.max())
        scale = np.abs(row).max()
        # Below the smallest normal number float32 has fewer digits.
        tiny = float(np.finfo(np.float32).tiny)
        assert told["mean"][i] == pytest.approx(row.mean(), rel=1e-5, abs=1e-5 * scale + tiny)
        assert told["variance"][i] == pytest.approx(row.var(), rel=1e-3, abs=1e-5 * scale**2 + tiny)
        assert told["zeros"][i] == pytest.approx((row == 0).mean())
        assert told["norm"][i] == pytest.approx(np.linalg.norm(row), rel=1e-5, abs=tiny**0.5)
    every = np.concatenate(kept)
    assert sum(told["histogram"]["counts"]) == len(every)
    assert told["range"] == ([every.min(), every.max()] if len(every) else [None, None])


def test_histogram_as_numpy_counts() -> None:
    maps = torch.rand(8, 16, 16) * 5 - 2
    told = summed_up(maps)["histogram"]
    assert told["every"] == 1
    truth, edges = np.histogram(maps.double().numpy(), bins=np.array(told["edges"]))
    assert len(edges) == 65
    assert told["counts"] == truth.tolist()
    large = summed_up(torch.rand(64, 64, 64))["histogram"]
    assert large["every"] > 1
    assert sum(large["counts"]) == -(-(64**3) // large["every"])
    fair = sum(large["counts"]) / 64
    assert all(abs(count - fair) < 5 * fair**0.5 for count in large["counts"])


def test_every_kind_of_node() -> None:
    network = traced(Functional())
    assert [frame.name for frame in asked(network, noise(network))] == list(network.nodes)


def test_values_of_many_axes() -> None:
    network = Network(nn.Unflatten(1, (1, 3)), (3, 4, 5))
    assert asked(network, noise(network))[-1].axes == ("unit", "axis 1", "axis 2", "axis 3")
