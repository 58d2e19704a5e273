"""Weights that somebody brings for a known architecture: its shape with their number of classes and channels."""

from collections.abc import Mapping
from functools import cache

import torch
from torch import Tensor, nn

from models.registry import cards, declaration
from models.state_dicts import WeightsMismatch, differences, renamed

FIRST = 10
"""Differences that a message tells."""

Shapes = Mapping[str, tuple[int, ...]]


def skeleton(model_id: str, classes: int | None = None, channels: int | None = None) -> nn.Module:
    """A network of the list without memory for its weights, with another number of classes or of input channels.

    Every layer that gives one number per class is replaced, auxiliary heads too, and every first layer that reads
    the picture.

    Raises:
        UnknownModel: there is no network of this name.
    """
    card, builder = declaration(model_id)
    with torch.device("meta"):
        module = builder().eval()
        known = len(card.classes)
        if classes is not None and classes != known:
            replace(module, {name: {"out": classes} for name, layer in layers(module) if outputs(layer) == known})
        if channels is not None and channels != card.preprocessing.channels:
            first = next(name for name, layer in layers(module) if isinstance(layer, nn.Conv2d))
            replace(module, {first: {"in": channels}})
    return module


def layers(module: nn.Module) -> list[tuple[str, nn.Conv2d | nn.Linear]]:
    """The convolutions and dense layers, by path."""
    return [(name, part) for name, part in module.named_modules() if isinstance(part, nn.Conv2d | nn.Linear)]


def outputs(layer: nn.Conv2d | nn.Linear) -> int:
    """How many units a layer has."""
    return layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels


def replace(module: nn.Module, changes: Mapping[str, Mapping[str, int]]) -> None:
    """Puts layers of other sizes in the place of some."""
    for path, change in changes.items():
        parent, _, name = path.rpartition(".")
        setattr(module.get_submodule(parent), name, resized(module.get_submodule(path), **change))


def resized(layer: nn.Module, **change: int) -> nn.Module:
    """A layer like another with other numbers of inputs (`in`) or units (`out`)."""
    bias = layer.bias is not None
    if isinstance(layer, nn.Linear):
        return nn.Linear(change.get("in", layer.in_features), change.get("out", layer.out_features), bias)
    assert isinstance(layer, nn.Conv2d)
    return nn.Conv2d(
        change.get("in", layer.in_channels), change.get("out", layer.out_channels), layer.kernel_size,  # type: ignore[arg-type]
        layer.stride, layer.padding, layer.dilation, layer.groups, bias, layer.padding_mode,  # type: ignore[arg-type]
    )  # fmt: skip


@cache
def shapes(model_id: str) -> Shapes:
    """The shapes of a network's own tensors, by name; made once."""
    return {name: tuple(value.shape) for name, value in skeleton(model_id).state_dict().items()}


def fitted(model_id: str, state: dict[str, Tensor], file: str) -> tuple[nn.Module, dict[str, Tensor]]:
    """A network of the list as a file's weights want it, without memory, and the weights under its own names.

    How many classes and channels it has is read off the file.

    Raises:
        UnknownModel: there is no network of this name.
        WeightsMismatch: the file does not fit; the message tells ten differences, and a network that it would fit.
    """
    translated = renamed(skeleton(model_id), state)
    module = skeleton(model_id, *sizes(model_id, translated))
    found = differences(module.state_dict(), translated)
    if found:
        rest = f"; and {len(found) - FIRST} more" if len(found) > FIRST else ""
        nearest = next(iter(candidates(state)), None)
        advice = f" It would fit {nearest}." if nearest and nearest != model_id else ""
        raise WeightsMismatch(f"{file} does not fit {model_id}: {'; '.join(found[:FIRST])}{rest}.{advice}")
    return module, {name: value for name, value in translated.items() if name in module.state_dict()}


def sizes(model_id: str, state: Mapping[str, Tensor]) -> tuple[int | None, int | None]:
    """How many classes and input channels a file of weights is for; None where it does not tell."""
    card, _ = declaration(model_id)
    known = layers(skeleton(model_id))
    heads = [state[f"{name}.weight"] for name, layer in known if outputs(layer) == len(card.classes)
             and f"{name}.weight" in state]  # fmt: skip
    first = next((state.get(f"{name}.weight") for name, layer in known if isinstance(layer, nn.Conv2d)), None)
    classes = heads[-1].shape[0] if heads and heads[-1].dim() else None
    return classes or None, first.shape[1] or None if first is not None and first.dim() == 4 else None


def candidates(state: dict[str, Tensor]) -> list[str]:
    """The networks of the list that a file's weights would fit, those with the file's own class count first."""
    found = []
    for card in cards():
        own = shapes(card.id)
        translated = renamed(skeleton(card.id), state) if own.keys() != state.keys() else state
        needed = {name for name in own if not name.endswith("num_batches_tracked")}
        if not needed <= translated.keys() or not translated.keys() <= own.keys():
            continue
        module = skeleton(card.id, *sizes(card.id, translated))
        if not differences(module.state_dict(), translated):
            found.append(card.id)
    return sorted(found, key=lambda name: shapes(name) != {key: tuple(value.shape) for key, value in state.items()})
