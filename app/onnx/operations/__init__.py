"""What makes a layer of each operation: one file per family."""

from app.onnx.operations import arrange, convolution, cut, join, normalise, pointwise, pool, quantise, reduce, resize
from app.onnx.site import OPERATIONS

__all__ = [
    "OPERATIONS", "arrange", "convolution", "cut", "join", "made_of", "normalise", "pointwise", "pool", "quantise",
    "reduce", "resize",
]  # fmt: skip


def made_of() -> list[tuple[list[str], str]]:
    """Operations that one maker reads, with what it makes of them, for the docs."""
    together: dict[str, list[str]] = {}
    for name, maker in sorted(OPERATIONS.items()):
        together.setdefault(" ".join((maker.__doc__ or "").split("\n\n")[0].split()), []).append(name)
    return [(names, told) for told, names in together.items()]
