"""ModelStore: networks, built when they are first asked for; a ModelSource for the engine."""

import hashlib
import pickle
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import torch
from safetensors import SafetensorError

from app.explain.network import Network
from app.explain.rewrite import Untraceable
from app.onnx.limits import Limits
from app.store.converted import Converted, file_digest
from app.store.errors import BadModel, BadWeights
from app.store.factories import Factory
from app.store.memory import Memory
from app.store.own import OwnModel, OwnModels
from app.store.runs import Runs
from models import (
    BadSideFile,
    Card,
    UnknownModel,
    WeightsMismatch,
    WeightsMissing,
    cards,
    create,
    declaration,
    described,
    find_weights,
    is_listed,
)
from models.weights_files import WeightsFile, weights_folders

STEPS_BYTES = 256 << 20
"""What the networks of runs may hold together."""

Weights = Literal["shipped", "local", "random", "own"]


@dataclass(frozen=True)
class Built:
    """A network in memory with the identity of its weights."""

    network: Network
    weights_id: str


class ModelStore:
    """The one catalogue of networks: those of the list, with the best weights at hand, else seeded random ones, and
    those that people brought. Each is traced when it is first asked for. For many threads.

    Args:
        own: the networks that people brought; none unless given.
        limits: how large these may be.
        factories: networks that the operator's own code makes.
        fetched: the folder of weights that were fetched from their publishers; looked through last.
        runs: the trainings of which every checkpoint is a network.
        converted: the folder where local weights are kept as safetensors; unless given, each start reads them anew.
    """

    def __init__(
        self,
        own: OwnModels | None = None,
        limits: Limits | None = None,
        factories: Iterable[Factory] = (),
        fetched: Path | None = None,
        runs: Runs | None = None,
        converted: Path | None = None,
    ) -> None:
        self._runs = runs
        self._steps: Memory[str, Built] = Memory(STEPS_BYTES, built_bytes)
        self._fetched = [] if fetched is None else [fetched]
        self._converted = Converted(converted) if converted else None
        self._factories = {factory.card.id: factory for factory in factories}
        self._own = own
        self._limits = limits or Limits()
        self._built: dict[str, Built] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def network(self, model_id: str) -> Network:
        """The traced network; raises UnknownModel, and BadWeights where its file cannot be used."""
        return self._get(model_id).network

    def weights_id(self, model_id: str) -> str:
        """The SHA-256 of its weights and of how its pictures are prepared."""
        return self._get(model_id).weights_id

    def cards(self) -> list[Card]:
        """The cards of all networks, smallest first; nothing is built for it."""
        own = [model.card for model in self._own.all()] if self._own else []
        return sorted(
            [*cards(), *own, *(made.card for made in self._factories.values())], key=lambda card: card.parameters
        )

    def plain_card(self, model_id: str) -> Card:
        """A network's card as it was declared; raises UnknownModel."""
        if is_listed(model_id):
            return declaration(model_id)[0]
        if model_id in self._factories:
            return self._factories[model_id].card
        if self._runs is not None and model_id.startswith("run:"):
            return self._runs.card(model_id)
        return self.brought(model_id).card

    def brought(self, model_id: str) -> OwnModel:
        """A network that somebody brought; raises UnknownModel, and BadModel for one of the list."""
        if is_listed(model_id) or model_id in self._factories:
            raise BadModel(f"{model_id} came with the server: it is neither changed nor deleted.", "model")
        found = self._own.find(model_id) if self._own else None
        if found is None:
            raise UnknownModel(model_id)
        return found

    def architecture(self, model_id: str) -> str | None:
        """The listed network whose weights somebody brought; None for a network of its own. Raises UnknownModel."""
        if model_id in self._factories or model_id.startswith("run:"):
            return None
        return self.brought(model_id).architecture

    def weights(self, card: Card) -> Weights:
        """Where a network's weights come from; known without building it."""
        if not is_listed(card.id):
            return "own"
        found = find_weights(card, self._folders())
        return "random" if found is None else "shipped" if found.shipped else "local"

    def card(self, model_id: str) -> Card:
        """A network's card as the weights at hand want it; known without building it.

        Raises:
            UnknownModel: there is no network of this name.
            BadWeights: what stands beside its weights cannot be used.
        """
        return self.at_hand(self.plain_card(model_id))

    def at_hand(self, card: Card) -> Card:
        """A card as the weights at hand want it; raises BadWeights where what stands beside them cannot be used."""
        return card_of(card, find_weights(card, self._folders())) if is_listed(card.id) else card

    def forget(self, model_id: str) -> None:
        """Drops a built network, because it is gone or wanted otherwise."""
        self._built.pop(model_id, None)

    def _folders(self) -> list[Path]:
        """Where weights are looked for, beside those that ship."""
        return [*weights_folders(), *self._fetched]

    def is_built(self, model_id: str) -> bool:
        """Whether a network is at hand without waiting."""
        return model_id in self._built

    def _get(self, model_id: str) -> Built:
        built = self._built.get(model_id)
        if built is not None:
            return built
        if self._runs is not None and model_id.startswith("run:"):
            return self._steps.get(model_id, lambda: self._build_step(model_id))
        self.plain_card(model_id)
        with self._lock:
            lock = self._locks.setdefault(model_id, threading.Lock())
        with lock:
            if model_id not in self._built:
                self._built[model_id] = (
                    build(model_id, self._folders(), self._converted)
                    if is_listed(model_id)
                    else self._build_own(model_id)
                )
            return self._built[model_id]

    def _build_step(self, model_id: str) -> Built:
        """A run's network after so many steps; raises UnknownModel."""
        assert self._runs is not None
        network = self._runs.network(model_id)
        content = f"{model_id}\n{state_digest(network.module)}\n{network.preprocessing}"
        return Built(network, hashlib.sha256(content.encode()).hexdigest())

    def _build_own(self, model_id: str) -> Built:
        """Builds and traces a network that somebody brought; raises UnknownModel, BadWeights."""
        # Reading ONNX files takes what no start needs.
        from app.store.readers import kept_module

        made = self._factories.get(model_id)
        if made is not None:
            module = made.make()
            return traced(module, made.card, f"{state_digest(module)}\n{made.card.classes}")
        model = self.brought(model_id)
        assert self._own is not None
        try:
            module = kept_module(model, self._own.content(model), self._limits)
        except (KeyError, OSError) as error:
            raise BadWeights(f"The file that holds {model_id} is gone from the server's disk.", "model") from error
        return traced(module, model.card, f"{model.digest}\n{model.card.classes}")


