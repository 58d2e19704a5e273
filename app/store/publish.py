"""A run's checkpoint as a network that everybody can open, and that outlives its run."""

import hashlib
import tempfile
from pathlib import Path

from safetensors.torch import save

from app.store.blobs import full_disk_told
from app.store.own import OwnModel, OwnModels, own_id
from app.store.runs import Runs
from app.train.networks import Design
from models import Card


def publish(runs: Runs, own: OwnModels, model_id: str, title: str | None = None) -> Card:
    """Keeps the network of a run after so many steps; the same one is kept once. Gives its card.

    Raises:
        UnknownModel: there is no such checkpoint.
        DiskFull: there is no room for it.
    """
    card, plan = runs.card(model_id), runs.folder_of_model(model_id).plan()
    design = Design(model=plan.model, architecture=plan.architecture, size=plan.size)
    content = save(runs.weights(model_id), {"design": design.model_dump_json()})
    digest = hashlib.sha256(content).hexdigest()
    there = own.with_digest(digest)
    if there is not None:
        return there.card
    titled = (title or card.title).strip() or card.title
    card = card.model_copy(update={"id": own_id(titled, digest), "title": titled})
    with tempfile.TemporaryDirectory(prefix="convscope-") as folder:
        path = Path(folder) / "trained.safetensors"
        with full_disk_told():
            path.write_bytes(content)
        own.add(OwnModel(digest, "trained", None, card), path)
    return card
