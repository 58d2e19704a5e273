"""The training loop: a plan and a data set, step by step, with all that is needed to go on later."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from app.explain.network import Network
from app.train.augment import augmented, mixed
from app.train.dataset import Dataset
from app.train.errors import BadRun, Diverged
from app.train.evaluation import Evaluation, evaluate
from app.train.networks import Fitted, fit_dataset, sized
from app.train.plan import Plan, changed, check_batches
from app.train.recipes import Recipe
from app.train.schedules import factor


@dataclass(frozen=True)
class Norms:
    """L2 norms per layer with weights: of the loss's gradient, of what the step changed, of the weights after it."""

    gradient: tuple[float, ...]
    update: tuple[float, ...]
    weight: tuple[float, ...]


@dataclass(frozen=True)
class StepReport:
    """One step, counted from 0: loss and accuracy (percent) of its batch before the weights changed."""

    step: int
    loss: float
    accuracy: float
    learning_rate: float
    norms: Norms | None


class Training:
    """Trains one network.

    What is held out is split off the training pictures by the seed and never trained on; the test pictures are never
    trained on either.

    Args:
        plan: what to train.
        dataset: on what.
        device: where the network is; the pictures stay where they are.

    Raises:
        BadRun: the plan does not fit the data.
    """

    def __init__(self, plan: Plan, dataset: Dataset, device: str = "cpu") -> None:
        check_batches(plan.recipe, len(dataset.train_images), len(dataset.test_images))
        self.plan = plan
        self.recipe = plan.recipe
        self.device = torch.device(device)
        self.fitted: Fitted = fit_dataset(plan, dataset)
        self.generator = torch.Generator().manual_seed(plan.seed)
        self.model = self.fitted.fresh(plan.seed).to(
            self.device,
            memory_format=torch.channels_last,  # type: ignore[call-overload]
        )
        self.average = averaged(self.model, plan.recipe.average_decay) if plan.recipe.average_decay else None
        images, labels = sized(dataset.train_images, self.fitted.side), dataset.train_labels
        self.test = sized(dataset.test_images, self.fitted.side), dataset.test_labels
        self.validation: tuple[Tensor, Tensor] | None = None
        if plan.recipe.validation:
            order = torch.randperm(len(images), generator=self.generator)
            held_out, kept = order[: plan.recipe.validation], order[plan.recipe.validation :]
            self.validation = images[held_out], labels[held_out]
            images, labels = images[kept], labels[kept]
        self.images, self.labels = images, labels
        self.layers: dict[str, nn.Module] = {
            name: part for name, part in self.model.named_modules() if isinstance(part, nn.Conv2d | nn.Linear)
        }
        self.dropouts = {
            part: part.p for part in self.model.modules() if isinstance(part, nn.modules.dropout._DropoutNd)
        }
        self.optimiser = optimiser(self.model, self.recipe)
        self.forward = torch.compile(self.model) if self.recipe.compiled else self.model
        self.step = self.epoch = self.position = 0
        self._mean, self._std = (
            torch.tensor(values)[:, None, None]
            for values in (self.fitted.preprocessing.mean, self.fitted.preprocessing.std)
        )
        self._begin_epoch()
        self._apply(self.recipe)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of one pass over the pictures."""
        return len(self.images) // self.recipe.batch_size

    @property
    def steps(self) -> int:
        """Of the whole training, as far as can be told now."""
        left = (len(self.images) - self.position) // self.recipe.batch_size
        return (
            self.step + left + (self.recipe.epochs - self.epoch - 1) * self.steps_per_epoch
            if not self.over
            else self.step
        )

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.epoch >= self.recipe.epochs

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        per_epoch = self.steps_per_epoch
        done = self.epoch * per_epoch + self.position / self.recipe.batch_size
        return self.recipe.learning_rate * factor(self.recipe.schedule, done, self.recipe.epochs * per_epoch)

    def run(self, measured: bool = False) -> Iterator[StepReport]:
        """All steps that are left."""
        while not self.over:
            yield self.advance(measured)

    def advance(self, measured: bool = False) -> StepReport:
        """One step, with the layers' norms where they are wanted.

        Raises:
            Diverged: the loss is no number; the weights are as they were before the step.
        """
        recipe, size = self.recipe, self.recipe.batch_size
        if not self.model.training:
            self.model.train()
        rate = self.learning_rate
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        chosen = self.order[self.position : self.position + size]
        labels = self.labels[chosen].to(self.device)
        x = augmented(self.images[chosen].float() / 255, recipe.augmentation, self.generator)
        loss, logits = self._loss(x, labels)
        value = loss.item()
        if not math.isfinite(value):
            raise Diverged(self.step, self._broken(x), rate)
        self.optimiser.zero_grad()
        loss.backward()
        norms = self._step_measured() if measured else self.optimiser.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        accuracy = 100 * float((logits.argmax(1) == labels).sum()) / size
        report = StepReport(self.step, value, accuracy, rate, norms if measured else None)
        self.step += 1
        self.position += size
        if self.position + size > len(self.images):
            self.epoch += 1
            self._begin_epoch()
        return report

    def _loss(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The batch's loss, and its logits."""
        recipe = self.recipe
        other, share = labels, 1.0
        if recipe.mixup:
            x, order, share = mixed(x, recipe.mixup, self.generator)
            other = labels[order.to(self.device)]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=recipe.bfloat16):
            logits = self._forward(self.normalise(x)).float()
        loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        if recipe.mixup:
            loss = share * loss + (1 - share) * F.cross_entropy(logits, other, label_smoothing=recipe.label_smoothing)
        return loss, logits

    def _forward(self, x: Tensor) -> Tensor:
        """The network's logits; what it drops is drawn by the training's own generator."""
        if not self.dropouts:
            return cast(Tensor, self.forward(x))
        seed = int(torch.randint(2**62, (), generator=self.generator))
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(seed)
            return cast(Tensor, self.forward(x))

    def _step_measured(self) -> Norms:
        """The optimiser's step, measured."""
        weights = [cast(Tensor, layer.weight) for layer in self.layers.values()]
        gradient = norms_of([weight.grad for weight in weights if weight.grad is not None])
        before = [weight.detach().clone() for weight in weights]
        self.optimiser.step()
        after = [weight.detach() for weight in weights]
        return Norms(gradient, norms_of([new - old for new, old in zip(after, before, strict=True)]), norms_of(after))

    def _broken(self, x: Tensor) -> str:
        """The first layer whose weights, or else whose values, are no numbers."""
        for name, layer in self.layers.items():
            if not all(bool(parameter.isfinite().all()) for parameter in layer.parameters()):
                return str(name)
        with torch.no_grad():
            for node, value in self.fitted.traced(self.model).run(self.normalise(x)):
                if not bool(value.isfinite().all()):
                    return str(node.name)
        return list(self.layers)[-1]

    def change(self, changes: Mapping[str, Any]) -> Recipe:
        """Goes on with another recipe from the next step on; gives it. Raises BadRun, and then nothing has changed."""
        recipe = changed(self.recipe, changes)
        check_batches(recipe, len(self.images) + recipe.validation, 1)
        if changes.get("dropout") is not None and not self.dropouts:
            raise BadRun("The network has no dropout: its rate cannot be changed.", "dropout")
        self._apply(recipe)
        return recipe

    def _apply(self, recipe: Recipe) -> None:
        self.recipe = recipe
        for group in self.optimiser.param_groups:
            group["weight_decay"] = recipe.weight_decay
            if "betas" in group:
                group["betas"] = (recipe.momentum, group["betas"][1])
            else:
                group["momentum"], group["nesterov"] = recipe.momentum, recipe.nesterov and recipe.momentum > 0
        for part, usual in self.dropouts.items():
            part.p = usual if recipe.dropout is None else recipe.dropout
        if self.position + recipe.batch_size > len(self.images):
            self.epoch += 1
            self._begin_epoch()

    def _begin_epoch(self) -> None:
        """Draws the order of the next pass."""
        self.position = 0
        self.epoch_start = self.generator.get_state()
        self.order = torch.randperm(len(self.images), generator=self.generator)

    def normalise(self, x: Tensor) -> Tensor:
        """x ← (x − mean) / std per channel, channels last, where the network is."""
        return ((x - self._mean) / self._std).contiguous(memory_format=torch.channels_last).to(self.device)

    @property
    def answering(self) -> nn.Module:
        """The network that is measured and kept: of averaged weights, where they are averaged."""
        return self.model if self.average is None else self.average.module

    @cached_property
    def network(self) -> Network:
        """That network, taken apart; it shares its weights."""
        return self.fitted.traced(self.answering)

    def evaluate(self, limit: int | None = None) -> Evaluation:
        """How it does on what is held out, or on the test pictures; on the first `limit` of them."""
        images, labels = self.validation or self.test
        return self._evaluate(images[:limit], labels[:limit])

    def _evaluate(self, images: Tensor, labels: Tensor) -> Evaluation:
        return evaluate(
            self.network, images, labels, lambda part: self.normalise(part.float() / 255), len(self.fitted.classes)
        )

    def test_accuracy(self) -> float:
        """Accuracy on the whole test set, in percent."""
        return self._evaluate(*self.test).accuracy

    def weights(self) -> dict[str, Tensor]:
        """The weights of the network that answers, ready to be stored."""
        return {name: value.detach().cpu().contiguous() for name, value in self.answering.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """All that is needed to go on as if nothing had happened."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "position": self.position,
            "recipe": self.recipe.model_dump_json(),
            "model": self.model.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "epoch_start": self.epoch_start,
            "generator": self.generator.get_state(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes up a state that `state` gave."""
        self.model.load_state_dict(state["model"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["epoch_start"])
        self._begin_epoch()
        self.generator.set_state(state["generator"])
        self.step, self.epoch, self.position = (state[name] for name in ("step", "epoch", "position"))
        self._apply(Recipe.model_validate_json(state["recipe"]))


def optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """As the recipe has it."""
    parameters, rate, decay = model.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimiser == "sgd":
        nesterov = recipe.nesterov and recipe.momentum > 0
        return torch.optim.SGD(parameters, rate, momentum=recipe.momentum, nesterov=nesterov, weight_decay=decay)
    kind = torch.optim.AdamW if recipe.optimiser == "adamw" else torch.optim.Adam
    return kind(parameters, rate, betas=(recipe.momentum, 0.999), weight_decay=decay)


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """The moving average of a network's weights and buffers."""
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def norms_of(tensors: list[Tensor]) -> tuple[float, ...]:
    """The L2 norm of each."""
    return tuple(torch.stack([tensor.norm() for tensor in tensors]).tolist())
