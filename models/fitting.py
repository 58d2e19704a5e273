"""Weights that somebody brings for a network of the list: which one they fit, with their own classes and channels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import log

import torch
from torch import Tensor, nn

from models.registry import cards, declaration
from models.state_dicts import WeightsMismatch, differences, renamed

FIRST = 10
"""Differences that a message tells."""

Layer = nn.Conv2d | nn.Linear


@dataclass(frozen=True)
class Template:
    """What weights for a network of the list look like.

    Attributes:
        module: the network without memory for its weights, not to be changed.
        own: its tensors by name.
        heads: paths of the layers that give one number per class; auxiliary ones stand before the last.
        first: path of the first convolution, which reads the picture.
    """

    module: nn.Module
    own: Mapping[str, Tensor]
    heads: tuple[str, ...]
    first: str

    def sizes(self, state: Mapping[str, Tensor]) -> tuple[int | None, int | None]:
        """How many classes and input channels a file of weights is for; None where it does not tell."""
        head, first = (state.get(f"{path}.weight") for path in (self.heads[-1], self.first))
        classes = head.shape[0] if head is not None and head.dim() else None
        channels = first.shape[1] if first is not None and first.dim() == 4 else None
        return classes or None, channels or None


@cache
def template(model_id: str) -> Template:
    """The template of a network of the list, made once; raises UnknownModel."""
    card, builder = declaration(model_id)
    with torch.device("meta"):
        module = builder().eval()
    layers = [(path, part) for path, part in module.named_modules() if isinstance(part, Layer)]
    heads = [(path, layer) for path, layer in layers if layer.weight.shape[0] == len(card.classes)]
    # Where dense layers end a network, a convolution of as many maps is something else.
    dense = [path for path, layer in heads if isinstance(layer, nn.Linear)]
    first = next(path for path, layer in layers if isinstance(layer, nn.Conv2d))
    return Template(module, module.state_dict(), tuple(dense or [path for path, _ in heads]), first)


def skeleton(model_id: str, classes: int | None = None, channels: int | None = None) -> nn.Module:
    """A network of the list without memory for its weights, with another number of classes or of input channels.

    Raises:
        UnknownModel: there is no network of this name.
    """
    card, builder = declaration(model_id)
    pattern = template(model_id)
    with torch.device("meta"):
        module = builder().eval()
        if classes is not None and classes != len(card.classes):
            for path in pattern.heads:
                replace(module, path, units=classes)
        if channels is not None and channels != card.preprocessing.channels:
            replace(module, pattern.first, inputs=channels)
    return module


def replace(module: nn.Module, path: str, **sizes: int) -> None:
    """Puts a layer of other sizes in the place of one."""
    parent, _, name = path.rpartition(".")
    layer = module.get_submodule(path)
    assert isinstance(layer, Layer)
    setattr(module.get_submodule(parent), name, resized(layer, **sizes))


def resized(layer: Layer, inputs: int | None = None, units: int | None = None) -> Layer:
    """A layer like another with other numbers of inputs or units."""
    bias = layer.bias is not None
    if isinstance(layer, nn.Linear):
        return nn.Linear(inputs or layer.in_features, units or layer.out_features, bias)
    alike = {name: getattr(layer, name) for name in ("kernel_size", "stride", "padding", "dilation", "groups")}
    return nn.Conv2d(inputs or layer.in_channels, units or layer.out_channels, bias=bias, **alike)


def fitted(model_id: str, state: dict[str, Tensor], file: str) -> tuple[nn.Module, dict[str, Tensor]]:
    """A network of the list as a file's weights want it, without memory, and the weights under its own names.

    How many classes and channels it has is read off the file.

    Raises:
        UnknownModel: there is no network of this name.
        WeightsMismatch: the file does not fit; the message tells ten differences, and a network that it would fit.
    """
    pattern = template(model_id)
    state = renamed(pattern.module, state)
    module = skeleton(model_id, *pattern.sizes(state))
    found = differences(module.state_dict(), state)
    if found:
        rest = f"; and {len(found) - FIRST} more" if len(found) > FIRST else ""
        other = next((name for name in candidates(state) if name != model_id), None)
        differs = "; ".join(found[:FIRST]) + rest
        if other:
            raise WeightsMismatch(f"{file} does not fit {model_id}: {differs}. It would fit {other}.")
        raise WeightsMismatch(f"{file} does not fit {model_id}: {differs}.")
    return module, state


def candidates(state: dict[str, Tensor]) -> Iterator[str]:
    """The networks of the list that weights fit; those of about their size are tried first."""
    count = 1 + sum(value.numel() for value in state.values())
    for card in sorted(cards(), key=lambda card: abs(log(card.parameters / count))):
        pattern = template(card.id)
        translated = renamed(pattern.module, state)
        if translated.keys() - pattern.own.keys() or len(pattern.own) > 2 * len(translated):
            continue
        if not differences(skeleton(card.id, *pattern.sizes(translated)).state_dict(), translated):
            yield card.id
