"""The network of a training: of the list or by the lectures' pattern, fitted to the pictures, with fresh weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional as F

from app.explain.network import Network
from app.explain.rewrite import Untraceable
from app.train.architecture import Architecture, layers, module_of, source_of
from app.train.dataset import Dataset
from app.train.errors import BadRun
from models.card import Preprocessing
from models.fitting import skeleton
from models.registry import UnknownModel, declaration
from models.source import source

NORMALISED = {"lenet1": "mnist", "lenet5": "mnist", "tiny_vgg": "tiny-imagenet-10", "cifar_resnet20": "cifar10"}
"""The data sets whose mean and deviation the networks' cards tell."""

CHUNK = 1000
"""Pictures that are resized at once."""


class Design(BaseModel):
    """Which network: one of the list, or one by the lectures' pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = Field(None, title="Network")
    architecture: Architecture | None = Field(None, title="Architecture")
    size: int | None = Field(None, ge=8, le=512, title="Side", description="As the network has it unless given.")


@dataclass(frozen=True)
class Fitted:
    """A design for pictures of a set.

    Attributes:
        design: as wished.
        channels: of the pictures.
        side: of the squares that the network sees.
        classes: their names.
        mean, std: with which the pictures are normalised, per channel.
    """

    design: Design
    channels: int
    side: int
    classes: tuple[str, ...]
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the input, C×H×W."""
        return self.channels, self.side, self.side

    @cached_property
    def preprocessing(self) -> Preprocessing:
        """How a picture becomes the network's input."""
        return Preprocessing(
            resize=self.side, crop=self.side, channels=self.channels, mean=self.mean or (0.0,) * self.channels,
            std=self.std or (1.0,) * self.channels,
        )  # fmt: skip

    def blank(self) -> nn.Module:
        """The network without memory for its weights."""
        if self.design.architecture is None:
            assert self.design.model is not None
            return skeleton(self.design.model, len(self.classes), self.channels)
        with torch.device("meta"):
            return module_of(layers(self.design.architecture, self.shape, len(self.classes)))

    def fresh(self, seed: int) -> nn.Module:
        """The network with weights drawn by a seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if self.design.architecture is not None:
                return module_of(layers(self.design.architecture, self.shape, len(self.classes)))
            assert self.design.model is not None
            return renewed(self.blank(), declaration(self.design.model)[1]())

    def traced(self, module: nn.Module, name: str = "network") -> Network:
        """The network taken apart; raises BadRun where its input does not fit it."""
        try:
            return Network(module.eval(), self.shape, name=name, classes=self.classes, preprocessing=self.preprocessing)
        except Untraceable as error:
            reason = str(error).split("\n")[0][:300]
            named = self.design.model or "the network"
            raise BadRun(f"Pictures of {self.side} × {self.side} do not fit {named}. {reason}", "size") from error

    def source(self) -> str:
        """The Python that makes it."""
        if self.design.architecture is not None:
            return source_of(layers(self.design.architecture, self.shape, len(self.classes)))
        assert self.design.model is not None
        return source(self.design.model).text


def renewed(blank: nn.Module, built: nn.Module) -> nn.Module:
    """A network as it was built, with fresh layers where the blank one has others; draws from torch's generator."""
    for path, layer in list(blank.named_modules()):
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            continue
        old = built.get_submodule(path)
        if old.weight.shape != layer.weight.shape:
            made = layer.to_empty(device="cpu")
            made.reset_parameters()
            parent, _, name = path.rpartition(".")
            setattr(built.get_submodule(parent), name, made)
    return built


def fit(design: Design, shape: Sequence[int], classes: tuple[str, ...], data: str) -> Fitted:
    """A design for pictures C×H×W of some classes.

    Raises:
        BadRun: there is no such network, or it is impossible.
    """
    if (design.model is None) == (design.architecture is None):
        raise BadRun("Name a network of the list as “model”, or describe one as “architecture”: one of them.", "model")
    if len(classes) < 2:
        raise BadRun("The data set has one class only; there must be two to tell apart.", "data")
    channels, rows, columns = shape
    if design.architecture is not None:
        fitted = Fitted(design, channels, design.size or min(rows, columns), classes)
        layers(design.architecture, fitted.shape, len(classes))
        return fitted
    assert design.model is not None
    try:
        card = declaration(design.model)[0]
    except UnknownModel as error:
        raise BadRun(str(error), "model") from error
    usual = card.preprocessing
    known = (usual.mean, usual.std) if NORMALISED.get(design.model) == data else ((), ())
    fitted = Fitted(design, channels, design.size or usual.crop, classes, *known)
    fitted.traced(fitted.blank())
    return fitted


def sized(images: Tensor, side: int) -> Tensor:
    """Pictures N×C×H×W in uint8 as squares: the middle of those that are hardly larger, others resized."""
    rows, columns = images.shape[2:]
    if min(rows, columns) >= side and max(rows, columns) <= side * 9 / 8 + 1:
        top, left = (rows - side) // 2, (columns - side) // 2
        return images[:, :, top : top + side, left : left + side]
    edge = min(rows, columns)
    top, left = (rows - edge) // 2, (columns - edge) // 2
    square = images[:, :, top : top + edge, left : left + edge]
    return torch.cat(
        [
            F.interpolate(part.float(), (side, side), mode="bilinear", antialias=True, align_corners=False)
            .round()
            .clamp(0, 255)
            .to(torch.uint8)
            for part in square.split(CHUNK)
        ]
    )


def measured(fitted: Fitted, images: Tensor) -> Fitted:
    """The same with the pictures' own mean and deviation per channel, where none is known."""
    if fitted.mean:
        return fitted
    values = images[:: max(1, len(images) // CHUNK)].float() / 255
    mean, std = values.mean((0, 2, 3)), values.std((0, 2, 3)).clamp(min=0.05)
    rounded = (tuple(round(float(number), 4) for number in numbers) for numbers in (mean, std))
    return Fitted(fitted.design, fitted.channels, fitted.side, fitted.classes, *rounded)


def fit_dataset(design: Design, dataset: Dataset) -> Fitted:
    """A design for a data set, with the mean and deviation that its pictures are normalised with; raises BadRun."""
    fitted = fit(design, dataset.train_images.shape[1:], dataset.named, dataset.name)
    return measured(fitted, dataset.train_images)
