"""adversarial: the smallest of changes that changes the answer, along the gradient."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.ascent.climb import denormalised, statistics
from app.explain.attribution.target import (
    ClassParams,
    chosen_class,
    described,
    gradient,
    gradient_memory,
    logits_of,
)
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.fooling.evidence import evidence
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number


class AdversarialParams(ClassParams):
    """How far from the picture, measured how, in how many steps, and to which class."""

    target: int | None = Field(
        default=None, ge=0, title="Class", description="The answer that is wanted; any wrong one unless given."
    )
    epsilon: float = Field(
        default=4.0, title="ε", description="How far pixels may go.", json_schema_extra={"unit": "/255"}
    )
    norm: Literal["linf", "l2"] = Field(
        default="linf",
        title="Measure",
        description="linf: each pixel by ε at most. l2: as if each pixel went by ε on average (root mean square).",
    )
    steps: int = Field(
        default=10, ge=1, le=500, title="Steps", description="1 is the fast gradient sign method (FGSM), more is PGD."
    )


def bounded(change: Tensor, radius: float, norm: str) -> Tensor:
    """A change of a picture, brought back to at most `radius`."""
    if norm == "linf":
        return change.clamp(-radius, radius)
    size = float(change.square().mean().sqrt())
    return change * min(1.0, radius / max(size, 1e-30))


def direction(slope: Tensor, norm: str) -> Tensor:
    """The step of size 1 that goes along a gradient."""
    return slope.sign() if norm == "linf" else slope / slope.square().mean().sqrt().clamp(min=1e-30)


@method(
    "adversarial",
    title="Adversarial picture",
    source="Goodfellow et al. 2015, Explaining and Harnessing Adversarial Examples (FGSM); Madry et al. 2018 (PGD)",
    memory=gradient_memory,
    shows="picture",
)
def adversarial(network: Network, image: Tensor, params: AdversarialParams) -> Iterator[Frame]:
    """A picture that looks the same and gets another answer: x ← clip(x + η · sign(∂L / ∂x)), never further than ε from
    the picture, with L the loss of the right class, or, with a class, minus the loss of that one.

    One step of size ε is FGSM; more of them, each ε/4 and brought back after it, are PGD. Pixels stay within 0…1. What
    it can tell: how near to the picture the network's opinion changes. What it cannot: that a network that holds out is
    safe; a stronger search may find what this one does not.

    Yields after each step `picture` and `change` (as it is, in 0…1), rows × columns × colours; values `class` (the
    picture's own), `now` (the most probable class), `wanted` (its probability, where one is wanted), `curve` (the
    probability of the picture's own class after each step), `fooled`, `size` (the change's, in 255ths), and in the end
    `evidence`: per `node` the relative `distance` ‖a(x′) − a(x)‖ / ‖a(x)‖ that its values moved, and what that is worth
    `toward` the new class, Σ (a(x′) − a(x)) · ∂(z_now − z_own) / ∂a, in logits, to first order; at the logits, exactly.

    Raises:
        AskError: ε is below 0, or there is no such class.
    """
    if params.epsilon < 0:
        raise AskError(
            f"epsilon is {params.epsilon:g}: how far pixels may go cannot be below 0. 4 (of 255) is usual.",
            "params.epsilon",
        )
    node, plain = logits_node(network), logits_of(network, image)[0]
    own = chosen_class(network, plain, None)
    target = None if params.target is None else chosen_class(network, plain, params.target)
    mean, deviation = statistics(network, image)
    first = denormalised(network, image)
    radius = params.epsilon / 255
    stride = radius if params.steps == 1 else radius / 4
    goal = torch.tensor([own if target is None else target], device=image.device)
    picture, curve = first, [number(plain.double().softmax(0)[own])]

    def loss(logits: Tensor) -> Tensor:
        found = F.cross_entropy(logits, goal)
        return found if target is None else -found

    for step in range(1, params.steps + 1):
        slope = gradient(network, (picture - mean) / deviation, node, loss)[1]
        change = bounded(picture + stride * direction(slope, params.norm) - first, radius, params.norm)
        picture = (first + change).clamp(0, 1)
        logits = logits_of(network, (picture - mean) / deviation)[0]
        curve.append(number(logits.double().softmax(0)[own]))
        now = int(logits.argmax())
        told: dict[str, Any] = {
            "class": described(network, plain, own),
            "now": described(network, logits, now),
            "wanted": None if target is None else described(network, logits, target),
            "curve": list(curve),
            "fooled": now != own if target is None else now == target,
            "size": number(255 * measured(picture - first, params.norm)),
        }
        if step == params.steps:
            told["evidence"] = evidence(network, image, (picture - mean) / deviation, own, now)
        axes = ("row", "column", "colour")
        shown = picture[0].permute(1, 2, 0).clone()
        yield Frame("picture", shown, axes, "picture", values=told, step=step, steps=params.steps)
        moved = (picture - first)[0].permute(1, 2, 0).clone()
        yield Frame("change", moved, axes, "attribution", step=step, steps=params.steps)


def measured(change: Tensor, norm: str) -> float:
    """How large a change is."""
    return float(change.abs().max() if norm == "linf" else change.square().mean().sqrt())
