"""universal_perturbation: one small change that changes the answer for most pictures."""

from collections.abc import Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.climb import denormalised, statistics
from app.explain.attribution.target import batch_of, described, gradient, gradient_memory, logits_of, picture_shape
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.fooling.evidence import evidence
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number
from app.explain.population.pictures import DataParams, Pictures, pictures

TOGETHER = 64
"""Pictures of one step."""


class UniversalPerturbationParams(DataParams):
    """From which pictures, how far, and how long."""

    samples: int = Field(default=512, ge=1, le=60000, title="Pictures", description="That it is made from, at most.")
    unseen: int = Field(
        default=256, ge=1, le=60000, title="Unseen pictures", description="Of the other part, on which it is measured."
    )
    epsilon: float = Field(
        default=10.0, title="ε", description="How far pixels may go.", json_schema_extra={"unit": "/255"}
    )
    passes: int = Field(default=5, ge=1, le=100, title="Passes", description="Over the pictures.")


def memory(network: Network, params: UniversalPerturbationParams) -> int:
    """Bytes of one step's values and their gradients, and of the data set."""
    return gradient_memory(network, params) + (params.samples + params.unseen) * 3 * 64 * 64


@method(
    "universal_perturbation",
    title="Universal perturbation",
    source="Moosavi-Dezfooli, Fawzi, Fawzi & Frossard 2017, Universal Adversarial Perturbations; "
    "Shafahi et al. 2020, Universal Adversarial Training",
    image="optional",
    memory=memory,
    shows="enlarged",
)
def universal_perturbation(
    network: Network, image: Tensor | None, params: UniversalPerturbationParams
) -> Iterator[Frame]:
    """One change v of all pixels by at most ε that gives most pictures another answer: v ← clip(v + η · sign Σ
    ∂L(x + v) / ∂x), with L the loss of the answer to x itself, summed over the pictures of a step that it does not fool
    yet.

    It is made from one part of a data set and measured on pictures of the other, which it has never seen. What it can
    tell: that the network's weak spots are the same for most pictures, and which classes take the fooled ones in. What
    it cannot: how small a change would do for one picture (ask for an adversarial image).

    Yields after each step `enlarged`, ½ + v / 2ε, and `change`, v as it is in 0…1, both rows × columns × colours; with
    a picture also `picture`, changed so. Values `rate` (the share of unseen pictures that get another answer), `rates`
    (after each pass), `curve` (of each step's own pictures, before it), `unseen` and `pictures` (how many), `into` (the
    classes that fooled pictures get, most frequent first); with a picture `class`, `now`, and in the end `evidence`,
    as of an adversarial image: per `node` the relative `distance` and what it is worth `toward` the new class.

    Raises:
        AskError: ε is below 0, or the data set is not there.
    """
    if params.epsilon < 0:
        raise AskError(
            f"epsilon is {params.epsilon:g}: how far pixels may go cannot be below 0. 10 (of 255) is usual.",
            "params.epsilon",
        )
    radius = params.epsilon / 255
    seen = pictures(params)
    unseen = pictures(
        params.model_copy(update={"part": "test" if params.part == "train" else "train", "samples": params.unseen})
    )
    change = torch.zeros((1, *picture_shape(network)), device=network.device, dtype=network.dtype)
    together = min(TOGETHER, batch_of(network))
    steps, step = params.passes * -(-len(seen.images) // together), 0
    told: dict[str, Any] = {"unseen": len(unseen.images), "pictures": len(seen.images), "rates": [], "curve": []}
    own: list[Tensor] = []
    for turn in range(params.passes):
        # Large steps first, then ever smaller ones.
        stride = radius / 4 * (1 - turn / params.passes)
        for place, (x, _) in enumerate(seen.batches(network, together)):
            own += [logits_of(network, x).argmax(1)] if turn == 0 else []
            slope, share = ascent(network, changed(network, x, change), own[place])
            change = (change + stride * slope.sign()).clamp(-radius, radius)
            step += 1
            told["curve"] = [*told["curve"], number(share)]
            yield from shown(network, image, change, radius, told, step, steps)
        told |= measured(network, unseen, change, together)
        told["rates"] = [*told["rates"], told["rate"]]
        yield Frame("progress", values=dict(told), step=step, steps=steps)
    if image is not None:
        after = changed(network, image, change)
        before, now = (int(logits_of(network, x)[0].argmax()) for x in (image, after))
        told = {"evidence": evidence(network, image, after, before, now)}
        yield Frame("progress", values=told, step=step, steps=steps)


def changed(network: Network, x: Tensor, change: Tensor) -> Tensor:
    """Inputs whose pictures are changed; pixels stay within 0…1."""
    mean, deviation = statistics(network, x)
    return ((x * deviation + mean + change).clamp(0, 1) - mean) / deviation


def ascent(network: Network, x: Tensor, own: Tensor) -> tuple[Tensor, float]:
    """The gradient of the loss, summed over the pictures that still get their own answer, 1×C×H×W, and the share of
    the others."""
    value, slope = gradient(
        network,
        x,
        logits_node(network),
        lambda logits: F.cross_entropy(logits, own, reduction="none")[logits.argmax(1) == own],
    )
    fooled = value.argmax(1) != own
    return slope.sum(0, keepdim=True).nan_to_num(), float(fooled.double().mean())


def measured(network: Network, unseen: Pictures, change: Tensor, together: int) -> dict[str, Any]:
    """The share of pictures that get another answer, and which answers they get."""
    fooled, into = 0, torch.zeros(0, dtype=torch.long)
    for x, _ in unseen.batches(network, together):
        plain, now = (logits_of(network, pictures).argmax(1).cpu() for pictures in (x, changed(network, x, change)))
        fooled += int((plain != now).sum())
        into = torch.cat([into, now[plain != now]])
    classes, counts = into.unique(return_counts=True)
    order = counts.sort(descending=True, stable=True).indices[:5]
    names = dict(enumerate(network.classes))
    return {
        "rate": fooled / len(unseen.images),
        "into": [
            {"index": index, "label": names.get(index, f"class {index}"), "pictures": count}
            for index, count in zip(classes[order].tolist(), counts[order].tolist(), strict=True)
        ],
    }


def shown(
    network: Network, image: Tensor | None, change: Tensor, radius: float, told: dict[str, Any], step: int, steps: int
) -> Iterator[Frame]:
    """The change, enlarged and as it is, and the picture with it."""
    axes = ("row", "column", "colour")
    moved = change[0].permute(1, 2, 0).clone()
    enlarged = 0.5 + moved / (2 * radius) if radius else torch.full_like(moved, 0.5)
    yield Frame("enlarged", enlarged, axes, "picture", values=dict(told), step=step, steps=steps)
    yield Frame("change", moved, axes, "attribution", step=step, steps=steps)
    if image is not None:
        plain, after = logits_of(network, image)[0], changed(network, image, change)
        logits = logits_of(network, after)[0]
        values = {
            "class": described(network, plain, int(plain.argmax())),
            "now": described(network, logits, int(logits.argmax())),
        }
        picture = denormalised(network, after)[0].permute(1, 2, 0).clone()
        yield Frame("picture", picture, axes, "picture", values=values, step=step, steps=steps)
