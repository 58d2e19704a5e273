"""One network of each family that the other tests leave out computes what torch does."""

import pytest
import torch

import models
from app.explain.network import Network
from tests.explain.nets import card, listed, noise, small
from tests.explain.test_network import hooked

pytestmark = pytest.mark.usefixtures("one_thread")

# These lead into dense layers without an adaptive pooling, and so take no smaller picture.
WHOLE = ("lenet1", "alexnet_grouped")
ADAPTIVE = ("googlenet_auxiliary", "mobilenet_v2", "densenet121", "efficientnet_b0")


@pytest.mark.parametrize("model_id", [*WHOLE, *ADAPTIVE])
def test_every_value_is_torchs(model_id: str) -> None:
    network: Network = listed(model_id) if model_id in WHOLE else small(model_id)
    x = noise(network)
    truth = hooked(models.create(model_id).eval(), x)
    calls = [(node, value) for node, value in network.run(x, until=list(network.nodes)) if network.module_of(node)]
    assert [node.module for node, _ in calls] == [name for name, _ in truth]
    for (node, value), (_, expected) in zip(calls, truth, strict=True):
        assert tuple(value.shape) == (1, *node.shape)
        assert torch.equal(value, expected), node.name
        if node.kind == "positive":
            assert value.min() >= 0, node.name


def test_auxiliary_heads_are_dead_ends_that_can_be_shown() -> None:
    """The answer is the last classifier's; those half-way are nodes that nothing reads."""
    network = small("googlenet_auxiliary")
    read = {name for node in network.nodes.values() for name in node.inputs}
    ends = [node.name for node in network.nodes.values() if node.name not in read]
    assert ends == ["aux1.fc2", "aux2.fc2", "fc"]
    assert network.output == "fc"
    module, x = models.create("googlenet_auxiliary").eval(), noise(network)
    with torch.inference_mode():
        heads = module(x)
    values = network.values(x, ends)
    for name, expected in zip(("fc", "aux2.fc2", "aux1.fc2"), heads, strict=True):
        assert torch.equal(values[name], expected), name
    assert len(card("googlenet_auxiliary").classes) == heads[0].shape[1]
