"""integrated_gradients: the gradient gathered on the way from a baseline to the picture."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.climb import statistics
from app.explain.attribution.maps import frames
from app.explain.attribution.target import (
    ClassParams,
    batch_of,
    chosen_class,
    class_gradient,
    described,
    gradient_memory,
    logits_of,
)
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number

Baseline = Literal["mean", "black", "white"]


class IntegratedGradientsParams(ClassParams):
    """From where, and in how many steps."""

    baseline: Baseline = Field(
        default="mean", title="Baseline", description="The picture that shows nothing: the mean colour, black or white."
    )
    steps: int = Field(default=50, ge=1, le=1000, title="Steps", description="Points of the path (Gauss–Legendre).")


def plain_picture(network: Network, image: Tensor, baseline: Baseline) -> Tensor:
    """A picture of one colour, as the network's input; without preprocessing black is 0 and white 1."""
    if baseline == "mean":
        return torch.zeros_like(image)
    mean, deviation = statistics(network, image)
    return (torch.full_like(image, float(baseline == "white")) - mean) / deviation


@method(
    "integrated_gradients",
    title="Integrated gradients",
    source="Sundararajan, Taly & Yan 2017, Axiomatic Attribution for Deep Networks",
    memory=gradient_memory,
    shows="map",
)
def integrated_gradients(network: Network, image: Tensor, params: IntegratedGradientsParams) -> Iterator[Frame]:
    """Each pixel's share of what the picture adds to the class's logit over a baseline b:
    a = (x − b) · ∫₀¹ ∂z_c(b + α(x − b)) / ∂x dα, m = Σ over colours of a.

    What it can tell: the shares are complete, Σ a = z_c(x) − z_c(b); the `completeness` error says how far the sum over
    finitely many steps is off. What it cannot: be free of the baseline. What has the baseline's colour gets nothing,
    and another baseline tells another story.

    Yields after each batch of steps `map`, rows × columns, and `channels`, a per colour, both scaled to the part of
    the path that is done; values `class`, `map`, `completeness` (`sum`, `difference` of the logits, and the `error`
    between them as a share of the difference).
    """
    base = plain_picture(network, image, params.baseline)
    plain, start = logits_of(network, image)[0], logits_of(network, base)[0]
    target = chosen_class(network, plain, params.target)
    difference = float(plain[target].double() - start[target].double())
    points, weights = (torch.tensor(part).to(image) for part in np.polynomial.legendre.leggauss(params.steps))
    alphas, weights = (1 + points) / 2, weights / 2
    total = torch.zeros_like(image[0])
    size = batch_of(network)
    for first in range(0, params.steps, size):
        part = slice(first, first + size)
        path = base + alphas[part, None, None, None] * (image - base)
        slope = class_gradient(network, path, target)[2]
        total += torch.einsum("n,nchw->chw", weights[part], slope)
        shares = total * (image - base)[0] / weights[: first + size].sum()
        summed = float(shares.double().sum())
        error = abs(summed - difference) / max(abs(difference), 1e-12)
        values = {
            "class": described(network, plain, target),
            "completeness": {"sum": number(summed), "difference": number(difference), "error": number(error)},
        }
        done = min(first + size, params.steps)
        yield from frames(shares, shares.sum(0), values, step=done, steps=params.steps)
