"""smoothgrad: the gradient, averaged over noisy copies of the picture."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor

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


class SmoothgradParams(ClassParams):
    """How many noisy copies, and how noisy."""

    samples: int = Field(default=25, ge=1, le=1000, title="Samples", description="Noisy copies of the picture.")
    noise: float = Field(
        default=0.15, ge=0, le=2, title="Noise", description="Standard deviation, as a share of the picture's range."
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the noise.")


@method(
    "smoothgrad",
    title="SmoothGrad",
    source="Smilkov et al. 2017, SmoothGrad: removing noise by adding noise",
    memory=gradient_memory,
    shows="map",
)
def smoothgrad(network: Network, image: Tensor, params: SmoothgradParams) -> Iterator[Frame]:
    """The gradient averaged over noisy copies of the picture: g = 1/n Σ ∂z_c(x + ε) / ∂x with ε ~ N(0, σ²), and
    m = max over colours of |g|.

    The noise's σ is a share of the range of the picture's values. What it can tell: where the logit depends on the
    pixels also in the picture's neighbourhood, with much less of the flicker of a single gradient. What it cannot: more
    than saliency about saturated units; and with much noise it explains pictures that nobody showed.

    Yields after each batch `map`, rows × columns, and `channels`, g per colour; values `class`, `map` and `samples`.
    """
    plain = logits_of(network, image)[0]
    target = chosen_class(network, plain, params.target)
    generator = torch.Generator().manual_seed(params.seed)
    deviation = params.noise * float(image.max() - image.min())
    total, done = torch.zeros_like(image[0]), 0
    while done < params.samples:
        count = min(batch_of(network), params.samples - done)
        noise = torch.randn((count, *image.shape[1:]), generator=generator).to(image)
        total += class_gradient(network, image + deviation * noise, target)[2].sum(0)
        done += count
        mean = total / done
        values = {"class": described(network, plain, target), "samples": done}
        yield from frames(mean, mean.abs().amax(0), values, kind="positive", step=done, steps=params.samples)
