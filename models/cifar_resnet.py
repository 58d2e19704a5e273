"""The small residual networks for CIFAR-10 (He et al., "Deep Residual Learning", 2015, §4.2), option-A shortcuts."""

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from models.card import Accuracy, Card, Preprocessing, Published
from models.imagenet import sized
from models.registry import network

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

ON = "CIFAR-10 test set (10,000)"


def card(layers: int, summary: str, parameters: int, reported: float, **facts: Any) -> Card:
    """The card of one of the family; `reported` is the paper's accuracy, `facts` are further fields."""
    return Card(
        id=f"cifar_resnet{layers}",
        title=f"ResNet-{layers} (CIFAR)",
        family="ResNet (CIFAR)",
        year=2015,
        paper="He et al., Deep Residual Learning for Image Recognition, CVPR 2016",
        summary=summary,
        classes=CLASSES,
        parameters=parameters,
        reported=Accuracy(top1=reported, on=ON, source="the paper, table 6"),
        **facts,
    )


def published_card(
    layers: int, summary: str, parameters: int, reported: float, sha256: str, megabytes: float, top1: float
) -> Card:
    """The card of one whose weights Yerlan Idelbayev publishes; they want ImageNet's mean and deviation."""
    return card(
        layers,
        summary,
        parameters,
        reported,
        preprocessing=sized(32, 32),
        published=Published(
            url="https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/"
            f"resnet{layers}-{sha256}.th",
            sha256_prefix=sha256,
            megabytes=megabytes,
            accuracy=Accuracy(top1=top1, on=ON, source="akamaster/pytorch_resnet_cifar10"),
            licence="BSD-2-Clause",
        ),
    )


class Shortcut(nn.Module):
    """Option A: keeps every second pixel and pads the channels with zeros; N×C×H×W to N×2C×H/2×W/2."""

    def __init__(self, new_channels: int) -> None:
        super().__init__()
        self.new_channels = new_channels

    def forward(self, x: Tensor) -> Tensor:
        half = self.new_channels // 2
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with batch normalisation, added to what came in."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = None if stride == 1 else Shortcut(outputs - inputs)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        shortcut = x if self.shortcut is None else self.shortcut(x)
        total: Tensor = self.relu2(y + shortcut)
        return total


class CifarResNet(nn.Module):
    """Maps a picture, N×3×32×32, to logits, N×classes; 6·blocks + 2 layers deep."""

    def __init__(self, blocks: int, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.layer1 = self._stage(16, 16, blocks, stride=1)
        self.layer2 = self._stage(16, 32, blocks, stride=2)
        self.layer3 = self._stage(32, 64, blocks, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.linear = nn.Linear(64, classes)

    @staticmethod
    def _stage(inputs: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
        first = BasicBlock(inputs, outputs, stride)
        return nn.Sequential(first, *(BasicBlock(outputs, outputs) for _ in range(blocks - 1)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        x = self.flatten(self.avgpool(x))
        logits: Tensor = self.linear(x)
        return logits


@network(
    card(
        20,
        "Nine residual blocks of two 3×3 convolutions. Shortcuts carry no parameters: where the map shrinks, "
        "every second pixel is kept and the new channels are zero.",
        parameters=269_722,
        reported=91.25,
        preprocessing=Preprocessing(resize=32, crop=32, mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
    )
)
def cifar_resnet20() -> nn.Module:
    return CifarResNet(blocks=3)


@network(
    published_card(
        32,
        "Fifteen residual blocks: five where the map is 32 × 32, five at 16 × 16, five at 8 × 8.",
        parameters=464_154,
        reported=92.49,
        sha256="d509ac18",
        megabytes=1.9,
        top1=92.63,
    )
)
def cifar_resnet32() -> nn.Module:
    return CifarResNet(blocks=5)


@network(
    published_card(
        44,
        "Twenty-one residual blocks. A plain network of this depth trains worse than one of 20 layers.",
        parameters=658_586,
        reported=92.83,
        sha256="014dd654",
        megabytes=2.7,
        top1=93.10,
    )
)
def cifar_resnet44() -> nn.Module:
    return CifarResNet(blocks=7)


@network(
    published_card(
        56,
        "Twenty-seven residual blocks: still better for being deeper, where a plain network of 56 layers fails.",
        parameters=853_018,
        reported=93.03,
        sha256="4bfd9763",
        megabytes=3.5,
        top1=93.39,
    )
)
def cifar_resnet56() -> nn.Module:
    return CifarResNet(blocks=9)


@network(
    published_card(
        110,
        "Fifty-four residual blocks in 110 layers, and fewer parameters than one dense layer of VGG-16.",
        parameters=1_727_962,
        reported=93.57,
        sha256="1d1ed7c2",
        megabytes=7.0,
        top1=93.68,
    )
)
def cifar_resnet110() -> nn.Module:
    return CifarResNet(blocks=18)
