"""How the learning rate goes over a training, as a factor of the largest one."""

from math import cos, pi
from typing import Literal

Schedule = Literal["constant", "step", "cosine", "one-cycle"]

RISE = 0.25
"""Share of one cycle in which the learning rate rises."""

FIRST, LAST = 1 / 25, 1 / 250_000
"""Factors with which one cycle begins and ends."""

DROPS = (0.5, 0.75)
"""Shares of the training after which “step” divides the learning rate by ten, as He et al. 2016 do."""


def factor(schedule: Schedule, step: float, steps: float) -> float:
    """The factor of a step, counted from 0, of a training of so many steps.

    one-cycle: rises from 1/25 over the first quarter and falls to almost nothing, each along half a cosine (Smith and
    Topin 2018, as torch's OneCycleLR has it); cosine: (1 + cos(π·step/steps))/2 (Loshchilov and Hutter 2017).
    """
    if schedule == "cosine":
        return (1 + cos(pi * step / steps)) / 2
    if schedule == "step":
        return 0.1 ** sum(step >= share * steps for share in DROPS)
    if schedule == "one-cycle":
        top = RISE * steps - 1
        if step <= top:
            return between(FIRST, 1.0, step / top)
        return between(1.0, LAST, (step - top) / max(steps - 1 - top, 1e-9))
    return 1.0


def between(start: float, end: float, share: float) -> float:
    """A value that goes from start to end along half a cosine."""
    return end + (start - end) / 2 * (1 + cos(pi * min(share, 1.0)))
