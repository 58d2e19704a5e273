"""ZFNet (Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014)."""

from torch import Tensor, nn

from models.alexnet import classifier, response_norm
from models.card import Accuracy, Card
from models.imagenet import CLASSES, PREPROCESSING
from models.registry import network

ZFNET = Card(
    id="zfnet",
    title="ZFNet",
    family="AlexNet",
    year=2013,
    paper="Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014",
    summary=(
        "AlexNet mended by looking into it: deconvolution showed dead and aliased filters in the first layer, so that "
        "its kernels shrank from 11×11 to 7×7 and its stride from 4 to 2."
    ),
    preprocessing=PREPROCESSING,
    classes=CLASSES,
    parameters=62_357_608,
    reported=Accuracy(top1=61.6, top5=83.5, on="ImageNet validation", source="the paper, table 2"),
)


class ZFNet(nn.Module):
    """Maps a picture, N×3×224×224, to logits, N×classes, by maps of 110, 55, 26, 13 and 6 pixels."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 7, stride=2, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            response_norm(),
            nn.Conv2d(96, 256, 5, stride=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            response_norm(),
            nn.Conv2d(256, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        self.flatten = nn.Flatten()
        self.classifier = classifier(classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.flatten(self.features(x)))
        return logits


@network(ZFNET)
def zfnet() -> nn.Module:
    return ZFNet()
