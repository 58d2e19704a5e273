"""Everything that decides how a training goes, as plain data."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.train.augment import Augmentation
from app.train.schedules import Schedule

LIVE = ("learning_rate", "batch_size", "momentum", "weight_decay", "dropout", "augmentation")
"""What of a recipe may change while it runs."""

OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}


def live(default: Any, title: str, **bounds: Any) -> Any:
    """A field that may change while a training runs."""
    return Field(default, title=title, json_schema_extra={"live": True}, **bounds)


class Recipe(BaseModel):
    """How a network is trained; the learning rate is the largest one of its schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    optimiser: Literal["sgd", "adam", "adamw"] = Field("sgd", title="Optimiser")
    learning_rate: float = live(0.05, "Learning rate", gt=0, le=1000)
    momentum: float = live(0.9, "Momentum", ge=0, lt=1, description="Of Adam and AdamW: β₁.")
    nesterov: bool = Field(False, title="Nesterov's momentum")
    weight_decay: float = live(5e-4, "Weight decay", ge=0, le=1)
    batch_size: int = live(64, "Batch size", ge=1, le=8192)
    epochs: int = Field(10, title="Epochs", ge=1, le=10_000)
    schedule: Schedule = Field("constant", title="Schedule of the learning rate")
    label_smoothing: float = Field(0.0, title="Label smoothing", ge=0, lt=1)
    mixup: float = Field(
        0.0, title="Mix-up", ge=0, le=10, description="α: two pictures are mixed by λ ~ Beta(α, α); 0 mixes none."
    )
    dropout: float | None = live(None, "Dropout", ge=0, lt=1, description="As the network has it unless given.")
    augmentation: Augmentation = live(Augmentation(), "Augmentation")
    average_decay: float = Field(
        0.0, title="Averaging", ge=0, lt=1, description="Share of the old average of the weights kept at each step."
    )
    validation: int = Field(0, title="Pictures held out", ge=0, description="0: the test pictures are looked at.")
    bfloat16: bool = Field(False, title="bfloat16")
    compiled: bool = Field(False, title="Compiled")

    def describe(self) -> str:
        """The recipe in one sentence, for the card."""
        nesterov = "Nesterov " if self.nesterov else ""
        momentum = f" with {nesterov}momentum {self.momentum:g}" if self.optimiser == "sgd" else ""
        parts = [
            f"{self.epochs} epochs of {OPTIMISERS[self.optimiser]}{momentum}",
            f"{self.schedule} learning rate{' up to' if self.schedule != 'constant' else ''} {self.learning_rate:g}",
            f"weight decay {self.weight_decay:g}",
            f"batches of {self.batch_size}",
            f"augmentation: {self.augmentation.describe()}",
        ]
        if self.label_smoothing:
            parts.append(f"label smoothing {self.label_smoothing:g}")
        if self.mixup:
            parts.append(f"mix-up {self.mixup:g}")
        if self.dropout is not None:
            parts.append(f"dropout {self.dropout:g}")
        if self.average_decay:
            parts.append(f"weights averaged with decay {self.average_decay:g} per step")
        if self.bfloat16:
            parts.append("bfloat16 autocast")
        return ", ".join(parts)
