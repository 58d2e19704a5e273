"""Structures: networks of which nothing but shapes exists, for drawings and tables that load no weights."""

from threading import Lock
from typing import Any

from app.explain.network import Network
from app.render.outline import outline
from app.store.models import ModelStore
from models import is_listed
from models.fitting import skeleton

LAYERS = {"convolution", "transposed_convolution", "linear"}


class Structures:
    """The traced graphs of networks, and their drawings, which are made once and kept. For many threads."""

    def __init__(self, models: ModelStore) -> None:
        self._models = models
        self._outlines: dict[str, dict[str, Any]] = {}
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
                self._outlines[model_id] = summary(self.network(model_id))
            return self._outlines[model_id]

    def forget(self, model_id: str) -> None:
        """Drops a drawing, because its network is gone or wanted otherwise."""
        self._outlines.pop(model_id, None)

    def known(self) -> dict[str, dict[str, Any]]:
        """The drawings that are at hand without work."""
        return dict(self._outlines)


def summary(network: Network) -> dict[str, Any]:
    """A network's drawing and its sums."""
    layers = [node for node in network.nodes.values() if node.operation in LAYERS]
    return {
        "macs": sum(node.macs for node in network.nodes.values()),
        "activations": sum(node.size for node in layers),
        "layers": len(layers),
        "drawing": outline(network),
    }
