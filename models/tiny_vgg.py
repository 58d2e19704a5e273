"""Tiny VGG, the network of CNN Explainer (Wang et al., IEEE VIS 2020), after VGG (Simonyan & Zisserman 2015)."""

from torch import Tensor, nn

from models.card import Card, Preprocessing
from models.registry import network

TINY_VGG = Card(
    id="tiny_vgg",
    title="Tiny VGG",
    family="VGG",
    year=2020,
    paper="Wang et al., CNN Explainer: Learning Convolutional Neural Networks with Interactive Visualization, 2020",
    summary="Two blocks of two 3×3 convolutions and one dense layer: a VGG small enough to see whole.",
    preprocessing=Preprocessing(resize=64, crop=64, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
    classes=(
        "lifeboat",
        "ladybug",
        "pizza",
        "bell pepper",
        "school bus",
        "koala",
        "espresso",
        "red panda",
        "orange",
        "sport car",
    ),
    parameters=19_920,
)


class TinyVGG(nn.Module):
    """Maps a picture, N×3×64×64, to ten logits, N×10."""

    def __init__(self, classes: int = 10, width: int = 10) -> None:
        super().__init__()
        self.conv_1_1 = nn.Conv2d(3, width, kernel_size=3)
        self.relu_1_1 = nn.ReLU()
        self.conv_1_2 = nn.Conv2d(width, width, kernel_size=3)
        self.relu_1_2 = nn.ReLU()
        self.max_pool_1 = nn.MaxPool2d(2)
        self.conv_2_1 = nn.Conv2d(width, width, kernel_size=3)
        self.relu_2_1 = nn.ReLU()
        self.conv_2_2 = nn.Conv2d(width, width, kernel_size=3)
        self.relu_2_2 = nn.ReLU()
        self.max_pool_2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.output = nn.Linear(width * 13 * 13, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu_1_1(self.conv_1_1(x))
        x = self.relu_1_2(self.conv_1_2(x))
        x = self.max_pool_1(x)
        x = self.relu_2_1(self.conv_2_1(x))
        x = self.relu_2_2(self.conv_2_2(x))
        x = self.max_pool_2(x)
        logits: Tensor = self.output(self.flatten(x))
        return logits


@network(TINY_VGG)
def tiny_vgg() -> nn.Module:
    return TinyVGG()
