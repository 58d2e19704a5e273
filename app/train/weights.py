"""What a finished training leaves: its weights as safetensors, and the report that its card shows."""

import json
import os
from pathlib import Path

from safetensors.torch import save

import models
from app.train.datasets import TITLES
from app.train.loop import Training


def write_weights(training: Training, folder: Path) -> tuple[Path, Path]:
    """Writes `<model>.safetensors` and `<model>.json` into a folder; returns their paths.

    The report measures the network on the test pictures, which nothing before this has looked at.
    """
    model = training.plan.model
    weights, report = folder / f"{model}.safetensors", folder / f"{model}.json"
    content = training_report(training).encode()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(save(training.weights()), weights)
    write_atomically(content, report)
    return weights, report


def training_report(training: Training) -> str:
    """What goes on the card: data, recipe, seed, command and the measured test accuracy, as JSON."""
    plan, test = training.plan, len(training.test[1])
    title = TITLES.get(plan.data, plan.data)
    accuracy = round(training.test_accuracy(), 2)
    report = models.Training(
        data=plan.data,
        recipe=plan.recipe.describe(),
        seed=plan.seed,
        command=f"convscope train {plan.model} --data FOLDER",
        measured=models.Accuracy(top1=accuracy, on=f"{title} test set ({test:,})", source="Convscope"),
    )
    return json.dumps(report.model_dump(), indent=2, ensure_ascii=False) + "\n"


def write_atomically(content: bytes, path: Path) -> None:
    """Writes a file so that a crash leaves the old one or the new one, never half of one."""
    temporary = path.with_name(f"{path.name}.partial")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