def built_bytes(built: Built) -> int:
    """Bytes of a network's weights."""
    return 4 * built.network.parameters


def traced(module: torch.nn.Module, card: Card, weights: str) -> Built:
    """A network taken apart, and its identity: of its weights, and of how its pictures are prepared.

    Raises:
        Untraceable: its input's size does not fit it.
    """
    preprocessing = card.preprocessing
    network = Network(
        module.eval(), preprocessing.input_shape, name=card.id, classes=card.classes, preprocessing=preprocessing
    )
    content = f"{card.id}\n{weights}\n{preprocessing.model_dump_json()}"
    return Built(network, hashlib.sha256(content.encode()).hexdigest())


def build(model_id: str, folders: list[Path], converted: Converted | None = None) -> Built:
    """Builds and traces a network of the list, with the weights found in some folders or shipped.

    Others than those that ship are mapped into memory from what is kept of them, where there is a place for it.

    Raises:
        BadWeights: the file of its weights cannot be used; the message says why.
    """
    plain, _ = declaration(model_id)
    found = find_weights(plain, folders)
    card = card_of(plain, found)
    try:
        if found and not found.shipped and converted:
            module, digest = converted.module(model_id, found.path)
        else:
            module = create(model_id, pretrained=found is not None, folders=folders)
            digest = file_digest(found.path) if found else f"random, seed 0, torch {torch.__version__}"
    except (WeightsMismatch, WeightsMissing) as error:
        raise BadWeights(str(error), "model") from error
    except (pickle.UnpicklingError, SafetensorError, BadZipFile, RuntimeError, EOFError, OSError) as error:
        name = found.path.name if found else card.id
        raise BadWeights(
            f"{name} cannot be read as weights: it must be a whole safetensors file, or a state dict that "
            "torch.save wrote. Replace it, or take it out of its folder.",
            "model",
        ) from error
    weights = digest if card.classes == plain.classes else f"{digest}\n{card.classes}"
    try:
        return traced(module, card, weights)
    except Untraceable as error:
        raise BadWeights(
            f"{card.id}.json beside the weights asks for a size that does not fit. {error}", "model"
        ) from error


def card_of(card: Card, found: WeightsFile | None) -> Card:
    """The card as the weights found want it.

    Raises:
        BadWeights: what stands beside them cannot be used.
    """
    try:
        return described(card, found)
    except BadSideFile as error:
        raise BadWeights(str(error), "model") from error


def state_digest(module: torch.nn.Module) -> str:
    """The SHA-256 of all values that a network holds."""
    digest = hashlib.sha256()
    for name, value in module.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()
