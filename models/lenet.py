"""LeNet-5 (LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998)."""

from torch import Tensor, nn

from models.card import Card, Preprocessing
from models.registry import network

LENET5 = Card(
    id="lenet5",
    title="LeNet-5",
    year=1998,
    paper="LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998",
    summary=(
        "The first convolutional network in wide use; it read digits on bank cheques. Two convolutions with "
        "pooling, then three dense layers. Here with today's ReLU and max pooling."
    ),
    preprocessing=Preprocessing(resize=32, crop=32, channels=1, mean=(0.1307,), std=(0.3081,)),
    classes=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    parameters=61_706,
)


class LeNet5(nn.Module):
    """Maps a digit, N×1×32×32, to ten logits, N×10."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc3 = nn.Linear(16 * 5 * 5, 120)
        self.relu3 = nn.ReLU()
        self.fc4 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.output = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.pool2(self.relu2(self.conv2(x)))
        x = self.flatten(x)
        x = self.relu3(self.fc3(x))
        x = self.relu4(self.fc4(x))
        logits: Tensor = self.output(x)
        return logits


@network(LENET5)
def lenet5() -> nn.Module:
    return LeNet5()
