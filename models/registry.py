"""The list of networks: each file of this package declares its own with `@network(card)`."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from torch import nn

from models.card import Card, Training

Builder = Callable[[], nn.Module]

_BUILDERS: dict[str, tuple[Card, Builder]] = {}

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"


class UnknownModel(LookupError):
    """There is no network of this name."""

    def __init__(self, model_id: str) -> None:
        super().__init__(f"There is no network called “{model_id}”. The networks are: {', '.join(_BUILDERS)}.")


def network(card: Card) -> Callable[[Builder], Builder]:
    """Declares a network: its card, and the function that builds it."""

    def register(builder: Builder) -> Builder:
        _BUILDERS[card.id] = (with_training_report(card), builder)
        return builder

    return register


def with_training_report(card: Card) -> Card:
    """Adds to a card how its shipped weights were trained, where they ship."""
    report = SHIPPED_WEIGHTS / f"{card.id}.json"
    if not report.exists():
        return card
    return card.model_copy(update={"training": Training.model_validate_json(report.read_text(encoding="utf-8"))})


@cache
def load_declarations() -> None:
    """Imports every file of the package once, so that each declares its networks."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"models.{module.name}")


def cards() -> list[Card]:
    """The cards of all networks, smallest first."""
    load_declarations()
    return sorted((card for card, _ in _BUILDERS.values()), key=lambda card: card.parameters)


def is_listed(model_id: str) -> bool:
    """Whether there is a network of this name in the list."""
    load_declarations()
    return model_id in _BUILDERS


def declaration(model_id: str) -> tuple[Card, Builder]:
    """The card and the builder of one network.

    Raises:
        UnknownModel: there is none of this name.
    """
    load_declarations()
    if model_id not in _BUILDERS:
        raise UnknownModel(model_id)
    return _BUILDERS[model_id]
