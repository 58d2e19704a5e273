"""What the server says in English has its words in every language of the page."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import models
from app.explain.method import methods
from app.store.samples import shipped_samples
from app.web.describe import describe_method
from app.web.languages import FALLBACK, FOLDER, languages
from app.web.problem_types import TYPES
from tests.conftest import CHECKOUT

OTHERS = [language for language in languages() if language != FALLBACK]

NAMES_ONLY = re.compile(r"^(?!.*\b[a-z]{2,}\b)")
"""A text that is a proper name: LeNet-5, ResNet-20 (CIFAR)."""

FAULTS = ("AskError", "WeightsMismatch", "WeightsMissing", "UnknownModel")
"""The roots of what is told to a person who asks for something that cannot be."""

SOURCES = ("app/engine", "app/explain", "app/onnx", "app/render", "app/store", "models")
"""Where a person's own doings can go wrong; the rest is told to who writes a program."""


@cache
def known(language: str, file: str) -> tuple[re.Pattern[str], ...]:
    """The sentences that a language has words for, as `static/src/lib/told.ts` recognises them."""
    folder = CHECKOUT / FOLDER / language / "told"
    keys: dict[str, str] = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))
    if file in ("cards", "classes"):
        keys |= json.loads((folder / "names.json").read_text(encoding="utf-8"))
    parts = (re.split(r"\{\w+\}", key.removeprefix("told:")) for key in keys)
    return tuple(re.compile("(.+?)".join(map(re.escape, texts)), re.DOTALL) for texts in parts)


def missing(language: str, told: dict[str, str], file: str) -> list[str]:
    """A sentence for each text without words in a language, that says what to add."""
    return [
        f"{where} says in English: {text}\n  Add it to {FOLDER}/{language}/told/{file}.json, under “told:{text}”."
        for text, where in told.items()
        if text.strip() and not any(pattern.fullmatch(text) for pattern in known(language, file))
    ]


def method_texts() -> Iterator[tuple[str, str]]:
    """What the methods tell of themselves and their parameters, and who tells it."""
    for method in methods().values():
        about = describe_method(method)
        for text in (about["title"], *about["help"]):
            yield text, method.name
        for name, field in about["params"].get("properties", {}).items():
            for text in (field.get("title", name), field.get("description", ""), field.get("unit", "")):
                yield text, f"{method.name}, parameter {name}"


def card_texts() -> Iterator[tuple[str, str]]:
    """What the cards tell of their networks, without names and references."""
    for card in models.cards():
        told: list[str] = [card.summary, *(text for text in (card.title, card.family) if not NAMES_ONLY.match(text))]
        accuracies = [
            card.reported,
            card.training and card.training.measured,
            card.published and card.published.accuracy,
        ]
        for accuracy in filter(None, accuracies):
            told += [
                text
                for text in (accuracy.on, accuracy.source)
                if re.search(r" (?:set|validation|the|figure)\b|^the ", text)
            ]
        told += [card.training.recipe] if card.training else []
        yield from ((text, f"The card of {card.id}") for text in told)


def faults() -> Iterator[tuple[str, str]]:
    """The sentences of the exceptions that become problem documents, with “x” where something is filled in."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for source in SOURCES
        for path in sorted((CHECKOUT / source).rglob("*.py"))
    }
    kinds = set(FAULTS)
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in range(4):
        kinds |= {node.name for node in classes if kinds & {getattr(base, "id", "") for base in node.bases}}
    raised = ((path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.Call))
    inits = {id(call) for node in classes if node.name in kinds for call in ast.walk(node)}
    for path, call in raised:
        own = id(call) in inits and getattr(call.func, "attr", "") == "__init__"
        if (own or getattr(call.func, "id", "") in kinds) and call.args:
            text = literal(call.args[0])
            if text and len(re.findall(r"\b[a-z]{3,}\b", text)) > 1:
                yield text, f"{path.relative_to(CHECKOUT)}:{call.lineno}"


def literal(expression: ast.expr) -> str | None:
    """A string as it is written, “x” for what is filled in; None where it is none."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, ast.JoinedStr):
        return "".join(literal(part) or "x" for part in expression.values)
    return None


TOLD: list[tuple[str, Any]] = [
    ("methods", method_texts),
    ("cards", card_texts),
    ("classes", lambda: ((label, f"The classes of {card.id}") for card in models.cards() for label in card.classes)),
    ("names", lambda: ((sample.title, f"The sample {sample.name}") for sample in shipped_samples().all)),
    ("faults", faults),
    ("faults", lambda: ((kind.title, f"The problem {code}") for code, kind in TYPES.items())),
]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("file", "texts"), TOLD, ids=["methods", "cards", "classes", "samples", "faults", "titles"])
def test_all_that_is_told_has_its_words(language: str, file: str, texts: Any) -> None:
    told: dict[str, str] = {}
    for text, where in texts():
        told.setdefault(text, where)
    assert len(told) > 10
    lacking = missing(language, told, file)
    assert not lacking, "\n".join(lacking)


def test_a_text_without_words_is_found() -> None:
    assert missing("de", {"Something new.": "A method"}, "methods") == [
        "A method says in English: Something new.\n"
        "  Add it to static/src/texts/de/told/methods.json, under “told:Something new.”."
    ]
