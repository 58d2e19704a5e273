"""SqueezeNet (Iandola et al., "AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016)."""

import torch
from torch import Tensor, nn

from models.imagenet import imagenet_card
from models.registry import network

PAPER = "Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, 2016"

SQUEEZENET1_0 = imagenet_card(
    "squeezenet1_0-b66bff10.pth",
    4.8,
    top1=58.092,
    top5=80.420,
    id="squeezenet1_0",
    title="SqueezeNet 1.0",
    family="SqueezeNet",
    year=2016,
    paper=PAPER,
    summary=(
        "As accurate as AlexNet with a fiftieth of its parameters: fire modules of 1×1 and 3×3 convolutions, and no "
        "dense layer at all."
    ),
    parameters=1_248_424,
)

SQUEEZENET1_1 = imagenet_card(
    "squeezenet1_1-b8a52dc0.pth",
    4.7,
    top1=58.178,
    top5=80.624,
    id="squeezenet1_1",
    title="SqueezeNet 1.1",
    family="SqueezeNet",
    year=2016,
    paper=PAPER,
    summary=(
        "Fire modules squeeze the channels with 1×1 convolutions before they expand them by 1×1 and 3×3 side by "
        "side; no dense layer at all: the last convolution has one map per class, and its mean is the logit."
    ),
    parameters=1_235_496,
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


def pool() -> nn.Module:
    """Halves the map; a window may reach beyond its edge."""
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


class SqueezeNet(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, features: list[nn.Module], classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(*features)
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


@network(SQUEEZENET1_0)
def squeezenet1_0() -> nn.Module:
    return SqueezeNet(
        [
            nn.Conv2d(3, 96, 7, stride=2),
            nn.ReLU(),
            pool(),
            Fire(96, 16, 64),
            Fire(128, 16, 64),
            Fire(128, 32, 128),
            pool(),
            Fire(256, 32, 128),
            Fire(256, 48, 192),
            Fire(384, 48, 192),
            Fire(384, 64, 256),
            pool(),
            Fire(512, 64, 256),
        ]
    )


@network(SQUEEZENET1_1)
def squeezenet1_1() -> nn.Module:
    # Smaller kernels at the start, and earlier pooling: less than half the work of 1.0.
    return SqueezeNet(
        [
            nn.Conv2d(3, 64, 3, stride=2),
            nn.ReLU(),
            pool(),
            Fire(64, 16, 64),
            Fire(128, 16, 64),
            pool(),
            Fire(128, 32, 128),
            Fire(256, 32, 128),
            pool(),
            Fire(256, 48, 192),
            Fire(384, 48, 192),
            Fire(384, 64, 256),
            Fire(512, 64, 256),
        ]
    )
