"""VGG (Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015)."""

from functools import partial

from torch import Tensor, nn

from models.imagenet import imagenet_card
from models.registry import network

CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""Convolutions before each of the five poolings, by the number of layers: the paper's configurations A, B, D and E."""

WIDTHS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, repeats: tuple[int, ...], batch_norm: bool = False, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(*convolutions(repeats, batch_norm))
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


def convolutions(repeats: tuple[int, ...], batch_norm: bool) -> list[nn.Module]:
    """Five blocks of 3×3 convolutions, each block wider and followed by a pooling that halves the map."""
    layers: list[nn.Module] = []
    inputs = 3
    for width, repeat in zip(WIDTHS, repeats, strict=True):
        for _ in range(repeat):
            layers.append(nn.Conv2d(inputs, width, 3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU())
            inputs = width
        layers.append(nn.MaxPool2d(2))
    return layers


SUMMARIES = {
    11: "The shallowest of its paper. The others were started from its weights, before better ways were known.",
    13: "VGG-11 with a second convolution at the two highest resolutions.",
    16: (
        "Nothing but 3×3 convolutions, stacked: two of them see 5×5, three 7×7, with fewer weights and more "
        "non-linearities than one large kernel. 89 % of its parameters are in the three dense layers."
    ),
    19: "VGG-16 with one more convolution in each of the last three blocks: hardly better, and nobody went deeper so.",
}


def declare(layers: int, parameters: int, file: str, megabytes: float, top1: float, top5: float) -> None:
    """Adds one network to the list; the file's name says whether it normalises its batches."""
    name, batch_norm = file.rsplit("-", 1)[0], "_bn" in file
    summary = f"VGG-{layers} with batch normalisation after every convolution: it trains faster and further."
    card = imagenet_card(
        file,
        megabytes,
        top1,
        top5,
        id=name,
        title=f"VGG-{layers} with batch normalisation" if batch_norm else f"VGG-{layers}",
        family="VGG",
        year=2014,
        paper="Simonyan & Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015",
        summary=summary if batch_norm else SUMMARIES[layers],
        parameters=parameters,
    )
    network(card)(partial(VGG, CONVOLUTIONS[layers], batch_norm))


declare(11, 132_863_336, "vgg11-8a719046.pth", 506.8, 69.020, 88.628)
declare(13, 133_047_848, "vgg13-19584684.pth", 507.5, 69.928, 89.246)
declare(16, 138_357_544, "vgg16-397923af.pth", 527.8, 71.592, 90.382)
declare(19, 143_667_240, "vgg19-dcbb9e9d.pth", 548.1, 72.376, 90.876)
declare(11, 132_868_840, "vgg11_bn-6002323d.pth", 506.9, 70.370, 89.810)
declare(13, 133_053_736, "vgg13_bn-abd245e5.pth", 507.6, 71.586, 90.374)
declare(16, 138_365_992, "vgg16_bn-6c64b313.pth", 527.9, 73.360, 91.516)
declare(19, 143_678_248, "vgg19_bn-c79401a0.pth", 548.1, 74.218, 91.842)
