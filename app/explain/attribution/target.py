"""What is explained: a class's logit, and its gradient."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from app.explain.ascent.plan import batch_size, work
from app.explain.classify import logits_node
from app.explain.errors import AskError
from app.explain.method import Params
from app.explain.network import Network, Rule
from app.explain.node import Node
from app.explain.numbers import number


class ClassParams(Params):
    """Which class is explained."""

    target: int | None = Field(
        default=None,
        ge=0,
        title="Class",
        description="Its number; the most probable one unless given.",
        json_schema_extra={"names": "class"},
    )


def gradient_memory(network: Network, params: Params) -> int:
    """Bytes of one batch's values and their gradients."""
    node, shape = logits_node(network), picture_shape(network)
    return 12 * work(network, node, shape)[1] * batch_size(network, node, shape)


def picture_shape(network: Network) -> tuple[int, int, int]:
    """C×H×W of the network's input.

    Raises:
        AskError: it reads no picture.
    """
    if len(network.input_shape) != 3:
        raise AskError(f"{network.name} reads no picture, so that no pixels can be blamed.", "model")
    channels, height, width = network.input_shape
    return channels, height, width


def batch_of(network: Network) -> int:
    """How many pictures go through the whole network at once."""
    return batch_size(network, logits_node(network), picture_shape(network))


def logits_of(network: Network, x: Tensor) -> Tensor:
    """The logits of some pictures, N×classes, without a graph."""
    name = logits_node(network).name
    with torch.no_grad():
        return network.values(x, [name])[name]


def chosen_class(network: Network, logits: Tensor, target: int | None) -> int:
    """The class that is explained.

    Args:
        logits: of the picture, one per class.

    Raises:
        AskError: there is no such class.
    """
    if target is None:
        return int(logits.nan_to_num(nan=-torch.inf).argmax())
    if target >= len(logits):
        raise AskError(
            f"{network.name} has no class {target}: its {len(logits)} classes count from 0 to {len(logits) - 1}.",
            "params.target",
        )
    return target


def described(network: Network, logits: Tensor, target: int) -> dict[str, Any]:
    """The explained class as a table: its number, name, logit and probability."""
    return {
        "index": target,
        "label": network.classes[target] if target < len(network.classes) else f"class {target}",
        "logit": number(logits[target]),
        "probability": number(logits.double().softmax(0)[target]),
    }


def gradient(
    network: Network,
    x: Tensor,
    node: Node,
    wanted: Callable[[Tensor], Tensor],
    rules: Mapping[str, Rule] | None = None,
) -> tuple[Tensor, Tensor]:
    """A node's value, and ∂ Σ wanted(value) / ∂x, both without a graph.

    Args:
        x: N×C×H×W.
        wanted: what is derived, from the node's value.
        rules: as for `Network.run`; they change what the gradient is.

    Raises:
        AskError: no gradient reaches the input.
    """
    with torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        value = network.values(x, [node.name], rules=rules)[node.name]
        result = wanted(value).sum()
        if not result.requires_grad:
            raise no_path(network, node)
        (slope,) = torch.autograd.grad(result, x, allow_unused=True)
    if slope is None:
        raise no_path(network, node)
    return value.detach(), slope


def no_path(network: Network, node: Node) -> AskError:
    """What is wrong where no gradient comes back."""
    return AskError(
        f"No gradient reaches the input of {network.name} from {node.name}: an operation between them has none. "
        "Methods that only look forward, such as occlusion, still work.",
        "model",
    )


def class_gradient(
    network: Network, x: Tensor, target: int | None, rules: Mapping[str, Rule] | None = None
) -> tuple[int, Tensor, Tensor]:
    """The explained class, the logits of the first picture, and the gradient of the class's logit for each picture."""
    node, chosen = logits_node(network), []

    def logit(value: Tensor) -> Tensor:
        chosen.append(chosen_class(network, value[0].detach(), target))
        return value[:, chosen[0]]

    value, slope = gradient(network, x, node, logit, rules)
    return chosen[0], value[0], slope
