"""Networks with their weights: where weights are looked for, and how they get into a network."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from models.card import Card
from models.registry import SHIPPED_WEIGHTS, declaration
from models.side_file import with_side_file
from models.state_dicts import WeightsMismatch, check_finite, differences, read_state_dict, renamed


class WeightsMissing(FileNotFoundError):
    """A network's weights were asked for and are nowhere."""


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights, and whether it came with the project."""

    path: Path
    shipped: bool


def weights_folders() -> list[Path]:
    """The folders named by `CONVSCOPE_WEIGHTS`, separated as in PATH."""
    return [Path(part) for part in os.environ.get("CONVSCOPE_WEIGHTS", "").split(os.pathsep) if part]


def published_name(card: Card) -> str | None:
    """What its publisher calls the file of its weights."""
    return card.published.url.rsplit("/", 1)[-1] if card.published else None


def find_weights(card: Card, folders: Iterable[Path] | None = None) -> WeightsFile | None:
    """The first file of weights for a network: in the folders first, then among those that ship."""
    names = [f"{card.id}.safetensors", f"{card.id}.pth", *filter(None, [published_name(card)])]
    for folder in weights_folders() if folders is None else folders:
        for name in names:
            if (folder / name).is_file():
                return WeightsFile(folder / name, shipped=False)
    shipped = SHIPPED_WEIGHTS / f"{card.id}.safetensors"
    return WeightsFile(shipped, shipped=True) if shipped.is_file() else None


def described(card: Card, found: WeightsFile | None) -> Card:
    """The card as the weights at hand want it: their own preprocessing and class names, and no other weights' accuracy.

    Raises:
        BadSideFile: what stands beside the weights cannot be used.
    """
    if found is None or found.shipped:
        return card
    published = card.published if found.path.name == published_name(card) else None
    own = card.model_copy(update={"training": None, "published": published})
    return with_side_file(own, found.path.parent)


def load_weights(module: nn.Module, path: Path) -> None:
    """Copies the weights of a file into a network, strictly.

    Raises:
        WeightsMismatch: names or shapes differ, of which the first ten are told; or values are no numbers.
    """
    module.load_state_dict(fitting_state(module, path), strict=False)


def fitting_state(module: nn.Module, path: Path) -> dict[str, Tensor]:
    """The weights of a file under a network's own names; a count that nothing reads may be missing.

    Raises:
        WeightsMismatch: names or shapes differ, of which the first ten are told; or values are no numbers.
    """
    state = renamed(module, read_state_dict(path))
    found = differences(module.state_dict(), state)
    if found:
        raise WeightsMismatch(f"{path.name} does not fit: {'; '.join(found[:10])}.")
    check_finite(state, path.name)
    return state


def create(model_id: str, pretrained: bool = False, folders: Iterable[Path] | None = None) -> nn.Module:
    """Builds a network in float32; with `pretrained` its weights, without them seeded random ones.

    Raises:
        UnknownModel: there is no network of this name.
        WeightsMissing: no weights are at hand; the message says where they could come from.
        WeightsMismatch: the weights found are another network's.
    """
    card, builder = declaration(model_id)
    if not pretrained:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return builder()
    found = find_weights(card, folders)
    if found is None:
        source = f" They are published at {card.published.url}." if card.published else ""
        raise WeightsMissing(
            f"There are no weights for {card.id}. Put {card.id}.safetensors or {card.id}.pth into a folder and name "
            f"the folder in CONVSCOPE_WEIGHTS.{source}"
        )
    with torch.random.fork_rng(devices=[]):
        module = builder()
    load_weights(module, found.path)
    return module
