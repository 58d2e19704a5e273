"""Structures: networks of which nothing but shapes exists, for drawings and tables that load no weights."""

import hashlib
import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import torch

import app.explain
import app.render
import models
from app.explain.network import Network
from app.render.outline import outline
from app.store.blobs import Blobs
from app.store.errors import BadWeights, DiskFull
from app.store.models import ModelStore
from models import cards, is_listed
from models.fitting import skeleton

LAYERS = {"convolution", "transposed_convolution", "linear"}


class Structures:
    """The traced graphs of networks, and their drawings, which are made once and kept. For many threads.

    Args:
        models: the catalogue.
        blobs: where drawings of the listed networks outlive the server; unless given, they do not.
    """

    def __init__(self, models: ModelStore, blobs: Blobs | None = None) -> None:
        self._models = models
        self._blobs = blobs
        self._outlines: dict[str, dict[str, Any]] = {}
        self._looked = False
        self._lock = Lock()

    def network(self, model_id: str) -> Network:
        """A traced network: without memory for its weights where its architecture is one of the list.

        Raises:
            UnknownModel: there is no network of this name.
        """
        card = self._models.card(model_id)
        shape = card.preprocessing.input_shape
        if is_listed(model_id):
            return Network(skeleton(model_id), shape, name=model_id)
        architecture = self._models.architecture(model_id)
        if architecture is None:
            return self._models.network(model_id)
        return Network(skeleton(architecture, len(card.classes), shape[0]), shape, name=model_id)

    def outline(self, model_id: str) -> dict[str, Any]:
        """A network's drawing with its multiply-adds, activations (outputs of its layers with weights) and depth.

        Raises:
            UnknownModel: there is no network of this name.
        """
        kept = self._outlines.get(model_id)
        if kept is not None:
            return kept
        with self._lock:
            if model_id not in self._outlines:
                self._outlines[model_id] = self._recalled(model_id) or self._made(model_id)
            return self._outlines[model_id]

    def _made(self, model_id: str) -> dict[str, Any]:
        """A new drawing, kept from now on."""
        drawn = summary(self.network(model_id))
        if self._blobs and is_listed(model_id):
            content = {"made_of": self._made_of(model_id), "outline": drawn}
            # Without room it is drawn again after the next start.
            with suppress(DiskFull):
                self._blobs.put(f"outlines/{model_id}.json", json.dumps(content).encode())
        return drawn

    def _recalled(self, model_id: str) -> dict[str, Any] | None:
        """A listed network's drawing from an earlier start; None where there is none, or it was made otherwise."""
        if not self._blobs or not is_listed(model_id):
            return None
        try:
            content = json.loads(self._blobs.get(f"outlines/{model_id}.json"))
            drawn: dict[str, Any] = content["outline"]
            return drawn if content["made_of"] == self._made_of(model_id) else None
        # What is wrong beside its weights is told to whoever opens the network.
        except (KeyError, ValueError, BadWeights):
            return None

    def _made_of(self, model_id: str) -> str:
        """What a listed network's drawing follows from."""
        return f"{code_digest()} {self._models.card(model_id).preprocessing.input_shape}"

    def forget(self, model_id: str) -> None:
        """Drops a drawing, because its network is gone or wanted otherwise."""
        self._outlines.pop(model_id, None)

    def known(self) -> dict[str, dict[str, Any]]:
        """The drawings that are at hand without work."""
        if not self._looked:
            for card in cards():
                kept = self._recalled(card.id)
                if kept:
                    self._outlines[card.id] = kept
            self._looked = True
        return dict(self._outlines)


@cache
def code_digest() -> str:
    """The SHA-256 of all that networks and their drawings are made by."""
    digest = hashlib.sha256(torch.__version__.encode())
    for package in (models, app.explain, app.render):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def summary(network: Network) -> dict[str, Any]:
    """A network's drawing and its sums."""
    layers = [node for node in network.nodes.values() if node.operation in LAYERS]
    return {
        "macs": sum(node.macs for node in network.nodes.values()),
        "activations": sum(node.size for node in layers),
        "layers": len(layers),
        "drawing": outline(network),
    }
