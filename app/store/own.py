"""OwnModels: networks that people brought. A row says what each is, a blob holds it; both outlive the server."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.store.blobs import Blobs
from app.store.database import Database
from models import Card

Kind = Literal["onnx", "weights", "trained"]
"""What the blob holds: the ONNX file as it came, weights in float32 as safetensors, or such weights with the design of
a network that was trained here beside them."""

LONGEST_SLUG = 40
DIGITS = 8


@dataclass(frozen=True)
class OwnModel:
    """One network that somebody brought.

    Attributes:
        digest: the SHA-256 of the file that came, and of the architecture that was named with it.
        kind: of the blob.
        architecture: the id of the listed network whose weights they are; None for an ONNX file.
        card: what is known of it; its id is the network's.
    """

    digest: str
    kind: Kind
    architecture: str | None
    card: Card


class OwnModels:
    """Rows of the table `models`, and their blobs. For many threads."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def add(self, model: OwnModel, content: Path) -> bool:
        """Keeps a network. Gives whether it is new: the same may have come twice at once.

        The blob is on the disk before its row is: a server that is killed in between has kept nothing it promised.

        Raises:
            DiskFull: there is no room for it.
        """
        from sqlalchemy.exc import IntegrityError

        self._blobs.put_file(blob_key(model), content)
        row = {
            "id": model.card.id,
            "digest": model.digest,
            "kind": model.kind,
            "architecture": model.architecture,
            "card": model.card.model_dump(mode="json"),
        }
        try:
            with self._database.transaction() as connection:
                connection.execute(self._database.tables.models.insert().values(row))
        except IntegrityError:
            return False
        return True

    def change(self, card: Card) -> None:
        """Keeps another card of a network that is there."""
        models = self._database.tables.models
        changed = models.update().where(models.c.id == card.id).values(card=card.model_dump(mode="json"))
        with self._database.transaction() as connection:
            connection.execute(changed)

    def find(self, model_id: str) -> OwnModel | None:
        """A network by its id, or None."""
        return next(iter(self._select(id=model_id)), None)

    def with_digest(self, digest: str) -> OwnModel | None:
        """The network that came as this file, or None."""
        return next(iter(self._select(digest=digest)), None)

    def all(self) -> list[OwnModel]:
        """All networks."""
        return self._select()

    def content(self, model: OwnModel) -> Path:
        """The file that holds a network; raises KeyError where somebody removed it from the disk."""
        return self._blobs.file(blob_key(model))

    def remove(self, model: OwnModel) -> None:
        """Forgets a network: first its row, so that none is ever without its blob."""
        models = self._database.tables.models
        with self._database.transaction() as connection:
            connection.execute(models.delete().where(models.c.id == model.card.id))
        self._blobs.remove(blob_key(model))

    def _select(self, **wanted: str) -> list[OwnModel]:
        models = self._database.tables.models
        with self._database.transaction() as connection:
            rows = connection.execute(models.select().filter_by(**wanted)).all()
        return [own_model(row) for row in rows]


def own_model(row: Any) -> OwnModel:
    """A row as what it says."""
    return OwnModel(row.digest, row.kind, row.architecture, Card.model_validate(row.card))


def blob_key(model: OwnModel) -> str:
    """Where a network's file is kept."""
    ending = {"onnx": "onnx", "weights": "safetensors", "trained": "safetensors"}[model.kind]
    return f"models/{model.digest[:2]}/{model.digest}.{ending}"


def own_id(title: str, digest: str) -> str:
    """An id of small letters, digits and hyphens: the title as far as it goes, and the digest's first digits."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
    return f"{slug or 'network'}-{digest[:DIGITS]}"
