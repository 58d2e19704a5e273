"""Where a sliding patch stands, in which order the places are tried, and how the losses become a map."""

from dataclasses import dataclass

import torch
from torch import Tensor

from app.explain.errors import AskError


@dataclass(frozen=True)
class Patches:
    """All places of a square patch over a picture; as in Captum, the last ones reach over the edge where need be.

    Attributes:
        patch: side, in pixels.
        stride: pixels from one place to the next.
    """

    height: int
    width: int
    patch: int
    stride: int

    def __post_init__(self) -> None:
        if self.patch > min(self.height, self.width):
            raise AskError(
                f"patch is {self.patch} pixels, but the network's input has {self.height} × {self.width}: it would "
                f"hide everything. At most {min(self.height, self.width)} is right.",
                "params.patch",
            )

    @property
    def rows(self) -> int:
        """Places below each other."""
        return -(-(self.height - self.patch) // self.stride) + 1

    @property
    def columns(self) -> int:
        """Places beside each other."""
        return -(-(self.width - self.patch) // self.stride) + 1

    def box(self, place: int) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of a place, the latter two excluded."""
        top, left = place // self.columns * self.stride, place % self.columns * self.stride
        return top, left, min(top + self.patch, self.height), min(left + self.patch, self.width)

    def order(self) -> list[int]:
        """All places, coarse to fine: every eighth row and column first, then what lies half-way between, and so on."""
        found: dict[int, None] = {}
        for step in (8, 4, 2, 1):
            for row in range(0, self.rows, step):
                for column in range(0, self.columns, step):
                    found.setdefault(row * self.columns + column)
        return list(found)

    def map(self, losses: dict[int, float], like: Tensor) -> Tensor:
        """For each pixel the mean of the losses of the patches that hid it; where none did yet, of the nearest one."""
        total = torch.zeros(self.height, self.width, dtype=torch.float64)
        count = torch.zeros_like(total)
        for place, loss in losses.items():
            top, left, bottom, right = self.box(place)
            total[top:bottom, left:right] += loss
            count[top:bottom, left:right] += 1
        found = total / count.clamp(min=1)
        if bool((count == 0).any()):
            found = torch.where(count > 0, found, self.nearest(losses))
        return found.to(like)

    def nearest(self, losses: dict[int, float]) -> Tensor:
        """For each pixel the loss of the patch whose centre is nearest."""
        places = torch.tensor([self.box(place) for place in losses], dtype=torch.float32)
        rows, columns = (places[:, 0] + places[:, 2]) / 2, (places[:, 1] + places[:, 3]) / 2
        away = (torch.arange(self.height)[:, None] - rows).square()[:, None, :]
        away = away + (torch.arange(self.width)[:, None] - columns).square()[None, :, :]
        return torch.tensor(list(losses.values()), dtype=torch.float64)[away.argmin(2)]
