"""filters: the kernels of a convolution, as numbers and as pictures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from pydantic import Field
from torch import Tensor

from app.explain.errors import AskError
from app.explain.method import Frame, Params, method
from app.explain.network import Network
from app.explain.node import Node
from app.explain.numbers import numbers

COLOURS = 3


class FiltersParams(Params):
    """Which kernels, and as what they are seen first."""

    node: str = Field(title="Node", description="A convolution.")
    view: Literal["auto", "colour", "channels", "norm"] = Field(
        default="auto",
        title="View",
        description="Which array comes first: each kernel in colour (of a first layer), per input channel, or as the "
        "norm over them. “auto” is colour where there is one, channels up to 16 inputs, else the norm.",
    )
    units: list[int] | None = Field(default=None, min_length=1, title="Units", description="All of them unless given.")
    inputs: list[int] | None = Field(
        default=None, min_length=1, title="Input channels", description="Of each kernel; all of them unless given."
    )


def memory(network: Network, params: FiltersParams) -> int:
    """Bytes of the kernels chosen, their pictures and norms."""
    weight = kernels_of(network, network.node(params.node))
    units = len(params.units or range(weight.shape[0]))
    inputs = len(params.inputs or range(weight.shape[1]))
    return 4 * units * (2 * inputs + 1) * weight[0, 0].numel()


@method(
    "filters",
    title="Filters",
    source="Krizhevsky, Sutskever & Hinton 2012, ImageNet Classification, Figure 3",
    image="none",
    memory=memory,
)
def filters(network: Network, image: Tensor | None, params: FiltersParams) -> Iterator[Frame]:
    """The kernels W of a convolution: what each unit looks for in its input.

    Yields the arrays `kernels` (units × inputs × rows × columns); `norms`, units × rows × columns, each the L2 norm
    over the inputs chosen; `pictures` where a layer reads the three colours of the picture, units × rows × columns ×
    colours, 0.5 + w / (2 max |w|) per unit, so that middle grey is zero; and `bias` where there is one. The array that
    `view` asks for comes first. Of a grouped convolution each unit has kernels for the inputs of its group only.

    Values: `view` (as chosen), `shape` (of all kernels), `units`, `inputs` (of a kernel), `groups`, `first_input` (per
    unit, the channel of `source` that its kernel's input 0 is), `source` (the node that is read), `norm` (per unit).

    Raises:
        AskError: the node is no convolution, has no such input, or no colours.
        UnknownNode, UnknownUnit: there is none of this name or number.
    """
    node = network.node(params.node)
    every = kernels_of(network, node)
    units = [network.unit(node, unit) for unit in params.units or range(len(every))]
    inputs = [checked_input(node, number, every.shape[1]) for number in params.inputs or range(every.shape[1])]
    kernels = every[units][:, inputs]
    coloured = node.inputs == ("input",) and every.shape[1] == COLOURS and params.inputs is None
    view = chosen_view(node, params.view, coloured, len(inputs))
    arrays = {"channels": Frame("kernels", kernels, ("unit", "input", "row", "column"), "weight", node=node.name)}
    arrays["norm"] = Frame("norms", kernels.norm(dim=1), ("unit", "row", "column"), "positive", node=node.name)
    if coloured:
        axes = ("unit", "row", "column", "colour")
        arrays["colour"] = Frame("pictures", pictures(kernels), axes, "picture", node=node.name)
    groups = int(node.details.get("groups", 1))
    values = {
        "view": view,
        "shape": list(every.shape),
        "units": units,
        "inputs": inputs,
        "groups": groups,
        "first_input": [unit // (node.units // groups) * every.shape[1] for unit in units],
        "source": node.inputs[0],
        "norm": numbers(kernels.flatten(1).norm(dim=1)),
    }
    bias = network.parameter(node, "bias")
    frames = [arrays.pop(view), *arrays.values()]
    if bias is not None:
        frames.append(Frame("bias", bias[units], ("unit",), "weight", node=node.name))
    for step, frame in enumerate(frames, 1):
        yield replace(frame, values=values if step == 1 else {}, step=step, steps=len(frames))


def kernels_of(network: Network, node: Node) -> Tensor:
    """The kernels of a convolution, units × inputs of a group × rows × columns.

    Raises:
        AskError: it is none.
    """
    weight = network.parameter(node, "weight")
    if node.operation == "convolution" and weight is not None:
        return weight
    if node.operation == "transposed_convolution" and weight is not None:
        inputs, units, *kernel = weight.shape
        groups = int(node.details["groups"])
        grouped = weight.reshape(groups, inputs // groups, units, *kernel)
        return grouped.transpose(1, 2).reshape(units * groups, inputs // groups, *kernel)
    known = [other.name for other in network.nodes.values() if "convolution" in other.operation]
    shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
    raise AskError(f"{node.name} has no kernels. The convolutions of {network.name} are: {shown}.", "params.node")


def checked_input(node: Node, number: int, count: int) -> int:
    """The number of an input channel, if a kernel has it."""
    if not 0 <= number < count:
        raise AskError(
            f"The kernels of {node.name} have no input {number}: their {count} inputs count from 0 to {count - 1}.",
            "params.inputs",
        )
    return number


def chosen_view(node: Node, view: str, coloured: bool, inputs: int) -> str:
    """The view asked for, if it can be had; the best one where it is left open."""
    if view == "colour" and not coloured:
        raise AskError(
            f"The kernels of {node.name} have no colours: only those of a layer that reads all three colours of the "
            "picture do. Ask for the view “channels” or “norm”.",
            "params.view",
        )
    if view != "auto":
        return view
    return "colour" if coloured else "channels" if inputs <= 16 else "norm"


def pictures(kernels: Tensor) -> Tensor:
    """Kernels of colours as pictures, units × rows × columns × 3 in 0…1, middle grey for zero."""
    largest = kernels.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-12)
    return (0.5 + kernels / (2 * largest)).permute(0, 2, 3, 1)
