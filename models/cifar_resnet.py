"""The small residual networks for CIFAR-10 (He et al., "Deep Residual Learning", 2015, §4.2), option-A shortcuts."""

from torch import Tensor, nn
from torch.nn import functional as F

from models.card import Card, Preprocessing
from models.registry import network

CIFAR_RESNET20 = Card(
    id="cifar_resnet20",
    title="ResNet-20 (CIFAR)",
    year=2015,
    paper="He et al., Deep Residual Learning for Image Recognition, CVPR 2016",
    summary=(
        "Nine residual blocks of two 3×3 convolutions. Shortcuts carry no parameters: where the map shrinks, "
        "every second pixel is kept and the new channels are zero."
    ),
    preprocessing=Preprocessing(resize=32, crop=32, mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    parameters=269_722,
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


@network(CIFAR_RESNET20)
def cifar_resnet20() -> nn.Module:
    return CifarResNet(blocks=3)
