"""The door: what a person brings is read, traced, checked against the limits, and kept."""

import hashlib
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from torch import nn

from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.network import Network
from app.explain.rewrite import Untraceable
from app.onnx.limits import Limits
from app.store.errors import BadModel
from app.store.own import OwnModel, OwnModels, own_id
from app.store.readers import READERS, Brought, kept_module
from app.store.wishes import LONGEST_TITLE, Wishes
from models import Card, Preprocessing


class Door:
    """Takes networks in, one at a time: each may need much memory while it is read. For many threads."""

    def __init__(self, own: OwnModels, limits: Limits) -> None:
        self._own = own
        self._limits = limits
        self._lock = threading.Lock()

    def admit(self, path: Path, file: str, wishes: Wishes) -> tuple[Card, bool]:
        """Reads a file and keeps its network. Gives its card, and whether it is new: the same file is kept once.

        Args:
            path: where the file is, in a folder of its own.
            file: what its owner calls it; never used as a path.
            wishes: what its owner says of it.

        Raises:
            BadOnnx, BadWeights, UnsafeModel, BadModel: it cannot be taken.
            DiskFull: there is no room for it.
        """
        shown = shown_name(file)
        ending = Path(shown).suffix.lower()
        if ending not in READERS:
            raise BadModel(
                f"{shown} is neither an ONNX file nor one of weights. What is read ends in {', '.join(READERS)}.",
                "file",
            )
        with self._lock:
            digest = digest_of(path, wishes.architecture)
            there = self._own.with_digest(digest)
            if there is not None:
                return there.card, False
            path = path.rename(path.with_name(f"brought{ending}"))
            brought = READERS[ending](path, shown, wishes, self._limits)
            title = wishes.title or shown.removesuffix(Path(shown).suffix)[:LONGEST_TITLE] or "Network"
            card = card_of(brought, own_id(title, digest), title, wishes, self._limits)
            new = self._own.add(OwnModel(digest, brought.kind, brought.architecture, card), brought.content)
            return card, new

    def change(self, model: OwnModel, wishes: Wishes) -> Card:
        """Keeps what is said otherwise of a network that is there. Gives its card.

        Raises:
            BadModel: that does not fit it.
            BadOnnx, BadWeights: its file cannot be read any more.
        """
        if wishes.architecture not in (None, model.architecture):
            raise BadModel("The architecture stays as it is: bring the weights anew.", "architecture")
        card, preprocessing = model.card, wishes.preprocessing(model.card.preprocessing)
        title = wishes.title or card.title
        if preprocessing.crop != card.preprocessing.crop:
            with self._lock:
                resized = replace(model, card=card.model_copy(update={"preprocessing": preprocessing}))
                module = kept_module(resized, self._own.content(model), self._limits)
                network = traced(module, preprocessing, title)
                check_pass(network, self._limits)
                if classes_of(network) != len(card.classes):
                    raise BadModel(f"With pictures of that size, {title} has another number of classes.", "size")
        changed = {
            "title": title,
            "preprocessing": preprocessing,
            "classes": wishes.named(len(card.classes), card.classes),
        }
        card = card.model_copy(update=changed)
        self._own.change(card)
        return card


def card_of(brought: Brought, model_id: str, title: str, wishes: Wishes, limits: Limits) -> Card:
    """The card of what was brought, as its owner wishes it; raises BadModel."""
    preprocessing = wishes.preprocessing(brought.usual)
    network = traced(brought.module, preprocessing, title)
    check_pass(network, limits)
    count = classes_of(network)
    known = brought.classes if brought.classes and len(brought.classes) == count else None
    return Card(
        id=model_id, title=title, family=brought.family, year=datetime.now(UTC).year, paper="",
        summary=brought.summary, preprocessing=preprocessing, classes=wishes.named(count, known),
        parameters=network.parameters, licence="", notes=brought.notes,
    )  # fmt: skip


def traced(module: nn.Module, preprocessing: Preprocessing, title: str) -> Network:
    """A network taken apart at its input's size; raises BadModel where that does not fit it."""
    try:
        return Network(module, preprocessing.input_shape, name=title)
    except Untraceable as error:
        side = preprocessing.crop
        reason = str(error).split("\n")[0][:300]
        raise BadModel(f"Pictures of {side} × {side} do not fit {title}. {reason}", "size") from error


def check_pass(network: Network, limits: Limits) -> None:
    """Refuses a network of which one pass takes more than is allowed; raises BadModel."""
    memory = sum(4 * node.size for node in network.nodes.values())
    macs = sum(node.macs for node in network.nodes.values())
    if memory > limits.memory_bytes:
        taken, allowed = f"{memory >> 20:,} MiB", f"{limits.memory_bytes >> 20:,} MiB"
    elif macs > limits.macs:
        taken, allowed = f"{macs:,} multiply-adds", f"{limits.macs:,}"
    else:
        return
    raise BadModel(f"One pass takes {taken}; this server allows {allowed}. Choose a smaller size.", "size")


def classes_of(network: Network) -> int:
    """How many classes a network tells apart; raises BadModel where it is no classifier."""
    try:
        return logits_node(network).units
    except AskError as error:
        raise BadModel(error.detail, "file") from error


def digest_of(path: Path, architecture: str | None) -> str:
    """The SHA-256 of a file's own SHA-256 and of the architecture that was named with it."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"{content}\n{architecture or ''}".encode()).hexdigest()


def shown_name(file: str) -> str:
    """A file's name without its folders, short, unprintable characters replaced, its ending kept."""
    name = re.split(r"[/\\]", file)[-1]
    name = "".join(character if character.isprintable() else "�" for character in name)
    stem, dot, ending = name.rpartition(".")
    return f"{(stem or ending)[:60]}{dot}{ending[:20]}" if dot else name[:60]
