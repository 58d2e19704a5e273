"""Maps made small without losing what matters: of each cell, the value largest in size is kept.

Means would wash out the sparse peaks that activations consist of.
"""

import numpy as np

from app.render.quantise import Floats

STRIP_SIDE = 64
"""Pixels that the longer side of a map on a strip has at most."""

STRIP_UNITS = 16
"""Units that a strip holds at most."""


def shrink(maps: Floats, side: int) -> Floats:
    """Reduces maps so that no side is longer than `side`.

    Args:
        maps: units × H × W.
        side: most pixels per side; cells are k × k with the smallest whole k that does it.

    Returns:
        units × ⌈H / k⌉ × ⌈W / k⌉; the same array where nothing is to be done. A cell that holds a NaN is NaN.
    """
    cell = -(-max(maps.shape[1:]) // side)
    if cell <= 1:
        return maps
    largest = reduce_cells(maps, cell, np.maximum)
    smallest = reduce_cells(maps, cell, np.minimum)
    return np.where(largest >= -smallest, largest, smallest)


def reduce_cells(maps: Floats, cell: int, better: np.ufunc) -> Floats:
    """Of each cell, what `better` prefers; rows first, since they are contiguous."""
    rows = maps[:, ::cell].copy()
    for shift in range(1, cell):
        later = maps[:, shift::cell]
        kept = rows[:, : later.shape[1]]
        better(kept, later, out=kept)
    columns = rows[:, :, ::cell].copy()
    for shift in range(1, cell):
        later = rows[:, :, shift::cell]
        kept = columns[:, :, : later.shape[2]]
        better(kept, later, out=kept)
    return columns
