"""Random changes to training pictures, on whole batches at once; N×C×H×W in and out, values 0…1."""

from typing import Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Generator, Tensor
from torch.nn import functional as F


class Augmentation(BaseModel):
    """How much training pictures are changed, by chance, each time they are looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    flip: bool = Field(False, title="Mirrored")
    rotate: float = Field(0.0, ge=0, le=180, title="Turned", json_schema_extra={"unit": "°"})
    shift: float = Field(0.0, ge=0, le=0.5, title="Moved", description="Share of the side.")
    scale: float = Field(0.0, ge=0, le=1, title="Scaled", description="By a factor of up to e to this.")
    shear: float = Field(0.0, ge=0, le=60, title="Slanted", json_schema_extra={"unit": "°"})
    border: Literal["zeros", "reflection"] = Field("zeros", title="What comes in at the border")
    crop: int = Field(0, ge=0, le=16, title="Cropped", json_schema_extra={"unit": "px"}, description="After a border.")
    elastic: float = Field(0.0, ge=0, le=8, title="Elastic", json_schema_extra={"unit": "px"})
    colour: float = Field(0.0, ge=0, le=1, title="Colour", description="Brightness, contrast and saturation.")

    def describe(self) -> str:
        """What is changed, and how much, in words."""
        changed = [f"{name} {value}" for name, value in self if value != type(self).model_fields[name].default]
        return ", ".join(part.removesuffix(" True") for part in changed) or "none"


def augmented(x: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Pictures changed by chance as an augmentation says."""
    if how.flip:
        x = random_flip(x, generator)
    if how.rotate or how.shift or how.scale or how.shear:
        x = random_affine(x, how.rotate, how.shift, how.scale, how.shear, generator, how.border)
    if how.crop:
        x = random_shift(x, how.crop, generator)
    if how.elastic:
        x = random_elastic(x, how.elastic, generator)
    if how.colour:
        x = random_colour(x, how.colour, generator)
    return x


def random_flip(x: Tensor, generator: Generator) -> Tensor:
    """Mirrors each picture with probability one half."""
    mirrored = torch.rand(len(x), generator=generator) < 0.5
    return torch.where(mirrored[:, None, None, None], x.flip(3), x)


def random_shift(x: Tensor, pixels: int, generator: Generator) -> Tensor:
    """Moves each picture by up to `pixels` in each direction; the border is mirrored."""
    n, _, height, width = x.shape
    padded = F.pad(x, (pixels,) * 4, mode="reflect")
    offsets = torch.randint(0, 2 * pixels + 1, (n, 2), generator=generator)
    rows = offsets[:, :1] + torch.arange(height)
    columns = offsets[:, 1:] + torch.arange(width)
    batch = torch.arange(n)[:, None, None]
    return padded.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def random_affine(
    x: Tensor, degrees: float, shift: float, scale: float, shear: float, generator: Generator, padding: str = "zeros"
) -> Tensor:
    """Turns, moves, scales and shears each picture by its own uniformly drawn amounts.

    `degrees` and `shear` bound the angles (degrees), `shift` the move (share of the side), `scale` the
    logarithm of the size.
    """
    n = len(x)

    def uniform(bound: float) -> Tensor:
        return (torch.rand(n, generator=generator) * 2 - 1) * bound

    angle, slant = uniform(degrees).deg2rad(), uniform(shear).deg2rad()
    size_x, size_y = uniform(scale).exp(), uniform(scale).exp()
    theta = torch.stack(
        [
            torch.stack([size_x * angle.cos(), size_x * (slant - angle).sin(), 2 * uniform(shift)], 1),
            torch.stack([size_y * angle.sin(), size_y * (slant - angle).cos(), 2 * uniform(shift)], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode=padding, align_corners=False)


def random_elastic(x: Tensor, pixels: float, generator: Generator, cells: int = 5) -> Tensor:
    """Bends each picture by a smooth field of its own whose vectors have up to `pixels` a direction.

    The vectors of a coarse grid of cells × cells are drawn and interpolated (Simard, Steinkraus and Platt 2003 smooth a
    fine one instead).
    """
    n, _, height, width = x.shape
    coarse = (torch.rand((n, 2, cells, cells), generator=generator) * 2 - 1) * pixels
    field = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    moves = field.permute(0, 2, 3, 1) * 2 / torch.tensor([width, height])
    straight = F.affine_grid(torch.eye(2, 3).expand(n, 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, straight + moves, padding_mode="border", align_corners=False)


def random_colour(x: Tensor, strength: float, generator: Generator) -> Tensor:
    """Changes each picture's brightness, contrast and, where it has colours, saturation, each by a factor of
    1 − strength … 1 + strength."""
    light, contrast, saturation = (
        1 + (torch.rand((len(x), 1, 1, 1), generator=generator) * 2 - 1) * strength for _ in range(3)
    )
    x = x * light
    x = (x - x.mean((1, 2, 3), keepdim=True)) * contrast + x.mean((1, 2, 3), keepdim=True)
    grey = x.mean(1, keepdim=True)
    return (grey + (x - grey) * saturation).clamp(0, 1)


def mixed(x: Tensor, alpha: float, generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Mix-up (Zhang et al. 2018): λ·x + (1 − λ)·x', with λ ~ Beta(α, α) and x' the batch in another order.

    Returns:
        The pictures, the other order, and λ.
    """
    drawn = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    share = float(drawn.beta(alpha, alpha))
    order = torch.randperm(len(x), generator=generator)
    return share * x + (1 - share) * x[order], order, share
