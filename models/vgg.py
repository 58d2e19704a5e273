"""VGG (Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015)."""

from torch import Tensor, nn

from models.card import Accuracy, Card, Published
from models.imagenet import CLASSES, PREPROCESSING
from models.registry import network

VGG16 = Card(
    id="vgg16",
    title="VGG-16",
    year=2014,
    paper="Simonyan & Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015",
    summary=(
        "Nothing but 3×3 convolutions, stacked: two of them see 5×5, three 7×7, with fewer weights and more "
        "non-linearities than one large kernel. 89 % of its parameters are in the three dense layers."
    ),
    preprocessing=PREPROCESSING,
    classes=CLASSES,
    parameters=138_357_544,
    published=Published(
        url="https://download.pytorch.org/models/vgg16-397923af.pth",
        sha256_prefix="397923af",
        megabytes=527.8,
        accuracy=Accuracy(top1=71.592, top5=90.382, on="ImageNet validation", source="torchvision"),
        licence="BSD-3-Clause (torchvision)",
    ),
)

# Widths of the convolutions; "pool" halves the map.
CONFIGURATION_D = (
    64,
    64,
    "pool",
    128,
    128,
    "pool",
    256,
    256,
    256,
    "pool",
    512,
    512,
    512,
    "pool",
    512,
    512,
    512,
    "pool",
)


class VGG(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, configuration: tuple[int | str, ...], classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(*convolutions(configuration))
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        logits: Tensor = self.classifier(self.flatten(x))
        return logits


def convolutions(configuration: tuple[int | str, ...]) -> list[nn.Module]:
    """The layers before the classifier, from their widths."""
    layers: list[nn.Module] = []
    inputs = 3
    for width in configuration:
        if isinstance(width, str):
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
    return layers


@network(VGG16)
def vgg16() -> nn.Module:
    return VGG(CONFIGURATION_D)
