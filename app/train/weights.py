"""What a finished training leaves: its weights as safetensors, and the report that its card shows."""

import os
from pathlib import Path

from safetensors.torch import save

from app.train.loop import Trainer, training_report


def write_weights(trainer: Trainer, folder: Path) -> tuple[Path, Path]:
    """Writes `<model>.safetensors` and `<model>.json` into a folder; returns their paths.

    The report measures the network on the test pictures, which nothing before this has looked at.
    """
    model = trainer.recipe.model
    weights, report = folder / f"{model}.safetensors", folder / f"{model}.json"
    content = training_report(trainer).encode()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(save(trainer.weights()), weights)
    write_atomically(content, report)
    return weights, report


def write_atomically(content: bytes, path: Path) -> None:
    """Writes a file so that a crash leaves the old one or the new one, never half of one."""
    temporary = path.with_name(f"{path.name}.partial")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
