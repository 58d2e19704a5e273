"""SqueezeNet (Iandola et al., "AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016)."""

import torch
from torch import Tensor, nn

from models.card import Accuracy, Card, Published
from models.imagenet import CLASSES, PREPROCESSING
from models.registry import network

SQUEEZENET1_1 = Card(
    id="squeezenet1_1",
    title="SqueezeNet 1.1",
    year=2016,
    paper="Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, 2016",
    summary=(
        "Fire modules squeeze the channels with 1×1 convolutions before they expand them by 1×1 and 3×3 side by "
        "side; no dense layer at all: the last convolution has one map per class, and its mean is the logit."
    ),
    preprocessing=PREPROCESSING,
    classes=CLASSES,
    parameters=1_235_496,
    published=Published(
        url="https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",
        sha256_prefix="b8a52dc0",
        megabytes=4.7,
        accuracy=Accuracy(top1=58.178, top5=80.624, on="ImageNet validation", source="torchvision"),
        licence="BSD-3-Clause (torchvision)",
    ),
)


class Fire(nn.Module):
    """Squeezes to few channels by 1×1, expands by 1×1 and 3×3, and lays both side by side."""

    def __init__(self, inputs: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.squeeze_activation = nn.ReLU()
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand1x1_activation = nn.ReLU()
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)
        self.expand3x3_activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        small = self.expand1x1_activation(self.expand1x1(x))
        large = self.expand3x3_activation(self.expand3x3(x))
        return torch.cat([small, large], 1)


class SqueezeNet(nn.Module):
    """Version 1.1: maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            Fire(64, 16, 64),
            Fire(128, 16, 64),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            Fire(128, 32, 128),
            Fire(256, 32, 128),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            Fire(256, 48, 192),
            Fire(384, 48, 192),
            Fire(384, 64, 256),
            Fire(512, 64, 256),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Conv2d(512, classes, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.flatten = nn.Flatten()

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.flatten(self.classifier(self.features(x)))
        return logits


@network(SQUEEZENET1_1)
def squeezenet1_1() -> nn.Module:
    return SqueezeNet()
