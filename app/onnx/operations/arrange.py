"""Operations that pass values on: other axes, copies, padding."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from app.onnx.layers import INPUT, Function
from app.onnx.site import Made, Site, operation
from app.onnx.value import Value

FLOATS = {1, 10, 11, 16}
"""Types of onnx.proto that hold floats."""


@operation("Identity")
def identity(site: Site) -> Made:
    """nn.Identity."""
    x = site.any_order()
    return replace(site.emit(nn.Identity(), x, layout=x.layout), scale=x.scale)


@operation("Dropout")
def dropout(site: Site) -> Made:
    """nn.Dropout, which does nothing in eval mode."""
    x = site.any_order()
    if site.further_outputs:
        raise site.fault("gives its mask too, which is not read here.")
    return site.emit(nn.Dropout(), x, layout=x.layout)


@operation("Cast", "CastLike")
def cast(site: Site) -> Made:
    """Nothing: all values here are float32."""
    if site.node.operation == "Cast" and site.whole("to", 1) not in FLOATS:
        raise site.fault("turns the network's values into whole numbers, which has no gradient.")
    return site.any_order()


@operation("Transpose")
def transpose(site: Site) -> Made:
    """Remembered, and computed where the order of axes matters."""
    x = site.any_order()
    permutation = site.wholes("perm") or tuple(reversed(range(len(x.layout))))
    if sorted(permutation) != list(range(len(x.layout))):
        raise site.fault(f"has a perm that is no order of {len(x.layout)} axes.")
    return x.transposed(permutation, site.path)


def reshaped(site: Site, x: Value, shape: Sequence[int]) -> Value:
    """A value with other axes, its numbers in the same order; the batch stays in front."""
    x = x if x.keeps_order else site.builder.in_order(x)
    if not shape or shape[0] not in (1, site.builder.batch):
        raise site.fault(
            f"gives the shape {'×'.join(map(str, shape)) or 'of one number'}, which does not keep the batch axis in "
            "front: every picture must stay apart."
        )
    rest = tuple(shape[1:])
    if prod(rest) != prod(x.held[1:]):
        raise site.fault(f"makes {prod(rest)} values of {prod(x.held[1:])}.")
    layer = nn.Flatten(1) if len(rest) == 1 and len(x.held) > 2 else Function(torch.reshape, INPUT, (-1, *rest))
    return replace(site.emit(layer, x), scale=x.scale)


@operation("Reshape")
def reshape(site: Site) -> Made:
    """torch.reshape to constant sizes."""
    x, wanted = site.any_order(), site.listed("shape", 1)
    if wanted is None:
        raise site.fault("lacks a shape.")
    copies = not site.whole("allowzero", 0)
    if copies and any(size == 0 and i >= len(x.shape) for i, size in enumerate(wanted)):
        raise site.fault("copies the size of an axis that is not there.")
    shape = [x.shape[i] if size == 0 and copies else size for i, size in enumerate(wanted)]
    if shape.count(-1) > 1 or min(shape, default=1) < -1:
        raise site.fault("leaves more than one size open.")
    if shape[:1] == [-1] and prod(shape[1:]) == prod(x.shape[1:]):
        shape[0] = 1
    elif -1 in shape:
        batch = site.builder.batch if shape[0] == site.builder.batch else 1
        known = -prod(shape)
        total = prod(x.shape) * batch
        if not known or total % known:
            raise site.fault(f"cannot make {total} values fit its shape.")
        shape[shape.index(-1)] = total // known
    return reshaped(site, x, shape)


@operation("Flatten")
def flatten(site: Site) -> Made:
    """nn.Flatten."""
    x = site.any_order()
    rank = len(x.shape)
    axis = site.whole("axis", 1)
    axis = axis if axis == rank else site.axis(axis, rank)
    if axis > 1 and prod(x.shape[1:axis]) == 1:
        axis = 1
    if axis != 1:
        raise site.fault("flattens the batch axis too.")
    return reshaped(site, x, (1, prod(x.shape[1:])))


@operation("Squeeze")
def squeeze(site: Site) -> Made:
    """torch.reshape without axes of size one; never without the batch."""
    x = site.any_order()
    axes = site.listed("axes", 1)
    rank = len(x.shape)
    gone = {site.axis(axis, rank) for axis in axes} if axes else {i for i in range(1, rank) if x.shape[i] == 1}
    if any(x.shape[axis] != 1 for axis in gone):
        raise site.fault("squeezes an axis that is not of size one.")
    return reshaped(site, x, [size for i, size in enumerate(x.shape) if i not in gone])


@operation("Unsqueeze")
def unsqueeze(site: Site) -> Made:
    """torch.reshape with further axes of size one."""
    x, axes = site.any_order(), site.listed("axes", 1)
    if not axes:
        raise site.fault("names no axes.")
    rank = len(x.shape) + len(axes)
    fresh = {site.axis(axis, rank) for axis in axes}
    if 0 in fresh:
        raise site.fault("puts an axis before the batch.")
    sizes = iter(x.shape)
    return reshaped(site, x, [1 if i in fresh else next(sizes) for i in range(rank)])


@operation("Expand")
def expand(site: Site) -> Made:
    """Values repeated along axes of size one, torch.broadcast_to."""
    x, wanted = site.value(), site.listed("shape", 1)
    if wanted is None:
        raise site.fault("lacks a shape.")
    rank = max(len(wanted), len(x.held))
    if rank > len(x.held):
        raise site.fault("puts axes before the batch.")
    wanted = (1,) * (rank - len(wanted)) + wanted
    if wanted[0] not in (1, site.builder.batch):
        raise site.fault("repeats the batch.")
    sizes = tuple(max(have, want) for have, want in zip(x.held[1:], wanted[1:], strict=True))
    return site.emit(Function(torch.broadcast_to, INPUT, (-1, *sizes)), x)


MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@operation("Pad")
def pad(site: Site) -> Made:
    """nn.ZeroPad2d or F.pad."""
    x = site.any_order()
    mode = site.text("mode", "constant")
    if site.opset < 11:
        pads, filling = site.wholes("pads"), site.number("value", 0.0)
    else:
        pads = site.listed("pads", 1)
        value = site.constant(2)
        filling = 0.0 if value is None or not value.numel() else float(value)
    rank = len(x.shape)
    axes = site.listed("axes", 3)
    axes = tuple(range(rank)) if axes is None else tuple(site.axis(axis, rank) for axis in axes)
    if pads is None or len(pads) != 2 * len(axes) or mode not in MODES:
        raise site.fault(f"has pads that are not two for each of {len(axes)} axes, or an unknown mode.")
    around = {x.layout[axis]: (pads[i], pads[i + len(axes)]) for i, axis in enumerate(axes)}
    if any(around.get(0, (0, 0))):
        raise site.fault("pads the batch.")
    if not any(before or behind for before, behind in around.values()):
        return x
    if max(abs(amount) for amounts in around.values() for amount in amounts) > 1 << 20:
        raise site.fault("pads by more than a million.")
    first = min(axis for axis, amounts in around.items() if any(amounts))
    amounts = [amount for axis in reversed(range(first, rank)) for amount in around.get(axis, (0, 0))]
    if mode == "constant" and filling == 0 and first >= 2 and rank == 4:
        left, right, top, bottom = (*amounts, 0, 0)[:4]
        layer: nn.Module = nn.ZeroPad2d((left, right, top, bottom))
    else:
        extra: dict[str, Any] = {"value": filling} if mode == "constant" else {}
        if mode != "constant" and first < 2 <= rank - 1:
            raise site.fault(f"pads channels in the mode {mode}.")
        if mode != "constant":
            amounts += [0] * (2 * (rank - 2) - len(amounts))
        layer = Function(F.pad, INPUT, tuple(amounts), MODES[mode], **extra)
    return replace(site.emit(layer, x, layout=x.layout), scale=None)


@operation("DepthToSpace")
def depth_to_space(site: Site) -> Made:
    """Channels laid out over finer rows and columns."""
    x, block = site.maps(), site.whole("blocksize", 1)
    _, channels, rows, columns = x.held
    if block < 1 or channels % (block * block):
        raise site.fault(f"cannot lay out {channels} channels in blocks of {block} × {block}.")
    if site.text("mode", "DCR") == "CRD":
        return site.emit(nn.PixelShuffle(block), x)
    depth = channels // (block * block)
    opened = site.part("open", Function(torch.reshape, INPUT, (-1, block, block, depth, rows, columns)), x)
    turned = site.part("turn", Function(torch.permute, INPUT, (0, 3, 4, 1, 5, 2)), opened)
    shape = (-1, depth, rows * block, columns * block)
    return site.part("close", Function(torch.reshape, INPUT, shape), turned)


@operation("SpaceToDepth")
def space_to_depth(site: Site) -> Made:
    """Blocks of rows and columns laid out over more channels."""
    x, block = site.maps(), site.whole("blocksize", 1)
    _, channels, rows, columns = x.held
    if block < 1 or rows % block or columns % block:
        raise site.fault(f"cannot take {rows} × {columns} values apart in blocks of {block} × {block}.")
    split_up = (-1, channels, rows // block, block, columns // block, block)
    opened = site.part("open", Function(torch.reshape, INPUT, split_up), x)
    order = (0, 1, 3, 5, 2, 4) if site.text("mode", "DCR") == "CRD" else (0, 3, 5, 1, 2, 4)
    turned = site.part("turn", Function(torch.permute, INPUT, order), opened)
    shape = (-1, channels * block * block, rows // block, columns // block)
    return site.part("close", Function(torch.reshape, INPUT, shape), turned)
