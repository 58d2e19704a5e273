"""ResNet for ImageNet (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016)."""

from torch import Tensor, nn

from models.card import Card
from models.imagenet import imagenet_card
from models.registry import network

PAPER = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016"


def card(layers: int, summary: str, parameters: int, sha256: str, megabytes: float, top1: float, top5: float) -> Card:
    """The card of one ResNet."""
    return imagenet_card(
        f"resnet{layers}-{sha256}.pth",
        megabytes,
        top1,
        top5,
        id=f"resnet{layers}",
        title=f"ResNet-{layers}",
        family="ResNet",
        year=2015,
        paper=PAPER,
        summary=summary,
        parameters=parameters,
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


@network(
    card(
        18,
        "Every two convolutions learn only the difference to what came in, which runs past them on a skip "
        "connection: so a hundred layers still train.",
        parameters=11_689_512,
        sha256="f37072fd",
        megabytes=44.7,
        top1=69.758,
        top5=89.078,
    )
)
def resnet18() -> nn.Module:
    return ResNet(BasicBlock, (2, 2, 2, 2))


@network(
    card(
        34,
        "ResNet-18 with twice the blocks. Without its skip connections a net this deep trained worse than one "
        "of 18 layers: with them it trains better.",
        parameters=21_797_672,
        sha256="b627a593",
        megabytes=83.3,
        top1=73.314,
        top5=91.420,
    )
)
def resnet34() -> nn.Module:
    return ResNet(BasicBlock, (3, 4, 6, 3))


@network(
    card(
        50,
        "Bottleneck blocks: a 1×1 convolution makes the maps fewer, a 3×3 works on those few, and another 1×1 "
        "makes them many again. Deeper, and hardly dearer.",
        parameters=25_557_032,
        sha256="0676ba61",
        megabytes=97.8,
        top1=76.130,
        top5=92.862,
    )
)
def resnet50() -> nn.Module:
    return ResNet(Bottleneck, (3, 4, 6, 3))


@network(
    card(
        101,
        "ResNet-50 with 23 bottlenecks instead of 6 where the maps are 14 × 14.",
        parameters=44_549_160,
        sha256="63fe2227",
        megabytes=170.5,
        top1=77.374,
        top5=93.546,
    )
)
def resnet101() -> nn.Module:
    return ResNet(Bottleneck, (3, 4, 23, 3))


@network(
    card(
        152,
        "Fifty bottlenecks: eight times as deep as VGG-19 with fewer multiplications. Such nets together won "
        "the ImageNet challenge of 2015.",
        parameters=60_192_808,
        sha256="394f9c45",
        megabytes=230.4,
        top1=78.312,
        top5=94.046,
    )
)
def resnet152() -> nn.Module:
    return ResNet(Bottleneck, (3, 8, 36, 3))
