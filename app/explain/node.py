"""Node: one call site of a traced network, and what is known of it before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

from app.explain.field import ITSELF, ReceptiveField


@dataclass(frozen=True)
class Node:
    """One call site.

    Attributes:
        name: unique; the module's path, with .1, .2 … for its further calls ("layer1.0.relu.1").
        operation: what it does, in the field's words ("convolution", "max_pool", "add" …).
        module: path of the module that is called, or that calls the function.
        path: names of the blocks that hold it, outermost first, for folding.
        inputs: names of the nodes it reads.
        shape: of its value, without the batch: C×H×W, or a single number of units.
        parameters: numbers it learned (counted at a module's first call).
        macs: multiply-adds of one pass over one image, biases and normalisation left out.
        details: kernel_size, stride, padding, dilation, groups and so on, as the operation has them.
        receptive_field: what its values see of the input.
        kind: "positive" where it cannot be negative, else "signed".
    """

    name: str
    operation: str
    module: str
    path: tuple[str, ...]
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: int = 0
    macs: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    receptive_field: ReceptiveField = ITSELF
    kind: Literal["signed", "positive"] = "signed"

    @property
    def units(self) -> int:
        """How many feature maps (or single values) it has."""
        return self.shape[0]

    @property
    def size(self) -> int:
        """How many values it has."""
        return prod(self.shape)

    @property
    def spatial(self) -> bool:
        """Whether its units are maps, C×H×W."""
        return len(self.shape) == 3
