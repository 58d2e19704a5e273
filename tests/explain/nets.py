"""Networks and pictures that the tests of the science share."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.explain.network import Network
from models.card import Card

LISTED = ("lenet5", "tiny_vgg", "cifar_resnet20", "squeezenet1_1", "resnet18", "vgg16")


def card(model_id: str) -> Card:
    """A listed network's card."""
    return models.declaration(model_id)[0]


@cache
def listed(model_id: str) -> Network:
    """A listed network with seeded random weights."""
    known = card(model_id)
    return Network(
        models.create(model_id),
        known.preprocessing.input_shape,
        name=model_id,
        classes=known.classes,
        preprocessing=known.preprocessing,
    )


@cache
def structure(model_id: str) -> Network:
    """A listed network of which nothing but shapes exists: for counts and receptive fields, at next to no cost."""
    known, builder = models.declaration(model_id)
    with torch.device("meta"):
        return Network(builder(), known.preprocessing.input_shape, name=model_id)


@cache
def small(model_id: str) -> Network:
    """A listed network that sees at most 64×64 pixels: every operation at a tenth of the work."""
    known = card(model_id)
    channels, side, _ = known.preprocessing.input_shape
    if side <= 64:
        return listed(model_id)
    return Network(models.create(model_id), (channels, 64, 64), name=model_id, preprocessing=known.preprocessing)


def noise(network: Network, seed: int = 0) -> Tensor:
    """A seeded input, 1×C×H×W."""
    return torch.randn((1, *network.input_shape), generator=torch.Generator().manual_seed(seed))


def seeded(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in eval mode with seeded weights and statistics, none of them trivial."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator).to(parameter.dtype) * 0.3
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.copy_(torch.randn(buffer.shape, generator=generator))
        elif name.endswith("running_var"):
            buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return module.eval()


class Reused(nn.Module):
    """One ReLU module called three times, once in place on a value that is read again."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        y = self.conv2(x)
        activated = self.relu(self.drop(y))
        # y is what the in-place ReLU left of it.
        z = self.relu(activated - 0.5 * y)
        return self.head(z.mean((2, 3)))


class Functional(nn.Module):
    """No modules at all: functions, methods, operators, constants, every argument by place."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.randn(4, 3, 3, 3))
        self.bias = nn.Parameter(torch.randn(4))
        self.grouped = nn.Parameter(torch.randn(8, 1, 5, 3))
        self.dense = nn.Parameter(torch.randn(5, 8))
        self.register_buffer("mean", torch.randn(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.mean) / 2
        x = F.relu(F.conv2d(x, self.first, self.bias, 2, 1), inplace=True)
        x = F.conv2d(x, self.grouped, groups=4, dilation=2, padding=(4, 2))
        x = F.max_pool2d(x, 3, 2, 1, ceil_mode=True)
        x = torch.sigmoid(x) * x + 1
        x = F.avg_pool2d(x, 2)
        x = F.pad(x, (1, 2, 0, 1), value=0.25)[:, 1:7, ::2]
        x = torch.cat([x, x[:, :2]], 1).mean((2, 3))
        x = F.linear(x.view(x.size(0), -1), self.dense)
        return F.softmax(x, dim=1)


class Everything(nn.Module):
    """Every kind of operation that the science knows by name and the listed networks lack."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, 8, 3, stride=2, padding=2, dilation=2, padding_mode="reflect", bias=False)
        self.norms = nn.ModuleList(
            [
                nn.BatchNorm2d(8),
                nn.GroupNorm(2, 8),
                nn.InstanceNorm2d(8, affine=True),
                nn.LayerNorm([8, 12, 10]),
                nn.LocalResponseNorm(3, alpha=0.1),
                nn.BatchNorm2d(8, track_running_stats=False),
            ]
        )
        self.activations = nn.ModuleList(
            [
                nn.ReLU6(),
                nn.LeakyReLU(0.1),
                nn.ELU(0.7),
                nn.SiLU(),
                nn.GELU(),
                nn.Tanh(),
                nn.Sigmoid(),
                nn.Hardswish(),
                nn.Hardsigmoid(),
                nn.PReLU(),
            ]
        )
        self.up = nn.ConvTranspose2d(8, 6, (3, 2), stride=2, padding=1, output_padding=1, groups=2)
        self.circular = nn.Conv2d(6, 4, 3, padding=1, padding_mode="circular")
        self.replicate = nn.Conv2d(4, 4, 3, padding="same", padding_mode="replicate", groups=4)
        self.resize = nn.Upsample(size=(11, 9), mode="bilinear", align_corners=False)
        self.pad = nn.ZeroPad2d((1, 0, 2, 1))
        self.reflect = nn.ReflectionPad2d(1)
        self.pools = nn.ModuleList(
            [nn.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True), nn.AvgPool2d(2, 1, 1, count_include_pad=False)]
        )
        self.adaptive_max = nn.AdaptiveMaxPool2d((4, 3))
        self.adaptive_mean = nn.AdaptiveAvgPool2d((3, 2))
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(24, 7), nn.BatchNorm1d(7), nn.LogSoftmax(dim=-1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for norm in self.norms:
            x = norm(x)
        for activation in self.activations:
            x = activation(x) + 0.5 * x
        x = self.replicate(self.circular(self.up(x)))
        x = self.reflect(self.pad(self.resize(x)))
        for pool in self.pools:
            x = pool(x)
        x = x * self.gate(x)
        x = x / (x.abs() + 1)
        x = 2 - x
        x = self.adaptive_max(x).transpose(2, 3)
        return self.head(self.adaptive_mean(x))


def traced(module: nn.Module, shape: tuple[int, ...] = (3, 24, 20), seed: int = 0) -> Network:
    """A small network, seeded, traced."""
    return Network(seeded(module, seed), shape, name=type(module).__name__.lower())
