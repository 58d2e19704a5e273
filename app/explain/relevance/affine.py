"""A convolution or dense layer as the affine map that it is, with other weights where a rule wants them."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from app.explain.network import Network
from app.explain.node import Node
from app.explain.operations import ARGUMENTS
from app.explain.trace import CALL_MODULE

WEIGHTED = {"convolution", "transposed_convolution", "linear"}


@dataclass(frozen=True)
class Affine:
    """y = W x + b for one call site.

    Attributes:
        weight: W, the batch normalisation behind it folded in.
        bias: b likewise, shaped so that it adds to the value; None where there is none.
        product: computes W x for an x and a W.
    """

    weight: Tensor
    bias: Tensor | None
    product: Callable[[Tensor, Tensor], Tensor]


def affine(network: Network, node: Node, compute: "partial[Tensor]", arguments: tuple[Any, ...]) -> Affine | None:
    """The affine map of a call site; None where its weights are not to be had."""
    weight, bias = network.parameter(node, "weight"), network.parameter(node, "bias")
    if node.operation not in WEIGHTED or weight is None:
        return None
    module = network.module_of(node)
    if module is None:
        if compute.func not in ARGUMENTS:
            return None
        product = function_product(compute, arguments)
    elif type(module) in (nn.Conv2d, nn.ConvTranspose2d, nn.Linear):
        product = partial(module_product, module)
    else:
        return None
    scale, shift = folded(network, node)
    if bias is not None:
        shift = bias * scale + shift
    spread = (-1, *[1] * (len(node.shape) - 1))
    constant = None if bias is None and not shift.any() else shift.reshape(spread)
    return Affine(weight * per_unit(scale, weight, node), constant, product)


def module_product(module: nn.Module, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """W x + b by a module, on a copy that has these weights: the module itself is shared by all threads."""
    twin = copy.copy(module)
    twin._parameters = {"weight": weight, "bias": bias}  # type: ignore[dict-item]
    value: Tensor = CALL_MODULE(twin, x)
    return value


def function_product(compute: "partial[Tensor]", arguments: tuple[Any, ...]) -> Callable[[Tensor, Tensor], Tensor]:
    """W x by the function that the network calls."""
    given = {**dict(zip(ARGUMENTS[compute.func], arguments, strict=False)), **compute.keywords}
    kept = {name: value for name, value in given.items() if name not in ("input", "weight", "bias")}
    return lambda x, weight: compute.func(x, weight, bias=None, **kept)


def with_weights(
    network: Network, node: Node, compute: "partial[Tensor]", arguments: tuple[Any, ...], weight: Tensor
) -> Tensor:
    """The value of a convolution or dense layer, had it these weights and its own bias."""
    module = network.module_of(node)
    if module is not None:
        return module_product(module, arguments[0], weight, network.parameter(node, "bias"))
    given = {**dict(zip(ARGUMENTS[compute.func], arguments, strict=False)), **compute.keywords, "weight": weight}
    value: Tensor = compute.func(**given)
    return value


def folded(network: Network, node: Node) -> tuple[Tensor, Tensor]:
    """What a batch normalisation that alone reads a node makes of its units: scale γ / √(σ² + ε) and shift β − μ·scale.

    1 and 0 where there is none.
    """
    readers = [other for other in network.nodes.values() if node.name in other.inputs]
    scale = torch.ones(node.units, dtype=network.dtype, device=network.device)
    shift = torch.zeros_like(scale)
    if len(readers) != 1 or readers[0].operation != "batch_norm":
        return scale, shift
    norm = readers[0]
    mean, variance, gamma, beta = (
        network.parameter(norm, name) for name in ("running_mean", "running_var", "weight", "bias")
    )
    if mean is None or variance is None:
        return scale, shift
    scale = (gamma if gamma is not None else scale) / (variance + float(norm.details.get("eps", 1e-5))).sqrt()
    return scale, (beta if beta is not None else shift) - mean * scale


def per_unit(scale: Tensor, weight: Tensor, node: Node) -> Tensor:
    """A number per unit, shaped so that it multiplies the weights that make the unit."""
    if node.operation != "transposed_convolution":
        return scale.reshape(-1, *[1] * (weight.dim() - 1))
    groups = int(node.details["groups"])
    return scale.view(groups, -1).repeat_interleave(len(weight) // groups, 0)[:, :, None, None]
