"""fooling_image: a picture of nothing that the network is sure of."""

from collections.abc import Iterator
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import statistics
from app.explain.attribution.target import chosen_class, described, gradient, gradient_memory, logits_of, picture_shape
from app.explain.classify import logits_node
from app.explain.fooling.adversarial import direction
from app.explain.fooling.evidence import evidence
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.numbers import number


class FoolingImageParams(Params):
    """Which class, from which noise, and until when."""

    target: int = Field(default=0, ge=0, title="Class", description="Its number.", json_schema_extra={"names": "class"})
    steps: int = Field(default=100, ge=1, le=2000, title="Steps", description="At most.")
    confidence: float = Field(
        default=0.99, gt=0, lt=1, title="Sure", description="It stops where the class's probability is as high."
    )
    learning_rate: float = Field(default=0.01, gt=0, le=1, title="Learning rate", description="Of pixels in 0…1.")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the noise.")


@method(
    "fooling_image",
    title="Fooling picture",
    source="Nguyen, Yosinski & Clune 2015, Deep Neural Networks are Easily Fooled",
    image="none",
    memory=gradient_memory,
    shows="picture",
)
def fooling_image(network: Network, image: Tensor | None, params: FoolingImageParams) -> Iterator[Frame]:
    """A picture of noise that the network is sure shows a class: p ← p + η · g / rms(g), g = ∂ log p_c / ∂p, from
    noise, until the probability is high.

    What it can tell: that a network's confidence is no measure of whether it has seen anything like this. What it
    cannot: what the class looks like; for that, see the max-response image.

    Yields after each step `picture`, rows × columns × colours; values `class` (its logit and probability), `curve` (the
    probability after each step), and in the end `evidence` from the noise to the picture, as of an adversarial image:
    per `node` the relative `distance` and what it is worth `toward` the class, from the noise's own.

    Raises:
        AskError: there is no such class.
    """
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn((1, *picture_shape(network)), generator=generator)
    picture = (0.5 + 0.05 * noise).clamp(0, 1).to(network.device, network.dtype)
    mean, deviation = statistics(network, picture)
    node = logits_node(network)
    first = (picture - mean) / deviation
    logits = logits_of(network, first)[0]
    own, target = int(logits.argmax()), chosen_class(network, logits, params.target)
    curve = [number(logits.double().softmax(0)[target])]
    for step in range(1, params.steps + 1):
        slope = gradient(network, (picture - mean) / deviation, node, lambda value: value.log_softmax(1)[:, target])[1]
        picture = (picture + params.learning_rate * direction(slope, "l2")).clamp(0, 1)
        logits = logits_of(network, (picture - mean) / deviation)[0]
        curve.append(number(logits.double().softmax(0)[target]))
        sure = (curve[-1] or 0) >= params.confidence
        told: dict[str, Any] = {"class": described(network, logits, target), "curve": list(curve)}
        if sure or step == params.steps:
            told["evidence"] = evidence(network, first, (picture - mean) / deviation, own, target)
        yield Frame(
            "picture",
            picture[0].permute(1, 2, 0).clone(),
            ("row", "column", "colour"),
            "picture",
            values=told,
            step=step,
            steps=step if sure else params.steps,
        )
        if sure:
            return
