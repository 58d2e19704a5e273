"""Networks that an operator's own code makes, for the tests of `convscope serve --model`."""

import torch
from torch import nn


def tiny() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))


tiny.convscope = {"title": "Tiny", "size": 20, "classes": ["a", "b", "c"]}  # type: ignore[attr-defined]


def nothing() -> int:
    return 3


def broken() -> nn.Module:
    raise RuntimeError("no weights today")
