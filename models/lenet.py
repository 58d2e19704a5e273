"""LeNet (LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998)."""

from torch import Tensor, nn

from models.card import Accuracy, Card, Preprocessing
from models.registry import network

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

LENET1 = Card(
    id="lenet1",
    title="LeNet-1",
    family="LeNet",
    year=1990,
    paper="LeCun et al., Handwritten Digit Recognition with a Back-Propagation Network, NIPS 1989",
    summary=(
        "Where it began: two convolutions that share their weights over the whole picture, each averaged down to half "
        "the size, and one dense layer; tanh throughout. Learned by back-propagation from pixels to digits."
    ),
    preprocessing=Preprocessing(resize=28, crop=28, channels=1, mean=(0.1307,), std=(0.3081,)),
    classes=DIGITS,
    parameters=3_246,
    reported=Accuracy(top1=98.3, on="MNIST test set (10,000)", source="LeCun et al. 1998, figure 9"),
)

LENET5 = Card(
    id="lenet5",
    title="LeNet-5",
    family="LeNet",
    year=1998,
    paper="LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998",
    summary=(
        "The first convolutional network in wide use; it read digits on bank cheques. Two convolutions with "
        "pooling, then three dense layers. Here with today's ReLU and max pooling."
    ),
    preprocessing=Preprocessing(resize=32, crop=32, channels=1, mean=(0.1307,), std=(0.3081,)),
    classes=DIGITS,
    parameters=61_706,
    reported=Accuracy(top1=99.2, on="MNIST test set (10,000)", source="LeCun et al. 1998, figure 9, with distortions"),
)


class LeNet1(nn.Module):
    """Maps a digit, N×1×28×28, to ten logits, N×10."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=5)
        self.tanh1 = nn.Tanh()
        self.pool1 = nn.AvgPool2d(2)
        self.conv2 = nn.Conv2d(4, 12, kernel_size=5)
        self.tanh2 = nn.Tanh()
        self.pool2 = nn.AvgPool2d(2)
        self.flatten = nn.Flatten()
        self.output = nn.Linear(12 * 4 * 4, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.tanh1(self.conv1(x)))
        x = self.pool2(self.tanh2(self.conv2(x)))
        logits: Tensor = self.output(self.flatten(x))
        return logits


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


@network(LENET1)
def lenet1() -> nn.Module:
    return LeNet1()


@network(LENET5)
def lenet5() -> nn.Module:
    return LeNet5()
