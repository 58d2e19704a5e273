"""Network: what runs, in which order, and that nothing of the caller's is touched."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError, UnknownNode
from app.explain.network import Network
from app.explain.node import Node
from app.explain.rewrite import Untraceable
from tests.explain.nets import LISTED, Everything, Functional, Reused, card, listed, noise, seeded, traced

pytestmark = pytest.mark.usefixtures("one_thread")

TOYS = (Reused, Functional, Everything)


def hooked(module: nn.Module, x: Tensor) -> list[tuple[str, Tensor]]:
    """What torch itself computes, by module call, each value copied before anything can overwrite it."""
    calls: list[tuple[str, Tensor]] = []
    handles = [
        part.register_forward_hook(lambda _, __, y, name=name: calls.append((name, y.clone())))
        for name, part in module.named_modules()
        if type(part).__module__.startswith("torch.nn") and not list(part.children())
    ]
    with torch.no_grad():
        module(x)
    for handle in handles:
        handle.remove()
    return calls


@pytest.mark.parametrize("model_id", [name for name in LISTED if name != "vgg16"])
def test_every_value_is_torchs(model_id: str) -> None:
    module = models.create(model_id).eval().double()
    network = Network(module, card(model_id).preprocessing.input_shape, name=model_id)
    x = noise(network).double()
    # Hooks see a value before a later in-place operation; so does the network.
    truth = hooked(module, x)
    calls = [(node, value) for node, value in network.run(x) if network.module_of(node) is not None]
    assert [node.module for node, _ in calls] == [name for name, _ in truth]
    for (node, value), (_, expected) in zip(calls, truth, strict=True):
        assert tuple(value.shape) == (1, *node.shape)
        assert torch.equal(value, expected), node.name


@pytest.mark.parametrize("toy", TOYS)
def test_toys_compute_what_torch_computes(toy: type[nn.Module]) -> None:
    module = seeded(toy())
    network = Network(module, (3, 24, 20))
    x = noise(network)
    with torch.no_grad():
        assert torch.equal(network.logits(x), module(x.clone()))
    for node, value in network.run(x):
        assert tuple(value.shape) == (1, *node.shape), node.name
        if node.kind == "positive":
            assert value.min() >= 0, node.name


def test_a_reused_module_is_one_node_per_call() -> None:
    network = traced(Reused())
    relus = [node for node in network.nodes.values() if node.operation == "relu"]
    assert [node.name for node in relus] == ["relu", "relu.1", "relu.2"]
    assert [node.module for node in relus] == ["relu"] * 3


def test_names_are_unique_and_inputs_come_first() -> None:
    for network in (*map(listed, LISTED), *(traced(toy()) for toy in TOYS)):
        seen: set[str] = set()
        for node in network.nodes.values():
            assert node.name not in seen
            assert set(node.inputs) <= seen
            seen.add(node.name)
        assert next(iter(network.nodes)) == "input"


def test_in_place_and_read_again() -> None:
    class Overwriting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            z = self.relu(y)
            z = z + y
            z += 1
            w = z * 2
            w.mul_(y)
            return w - z

    module = seeded(Overwriting())
    network = Network(module, (3, 5, 5))
    x = noise(network)
    with torch.no_grad():
        assert torch.equal(network.logits(x), module(x.clone()))
    assert module.relu.inplace
    twin = network.converted(dtype=torch.float64)
    torch.testing.assert_close(twin.logits(x.double()).float(), network.logits(x))


def test_overwritten_views_are_refused() -> None:
    class View(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x * 1
            first = x[:, :1]
            first.relu_()
            return x + 1

    with pytest.raises(Untraceable, match="overwrites memory"):
        Network(View(), (3, 4, 4))


def test_control_flow_on_data_is_refused() -> None:
    class Branching(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(Untraceable, match="control flow depends on its data"):
        Network(Branching(), (3, 4, 4))


def test_an_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Untraceable, match="An input of 3×8×8 does not fit"):
        Network(models.create("lenet5"), (3, 8, 8))


@pytest.mark.parametrize("toy", TOYS)
def test_the_module_is_left_as_it_was(toy: type[nn.Module]) -> None:
    module = seeded(toy()).train()
    hook = module.register_forward_hook(lambda *_: None)
    flags = {name: getattr(part, "inplace", None) for name, part in module.named_modules()}
    state, attributes = (
        copy.deepcopy(module.state_dict()),
        {name: list(vars(part)) for name, part in module.named_modules()},
    )
    network = Network(module, (3, 24, 20))
    list(network.run(noise(network).requires_grad_()))
    network.converted(dtype=torch.bfloat16)
    assert all(torch.equal(module.state_dict()[name], value) for name, value in state.items())
    assert all(part.training for part in module.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in module.parameters())
    assert {name: getattr(part, "inplace", None) for name, part in module.named_modules()} == flags
    assert {name: list(vars(part)) for name, part in module.named_modules()} == attributes
    assert list(module._forward_hooks) == [hook.id]


def test_weights_are_shared_not_copied() -> None:
    module = models.create("lenet5")
    network = Network(module, (1, 32, 32))
    weight = network.parameter(network.nodes["conv1"], "weight")
    assert weight is not None
    assert weight.data_ptr() == module.conv1.weight.data_ptr()
    assert not weight.requires_grad


def test_until_computes_nothing_more() -> None:
    network = listed("cifar_resnet20")
    x = noise(network)
    ran = [node.name for node, _ in network.run(x, until="layer1.0.conv2")]
    assert ran == [
        "input",
        "conv1",
        "bn1",
        "relu",
        "layer1.0.conv1",
        "layer1.0.bn1",
        "layer1.0.relu1",
        "layer1.0.conv2",
    ]
    several = [node.name for node, _ in network.run(x, until=["conv1", "relu"])]
    assert several == ["input", "conv1", "bn1", "relu"]


def test_start_resumes_exactly() -> None:
    network = listed("cifar_resnet20")
    x = noise(network)
    middle = network.values(x, ["layer2.0.relu1", "layer1.2.relu2"])
    resumed = {node.name: value for node, value in network.run(start=middle)}
    assert not {"input", "conv1", *middle} & set(resumed)
    assert torch.equal(resumed[network.output], network.logits(x))
    with pytest.raises(AskError, match="takes an input of N×3×32×32; given was none"):
        list(network.run(start={"layer2.0.relu1": middle["layer2.0.relu1"]}))


def test_replace_is_what_follows_sees() -> None:
    network = listed("lenet5")
    x = noise(network)
    silenced = network.values(x, ["relu1", "pool1"], replace={"relu1": lambda value: value * 0})
    assert not silenced["relu1"].any()
    assert not silenced["pool1"].any()
    assert network.values(x, ["pool1"])["pool1"].any()


def test_rules_take_the_place_of_an_operation() -> None:
    network = listed("lenet5")
    x = noise(network)
    seen: list[str] = []

    def leaky(node: Node, compute: Callable[[Tensor], Tensor], value: Tensor) -> Tensor:
        seen.append(node.name)
        return compute(value) + 0.1 * value.clamp_max(0)

    values = network.values(x, ["conv1", "relu1"], rules={"relu": leaky})
    assert seen == ["relu1"]
    torch.testing.assert_close(values["relu1"], torch.nn.functional.leaky_relu(values["conv1"], 0.1))


def test_gradients_flow_to_the_input_and_never_to_weights() -> None:
    module = models.create("lenet5").eval()
    network = Network(module, (1, 32, 32))
    x = noise(network).requires_grad_()
    network.logits(x)[0, 3].backward()
    ours, x.grad = x.grad, None
    module(x)[0, 3].backward()
    assert ours is not None
    torch.testing.assert_close(ours, x.grad)
    assert all(parameter.grad is None for parameter in network.module.parameters())


def test_unknown_names() -> None:
    network = listed("lenet5")
    for keywords in ({"until": "conv9"}, {"start": {"conv9": torch.zeros(1)}}, {"replace": {"conv9": torch.relu}}):
        with pytest.raises(
            UnknownNode, match=r"^lenet5 has no node “conv9”. Its nodes are: input, conv1, relu1, .* \(13 in all"
        ):
            network.run(noise(network), **keywords)


def test_a_wrong_shape_is_told() -> None:
    with pytest.raises(AskError, match=r"^lenet5 takes an input of N×1×32×32; given was 1×3×32×32\.$"):
        listed("lenet5").logits(torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize("model_id", ["lenet5", "cifar_resnet20"])
def test_many_threads_get_right_answers(model_id: str) -> None:
    network = listed(model_id)
    pictures = [noise(network, seed) for seed in range(8)]
    alone = [{node.name: value.clone() for node, value in network.run(x)} for x in pictures]

    def work(index: int) -> bool:
        values = {node.name: value for node, value in network.run(pictures[index])}
        return all(torch.equal(values[name], alone[index][name]) for name in values)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, [index for index in range(8) for _ in range(4)]))


def test_converted_twins() -> None:
    network = listed("cifar_resnet20")
    x = noise(network)
    last = network.converted(memory_format=torch.channels_last)
    double = network.converted(dtype=torch.float64)
    torch.testing.assert_close(last.logits(x), network.logits(x), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(double.logits(x.double()).float(), network.logits(x), rtol=1e-4, atol=1e-5)
    assert double.dtype == torch.float64
    assert network.dtype == torch.float32
    assert list(double.nodes) == list(network.nodes)


def test_functional_parameters_are_found() -> None:
    network = traced(Functional())
    weight = network.parameter(network.nodes["convolution"], "weight")
    assert weight is not None
    assert weight.shape == (4, 3, 3, 3)
    assert network.parameter(network.nodes["convolution.1"], "bias") is None
    assert sum(node.parameters for node in network.nodes.values()) == network.parameters
    assert network.nodes["convolution.1"].macs == 8 * 12 * 10 * 15


def test_signs_with_constants() -> None:
    class Shifted(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(x)
            return torch.cat([x + 1, x * 2, x + -1, x * -2, nn.functional.pad(x, (0, 0), value=-1.0)], 1)

    kinds = [node.kind for node in Network(Shifted(), (3, 4, 4)).nodes.values()]
    assert kinds == ["signed", "positive", "positive", "positive", "signed", "signed", "signed", "signed"]
