"""The rules by which an affine layer hands relevance to what it read: ε, γ, z⁺ and the box of the pixels' values."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from app.explain.relevance.affine import Affine

LayerRule = Literal["epsilon", "gamma", "z_plus"]
Part = tuple[Tensor, Tensor]
"""An input and the weights that it is seen through."""


def stabilised(z: Tensor, epsilon: float, like: Tensor | None = None) -> Tensor:
    """z + ε · rms · sign(z), with sign(0) = 1 and the root mean square of z, or of other values."""
    size = (z if like is None else like).square().mean().sqrt()
    return z + epsilon * size * torch.where(z >= 0, 1.0, -1.0).to(z)


def quotient(relevance: Tensor, z: Tensor) -> Tensor:
    """R / z; zero where z is, as nothing contributed there."""
    return torch.where(z == 0, 0, relevance / torch.where(z == 0, 1, z))


def shared(
    parts: Sequence[Part],
    product: Callable[[Tensor, Tensor], Tensor],
    bias: Tensor | None,
    relevance: Tensor,
    epsilon: float,
    like: Tensor | None = None,
) -> Tensor:
    """R_i = Σ_k x_k,i · Σ_j W_k,ji R_j / z_j, with z = Σ_k W_k x_k + b; ε is a share of z, or of other values."""
    with torch.enable_grad():
        inputs = [x.detach().requires_grad_() for x, _ in parts]
        values = sum(product(x, weight) for x, (_, weight) in zip(inputs, parts, strict=True))
        assert isinstance(values, Tensor)
        z = stabilised(values.detach() if bias is None else values.detach() + bias, epsilon, like)
        slopes = torch.autograd.grad(values, inputs, quotient(relevance, z))
    handed = [x.detach() * slope for x, slope in zip(inputs, slopes, strict=True)]
    return torch.stack(handed).sum(0)


def epsilon_rule(layer: Affine, x: Tensor, relevance: Tensor, epsilon: float) -> Tensor:
    """R_i = Σ_j x_i w_ji / (z_j + ε sign z_j) · R_j."""
    return shared([(x, layer.weight)], layer.product, layer.bias, relevance, epsilon)


def gamma_rule(layer: Affine, x: Tensor, relevance: Tensor, epsilon: float, gamma: float) -> Tensor:
    """R_i = Σ_j (c_ji + γ c⁺_ji) / Σ_i (c_ji + γ c⁺_ji) · R_j with the contributions c_ji = x_i w_ji, the bias among
    them; where z_j is negative, its negative contributions c⁻ count more instead."""
    weight, up, down = layer.weight, layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    value = layer.product(x, weight)
    value = value if layer.bias is None else value + layer.bias
    positive = value >= 0
    handed = torch.zeros_like(x)
    for wanted, favoured, other in ((positive, up, down), (~positive, down, up)):
        part = relevance * wanted
        if bool((part != 0).any()):
            bias = layer.bias
            if bias is not None:
                bias = bias + gamma * (bias.clamp(min=0) if favoured is up else bias.clamp(max=0))
            parts = signed(x, weight + gamma * favoured, weight + gamma * other)
            handed += shared(parts, layer.product, bias, part, epsilon, value)
    return handed


def z_plus_rule(layer: Affine, x: Tensor, relevance: Tensor, epsilon: float) -> Tensor:
    """R_i = Σ_j c⁺_ji / Σ_i c⁺_ji · R_j: of the contributions c_ji = x_i w_ji only the positive ones count, without the
    bias."""
    parts = signed(x, layer.weight.clamp(min=0), layer.weight.clamp(max=0))
    return shared(parts, layer.product, None, relevance, epsilon)


def signed(x: Tensor, for_positive: Tensor, for_negative: Tensor) -> list[Part]:
    """An input's positive and negative part, each with weights of its own; the latter only if there is one."""
    parts = [(x.clamp(min=0), for_positive)]
    return parts if bool((x >= 0).all()) else [*parts, (x.clamp(max=0), for_negative)]


def box_rule(layer: Affine, x: Tensor, low: Tensor, high: Tensor, relevance: Tensor, epsilon: float) -> Tensor:
    """R_i = Σ_j (x_i w_ji − l_i w⁺_ji − h_i w⁻_ji) / Σ_i (…) · R_j for inputs that lie between l and h."""
    parts = [(x, layer.weight), (low, -layer.weight.clamp(min=0)), (high, -layer.weight.clamp(max=0))]
    return shared(parts, layer.product, None, relevance, epsilon)


def handed_back(layer: Affine, x: Tensor, relevance: Tensor, rule: LayerRule, epsilon: float, gamma: float) -> Tensor:
    """The relevance of a layer's input by the rule of this name."""
    if rule == "gamma":
        return gamma_rule(layer, x, relevance, epsilon, gamma)
    return (z_plus_rule if rule == "z_plus" else epsilon_rule)(layer, x, relevance, epsilon)
