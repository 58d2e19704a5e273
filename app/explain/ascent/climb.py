"""The climb: pictures that go uphill together, each towards its own unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.adam import Adam
from app.explain.ascent.objectives import Objective, responses
from app.explain.ascent.parametrisation import Parametrisation
from app.explain.ascent.strided import unstrided
from app.explain.ascent.transforms import Shake
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.precision import fast_twin


@dataclass(frozen=True)
class Summit:
    """Where the pictures climb to: units of one node, one per picture, and what is read off their maps."""

    node: Node
    units: Sequence[int]
    objective: Objective


@dataclass(frozen=True)
class Gait:
    """How they climb.

    Attributes:
        learning_rate: length of a step.
        shake: what happens to the pictures before each look at them.
        blur: standard deviation of the Gaussian after each step, in pixels.
        decay: share of the way to grey after each step.
        seed: of the shaking.
    """

    learning_rate: float
    shake: Shake
    blur: float
    decay: float
    seed: int


def leaky(node: Node, compute: object, value: Tensor) -> Tensor:
    """A rectifier that lets a tenth of the negative through."""
    return F.leaky_relu(value, 0.1)


# What shows the way to a unit that is silent: its gradient is zero until something wakes it.
WAKING: dict[str, Rule] = {"relu": leaky, "relu6": leaky}


class Ascent:
    """Pictures on their way up; each `step` takes all of them one further.

    The gradient comes from the network's fast twin, is cut off at the summit's node and scaled to a root mean square of
    one in each picture, so that one learning rate fits all nodes of all networks. Plain pixels move along it; the
    numbers of other parametrisations, whose gradients differ in size, by Adam. The pictures of a
    batch know nothing of each other.

    Args:
        network: looked into.
        summit: what is climbed.
        start: the picture that all begin with, or one for each, and what they are made of.
        gait: how they climb.
    """

    def __init__(self, network: Network, summit: Summit, start: Parametrisation, gait: Gait) -> None:
        self.network = network
        self.summit = summit
        self.units = torch.tensor(summit.units, device=network.device)
        self.parametrisation = start.times(len(summit.units))
        self.gait = gait
        self.generator = torch.Generator().manual_seed(gait.seed)
        self.shown: Tensor | None = start.pictures().expand(len(summit.units), -1, -1, -1)
        self.adam = Adam(self.parametrisation.values)

    @cached_property
    def twin(self) -> Network:
        """The network that shows the way; made at the first step, so that the start can be shown before."""
        return fast_twin(self.network)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """How the twin computes what torch is slow at."""
        return {"convolution": unstrided(self.twin)}

    def pictures(self) -> Tensor:
        """The pictures as they are now, N×C×H×W in 0…1."""
        if self.shown is None:
            with torch.no_grad():
                self.shown = self.parametrisation.pictures()
        return self.shown

    def responses(self) -> Tensor:
        """How strongly each picture drives its unit, unshaken and in the network's own precision: N numbers."""
        with torch.no_grad():
            value = self.value(self.network, self.pictures(), {})
            return responses(value, self.units, self.summit.objective)

    def step(self) -> None:
        """Takes one step."""
        values = self.parametrisation.values
        gradient = self.gradient(values, self.units)
        silent = gradient.flatten(1).abs().amax(1) == 0
        if silent.any():
            gradient[silent] = self.waking_gradient(values[silent], self.units[silent])
        gradient = gradient / root_mean_square(gradient)
        self.shown = None
        change = gradient if self.parametrisation.plain else self.adam(gradient)
        self.parametrisation.move(self.gait.learning_rate * change, blur=self.gait.blur, decay=self.gait.decay)

    def gradient(self, values: Tensor, units: Tensor) -> Tensor:
        """Gradient of the sum of the responses to the shaken pictures, by the numbers that make these."""
        with torch.enable_grad():
            values = values.detach().requires_grad_()
            shaken = self.gait.shake(self.parametrisation.pictures(values), self.generator)
            climbed = responses(self.value(self.twin, shaken, self.rules), units, self.summit.objective).sum()
        return torch.autograd.grad(climbed, values)[0]

    def waking_gradient(self, values: Tensor, units: Tensor) -> Tensor:
        """The same for silent units, through leaking rectifiers; of the mean for a norm, which grows downwards too."""
        objective = "mean" if self.summit.objective == "norm" else self.summit.objective
        with torch.enable_grad():
            values = values.detach().requires_grad_()
            value = self.value(self.twin, self.parametrisation.pictures(values), self.rules | WAKING)
            climbed = responses(value, units, objective).sum()
        return torch.autograd.grad(climbed, values)[0]

    def value(self, network: Network, pictures: Tensor, rules: dict[str, Rule]) -> Tensor:
        """The summit's value for some pictures, normalised as the network wants them."""
        x = normalised(network, pictures).to(network.dtype, memory_format=torch.channels_last)
        return network.values(x, [self.summit.node.name], rules=rules)[self.summit.node.name]


def root_mean_square(gradient: Tensor) -> Tensor:
    """Of each picture's gradient, N×1×…; one where it is zero everywhere."""
    size = gradient.flatten(1).square().mean(1).sqrt()
    return torch.where(size > 0, size, 1.0).reshape(-1, *[1] * (gradient.dim() - 1))


def normalised(network: Network, pictures: Tensor) -> Tensor:
    """Pictures in 0…1 as the network's input: (p − mean) / deviation, per channel."""
    mean, deviation = statistics(network, pictures)
    return (pictures - mean) / deviation


def denormalised(network: Network, x: Tensor) -> Tensor:
    """A network's input as the picture in 0…1 that it came from."""
    mean, deviation = statistics(network, x)
    return (x * deviation + mean).clamp(0, 1)


def statistics(network: Network, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, C×1×1; 0 and 1 for a network that says nothing."""
    preprocessing = network.preprocessing
    mean, deviation = (preprocessing.mean, preprocessing.std) if preprocessing else ((0.0,), (1.0,))
    return tuple(torch.tensor(numbers).to(like).reshape(-1, 1, 1) for numbers in (mean, deviation))  # type: ignore[return-value]
