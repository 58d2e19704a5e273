"""What a person brings, read: an ONNX file, or weights for a network of the list. Nothing of it is ever executed."""

import mmap
import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from app.explain.errors import AskError
from app.onnx.importer import read_onnx
from app.onnx.limits import Limits
from app.store.converted import stored
from app.store.errors import BadModel, BadWeights, UnsafeModel
from app.store.own import Kind, OwnModel
from app.store.wishes import Wishes
from app.train.networks import Design, Fitted
from models import Card, Preprocessing, UnknownModel, WeightsMismatch, declaration
from models.fitting import candidates, fitted
from models.imagenet import PREPROCESSING, sized
from models.state_dicts import ProgramFound, check_finite, read_state_dict

LARGE_SIDE = 160
"""Side from which pictures are usually resized to more than what is cut out of them."""


@dataclass(frozen=True)
class Brought:
    """What came, before anybody's wishes.

    Attributes:
        module: the network.
        kind: of what is kept of it.
        content: the file that is kept.
        architecture: the listed network whose weights they are.
        family, summary, licence: as its card will say.
        usual: its preprocessing, where nothing else is wished.
        classes: their names, where the file or the architecture tells them.
        notes: what a person should know, one sentence each.
    """

    module: nn.Module
    kind: Kind
    content: Path
    architecture: str | None
    family: str
    summary: str
    usual: Preprocessing
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]


def bring_onnx(path: Path, file: str, wishes: Wishes, limits: Limits) -> Brought:
    """An ONNX file; raises BadOnnx, BadModel."""
    if wishes.architecture:
        raise BadModel("An ONNX file is a whole network: leave the architecture out.", "architecture")
    found = read_onnx(mapped(path), limits=limits, size=(wishes.size, wishes.size) if wishes.size else None)
    channels, rows, columns = found.input_shape
    if rows != columns:
        raise BadModel(
            f"{file} reads pictures of {rows} × {columns} pixels; networks that read squares are looked into here.",
            "file",
        )
    return Brought(
        module=found.module, kind="onnx", content=path, architecture=None, family="ONNX",
        summary="Read from an ONNX file that somebody brought.", usual=guessed(channels, rows), classes=found.classes,
        notes=found.notes,
    )  # fmt: skip


def guessed(channels: int, side: int) -> Preprocessing:
    """How pictures are usually prepared for a network of this input: ImageNet's way for colours, 0…1 for others."""
    resize = round(side * PREPROCESSING.resize / PREPROCESSING.crop) if side >= LARGE_SIDE else side
    if channels == 3:
        return sized(side, resize)
    return Preprocessing(resize=resize, crop=side, channels=channels, mean=(0.0,) * channels, std=(1.0,) * channels)


def bring_weights(path: Path, file: str, wishes: Wishes, limits: Limits) -> Brought:
    """Weights for a network of the list, kept as float32; raises BadWeights, UnsafeModel, BadModel."""
    with understood(file):
        state = read_state_dict(path, file)
        architecture = wishes.architecture or nearest(state, file)
        card = known(architecture)
        module, state = fitted(architecture, state, file)
        check_finite(state, file)
    other = sorted({str(value.dtype).removeprefix("torch.") for value in state.values() if converts(value)})
    content = path.with_name("kept.safetensors")
    save_file(stored(module, state), content)
    channels = next(layer.in_channels for layer in module.modules() if isinstance(layer, nn.Conv2d))
    usual = card.preprocessing
    if channels != usual.channels:
        usual = guessed(channels, usual.crop).model_copy(update={"resize": usual.resize})
    return Brought(
        module=module, kind="weights", content=content, architecture=architecture, family=card.family,
        summary=f"{card.title} with weights that somebody brought.", usual=usual, classes=card.classes,
        notes=(f"Weights of {' and '.join(other)} are taken as float32.",) if other else (),
    )  # fmt: skip


def converts(value: Tensor) -> bool:
    """Whether a tensor is of decimal numbers in another precision than is kept."""
    return value.is_floating_point() and value.dtype != torch.float32


def nearest(state: dict[str, Tensor], file: str) -> str:
    """The listed network that weights are for; raises BadModel where they fit none."""
    found = next(candidates(state), None)
    if found is None:
        raise BadModel(
            f"{file} fits none of the listed networks. Name the one that it is meant for as “architecture”, and the "
            "differences are told; any other network can be brought as an ONNX file.",
            "architecture",
        )
    return found


def known(architecture: str) -> Card:
    """The card of a listed network; raises BadModel."""
    try:
        return declaration(architecture)[0]
    except UnknownModel as error:
        raise BadModel(str(error), "architecture") from None


READERS: dict[str, Callable[[Path, str, Wishes, Limits], Brought]] = {
    ".onnx": bring_onnx,
    ".safetensors": bring_weights,
    ".pth": bring_weights,
    ".pt": bring_weights,
    ".th": bring_weights,
    ".bin": bring_weights,
    ".ckpt": bring_weights,
}
"""What reads a file, by the ending of its name."""


def kept_module(model: OwnModel, content: Path, limits: Limits) -> nn.Module:
    """The network that is kept in a file; its weights are mapped into memory where the file is their own."""
    if model.kind == "trained":
        return trained(model.card, content)
    if model.architecture is None:
        crop = model.card.preprocessing.crop
        return read_onnx(mapped(content), limits=limits, size=(crop, crop)).module
    state = load_file(content)
    module = fitted(model.architecture, state, model.card.id)[0]
    module.load_state_dict(state, assign=True)
    return module


def trained(card: Card, content: Path) -> nn.Module:
    """A network by its own design, which stands beside its weights."""
    with safe_open(content, "pt") as file:
        design = Design.model_validate_json(file.metadata()["design"])
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    channels, side = card.preprocessing.channels, card.preprocessing.crop
    module = Fitted(design, channels, side, card.classes).blank().to_empty(device="cpu")
    module.load_state_dict(state)
    return module


def mapped(path: Path) -> memoryview:
    """A file's bytes, read when they are looked at."""
    with path.open("rb") as file:
        # An empty file cannot be mapped.
        if not path.stat().st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


ASKS_TO_RUN = re.compile(r"(?:GLOBAL|global:?|class) (?!GLOBAL)([\w.]+)")


@contextmanager
def understood(file: str) -> Iterator[None]:
    """Tells what is wrong with a file of weights; raises BadWeights, UnsafeModel."""
    try:
        yield
    except ProgramFound as error:
        raise UnsafeModel(str(error), "file") from error
    except WeightsMismatch as error:
        raise BadWeights(str(error), "file") from error
    except (pickle.UnpicklingError, SafetensorError, BadZipFile, RuntimeError, EOFError, OSError, ValueError, TypeError,
            KeyError, AttributeError, IndexError, OverflowError, RecursionError, AssertionError) as error:  # fmt: skip
        if isinstance(error, AskError):
            raise
        told = str(error)
        asked = ASKS_TO_RUN.search(told) if isinstance(error, pickle.UnpicklingError) else None
        if asked:
            raise UnsafeModel(
                f"{file} asks for {asked[1]} to be run when it is read, which is never done here. Save the weights "
                "alone: torch.save(model.state_dict(), …).",
                "file",
            ) from error
        raise BadWeights(
            f"{file} cannot be read as weights: it must be a whole safetensors file, or a state dict that torch.save "
            "wrote.",
            "file",
        ) from error
