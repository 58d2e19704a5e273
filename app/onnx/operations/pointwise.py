"""Operations on one value at a time: the activation functions, and softmax."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from app.onnx.layers import INPUT, Function
from app.onnx.operations.convolution import chain
from app.onnx.site import Made, Site, operation
from app.onnx.value import Value

PLAIN: dict[str, Callable[[], nn.Module]] = {
    "Relu": nn.ReLU,
    "Sigmoid": nn.Sigmoid,
    "Tanh": nn.Tanh,
    "HardSwish": nn.Hardswish,
    "Softplus": nn.Softplus,
    "Softsign": nn.Softsign,
    "Mish": nn.Mish,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs,
    "Ceil": torch.ceil,
    "Cos": torch.cos,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "Log": torch.log,
    "Neg": torch.neg,
    "Reciprocal": torch.reciprocal,
    "Round": torch.round,
    "Sign": torch.sign,
    "Sin": torch.sin,
    "Sqrt": torch.sqrt,
}


def as_it_stands(site: Site, layer: nn.Module) -> Value:
    """A layer that looks at each value alone, in whatever order the axes are."""
    x = site.any_order()
    return site.emit(layer, x, layout=x.layout)


@operation(*PLAIN)
def plain(site: Site) -> Made:
    """An activation function without numbers of its own."""
    return as_it_stands(site, PLAIN[site.node.operation]())


@operation(*FUNCTIONS)
def function(site: Site) -> Made:
    """A function of torch."""
    return as_it_stands(site, Function(FUNCTIONS[site.node.operation], INPUT))


@operation("LeakyRelu")
def leaky_relu(site: Site) -> Made:
    """nn.LeakyReLU."""
    return as_it_stands(site, nn.LeakyReLU(site.number("alpha", 0.01)))


@operation("Elu")
def elu(site: Site) -> Made:
    """nn.ELU."""
    return as_it_stands(site, nn.ELU(site.number("alpha", 1.0)))


@operation("Celu")
def celu(site: Site) -> Made:
    """nn.CELU."""
    return as_it_stands(site, nn.CELU(site.number("alpha", 1.0)))


@operation("Selu")
def selu(site: Site) -> Made:
    """nn.SELU, or γ·elu(x) with other numbers than its own."""
    alpha, gamma = site.number("alpha", 1.67326319), site.number("gamma", 1.05070102)
    if math.isclose(alpha, 1.67326324, rel_tol=1e-6) and math.isclose(gamma, 1.05070099, rel_tol=1e-6):
        return as_it_stands(site, nn.SELU())
    return as_it_stands(site, chain(elu=nn.ELU(alpha), scale=Function(torch.mul, INPUT, gamma)))


@operation("Gelu")
def gelu(site: Site) -> Made:
    """nn.GELU."""
    return as_it_stands(site, nn.GELU(site.text("approximate", "none")))


@operation("HardSigmoid")
def hard_sigmoid(site: Site) -> Made:
    """nn.Hardsigmoid, which has α = 1/6 and β = 1/2, or clip(α·x + β) with other numbers."""
    alpha, beta = site.number("alpha", 0.2), site.number("beta", 0.5)
    if math.isclose(alpha, 1 / 6, rel_tol=1e-5) and beta == 0.5:
        return as_it_stands(site, nn.Hardsigmoid())
    scale, shift = Function(torch.mul, INPUT, alpha), Function(torch.add, INPUT, beta)
    return as_it_stands(site, chain(scale=scale, shift=shift, clip=Function(torch.clamp, INPUT, 0.0, 1.0)))


@operation("ThresholdedRelu")
def thresholded_relu(site: Site) -> Made:
    """x where it is above α, else 0."""
    return as_it_stands(site, nn.Threshold(site.number("alpha", 1.0), 0.0))


@operation("PRelu")
def prelu(site: Site) -> Made:
    """nn.PReLU: a slope for all channels, or one for each."""
    x, slope = site.any_order(), site.weight(1)
    channels = x.shape[1] if len(x.shape) > 1 else 1
    if slope.numel() != 1 and not (slope.numel() == channels and slope.dim() >= len(x.shape) - 1):
        return parametric(site, site.value(), slope)
    layer = nn.PReLU(slope.numel(), device="meta")
    layer.weight = nn.Parameter(slope.flatten(), requires_grad=False)
    return site.emit(layer, site.value())


def parametric(site: Site, x: Value, slope: Tensor) -> Value:
    """max(0, x) + a·min(0, x), with a slope a for every place."""
    positive = site.part("positive", nn.ReLU(), x)
    negative = site.part("negative", Function(torch.clamp, INPUT, None, 0.0), x)
    sloped = site.part("slope", Function(torch.mul, INPUT, slope, learned=True), negative)
    return site.part("sum", Function(torch.add, INPUT, INPUT), positive, sloped)


@operation("Clip")
def clip(site: Site) -> Made:
    """nn.ReLU6 or nn.ReLU where its bounds are theirs, else torch.clamp."""
    if site.opset < 11:
        low, high = site.number("min", -math.inf), site.number("max", math.inf)
    else:
        low, high = (
            otherwise if (bound := site.constant(i)) is None else float(bound)
            for i, otherwise in ((1, -math.inf), (2, math.inf))
        )
    # The largest float stands for "no bound" where a framework must name one.
    if low == 0 and (high == 6 or high >= 3.4e38):
        return as_it_stands(site, nn.ReLU6() if high == 6 else nn.ReLU())
    return as_it_stands(site, Function(torch.clamp, INPUT, low, high))


@operation("Softmax", "LogSoftmax")
def softmax(site: Site) -> Made:
    """nn.Softmax over one axis; up to opset 12 over all axes from the named one on."""
    kind = nn.Softmax if site.node.operation == "Softmax" else nn.LogSoftmax
    x = site.any_order()
    rank = len(x.shape)
    axis = site.axis(site.whole("axis", 1 if site.opset < 13 else -1), rank)
    wide = [i for i in range(axis, rank) if x.shape[i] > 1]
    if axis == 0 and (site.opset < 13 or rank > 1):
        raise site.fault("compares the pictures of a batch with each other.")
    if site.opset >= 13 or len(wide) <= 1:
        over = axis if site.opset >= 13 else (wide or [axis])[0]
        return site.emit(kind(x.layout[over]), x, layout=x.layout)
    x = site.value()
    back = (-1, *x.held[1:])
    parts = chain(flatten=nn.Flatten(axis), softmax=kind(axis), reshape=Function(torch.reshape, INPUT, back))
    return site.emit(parts, x)
