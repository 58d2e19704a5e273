"""A whole training in this process: a checkpoint after every epoch, resumable."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from app.train.loop import Training


@dataclass(frozen=True)
class EpochReport:
    """Where a training stands after an epoch; accuracies in percent."""

    epoch: int
    epochs: int
    loss: float
    validation_accuracy: float
    seconds: float


def run_epochs(training: Training, checkpoint: Path) -> Iterator[EpochReport]:
    """Trains to the end, from the checkpoint where there is one; yields after every epoch."""
    if checkpoint.exists():
        training.load_state(torch.load(checkpoint, weights_only=True))
    started, losses, epoch = time.perf_counter(), list[float](), training.epoch
    for report in training.run():
        losses.append(report.loss)
        if training.epoch == epoch:
            continue
        save_atomically(training.state(), checkpoint)
        accuracy, seconds = training.evaluate().accuracy, time.perf_counter() - started
        yield EpochReport(training.epoch, training.recipe.epochs, sum(losses) / len(losses), accuracy, seconds)
        started, losses, epoch = time.perf_counter(), [], training.epoch


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Writes a checkpoint so that a crash leaves the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.partial")
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
