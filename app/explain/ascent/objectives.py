"""What is climbed: one number per picture, from the value of the unit that it is made for."""

from typing import Literal

import torch
from torch import Tensor

Objective = Literal["norm", "mean", "centre", "logit"]


def responses(value: Tensor, units: Tensor, objective: Objective) -> Tensor:
    """How strongly each picture drives its own unit, at least in float32.

    With a_n the map of unit u_n on picture n: norm ‖a_n‖₂ = √Σ a_n², mean Σ a_n / (h·w), centre a_n[⌊h/2⌋, ⌊w/2⌋]. A
    dense unit has a single value, which is its response whatever the objective: the norm would not tell +5 from −5.

    Args:
        value: of a node, N×units or N×units×h×w.
        units: N numbers of units.

    Returns:
        N responses.
    """
    maps = value[torch.arange(len(units), device=value.device), units]
    maps = maps.to(torch.promote_types(maps.dtype, torch.float32))
    if maps.dim() == 1:
        return maps
    if objective == "centre":
        for side in maps.shape[1:]:
            maps = maps[:, side // 2]
        return maps
    return maps.flatten(1).mean(1) if objective == "mean" else maps.flatten(1).norm(dim=1)
