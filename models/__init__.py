"""The networks: one file per family, their cards, and the small weights that ship with the project."""

from models.card import Accuracy, Card, Preprocessing, Published, Training
from models.registry import UnknownModel, cards, declaration
from models.weights_files import WeightsMismatch, WeightsMissing, create, find_weights

__all__ = [
    "Accuracy",
    "Card",
    "Preprocessing",
    "Published",
    "Training",
    "UnknownModel",
    "WeightsMismatch",
    "WeightsMissing",
    "cards",
    "create",
    "declaration",
    "find_weights",
]
