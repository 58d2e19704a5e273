"""A run's checkpoint to take away: its weights, what is known of them, and the Python that makes the network."""

import io
import json
import zipfile

from safetensors.torch import save

from app.store.runs import Runs

README = """{title}

weights.safetensors  the weights, by the names of network.py
card.json            the network's input and classes, and the plan that trained it: data, recipe, seed
network.py           the network in PyTorch

    from safetensors.torch import load_file
    net.load_state_dict(load_file("weights.safetensors"))

where `net` is what network.py makes, by itself or by its class. A picture becomes its input as
card.json says under “preprocessing”.
"""


def export(runs: Runs, model_id: str) -> bytes:
    """A zip of the network of a run after so many steps; raises UnknownModel."""
    card, folder = runs.card(model_id), runs.folder_of_model(model_id)
    about = card.model_dump(mode="json") | {"plan": folder.plan().model_dump(mode="json")}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("weights.safetensors", save(runs.weights(model_id)))
        archive.writestr("card.json", json.dumps(about, indent=2, ensure_ascii=False) + "\n")
        archive.writestr("network.py", runs.fitted(folder).source())
        archive.writestr("README.txt", README.format(title=card.title))
    return written.getvalue()
