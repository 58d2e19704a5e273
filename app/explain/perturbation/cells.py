"""A picture cut into a grid of pieces, which are hidden or shown one after the other."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Cells:
    """A grid of equal pieces, as far as the sides divide.

    Attributes:
        wanted: pieces along each side; fewer where there are fewer pixels.
    """

    height: int
    width: int
    wanted: int

    @cached_property
    def of_pixel(self) -> Tensor:
        """Each pixel's piece, rows × columns."""
        rows, columns = (torch.arange(side) * min(self.wanted, side) // side for side in (self.height, self.width))
        return rows[:, None] * min(self.wanted, self.width) + columns

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return min(self.wanted, self.height) * min(self.wanted, self.width)

    def means(self, map_: Tensor) -> Tensor:
        """The mean of a map, rows × columns, over each piece."""
        places = self.of_pixel.flatten()
        sums = torch.zeros(self.count, dtype=torch.float64).index_add(0, places, map_.flatten().cpu().double())
        return sums / places.bincount(minlength=self.count)

    def masks(self, order: Tensor, counts: list[int]) -> Tensor:
        """1 in the first `count` pieces of an order and 0 elsewhere, for each count: N×1×rows×columns."""
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order))
        return (rank[self.of_pixel] < torch.tensor(counts)[:, None, None])[:, None].float()
