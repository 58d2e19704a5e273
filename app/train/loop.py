"""The training loop: one recipe, one data set, checkpoints after every epoch, resumable."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.train.datasets import TITLES, Dataset
from app.train.recipes import Recipe


@dataclass(frozen=True)
class EpochReport:
    """Where a training stands after an epoch; accuracies in percent."""

    epoch: int
    epochs: int
    loss: float
    validation_accuracy: float
    seconds: float


class Trainer:
    """Trains one network by one recipe.

    The validation part is split off the training pictures by the recipe's seed and never trained on; the test
    pictures are only looked at by `test_accuracy`, once, at the end.
    """

    def __init__(self, recipe: Recipe, dataset: Dataset) -> None:
        self.recipe = recipe
        self.card = models.declaration(recipe.model)[0]
        torch.manual_seed(recipe.seed)
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.model = models.create(recipe.model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = torch.optim.swa_utils.AveragedModel(
            self.model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average_decay), use_buffers=True
        )
        side = self.card.preprocessing.crop
        train_images = middle(dataset.train_images, side)
        order = torch.randperm(len(train_images), generator=self.generator)
        held_out, kept = order[: recipe.validation], order[recipe.validation :]
        self.images, self.labels = train_images[kept], dataset.train_labels[kept]
        self.validation = train_images[held_out], dataset.train_labels[held_out]
        self.test = middle(dataset.test_images, side), dataset.test_labels
        self.optimiser = self._optimiser()
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            recipe.learning_rate,
            total_steps=recipe.epochs * (len(self.images) // recipe.batch_size),
            pct_start=0.25,
            cycle_momentum=False,
        )
        self.epoch = 0
        self.forward = torch.compile(self.model) if recipe.compiled else self.model

    def _optimiser(self) -> torch.optim.Optimizer:
        recipe, parameters = self.recipe, self.model.parameters()
        if recipe.optimiser == "adamw":
            return torch.optim.AdamW(parameters, recipe.learning_rate, weight_decay=recipe.weight_decay)
        return torch.optim.SGD(
            parameters, recipe.learning_rate, momentum=0.9, nesterov=True, weight_decay=recipe.weight_decay
        )

    def run(self, checkpoint: Path) -> Iterator[EpochReport]:
        """Trains to the end, from the checkpoint where there is one; yields after every epoch."""
        if checkpoint.exists():
            self.load_state(torch.load(checkpoint, weights_only=True))
        while self.epoch < self.recipe.epochs:
            started = time.perf_counter()
            loss = self.train_epoch()
            self.epoch += 1
            save_atomically(self.state(), checkpoint)
            yield EpochReport(
                self.epoch, self.recipe.epochs, loss, self.accuracy(*self.validation), time.perf_counter() - started
            )

    def train_epoch(self) -> float:
        """One pass over the training pictures; returns the mean loss."""
        recipe = self.recipe
        self.model.train()
        order = torch.randperm(len(self.images), generator=self.generator)
        steps = len(order) // recipe.batch_size
        total = 0.0
        for chosen in order[: steps * recipe.batch_size].split(recipe.batch_size):
            x = recipe.augment(self.images[chosen].float() / 255, self.generator)
            with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
                logits = self.forward(self.normalise(x)).float()
            loss = F.cross_entropy(logits, self.labels[chosen], label_smoothing=recipe.label_smoothing)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.schedule.step()
            self.average.update_parameters(self.model)
            total += loss.item()
        return total / steps

    def normalise(self, x: Tensor) -> Tensor:
        """x ← (x − mean) / std per channel, channels last."""
        mean, std = (
            torch.tensor(v)[:, None, None] for v in (self.card.preprocessing.mean, self.card.preprocessing.std)
        )
        return ((x - mean) / std).contiguous(memory_format=torch.channels_last)

    def accuracy(self, images: Tensor, labels: Tensor) -> float:
        """Share of pictures, in percent, whose largest logit is the label, in float32."""
        network: nn.Module = self.average.module.eval()
        right = 0
        with torch.no_grad():
            for x, y in zip(images.split(500), labels.split(500), strict=True):
                right += int((network(self.normalise(x.float() / 255)).argmax(1) == y).sum())
        return 100 * right / len(labels)

    def test_accuracy(self) -> float:
        """Accuracy on the whole test set, in percent."""
        return self.accuracy(*self.test)

    def weights(self) -> dict[str, Tensor]:
        """The averaged weights, ready to be stored."""
        return {name: value.contiguous() for name, value in self.average.module.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """All that is needed to go on as if nothing had happened."""
        return {
            "epoch": self.epoch,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes up a state that `state` gave."""
        self.epoch = state["epoch"]
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])


def middle(images: Tensor, side: int) -> Tensor:
    """The middle side × side of pictures N×C×H×W, which are at least as large."""
    top, left = (images.shape[2] - side) // 2, (images.shape[3] - side) // 2
    return images[:, :, top : top + side, left : left + side]


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Writes a checkpoint so that a crash leaves the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def training_report(trainer: Trainer) -> str:
    """What goes on the card: data, recipe, seed, command and the measured test accuracy, as JSON."""
    recipe = trainer.recipe
    test = len(trainer.test[1])
    accuracy = trainer.test_accuracy()
    title = TITLES.get(recipe.dataset, recipe.dataset)
    report = models.Training(
        data=recipe.dataset,
        recipe=recipe.describe(),
        seed=recipe.seed,
        command=f"convscope train {recipe.model} --data FOLDER",
        measured=models.Accuracy(top1=round(accuracy, 2), on=f"{title} test set ({test:,})", source="Convscope"),
    )
    return json.dumps(report.model_dump(), indent=2, ensure_ascii=False) + "\n"
