"""Numbers rounded to whole multiples of a step: QuantizeLinear and DequantizeLinear, on floats."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from app.onnx.layers import INPUT, Function
from app.onnx.site import Made, Site, operation
from app.onnx.value import Value

RANGES = {torch.uint8: (0, 255), torch.int8: (-128, 127)}
TYPES = {2: torch.uint8, 3: torch.int8}


class Rounding(torch.autograd.Function):
    """Rounds to whole multiples of a step; passes the gradient on inside the range (Bengio et al. 2013)."""

    @staticmethod
    def forward(context: Any, x: Tensor, scale: float, zero: int, low: int, high: int) -> Tensor:
        """(clip(round(x / scale) + zero) − zero) · scale."""
        whole = torch.round(x / scale) + zero
        context.save_for_backward((low <= whole) & (whole <= high))
        return (whole.clamp(low, high) - zero) * scale

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient where the range does not cut it off."""
        (inside,) = context.saved_tensors
        return gradients[0] * inside, None, None, None, None


def quantise(x: Tensor, scale: float, zero: int, low: int, high: int) -> Tensor:
    """x on the steps that eight bits have."""
    rounded: Tensor = Rounding.apply(x, scale, zero, low, high)  # type: ignore[no-untyped-call]
    return rounded


def identity_of(scale: Tensor, zero: Tensor | None) -> tuple[object, ...]:
    """Steps and zeros as something that can be compared."""
    numbers = [] if zero is None else zero.flatten().tolist()
    return (tuple(scale.flatten().tolist()), tuple(numbers) if any(numbers) else ())


@operation("QuantizeLinear")
def quantised(site: Site) -> Made:
    """x rounded to whole multiples of the scale, between the least and the greatest that its type holds.

    Its gradient is that of x inside the range.
    """
    x, scale, zero = site.any_order(), site.weight(1), site.constant(2)
    kind = TYPES.get(site.whole("output_dtype", 0), torch.uint8) if zero is None else zero.dtype
    if kind not in RANGES or scale.numel() != 1:
        raise site.fault("rounds to other than eight bits with one scale.")
    low, high = RANGES[kind]
    offset = 0 if zero is None else int(zero)
    layer = Function(quantise, INPUT, float(scale), offset, low, high)
    return replace(site.emit(layer, x, layout=x.layout), scale=identity_of(scale, zero))


@operation("DequantizeLinear")
def dequantised(site: Site) -> Made:
    """Nothing: the numbers are kept as floats where they are rounded."""
    x, scale, zero = site.any_order(), site.weight(1), site.constant(2)
    if x.scale != identity_of(scale, zero):
        raise site.fault("does not undo the QuantizeLinear before it.")
    return replace(x, scale=None)


def weights(site: Site) -> Tensor | None:
    """Stored whole numbers times their scale, for the whole tensor, each entry of an axis, or blocks of it."""
    x, scale, zero = site.given(0), site.weight(1), site.constant(2)
    if isinstance(x, Value) or x is None:
        return None
    offset = torch.zeros_like(scale) if zero is None else zero.float()
    axis = site.whole("axis", 1)
    if scale.numel() == 1:
        return (x.float() - offset.reshape(())) * scale.reshape(())
    axis = site.axis(axis, x.dim())
    if scale.dim() == 1:
        shape = [-1 if i == axis else 1 for i in range(x.dim())]
        return (x.float() - offset.reshape(shape)) * scale.reshape(shape)
    block = site.whole("block_size", 0)
    if not 1 <= block <= x.shape[axis] or scale.dim() != x.dim():
        raise site.fault("has scales that fit no axis of its weights.")
    spread = [values.repeat_interleave(block, axis).narrow(axis, 0, x.shape[axis]) for values in (offset, scale)]
    return (x.float() - spread[0]) * spread[1]
