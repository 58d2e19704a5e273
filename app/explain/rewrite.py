"""Makes a module safe to look into: a frozen twin that shares its weights, and no operation in place."""

import copy
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

OUT_OF_PLACE = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
    torch.relu_: torch.relu,
}

VIEWS = {
    operator.getitem, torch.flatten, torch.reshape, torch.transpose, torch.permute, torch.squeeze, torch.unsqueeze,
    torch.chunk, torch.split, torch.narrow,
}  # fmt: skip
VIEW_METHODS = {
    "view", "view_as", "reshape", "flatten", "transpose", "permute", "squeeze", "unsqueeze", "chunk", "split", "narrow",
    "expand", "expand_as", "select", "t",
}  # fmt: skip
SAME_MODULES = (nn.Identity, nn.Dropout, nn.Dropout2d)


class Untraceable(ValueError):
    """The network's control flow depends on its data, or it is not a network of one picture."""


def frozen_copy(module: nn.Module, convert: Callable[[Tensor], Tensor] = Tensor.detach) -> nn.Module:
    """A copy of the module tree whose parameters share the original's memory (or are `convert`ed) and need no
    gradient; in eval mode, out of place, without hooks."""
    memo: dict[int, Any] = {}
    for parameter in module.parameters():
        memo[id(parameter)] = nn.Parameter(convert(parameter.detach()), requires_grad=False)
    for buffer in module.buffers():
        memo[id(buffer)] = convert(buffer) if buffer.is_floating_point() else buffer
    twin: nn.Module = copy.deepcopy(module, memo).eval()
    for part in twin.modules():
        if getattr(part, "inplace", False):
            part.inplace = False  # type: ignore[assignment]
            # Its graph still has to be rewritten, in copies of this copy too.
            part.overwrites = True  # type: ignore[assignment]
        for name in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"):
            getattr(part, name).clear()
    return twin


def in_place(node: fx.Node, module: nn.Module) -> bool:
    """Whether an operation overwrites its first argument; the module is a frozen copy."""
    if node.op == "call_module":
        return bool(getattr(module.get_submodule(str(node.target)), "overwrites", False))
    if node.kwargs.get("inplace"):
        return True
    if node.op == "call_method":
        return str(node.target).endswith("_") and not str(node.target).endswith("__")
    return node.target in OUT_OF_PLACE


def shares_memory(node: fx.Node, module: nn.Module) -> bool:
    """Whether an operation's value is its first argument's memory in eval mode: the very tensor, or a view of it."""
    return is_same(node, module) or (
        isinstance(module.get_submodule(str(node.target)), nn.Flatten)
        if node.op == "call_module"
        else node.target in VIEWS or str(node.target) in VIEW_METHODS
    )


def is_same(node: fx.Node, module: nn.Module) -> bool:
    """Whether an operation gives back the very tensor it is given in eval mode."""
    if node.op == "call_module":
        return isinstance(module.get_submodule(str(node.target)), SAME_MODULES)
    return node.target is F.dropout or (node.op == "call_method" and node.target in {"contiguous", "detach"})


def aliases(node: fx.Node, module: nn.Module, link: Callable[[fx.Node, nn.Module], bool]) -> set[fx.Node]:
    """All nodes whose values share a node's memory by operations of one sort."""
    found, ahead = {node}, [node]
    while ahead:
        current = ahead.pop()
        near = [user for user in current.users if user.args[:1] == (current,) and link(user, module)]
        if current.args and isinstance(current.args[0], fx.Node) and link(current, module):
            near.append(current.args[0])
        ahead += [other for other in near if other not in found]
        found.update(near)
    return found


def rewrite_in_place(graph: fx.Graph, module: nn.Module) -> None:
    """Makes every operation leave its input alone; whoever read the overwritten value later reads the new one.

    Raises:
        Untraceable: a view of an overwritten value is read later.
    """
    order = {node: i for i, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        if not in_place(node, module):
            continue
        overwritten = node.args[0]
        if isinstance(overwritten, fx.Node):
            earlier = {other for other in aliases(overwritten, module, shares_memory) if order[other] < order[node]}
            same = aliases(overwritten, module, is_same)
            for alias in earlier:
                for user in [user for user in alias.users if order[user] > order[node]]:
                    if alias not in same:
                        raise Untraceable(
                            f"“{node.name}” overwrites memory that “{user.name}” reads through “{alias.name}”, a view. "
                            "Write the operation out of place, and the network can be looked into."
                        )
                    user.replace_input_with(alias, node)
        if node.op == "call_method":
            node.target = str(node.target).rstrip("_")
        elif node.op == "call_function":
            node.target = OUT_OF_PLACE.get(node.target, node.target)
            node.kwargs = {name: value for name, value in node.kwargs.items() if name != "inplace"}
