"""EfficientNet (Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019)."""

from functools import partial
from math import ceil

from torch import Tensor, nn

from models.imagenet import imagenet_card, sized
from models.registry import network

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Table 1 of the paper: how much wider the block is inside, kernel, stride of the first, outputs, how many blocks."""


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution with batch normalisation and SiLU."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.SiLU())


class SqueezeExcitation(nn.Module):
    """Weighs the channels: each is multiplied by a number in 0…1 that follows from the means of all channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.activation = nn.SiLU()
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        scale = self.activation(self.fc1(self.avgpool(x)))
        scale = self.scale_activation(self.fc2(scale))
        weighed: Tensor = x * scale
        return weighed


class MBConv(nn.Module):
    """MobileNetV2's inverted residual with squeeze and excitation in its wide middle."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inside = inputs * expansion
        widen = [convolution(inputs, inside, 1)] if expansion > 1 else []
        self.block = nn.Sequential(
            *widen,
            convolution(inside, inside, kernel, stride, groups=inside),
            SqueezeExcitation(inside, inputs // 4),
            nn.Sequential(nn.Conv2d(inside, outputs, 1, bias=False), nn.BatchNorm2d(outputs)),
        )
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block(x)
        return x + y if self.skips else y


class EfficientNet(nn.Module):
    """Maps a picture to logits, N×classes.

    Args:
        width: how many times as many channels as B0 it has, in steps of 8.
        depth: how many times as many blocks in each stage, rounded up.
        dropout: before the classifier.
        eps: of the batch normalisation, as its weights were trained with.
        classes: how many there are.
    """

    def __init__(self, width: float, depth: float, dropout: float, eps: float, classes: int = 1000) -> None:
        super().__init__()
        inputs = channels(32, width)
        stages: list[nn.Module] = [convolution(3, inputs, 3, stride=2)]
        for expansion, kernel, stride, outputs, repeats in STAGES:
            blocks = []
            for i in range(ceil(repeats * depth)):
                wide = channels(outputs, width)
                blocks.append(MBConv(inputs, wide, kernel, stride if i == 0 else 1, expansion))
                inputs = wide
            stages.append(nn.Sequential(*blocks))
        self.features = nn.Sequential(*stages, convolution(inputs, 4 * inputs, 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * inputs, classes))
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        x = self.flatten(self.avgpool(self.features(x)))
        logits: Tensor = self.classifier(x)
        return logits


def channels(base: int, width: float) -> int:
    """base · width to the nearest multiple of 8, but never less than nine tenths of it."""
    wanted = base * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def declare(
    number: int,
    width: float,
    depth: float,
    dropout: float,
    crop: int,
    resize: int,
    parameters: int,
    file: str,
    megabytes: float,
    top1: float,
    top5: float,
) -> None:
    """Adds one network to the list."""
    grown = f"EfficientNet-B0 grown: {width:g} times as wide, {depth:g} times as deep, on pictures of {crop} × {crop}."
    card = imagenet_card(
        f"efficientnet_b{number}_{file}.pth",
        megabytes,
        top1,
        top5,
        id=f"efficientnet_b{number}",
        title=f"EfficientNet-B{number}",
        family="EfficientNet",
        year=2019,
        paper="Tan & Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019",
        summary=grown
        if number
        else "Found by a search for the best small net; grown in width, depth and picture size together, it makes a "
        "family that is more accurate than others of the same cost.",
        preprocessing=sized(crop, resize, interpolation="bicubic"),
        parameters=parameters,
    )
    network(card)(partial(EfficientNet, width, depth, dropout, 1e-3 if number > 4 else 1e-5))


declare(0, 1.0, 1.0, 0.2, 224, 256, 5_288_548, "rwightman-7f5810bc", 20.5, 77.692, 93.532)
declare(1, 1.0, 1.1, 0.2, 240, 256, 7_794_184, "rwightman-bac287d4", 30.1, 78.642, 94.186)
declare(2, 1.1, 1.2, 0.3, 288, 288, 9_109_994, "rwightman-c35c1473", 35.2, 80.608, 95.310)
declare(3, 1.2, 1.4, 0.3, 300, 320, 12_233_232, "rwightman-b3899882", 47.2, 82.008, 96.054)
declare(4, 1.4, 1.8, 0.4, 380, 384, 19_341_616, "rwightman-23ab8bcd", 74.5, 83.384, 96.594)
declare(5, 1.6, 2.2, 0.4, 456, 456, 30_389_784, "lukemelas-1a07897c", 116.9, 83.444, 96.628)
declare(6, 1.8, 2.6, 0.5, 528, 528, 43_040_704, "lukemelas-24a108a5", 165.4, 84.008, 96.916)
declare(7, 2.0, 3.1, 0.5, 600, 600, 66_347_960, "lukemelas-c5b4e57e", 254.7, 84.122, 96.908)
