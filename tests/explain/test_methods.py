"""What every method of this family keeps to: the module untouched, right from many threads, any number of channels."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from app.explain.errors import UnknownNode
from app.explain.method import Frame, methods
from app.explain.network import Network
from tests.explain.nets import Everything, noise, seeded

pytestmark = pytest.mark.usefixtures("one_thread")

ASKS: list[tuple[str, dict[str, Any]]] = [
    ("classify", {"k": 3}),
    ("activations", {}),
    ("activations", {"nodes": ["stem", "up"], "units": [5, 0]}),
    ("filters", {"node": "stem"}),
    ("receptive_field", {"node": "norms.0", "effective": True, "samples": 2}),
    ("receptive_field", {"node": "norms.3", "unit": 2, "effective": True, "over": "image"}),
    *(
        ("arithmetic", {"node": node, "unit": 0, "top": 50})
        for node in ("input", "stem", "norms.2", "activations.4", "up", "pools.0", "divide", "head.1", "head.3")
    ),
]


def run(network: Network, x: Tensor, name: str, params: dict[str, Any]) -> list[Frame]:
    method = methods()[name]
    assert method.memory(network, method.params(**params)) > 0
    return list(method.run(network, x, method.params(**params)))


def same(left: list[Frame], right: list[Frame]) -> bool:
    """Whether two answers are equal, bit by bit."""
    return len(left) == len(right) and all(
        a.name == b.name
        and json.dumps(a.values) == json.dumps(b.values)
        and (a.array is b.array is None or torch.equal(a.array, b.array))
        for a, b in zip(left, right, strict=True)
    )


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("name", "params"), ASKS)
def test_untouched_and_right_in_many_threads(name: str, params: dict[str, Any], channels: int) -> None:
    module = seeded(Everything(channels)).train()
    state = copy.deepcopy(module.state_dict())
    network = Network(module, (channels, 24, 20), name="everything")
    pictures = [noise(network, seed) for seed in range(4)]
    alone = [run(network, x, name, params) for x in pictures]
    for frames in alone:
        for frame in frames:
            assert frame.array is None or len(frame.axes) == frame.array.dim()
            json.dumps(frame.values, allow_nan=False)
    with ThreadPoolExecutor(4) as pool:
        order = [0, 1, 2, 3, 0, 1, 2, 3]
        together = list(pool.map(lambda i: run(network, pictures[i], name, params), order))
    assert all(same(found, alone[i]) for i, found in zip(order, together, strict=True))
    assert all(torch.equal(module.state_dict()[key], value) for key, value in state.items())
    assert all(part.training for part in module.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in module.parameters())
    for part in (*module.modules(), *network.module.modules()):
        assert not part._forward_hooks
        assert not part._forward_pre_hooks
        assert not part._backward_hooks
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in network.module.parameters())


@pytest.mark.parametrize(("name", "params"), [ask for ask in ASKS if "node" in ask[1]])
def test_unknown_nodes(name: str, params: dict[str, Any]) -> None:
    network = Network(seeded(Everything()), (3, 24, 20), name="everything")
    method = methods()[name]
    wrong = method.params(**{**params, "node": "nowhere"})
    with pytest.raises(UnknownNode, match=r"^everything has no node “nowhere”\. Its nodes are: input, stem, ") as error:
        list(method.run(network, noise(network), wrong))
    assert error.value.field == "params.node"


def test_gradients_of_the_caller_do_not_leak() -> None:
    """A method neither needs gradients to be on nor leaves them off."""
    network = Network(seeded(Everything()), (3, 24, 20))
    x = noise(network)
    for outside in (True, False):
        with torch.set_grad_enabled(outside):
            for name, params in ASKS:
                assert same(run(network, x, name, params), run(network, x, name, params))
                assert torch.is_grad_enabled() == outside
    with torch.inference_mode():
        for name, params in ASKS:
            if name != "receptive_field":
                run(network, x * 1, name, params)


def test_a_network_of_one_layer() -> None:
    network = Network(nn.Sequential(nn.Linear(4, 3)), (4,), name="row")
    x = noise(network)
    assert run(network, x, "classify", {})[0].values["classes"] == 3
    assert [frame.axes for frame in run(network, x, "activations", {})] == [("unit",), ("unit",)]
    told = run(network, x, "arithmetic", {"node": "0", "unit": 2})[0].values
    assert told["sum"] == pytest.approx(told["value"], rel=1e-4)
