"""How a picture is shaken before the network sees it, so that no answer hangs on single pixels."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Shake:
    """A random shift, zoom and turn, another one at every step (Olah et al. 2017, "transformation robustness").

    Attributes:
        jitter: furthest shift along each axis, in pixels.
        scale: greatest change of size, as a share of it.
        rotate: greatest turn, in degrees.
    """

    jitter: float = 0.0
    scale: float = 0.0
    rotate: float = 0.0

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        """All pictures, N×C×H×W, shaken in the same way. Untouched where nothing is on."""
        down, right, zoom, turn = (2 * torch.rand(4, generator=generator) - 1).tolist()
        if not (self.jitter or self.scale or self.rotate):
            return pictures
        return moved(pictures, down * self.jitter, right * self.jitter, 1 + zoom * self.scale, turn * self.rotate)


def moved(pictures: Tensor, down: float, right: float, zoom: float, turn: float) -> Tensor:
    """Pictures turned about their centre by `turn` degrees anticlockwise, enlarged by `zoom`, and then shifted.

    Values between pixels are bilinear; what comes in from outside is mirrored at the edges.

    Args:
        pictures: N×C×H×W.
        down: rows that everything moves down.
        right: columns that everything moves to the right.
    """
    height, width = pictures.shape[2:]
    cosine, sine = math.cos(math.radians(turn)) / zoom, math.sin(math.radians(turn)) / zoom
    # Where each pixel comes from, in coordinates of which both sides span −1…1.
    from_x = [cosine, -sine * height / width, 2 * (sine * down - cosine * right) / width]
    from_y = [sine * width / height, cosine, -2 * (sine * right + cosine * down) / height]
    matrix = torch.tensor([from_x, from_y], dtype=pictures.dtype, device=pictures.device)
    grid = F.affine_grid(matrix.expand(len(pictures), 2, 3), list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
