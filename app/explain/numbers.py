"""Tensors as plain Python numbers that JSON can carry."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def number(value: float | Tensor) -> float | None:
    """A number, or None where it is not finite: JSON has no NaN."""
    plain = float(value)
    return plain if math.isfinite(plain) else None


def numbers(values: Tensor | NDArray[np.floating]) -> list[Any]:
    """A tensor or an array as nested lists of numbers, None where one is not finite."""
    plain: list[Any] = values.tolist()
    finite = values.isfinite() if isinstance(values, Tensor) else np.isfinite(values)
    return plain if bool(finite.all()) else finite_items(plain)


def finite_items(items: list[Any]) -> list[Any]:
    """Nested lists with None in place of what is not finite."""
    return [finite_items(item) if isinstance(item, list) else number(item) for item in items]
