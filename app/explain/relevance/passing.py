"""What each kind of operation does with relevance on its way back to the picture."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.relevance.rules import quotient, stabilised

REARRANGES = {
    "flatten", "reshape", "transpose", "squeeze", "unsqueeze", "identity", "dropout", "slice", "concat", "pad",
    "max_pool", "adaptive_max_pool", "amax", "max", "expand", "flip", "chunk", "split",
}  # fmt: skip
"""Each value is one that was there before: its relevance goes to that one, as the gradient would."""

SUMS = {
    "add", "subtract", "average_pool", "adaptive_average_pool", "mean", "sum", "resize", "matmul",
    "convolution", "transposed_convolution", "linear",
}  # fmt: skip
"""Values that are weighted sums: relevance is shared out by what each summand gave."""

GATES = {"sigmoid", "hardsigmoid", "softmax", "tanh"}

Back = Callable[[Tensor, Sequence[Tensor], Tensor], Sequence[Tensor]]
"""`back(relevance, inputs, value)`: the relevance of each input."""


class _Passing(torch.autograd.Function):
    """A call site's value; on the way back its relevance is handed to its inputs by a rule of its own."""

    @staticmethod
    def forward(ctx: Any, compute: Callable[..., Tensor], back: Back, *inputs: Tensor) -> Tensor:
        value = compute(*inputs)
        ctx.back = back
        ctx.save_for_backward(*inputs, value)
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple[Any, ...]:
        *inputs, value = ctx.saved_tensors
        return None, None, *ctx.back(relevance, inputs, value)


class _Counted(torch.autograd.Function):
    """Itself; on the way back its relevance is summed up."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, keep: Callable[[float], None]) -> Tensor:
        ctx.keep = keep
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple[Tensor, None]:
        ctx.keep(float(relevance.double().sum()))
        return relevance, None


def counted(value: Tensor, keep: Callable[[float], None]) -> Tensor:
    """A value whose relevance is told to `keep` on the way back."""
    found: Tensor = _Counted.apply(value, keep)  # type: ignore[no-untyped-call]
    return found


def passing(compute: Callable[..., Tensor], arguments: tuple[Any, ...], back: Back) -> Tensor:
    """A call site's value, with `back` in place of its gradient for those arguments that come from the picture."""
    places = [i for i, argument in enumerate(arguments) if comes_from_picture(argument)]

    def on_these(*inputs: Tensor) -> Tensor:
        given = list(arguments)
        for place, x in zip(places, inputs, strict=True):
            given[place] = x
        return compute(*given)

    value: Tensor = _Passing.apply(on_these, partial(back), *(arguments[i] for i in places))  # type: ignore[no-untyped-call]
    return value


def comes_from_picture(argument: object) -> bool:
    """Whether an argument is a value of this picture's: weights and constants need no gradient."""
    return isinstance(argument, Tensor) and argument.requires_grad


def whole(relevance: Tensor, inputs: Sequence[Tensor], value: Tensor) -> Sequence[Tensor]:
    """Each value was made from one: that one gets all."""
    return [relevance]


def shared_out(compute: Callable[..., Tensor], arguments: tuple[Any, ...], epsilon: float) -> Back:
    """R_i = x_i · Σ_j ∂y_j/∂x_i · R_j / (y_j + ε sign y_j): what each summand gave of the value."""

    def back(relevance: Tensor, inputs: Sequence[Tensor], value: Tensor) -> Sequence[Tensor]:
        with torch.enable_grad():
            leaves = [x.detach().requires_grad_() for x in inputs]
            ahead = iter(leaves)
            given = [next(ahead) if comes_from_picture(argument) else argument for argument in arguments]
            again = compute(*given)
            slopes = torch.autograd.grad(again, leaves, quotient(relevance, stabilised(value, epsilon)))
        return [x.detach() * slope for x, slope in zip(leaves, slopes, strict=True)]

    return back


def gated(network: Network, node: Node) -> Back:
    """A product of two values: a gate (a sigmoid, or what is spread over a map) only lets through, so that the other
    one gets all (Arras et al. 2017); where neither is a gate, each gets half."""
    shares = [0.5, 0.5]
    sources = [network.nodes[name] for name in node.inputs]
    gates = [source.operation in GATES or source.size < node.size for source in sources]
    if len(sources) == 2 and gates[0] != gates[1]:
        shares = [float(not gate) for gate in gates]
    if node.operation == "divide":
        shares = [1.0, 0.0]

    def back(relevance: Tensor, inputs: Sequence[Tensor], value: Tensor) -> Sequence[Tensor]:
        return [share * fitted(relevance, x) for share, x in zip(shares, inputs, strict=True)]

    return back


def fitted(relevance: Tensor, x: Tensor) -> Tensor:
    """Relevance at the shape of an input that was spread over the value."""
    return relevance.sum_to_size(x.shape)


def rule_for(network: Network, layers: Rule, epsilon: float, keep: Mapping[str, Callable[[float], None]]) -> Rule:
    """The rule that computes every call site and hands relevance back through it.

    Args:
        network: that it belongs to.
        layers: computes convolutions and dense layers.
        epsilon: of the sums that are not these.
        keep: what is told the sum of the relevance of a node, by its name.
    """

    def chosen(node: Node, compute: "partial[Tensor]", arguments: tuple[Any, ...]) -> Tensor:
        from_picture = [argument for argument in arguments if comes_from_picture(argument)]
        if node.operation in REARRANGES or not from_picture:
            return compute(*arguments)
        if node.operation in {"convolution", "transposed_convolution", "linear"}:
            return layers(node, compute, *arguments)
        if node.operation in {"multiply", "divide"} and len(from_picture) == 2:
            return passing(compute, arguments, gated(network, node))
        alone = len(from_picture) == 1 and tuple(from_picture[0].shape[1:]) == node.shape
        if alone and node.operation not in SUMS - {"add", "subtract"}:
            return passing(compute, arguments, whole)
        return passing(compute, arguments, shared_out(compute, arguments, epsilon))

    def rule(node: Node, compute: "partial[Tensor]", *arguments: Any) -> Tensor:
        value = chosen(node, compute, arguments)
        return counted(value, keep[node.name]) if node.name in keep and value.requires_grad else value

    return rule
