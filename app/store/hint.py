"""A hint for networks that people bring: who says the same of every picture probably gets them prepared wrongly."""

from collections.abc import Iterable

import torch

from app.explain.classify import logits_node
from app.explain.network import Network
from app.explain.preprocess import tensor
from app.store.samples import Samples

MARK = "It says “"
"""What the hint begins with."""

FEWEST_CLASSES = 5
"""Of fewer, one may well be right for pictures of none of them."""

FEWEST, MOST = 4, 8
"""Pictures that are tried."""

MACS = 40_000_000_000
"""Multiply-adds that may be spent on them together."""


def one_answer_for_all(network: Network, samples: Samples) -> str | None:
    """A sentence where a network gives the same class to all sample pictures of its kind; None otherwise.

    It is asked about digits where it sees no colours, and about photographs where it does.
    """
    macs = sum(node.macs for node in network.nodes.values())
    count = min(MOST, MACS // max(1, macs))
    if network.preprocessing is None or count < FEWEST or logits_node(network).units < FEWEST_CLASSES:
        return None
    digits = network.preprocessing.channels == 1
    chosen = [sample.image for sample in samples.all if sample.name.startswith("digit") == digits][:count]
    answers = set(first_classes(network, samples, chosen))
    if len(chosen) < FEWEST or len(answers) > 1:
        return None
    return (
        f"{MARK}{network.classes[answers.pop()]}” of each of {len(chosen)} sample pictures: the mean, the standard "
        "deviation or the size is probably not what it was trained with."
    )


def first_classes(network: Network, samples: Samples, images: Iterable[str]) -> Iterable[int]:
    """The most probable class of each picture."""
    assert network.preprocessing is not None
    name = logits_node(network).name
    for image in images:
        picture = samples.picture(image)
        assert picture is not None
        with torch.no_grad():
            yield int(network.values(tensor(picture, network.preprocessing), [name])[name].argmax())


def without_hint(notes: Iterable[str]) -> tuple[str, ...]:
    """A card's notes but for the hint."""
    return tuple(note for note in notes if not note.startswith(MARK))
