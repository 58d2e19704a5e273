"""MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018)."""

from torch import Tensor, nn

from models.imagenet import imagenet_card
from models.registry import network

MOBILENET_V2 = imagenet_card(
    "mobilenet_v2-b0353104.pth",
    13.6,
    top1=71.878,
    top5=90.286,
    id="mobilenet_v2",
    title="MobileNetV2",
    family="MobileNet",
    year=2018,
    paper="Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, CVPR 2018",
    summary=(
        "Made for telephones. Its blocks widen the map by 1×1, filter each channel alone (depthwise 3×3) and narrow it "
        "again without a ReLU; the skip connections run between the narrow ends."
    ),
    parameters=3_504_872,
)

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Table 2 of the paper: how much wider the block is inside, its outputs, how many blocks, stride of the first."""


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution with batch normalisation and ReLU6, which keeps values small enough for 8-bit arithmetic."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    """Wider by 1×1, each channel alone by 3×3, narrow by 1×1; added to what came in where the shapes are the same."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inside = inputs * expansion
        widen = [convolution(inputs, inside, 1)] if expansion > 1 else []
        self.conv = nn.Sequential(
            *widen,
            convolution(inside, inside, 3, stride, groups=inside),
            nn.Conv2d(inside, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return x + y if self.skips else y


class MobileNetV2(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        layers: list[nn.Module] = [convolution(3, 32, 3, stride=2)]
        inputs = 32
        for expansion, outputs, repeats, stride in STAGES:
            for i in range(repeats):
                layers.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, expansion))
                inputs = outputs
        self.features = nn.Sequential(*layers, convolution(inputs, 1280, 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.flatten(self.avgpool(self.features(x)))
        logits: Tensor = self.classifier(x)
        return logits


@network(MOBILENET_V2)
def mobilenet_v2() -> nn.Module:
    return MobileNetV2()
