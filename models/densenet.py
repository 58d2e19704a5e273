"""DenseNet (Huang et al., "Densely Connected Convolutional Networks", CVPR 2017)."""

import re
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from models.imagenet import imagenet_card
from models.registry import network

DENSENET121 = imagenet_card(
    "densenet121-a639ec97.pth",
    30.8,
    top1=74.434,
    top5=91.972,
    id="densenet121",
    title="DenseNet-121",
    family="DenseNet",
    year=2016,
    paper="Huang et al., Densely Connected Convolutional Networks, CVPR 2017",
    summary=(
        "Every layer reads the maps of all layers before it in its block, laid side by side, and adds 32 of its own: "
        "nothing is learned twice, and the gradient reaches every layer directly."
    ),
    parameters=7_978_856,
)

GROWTH = 32
"""Maps that each layer adds; the paper's k."""


class DenseLayer(nn.Module):
    """Makes 32 new maps of all maps so far, by 1×1 and 3×3 convolutions, and lays them beside those."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(inputs, 4 * GROWTH, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * GROWTH)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(4 * GROWTH, GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        new = self.conv1(self.relu1(self.norm1(x)))
        new = self.conv2(self.relu2(self.norm2(new)))
        return torch.cat([x, new], 1)


def dense_block(inputs: int, layers: int) -> nn.Sequential:
    """Several dense layers, each with 32 inputs more than the one before."""
    return nn.Sequential(OrderedDict((f"denselayer{i + 1}", DenseLayer(inputs + i * GROWTH)) for i in range(layers)))


def transition(inputs: int) -> nn.Sequential:
    """Half as many maps, half as large."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(inputs),
            relu=nn.ReLU(),
            conv=nn.Conv2d(inputs, inputs // 2, 1, bias=False),
            pool=nn.AvgPool2d(2),
        )
    )


class DenseNet(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, blocks: tuple[int, ...], classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(64),
                relu0=nn.ReLU(),
                pool0=nn.MaxPool2d(3, stride=2, padding=1),
            )
        )
        maps = 64
        for i, layers in enumerate(blocks, 1):
            self.features.add_module(f"denseblock{i}", dense_block(maps, layers))
            maps += layers * GROWTH
            if i < len(blocks):
                self.features.add_module(f"transition{i}", transition(maps))
                maps //= 2
        self.features.add_module(f"norm{len(blocks) + 1}", nn.BatchNorm2d(maps))
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(maps, classes)
        self.register_load_state_dict_pre_hook(rename_layers)  # type: ignore[no-untyped-call]

    def forward(self, x: Tensor) -> Tensor:
        x = self.flatten(self.avgpool(self.relu(self.features(x))))
        logits: Tensor = self.classifier(x)
        return logits


def rename_layers(module: nn.Module, state: dict[str, Any], *_: Any) -> None:
    """Published weights say `norm.1` where today's torch wants `norm1`: names with a dot are no longer allowed."""
    for name in list(state):
        state[re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)", r"\1\2", name)] = state.pop(name)


@network(DENSENET121)
def densenet121() -> nn.Module:
    return DenseNet((6, 12, 24, 16))
