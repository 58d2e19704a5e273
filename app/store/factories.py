"""Networks that the operator's own code makes: `convscope serve --model package.module:function`."""

import importlib
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from torch import nn

from models.card import Card, Preprocessing


class BadFactory(ValueError):
    """The network cannot be made; the message says why."""


@dataclass(frozen=True)
class Factory:
    """A network that is made by code.

    Attributes:
        card: what is known of it.
        make: makes it, with its weights.
    """

    card: Card
    make: Callable[[], nn.Module]


@dataclass(frozen=True)
class Maker:
    """What makes a network, and what its library says of it, as the fields of an upload."""

    make: Callable[[], nn.Module]
    told: Mapping[str, Any]


def of_torchvision(name: str) -> Maker:
    """A network of torchvision with its best weights, which it fetches itself."""
    library = imported("torchvision.models", "torchvision")
    weights = library.get_model_weights(name).DEFAULT
    how = weights.transforms()
    told = {
        "size": how.crop_size[0], "resize": how.resize_size[0], "mean": how.mean, "std": how.std,
        "classes": weights.meta.get("categories"), "interpolation": how.interpolation.value,
    }  # fmt: skip
    return Maker(lambda: library.get_model(name, weights=weights), told)


def of_timm(name: str) -> Maker:
    """A network of timm with its weights, which it fetches itself."""
    library = imported("timm", "timm")
    how = library.get_pretrained_cfg(name)
    told = {
        "size": how.input_size[-1], "resize": round(how.input_size[-1] / how.crop_pct), "mean": how.mean,
        "std": how.std, "interpolation": how.interpolation,
    }  # fmt: skip
    return Maker(lambda: library.create_model(name, pretrained=True), told)


def of_code(module: str, function: str) -> Maker:
    """A network of a function in a module; `function.convscope` may say of it what a form says of an upload."""
    # A module beside where the server is started is found, as `python -m` finds it.
    if "" not in sys.path:
        sys.path.insert(0, "")
    made = getattr(imported(module, module), function, None)
    if not callable(made):
        raise BadFactory(f"{module} has no function “{function}” that makes a network.")
    return Maker(made, getattr(made, "convscope", {}))


LIBRARIES = {"torchvision": of_torchvision, "timm": of_timm}


def factory(spec: str) -> Factory:
    """A network by what makes it, made once to learn what it is.

    Raises:
        BadFactory: it cannot be made, or is no classifier of pictures.
    """
    module, colon, name = spec.partition(":")
    if not colon or not name:
        raise BadFactory(f"--model is “{spec}”, but it must be package.module:function, torchvision:NAME or timm:NAME.")
    try:
        maker = LIBRARIES[module](name) if module in LIBRARIES else of_code(module, name)
        network = maker.make()
    except BadFactory:
        raise
    except Exception as error:
        raise BadFactory(f"--model {spec} failed: {type(error).__name__}: {error}") from error
    if not isinstance(network, nn.Module):
        raise BadFactory(f"--model {spec} gave {type(network).__name__}, but it must give a torch.nn.Module.")
    return Factory(card_of(spec, network.eval(), maker.told), maker.make)


def imported(module: str, package: str) -> Any:
    """A module by name; raises BadFactory where there is none."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise BadFactory(f"{package} cannot be imported: {error}. Install it beside Convscope.") from error


def card_of(spec: str, network: nn.Module, told: Mapping[str, Any]) -> Card:
    """What is known of a network that code makes; raises BadFactory."""
    from app.explain.errors import AskError
    from app.store.door import classes_of, traced
    from app.store.readers import guessed
    from app.store.wishes import read_wishes

    try:
        wishes = read_wishes({name: value for name, value in told.items() if value is not None})
        first = next((layer for layer in network.modules() if isinstance(layer, nn.Conv2d)), None)
        if first is None:
            raise BadFactory(f"--model {spec} has no convolution.")
        usual: Preprocessing = guessed(first.in_channels, wishes.size or 224)
        preprocessing = wishes.preprocessing(usual)
        known = traced(network, preprocessing, spec)
        classes = wishes.named(classes_of(known), None)
    except AskError as error:
        raise BadFactory(f"--model {spec}: {error.detail}") from error
    return Card(
        id=re.sub(r"[^a-z0-9]+", "-", spec.lower()).strip("-"), title=wishes.title or spec, family="Python",
        year=datetime.now(UTC).year, paper="", summary=f"Made by {spec}.", preprocessing=preprocessing, classes=classes,
        parameters=known.parameters, licence="",
    )  # fmt: skip
