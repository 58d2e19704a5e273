"""ResNet for ImageNet (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016)."""

from torch import Tensor, nn

from models.card import Accuracy, Card, Published
from models.imagenet import CLASSES, PREPROCESSING
from models.registry import network

RESNET18 = Card(
    id="resnet18",
    title="ResNet-18",
    year=2015,
    paper="He et al., Deep Residual Learning for Image Recognition, CVPR 2016",
    summary=(
        "Every two convolutions learn only the difference to what came in, which runs past them on a skip "
        "connection: so a hundred layers still train."
    ),
    preprocessing=PREPROCESSING,
    classes=CLASSES,
    parameters=11_689_512,
    published=Published(
        url="https://download.pytorch.org/models/resnet18-f37072fd.pth",
        sha256_prefix="f37072fd",
        megabytes=44.7,
        accuracy=Accuracy(top1=69.758, top5=89.078, on="ImageNet validation", source="torchvision"),
        licence="BSD-3-Clause (torchvision)",
    ),
)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions added to what came in."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        shortcut = x if self.downsample is None else self.downsample(x)
        total: Tensor = self.relu(y + shortcut)
        return total


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolutions added to what came in; the stride sits in the 3×3, as in torchvision."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * self.expansion, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * self.expansion)
        self.relu = nn.ReLU()
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        shortcut = x if self.downsample is None else self.downsample(x)
        total: Tensor = self.relu(y + shortcut)
        return total


class ResNet(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, block: type[BasicBlock | Bottleneck], blocks: tuple[int, int, int, int], classes: int = 1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = stage(block, 64, 64, blocks[0], stride=1)
        self.layer2 = stage(block, 64 * block.expansion, 128, blocks[1], stride=2)
        self.layer3 = stage(block, 128 * block.expansion, 256, blocks[2], stride=2)
        self.layer4 = stage(block, 256 * block.expansion, 512, blocks[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(512 * block.expansion, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: Tensor = self.fc(self.flatten(self.avgpool(x)))
        return logits


def stage(block: type[BasicBlock | Bottleneck], inputs: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    """Several blocks at one resolution; the first may halve it."""
    outputs = width * block.expansion
    downsample = None
    if stride != 1 or inputs != outputs:
        downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))
    first = block(inputs, width, stride, downsample)
    return nn.Sequential(first, *(block(outputs, width, 1, None) for _ in range(blocks - 1)))


@network(RESNET18)
def resnet18() -> nn.Module:
    return ResNet(BasicBlock, (2, 2, 2, 2))
