"""GoogLeNet, also Inception v1 (Szegedy et al., "Going Deeper with Convolutions", CVPR 2015)."""

from typing import Any

import torch
from torch import Tensor, nn

from models.imagenet import PREPROCESSING, imagenet_card
from models.registry import network

FACTS: dict[str, Any] = {
    "file": "googlenet-1378be20.pth",
    "megabytes": 49.7,
    "top1": 69.778,
    "top5": 89.530,
    "family": "GoogLeNet",
    "year": 2014,
    "paper": "Szegedy et al., Going Deeper with Convolutions, CVPR 2015",
    # Its weights were trained by others: torchvision turns the input that all its networks get into x / 0.5 − 1.
    "preprocessing": PREPROCESSING.model_copy(update={"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}),
}

GOOGLENET = imagenet_card(
    id="googlenet",
    title="GoogLeNet",
    summary=(
        "Inception blocks look at the same map with kernels of several sizes at once, after 1×1 convolutions that "
        "keep it cheap. No dense layers but the last: a twelfth of AlexNet's parameters, and more accurate."
    ),
    parameters=6_624_904,
    **FACTS,
)

GOOGLENET_AUXILIARY = imagenet_card(
    id="googlenet_auxiliary",
    title="GoogLeNet with auxiliary heads",
    summary=(
        "GoogLeNet as it is trained: two more classifiers half-way bring the gradient to the early layers. They say "
        "what could be told from there, and are thrown away afterwards."
    ),
    parameters=13_004_888,
    **FACTS,
)


class BasicConv2d(nn.Module):
    """A convolution with batch normalisation and ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, **options: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, bias=False, **options)  # type: ignore[arg-type]
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        activated: Tensor = self.relu(self.bn(self.conv(x)))
        return activated


class Inception(nn.Module):
    """Four branches side by side: 1×1; 1×1 and 3×3; 1×1 and 3×3 (5×5 in the paper); pooling and 1×1."""

    def __init__(self, inputs: int, one: int, three: tuple[int, int], five: tuple[int, int], pooled: int) -> None:
        super().__init__()
        self.branch1 = BasicConv2d(inputs, one, 1)
        self.branch2 = nn.Sequential(BasicConv2d(inputs, three[0], 1), BasicConv2d(*three, 3, padding=1))
        self.branch3 = nn.Sequential(BasicConv2d(inputs, five[0], 1), BasicConv2d(*five, 3, padding=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), BasicConv2d(inputs, pooled, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A classifier half-way: maps N×C×14×14 to logits, N×classes."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(4)
        self.conv = BasicConv2d(inputs, 128, 1)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.flatten(self.conv(self.avgpool(x)))
        logits: Tensor = self.fc2(self.dropout(self.relu(self.fc1(x))))
        return logits


class GoogLeNet(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes; with `auxiliary` to those of three heads, its own first."""

    def __init__(self, auxiliary: bool = False, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = BasicConv2d(3, 64, 7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, 1)
        self.conv3 = BasicConv2d(64, 192, 3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32)
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128)
        self.aux1 = InceptionAux(512, classes) if auxiliary else None
        self.aux2 = InceptionAux(528, classes) if auxiliary else None
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1024, classes)
        if not auxiliary:
            self.register_load_state_dict_pre_hook(drop_auxiliary)  # type: ignore[no-untyped-call]

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        x = self.inception4a(x)
        first = None if self.aux1 is None else self.aux1(x)
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        second = None if self.aux2 is None else self.aux2(x)
        x = self.maxpool4(self.inception4e(x))
        x = self.avgpool(self.inception5b(self.inception5a(x)))
        logits: Tensor = self.fc(self.dropout(self.flatten(x)))
        return logits if first is None or second is None else (logits, second, first)


def drop_auxiliary(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """Leaves the auxiliary heads of published weights out where the network has none."""
    for name in [name for name in state if name.startswith((f"{prefix}aux1.", f"{prefix}aux2."))]:
        del state[name]


@network(GOOGLENET)
def googlenet() -> nn.Module:
    return GoogLeNet()


@network(GOOGLENET_AUXILIARY)
def googlenet_auxiliary() -> nn.Module:
    return GoogLeNet(auxiliary=True)
