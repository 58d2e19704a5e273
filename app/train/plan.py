"""What is to be trained, as plain data: which network, on what, how, with which seed."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from app.train.errors import BadRun
from app.train.networks import Design
from app.train.recipes import LIVE, Recipe


class Plan(Design):
    """Everything that decides what comes out: the same plan gives the same weights on the same machine."""

    data: str = Field(title="Data set", max_length=200)
    recipe: Recipe = Field(default_factory=Recipe, title="Recipe")
    seed: int = Field(1, ge=0, lt=2**63, title="Seed")


def read_plan(content: Mapping[str, Any]) -> Plan:
    """A plan from plain data; raises BadRun naming the field, what it is, and what it must be."""
    try:
        return Plan.model_validate(dict(content))
    except ValidationError as error:
        raise complaint(error) from None


def read_design(content: Mapping[str, Any]) -> Design:
    """A design from plain data; raises BadRun."""
    try:
        return Design.model_validate(dict(content))
    except ValidationError as error:
        raise complaint(error) from None


def changed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A recipe with some of what may change while it runs; raises BadRun."""
    for name in changes:
        if name not in LIVE:
            raise BadRun(f"“{name}” doesn't change while a run goes on; these do: {', '.join(LIVE)}.", name)
    try:
        return Recipe.model_validate({**recipe.model_dump(), **changes})
    except ValidationError as error:
        raise complaint(error) from None


def check_batches(recipe: Recipe, train: int, test: int) -> None:
    """Holds a recipe against the number of pictures there are; raises BadRun."""
    left = train - recipe.validation
    if left < 1:
        raise BadRun(
            f"{recipe.validation:,} of {train:,} pictures are held out: none is left to train on. Hold fewer out.",
            "recipe.validation",
        )
    if recipe.batch_size > left:
        raise BadRun(
            f"A batch of {recipe.batch_size:,} is larger than the set: there are {left:,} pictures to train on.",
            "recipe.batch_size",
        )
    if not (recipe.validation or test):
        raise BadRun("The data set has no pictures for the test: hold some out.", "recipe.validation")


def complaint(error: ValidationError) -> BadRun:
    """The first thing that is wrong, in one sentence."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    given = shown(first["input"])
    if first["type"] == "extra_forbidden":
        return BadRun(f"There is no “{field}” to choose.", field)
    if first["type"] == "missing":
        return BadRun(f"“{field}” is missing.", field)
    return BadRun(f"“{field}” is {given}, but it must be {expected(first)}.", field)


def expected(first: ErrorDetails) -> str:
    """What pydantic would have taken, in words."""
    limits = first.get("ctx", {})
    words = {"greater_than": ("above", "gt"), "greater_than_equal": ("at least", "ge"), "less_than": ("below", "lt"),
             "less_than_equal": ("at most", "le")}  # fmt: skip
    if first["type"] in words:
        word, key = words[first["type"]]
        return f"{word} {limits[key]:,}" if isinstance(limits[key], int) else f"{word} {limits[key]:g}"
    if first["type"] == "literal_error":
        return f"one of {limits['expected'].replace(' or ', ', ')}"
    if first["type"] == "finite_number":
        return "a number, neither infinite nor “not a number”"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{message[:1].lower()}{message[1:]}"


def shown(value: object) -> str:
    """A value as a sentence shows it."""
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:g}"
    if isinstance(value, float):
        return "not a number" if math.isnan(value) else "infinite"
    text = f"“{value}”" if isinstance(value, str) else f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
