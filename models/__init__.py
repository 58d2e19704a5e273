"""The networks: one file per family, their cards, and the small weights that ship with the project."""

from models.card import Accuracy, Card, Preprocessing, Published, Training
from models.registry import UnknownModel, cards, declaration, is_listed
from models.side_file import BadSideFile
from models.state_dicts import WeightsMismatch
from models.weights_files import WeightsMissing, create, described, find_weights

__all__ = [
    "Accuracy",
    "BadSideFile",
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
    "described",
    "find_weights",
    "is_listed",
]
