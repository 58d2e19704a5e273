"""Shapes by formula: as torch's own, and all that the networks of the list need, so that no compiler is imported."""

import itertools
import subprocess
import sys
from unittest import mock

import pytest
import torch
from torch import nn

from app.explain.network import Network
from app.explain.operations import MODULES, details_of
from app.explain.shapes import broadcast, concatenated, result_shape
from models import declaration
from models.fitting import skeleton

WINDOWS = list(itertools.product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2)))


@pytest.mark.parametrize("kind", ["convolution", "max", "max, rounded up", "average", "average, rounded up"])
def test_windows_are_torchs(kind: str) -> None:
    for kernel, stride, padding, dilation in WINDOWS:
        layer: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d
        if kind == "convolution":
            layer = nn.Conv2d(4, 6, kernel, stride, padding, dilation, groups=2)
        elif padding > kernel // 2:
            continue
        elif kind.startswith("max"):
            layer = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode="up" in kind)
        else:
            layer = nn.AvgPool2d(kernel, stride, padding, ceil_mode="up" in kind)
        for rows, columns in ((9, 12), (10, 7)):
            x = torch.zeros(1, 4, rows, columns)
            operation = MODULES[type(layer)]
            weight = tuple(layer.weight.shape) if isinstance(layer, nn.Conv2d) else ()
            details = details_of(operation, lambda name, layer=layer: getattr(layer, name, None), (4, rows, columns))
            try:
                wanted = tuple(layer(x).shape)
            except RuntimeError:
                wanted = None
            assert result_shape(operation, details, [tuple(x.shape)], weight) == wanted, (layer, rows, columns)


def test_joins_are_torchs() -> None:
    sizes: list[tuple[int, ...]] = [(1, 4, 5, 5), (1, 4, 1, 1), (4, 1, 5), (1,), (1, 3, 5, 5), (1, 4, 5)]
    for first, second in itertools.product(sizes, sizes):
        x, y = torch.zeros(first), torch.zeros(second)
        try:
            wanted = tuple((x + y).shape)
        except RuntimeError:
            wanted = None
        assert broadcast([first, second]) == wanted
        for dimension in (0, 1, -1, 7):
            try:
                wanted = tuple(torch.cat([x, y], dimension).shape)
            except (RuntimeError, IndexError):
                wanted = None
            assert concatenated([first, second], dimension) == wanted


@pytest.mark.parametrize("model_id", ["googlenet", "densenet121", "efficientnet_b0"])
def test_networks_are_as_torchs_meta_device_has_them(model_id: str) -> None:
    shape = declaration(model_id)[0].preprocessing.input_shape
    foreseen = Network(skeleton(model_id), shape).nodes
    with mock.patch("app.explain.trace.result_shape", return_value=None) as asked:
        wanted = Network(skeleton(model_id), shape).nodes
    assert asked.called
    assert foreseen == wanted


def test_no_network_of_the_list_needs_torchs_compiler() -> None:
    program = (
        "import sys\n"
        "from app.explain.network import Network\n"
        "from models import cards\n"
        "from models.fitting import skeleton\n"
        "left_out = ('cifar_resnet1', 'efficientnet_b', 'resnet101', 'vgg1', 'resnet5', 'cifar_resnet5')\n"
        "for card in cards():\n"
        "    if card.id == 'efficientnet_b0' or not card.id.startswith(left_out):\n"
        "        Network(skeleton(card.id), card.preprocessing.input_shape).nodes\n"
        "assert 'sympy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=600)
