"""torch.fx's graph of a network, and what people call its nodes."""

import threading
from typing import Any

from torch import fx, nn

from app.explain.operations import ARGUMENTS, FUNCTIONS, METHODS, MODULES
from app.explain.rewrite import Untraceable

TRACING = threading.Lock()
"""Held while torch.fx traces: it traces one network at a time."""


def symbolic_graph(module: nn.Module) -> fx.Graph:
    """torch.fx's graph of a module.

    Raises:
        Untraceable: its control flow depends on its data.
    """
    try:
        # fx replaces nn.Module.__call__ for all threads while it traces.
        with TRACING:
            return fx.Tracer().trace(module)
    except (fx.proxy.TraceError, TypeError) as error:
        raise Untraceable(
            f"The network cannot be traced, because its control flow depends on its data: {error}"
        ) from error


def caller(node: fx.Node) -> str:
    """Path of the module that makes a call."""
    if node.op == "call_module":
        return str(node.target)
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return str(stack[-1][0]) if stack else ""


def is_layer(node: fx.Node, module: nn.Module) -> bool:
    """Whether a call is named as the module that makes it: one of torch.nn's, or one that says `is_one_call`."""
    return node.op == "call_module" or getattr(module.get_submodule(caller(node)), "is_one_call", False)


def blocks(node: fx.Node, module: nn.Module) -> tuple[str, ...]:
    """Names of the blocks that hold a call, outermost first."""
    parts = [part for part in caller(node).split(".") if part]
    return tuple(parts[:-1] if is_layer(node, module) else parts)


def operation_of(node: fx.Node, module: nn.Module) -> str:
    """The field's word for what a graph node does; its torch name in small letters where there is none."""
    if node.op == "call_module":
        kind = type(module.get_submodule(str(node.target)))
        return MODULES.get(kind, kind.__name__.lower())
    if node.op == "call_method":
        return METHODS.get(str(node.target), str(node.target))
    return FUNCTIONS.get(node.target, getattr(node.target, "__name__", str(node.target)))


def functional_arguments(node: fx.Node) -> dict[str, Any]:
    """The arguments of a torch function by name, as far as their names are known."""
    return {**dict(zip(ARGUMENTS.get(node.target, ()), node.args, strict=False)), **node.kwargs}
