"""What makes a layer of each operation: one file per family."""

from app.onnx.operations import arrange, convolution, join, normalise, pointwise, pool, quantise, reduce, resize
from app.onnx.site import OPERATIONS

__all__ = [
    "OPERATIONS", "arrange", "convolution", "join", "normalise", "pointwise", "pool", "quantise", "reduce", "resize",
]  # fmt: skip
