"""ModelStore: networks, built when they are first asked for; a ModelSource for the engine."""

import hashlib
import pickle
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import torch
from safetensors import SafetensorError

from app.explain.network import Network
from app.explain.rewrite import Untraceable
from app.store.errors import BadWeights
from models import BadSideFile, Card, WeightsMismatch, WeightsMissing, create, declaration, described, find_weights
from models.weights_files import WeightsFile

Weights = Literal["shipped", "local", "random"]


@dataclass(frozen=True)
class Built:
    """A network in memory with the identity of its weights."""

    network: Network
    weights_id: str


class ModelStore:
    """Networks by id, traced, with the best weights at hand, else seeded random ones. For many threads."""

    def __init__(self) -> None:
        self._built: dict[str, Built] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def network(self, model_id: str) -> Network:
        """The traced network; raises UnknownModel, and BadWeights where its file cannot be used."""
        return self._get(model_id).network

    def weights_id(self, model_id: str) -> str:
        """The SHA-256 of its weights and of how its pictures are prepared."""
        return self._get(model_id).weights_id

    def weights(self, card: Card) -> Weights:
        """Where a network's weights come from; known without building it."""
        found = find_weights(card)
        return "random" if found is None else "shipped" if found.shipped else "local"

    def card(self, model_id: str) -> Card:
        """A network's card as the weights at hand want it; known without building it.

        Raises:
            UnknownModel: there is no network of this name.
            BadWeights: what stands beside its weights cannot be used.
        """
        card, _ = declaration(model_id)
        return card_of(card, find_weights(card))

    def is_built(self, model_id: str) -> bool:
        """Whether a network is at hand without waiting."""
        return model_id in self._built

    def _get(self, model_id: str) -> Built:
        built = self._built.get(model_id)
        if built is not None:
            return built
        declaration(model_id)
        with self._lock:
            lock = self._locks.setdefault(model_id, threading.Lock())
        with lock:
            if model_id not in self._built:
                self._built[model_id] = build(model_id)
            return self._built[model_id]


def build(model_id: str) -> Built:
    """Builds and traces a network.

    Raises:
        BadWeights: the file of its weights cannot be used; the message says why.
    """
    plain, _ = declaration(model_id)
    found = find_weights(plain)
    card = card_of(plain, found)
    try:
        module = create(model_id, pretrained=found is not None)
    except (WeightsMismatch, WeightsMissing) as error:
        raise BadWeights(str(error), "model") from error
    except (pickle.UnpicklingError, SafetensorError, BadZipFile, RuntimeError, EOFError, OSError) as error:
        name = found.path.name if found else card.id
        raise BadWeights(
            f"{name} cannot be read as weights: it must be a whole safetensors file, or a state dict that "
            "torch.save wrote. Replace it, or take it out of its folder.",
            "model",
        ) from error
    preprocessing = card.preprocessing
    try:
        network = Network(
            module.eval(), preprocessing.input_shape, name=card.id, classes=card.classes, preprocessing=preprocessing
        )
    except Untraceable as error:
        raise BadWeights(
            f"{card.id}.json beside the weights asks for a size that does not fit. {error}", "model"
        ) from error
    weights = file_digest(found.path) if found else f"random, seed 0, torch {torch.__version__}"
    content = f"{card.id}\n{weights}\n{preprocessing.model_dump_json()}"
    if card.classes != plain.classes:
        content += f"\n{card.classes}"
    return Built(network, hashlib.sha256(content.encode()).hexdigest())


def card_of(card: Card, found: WeightsFile | None) -> Card:
    """The card as the weights found want it.

    Raises:
        BadWeights: what stands beside them cannot be used.
    """
    try:
        return described(card, found)
    except BadSideFile as error:
        raise BadWeights(str(error), "model") from error


def file_digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
