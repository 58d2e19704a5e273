"""Random changes to training pictures, on whole batches at once; N×C×H×W in and out, values 0…1."""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


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
