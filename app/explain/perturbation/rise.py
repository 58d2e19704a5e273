"""rise: the mean of random masks, weighed by the probability that the class keeps behind each."""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from app.explain.attribution.maps import frames
from app.explain.attribution.target import (
    ClassParams,
    batch_of,
    chosen_class,
    described,
    gradient_memory,
    logits_of,
)
from app.explain.method import Frame, method
from app.explain.network import Network
from app.explain.numbers import number


class RiseParams(ClassParams):
    """How many masks, and of what kind."""

    samples: int = Field(default=1000, ge=1, le=20000, title="Masks", description="At most.")
    cells: int = Field(default=7, ge=2, le=32, title="Cells", description="Of a mask, along each side.")
    share: float = Field(default=0.5, gt=0, lt=1, title="Shown", description="Share of the cells that are shown.")
    error: float = Field(
        default=0.1,
        ge=0,
        le=1,
        title="Error",
        description="It stops when the map's standard error is smaller than this share of the map's spread.",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the masks.")


def random_masks(count: int, shape: tuple[int, ...], params: RiseParams, generator: torch.Generator) -> Tensor:
    """N×1×rows×columns in 0…1: random cells, enlarged, and shifted by part of a cell."""
    height, width = shape[-2:]
    cell = -(-height // params.cells), -(-width // params.cells)
    cells = (torch.rand((count, 1, params.cells + 1, params.cells + 1), generator=generator) < params.share).float()
    size = (params.cells + 1) * cell[0], (params.cells + 1) * cell[1]
    large = F.interpolate(cells, size, mode="bilinear", align_corners=False)
    shifts = (torch.rand((count, 2), generator=generator) * torch.tensor(cell)).long().tolist()
    return torch.stack([mask[:, y : y + height, x : x + width] for mask, (y, x) in zip(large, shifts, strict=True)])


@method("rise", title="RISE", source="Petsiuk, Das & Saenko 2018, RISE", memory=gradient_memory, shows="map")
def rise(network: Network, image: Tensor, params: RiseParams) -> Iterator[Frame]:
    """Which pixels keep the class's probability up, whatever else is hidden: m = 1/(n·p) Σ_i p_c(x · M_i) · M_i over
    random masks M_i that show the share p of the picture.

    It looks at nothing but answers, so that it suits every network. It stops by itself when the map's standard error
    falls below a share of the map's spread (`error`). What it can tell: where the evidence is, without a gradient. What
    it cannot: fine structure, or a class whose probability is near zero behind every mask.

    Yields after each batch of masks `map`, rows × columns; values `class`, `map`, `samples` so far and `error`.
    """
    logits = logits_of(network, image)[0]
    target = chosen_class(network, logits, params.target)
    generator = torch.Generator().manual_seed(params.seed)
    total = torch.zeros(image.shape[2:], dtype=torch.float64, device=image.device)
    squares, done, size = total.clone(), 0, max(2, batch_of(network))
    while done < params.samples:
        count = min(size, params.samples - done)
        masks = random_masks(count, network.input_shape, params, generator).to(image)
        scores = logits_of(network, image * masks).double().softmax(1)[:, target]
        weighed = scores[:, None, None] * masks[:, 0].double()
        total += weighed.sum(0)
        squares += weighed.square().sum(0)
        done += count
        mean = total / done
        spread = float(mean.std())
        error = float((squares / done - mean.square()).clamp(min=0).div(done).mean().sqrt()) / max(spread, 1e-30)
        told = {"class": described(network, logits, target), "samples": done, "error": number(error)}
        ready = done >= 16 * size and error < params.error
        steps = done if ready else params.samples
        yield from frames(None, (mean / params.share).float(), told, kind="positive", step=done, steps=steps)
        if ready:
            return
