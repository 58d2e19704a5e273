"""AlexNet (Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep CNNs", NIPS 2012), in two forms."""

from torch import Tensor, nn

from models.card import Accuracy, Card
from models.imagenet import CLASSES, imagenet_card, sized
from models.registry import network

ALEXNET = imagenet_card(
    "alexnet-owt-7be5be79.pth",
    233.1,
    top1=56.522,
    top5=79.066,
    id="alexnet",
    title="AlexNet",
    family="AlexNet",
    year=2014,
    paper="Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014",
    summary=(
        "The network of 2012 in one stream, as it is mostly used: five convolutions, ReLU, max pooling and three "
        "dense layers with dropout, without the response normalisation."
    ),
    parameters=61_100_840,
)

ALEXNET_GROUPED = Card(
    id="alexnet_grouped",
    title="AlexNet of 2012, two streams",
    family="AlexNet",
    year=2012,
    paper="Krizhevsky, Sutskever & Hinton, ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012",
    summary=(
        "It won the ImageNet challenge of 2012 by far and began the age of deep learning: ReLU, dropout, training on "
        "graphics cards. Two cards each held half of the maps, so that three convolutions see only their own half."
    ),
    preprocessing=sized(227, 256),
    classes=CLASSES,
    parameters=60_965_224,
    reported=Accuracy(top1=59.3, top5=81.8, on="ImageNet validation", source="the paper, table 2"),
)


class AlexNet(nn.Module):
    """One stream: maps a picture, N×3×224×224, to logits, N×classes."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.flatten = nn.Flatten()
        self.classifier = classifier(classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        logits: Tensor = self.classifier(self.flatten(x))
        return logits


class TwoStreamAlexNet(nn.Module):
    """The network of 2012: maps a picture, N×3×227×227, to logits, N×classes."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 11, stride=4),
            nn.ReLU(),
            response_norm(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(96, 256, 5, padding=2, groups=2),
            nn.ReLU(),
            response_norm(),
            nn.MaxPool2d(3, stride=2),
            # The one place between the first layer and the dense ones where the two halves see each other.
            nn.Conv2d(256, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=2),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1, groups=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        self.flatten = nn.Flatten()
        self.classifier = classifier(classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.flatten(self.features(x)))
        return logits


def response_norm() -> nn.Module:
    """b_i = a_i / (2 + 10⁻⁴ Σ a_j²)^0.75 over five neighbouring maps; torch divides alpha by their number."""
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)


def classifier(classes: int) -> nn.Sequential:
    """The three dense layers, from 256×6×6 values."""
    return nn.Sequential(
        nn.Dropout(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, classes),
    )


@network(ALEXNET)
def alexnet() -> nn.Module:
    return AlexNet()


@network(ALEXNET_GROUPED)
def alexnet_grouped() -> nn.Module:
    return TwoStreamAlexNet()
