"""Whole networks, as torch's exporters write them: each value against onnxruntime, each method against torch."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.explain.method import Frame, methods
from app.explain.network import Network
from app.onnx.importer import read_onnx
from tests.explain.nets import noise, seeded
from tests.explain.test_every_method import params_of
from tests.onnx.comparing import CLOSE, difference, exported

LISTED = ("lenet1", "lenet5", "cifar_resnet20", "squeezenet1_1", "googlenet", "efficientnet_b0")


@pytest.mark.parametrize("name", LISTED)
def test_every_value_is_onnxruntimes(name: str) -> None:
    card, _ = models.declaration(name)
    worst, _, network = difference(exported(models.create(name), card.preprocessing.input_shape))
    assert worst < CLOSE
    assert network.logits(torch.zeros(2, *network.input_shape)).shape[0] == 2


class Idioms(nn.Module):
    """What networks do between their layers, which torch's exporter writes as many small operations."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding="valid")
        self.norm = nn.LocalResponseNorm(5, alpha=0.1)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.before = nn.Sequential(nn.BatchNorm2d(16), nn.Hardswish(), nn.Conv2d(16, 16, 3, padding=1, groups=4))
        self.group = nn.GroupNorm(4, 16)
        self.layer = nn.LayerNorm(16)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear")
        self.average = nn.AvgPool2d(3, 2, 1, count_include_pad=False)
        self.head = nn.Linear(32, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.norm(self.stem(x)))
        # A channel shuffle, and a branch of each half.
        n, channels, rows, columns = x.shape
        x = x.view(n, 2, channels // 2, rows, columns).transpose(1, 2).reshape(n, channels, rows, columns)
        left, right = x.chunk(2, dim=1)
        x = torch.cat((F.gelu(left), F.silu(right)), 1) + F.pad(self.before(x)[:, :, 1:], (0, 0, 0, 1))
        x = F.elu(self.group(x)) * self.layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).sigmoid()
        x = torch.cat((self.average(self.up(x)), F.leaky_relu(x)), 1)
        return F.log_softmax(self.head(F.adaptive_avg_pool2d(x, 1).flatten(1)), dim=1)


@pytest.mark.parametrize("opset", [9, 11, 13, 16, 17])
def test_the_idioms_of_the_field(opset: int) -> None:
    worst, file, _ = difference(exported(seeded(Idioms()), (3, 31, 31), opset))
    assert worst < CLOSE
    assert file.input_shape == (3, 31, 31)


def test_every_kind_of_node_adds_up_and_sees_no_more_than_its_field() -> None:
    """The arithmetic of a value comes to what the network computed, and its gradient stays in its exact field."""
    file = read_onnx(exported(seeded(Idioms()), (3, 31, 31), 13))
    network = Network(file.module, file.input_shape)
    arithmetic = methods()["arithmetic"]
    x = noise(network).requires_grad_()
    for node in list(network.nodes.values())[1:]:
        if len(node.shape) > 3:
            continue
        told = next(iter(arithmetic.run(network, x.detach(), arithmetic.params(node=node.name)))).values
        assert abs(told["difference"]) < 1e-4 * max(1, abs(told["value"])), node.name
        field = node.receptive_field
        if not node.spatial or field.whole or field.gated:
            continue
        row, column = node.shape[1] // 2, node.shape[2] // 2
        value = network.values(x, [node.name])[node.name][0, :, row, column].sum()
        (slope,) = torch.autograd.grad(value, x)
        rows, columns = slope[0].abs().sum(0).nonzero().T
        top, left, bottom, right = field.box(row, column)
        assert top <= rows.min() and rows.max() <= bottom and left <= columns.min() and columns.max() <= right, (
            node.name
        )


@pytest.mark.parametrize("name", ["shufflenet", "squeezenet"])
def test_files_of_another_framework(name: str) -> None:
    """As Caffe2 wrote them, in the package of ONNX itself; their weights are made by the file."""
    path = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light" / f"light_{name}.onnx"
    worst, _, network = difference(path.read_bytes())
    assert worst < CLOSE
    assert network.nodes[network.output].shape[0] == 1000


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 16])
def test_older_opsets_of_torchs_exporter(opset: int) -> None:
    worst, _, _ = difference(exported(models.create("tiny_vgg"), (3, 64, 64), opset))
    assert worst < CLOSE


def test_names_and_blocks_are_the_networks_own() -> None:
    module = models.create("cifar_resnet20").eval()
    original = Network(module, (3, 32, 32))
    file = read_onnx(exported(module, (3, 32, 32)))
    read = Network(file.module, file.input_shape)
    left_out = {name for name, node in original.nodes.items() if node.operation == "batch_norm"}
    for name, node in original.nodes.items():
        if name in left_out or node.operation in ("add", "mean", "flatten", "slice", "pad", "adaptive_average_pool"):
            continue
        assert read.nodes[name].operation == node.operation
        assert read.nodes[name].path == node.path
        assert read.nodes[name].shape == node.shape
        assert read.nodes[name].receptive_field == node.receptive_field
        assert read.nodes[name].macs == node.macs


class Plain(nn.Module):
    """The usual parts without a normalisation, which exporters fold away."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.block = nn.Conv2d(8, 8, 3, padding=1)
        self.relu = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.relu(x + self.block(x))
        logits: Tensor = self.classifier(torch.flatten(self.pool(x), 1))
        return logits


@pytest.fixture(scope="module")
def twins() -> tuple[Network, Network]:
    """A network, and what is read of its file."""
    module = seeded(Plain()).eval()
    file = read_onnx(exported(module, (3, 24, 24)))
    return Network(module, (3, 24, 24), name="net"), Network(file.module, file.input_shape, name="net")


def last_frames(network: Network, name: str) -> Iterator[Frame]:
    found = {frame.name: frame for frame in methods()[name].run(network, noise(network), params_of(name))}
    yield from found.values()


@pytest.mark.parametrize("name", list(methods()))
def test_every_method_says_the_same_of_a_network_and_its_file(twins: tuple[Network, Network], name: str) -> None:
    frames = [list(last_frames(network, name)) for network in twins]
    assert len(frames[0]) == len(frames[1]) > 0
    for own, read in zip(*frames, strict=True):
        if own.array is not None:
            assert read.array is not None and own.array.shape == read.array.shape
            torch.testing.assert_close(read.array, own.array, rtol=1e-3, atol=1e-4)


def test_torchs_newer_exporter_keeps_the_names_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    data = exported(seeded(Plain()), (3, 24, 24), 18, dynamo=True, external_data=False, verbose=False)
    worst, _, network = difference(data)
    assert worst < CLOSE
    assert {"features.0", "features.1", "features.2", "block", "relu", "classifier"} <= set(network.nodes)


def test_a_file_is_read_while_another_network_is_traced() -> None:
    """torch.fx replaces `nn.Module.__call__` for all threads while it traces."""
    traced, going_on = threading.Event(), threading.Event()

    class Slow(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            traced.set()
            assert going_on.wait(60)
            return x * 2

    data = exported(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2)), (3, 4, 4))
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(Network, Slow(), (3, 4, 4))
        assert traced.wait(60)
        reading = pool.submit(read_onnx, data)
        # As long as it takes to come to the layers.
        wait([reading], timeout=0.5)
        going_on.set()
        assert reading.result().input_shape == (3, 4, 4)
        assert len(slow.result().nodes) == 2
