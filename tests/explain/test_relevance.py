"""Layer-wise relevance: its rules in matrix form from the Jacobian, Captum's answers, and nothing lost on the way."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from captum.attr import LRP
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.explain.errors import AskError
from app.explain.network import Network
from tests.explain.nets import Everything, Functional, Reused, noise, seeded, small, traced
from tests.explain.test_attribution import array, close, last, out_of_place

pytestmark = pytest.mark.usefixtures("one_thread")

EPSILON, GAMMA, TARGET = 1e-3, 0.5, 2


class Residual(nn.Module):
    """Batch normalisation behind a strided convolution, a skip, a maximum, a mean and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.dense = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(self.first(x)))
        x = F.relu(x + self.second(x))
        logits: Tensor = self.dense(F.max_pool2d(x, 2).mean((2, 3)))
        return logits


def stable(z: Tensor, like: Tensor) -> Tensor:
    return z + EPSILON * like.square().mean().sqrt() * (2 * (z >= 0) - 1)


def matrix_rule(rule: str, layer: Callable[[Tensor], Tensor], x: Tensor, relevance: Tensor) -> Tensor:
    """A rule as its sums over all pairs of input i and value j, with the layer's whole matrix."""
    weight = torch.autograd.functional.jacobian(layer, x).reshape(relevance.numel(), x.numel())
    bias, relevance = layer(torch.zeros_like(x)).flatten(), relevance.flatten()
    given = weight * x.flatten()
    positive, negative = given.clamp(min=0), given.clamp(max=0)
    low, high = torch.zeros_like(given), torch.ones_like(given)
    favoured = torch.where((given.sum(1) + bias >= 0)[:, None], positive, negative)
    favoured_bias = torch.where(given.sum(1) + bias >= 0, bias.clamp(min=0), bias.clamp(max=0))
    shares, constant = {
        "epsilon": (given, bias),
        "gamma": (given + GAMMA * favoured, bias + GAMMA * favoured_bias),
        "z_plus": (positive, 0 * bias),
        "box": (given - low * weight.clamp(min=0) - high * weight.clamp(max=0), 0 * bias),
    }[rule]
    z = shares.sum(1) + constant
    sums = stable(z, given.sum(1) + bias if rule == "gamma" else z)
    return (shares / sums[:, None] * relevance[:, None]).sum(0).reshape(x.shape)


@pytest.mark.parametrize("first", ["box", "same"])
@pytest.mark.parametrize("rule", ["epsilon", "gamma", "z_plus"])
def test_rules_in_matrix_form(rule: str, first: str) -> None:
    module = seeded(Residual()).double()
    x = torch.rand((1, 2, 8, 8), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    one = module.norm(module.first(x)).relu()
    second = module.second(one)
    two = (one + second).relu()
    pooled = F.max_pool2d(two, 2)
    logits = module.dense(pooled.mean((2, 3)))
    relevance = torch.zeros_like(logits)
    relevance[0, TARGET] = logits[0, TARGET]
    relevance = matrix_rule("epsilon", module.dense, pooled.mean((2, 3)), relevance)
    relevance = matrix_rule("epsilon", lambda a: a.mean((2, 3)), pooled, relevance)
    relevance = (
        torch.autograd.functional.jacobian(lambda a: F.max_pool2d(a, 2), two).reshape(relevance.numel(), -1).T
        @ relevance.flatten()
    ).reshape(two.shape)
    both = torch.cat([one, second])
    straight, branch = matrix_rule("epsilon", lambda a: a.sum(0, keepdim=True), both, relevance)
    relevance = straight[None] + matrix_rule(rule, module.second, one, branch[None])
    expected = matrix_rule("box" if first == "box" else rule, lambda a: module.norm(module.first(a)), x, relevance)

    network = Network(module, (2, 8, 8))
    asked = {"convolutions": rule, "first": first, "epsilon": EPSILON, "gamma": GAMMA, "target": TARGET}
    assert close(array(network, x, "lrp", **asked), expected[0].detach(), 1e-9)


CAPTUM: dict[str, Callable[[], Any]] = {
    "epsilon": lambda: EpsilonRule(1e-12),
    "gamma": lambda: GammaRule(GAMMA),
    "z_plus": Alpha1_Beta0_Rule,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("model_id", "rule"),
    # LeNet-1's layers read what is negative too, of which Captum's γ and z⁺ have another opinion.
    [*((model_id, rule) for model_id in ("tiny_vgg", "lenet5") for rule in CAPTUM), ("lenet1", "epsilon")],
)
def test_plain_chains_are_captums(model_id: str, rule: str) -> None:
    known, x = small(model_id), torch.rand_like(noise(small(model_id))).double()
    module = out_of_place(models.create(model_id, pretrained=True)).double().eval()
    if rule != "epsilon":
        # Captum has the positive biases in z⁺, and does not favour them in γ.
        for part in module.modules():
            if isinstance(getattr(part, "bias", None), nn.Parameter):
                nn.init.zeros_(part.bias)
    network = Network(module, known.input_shape)
    for part in module.modules():
        if not list(part.children()) and not isinstance(part, (nn.ReLU, nn.Dropout)):
            part.rule = (CAPTUM[rule] if isinstance(part, (nn.Conv2d, nn.Linear)) else CAPTUM["epsilon"])()
    # Where the logit is negative, Captum's γ still favours what is positive.
    target = int(network.logits(x).argmax())
    assert network.logits(x)[0, target] > 0
    expected = LRP(module).attribute(x, target=target)[0].detach()
    found = array(network, x, "lrp", convolutions=rule, dense=rule, first="same", epsilon=0, gamma=GAMMA)
    assert close(found, expected)


@pytest.mark.parametrize(
    "model_id", ["resnet18", "googlenet", "densenet121", "squeezenet1_1", "mobilenet_v2", "efficientnet_b0"]
)
def test_without_biases_nothing_is_lost(model_id: str) -> None:
    network = small(model_id)
    asked = {"convolutions": "gamma", "biases": False, "epsilon": 0, "target": 3}
    told = last(network, noise(network), "lrp", **asked)["map"].values
    sums = [layer["sum"] for layer in told["conserved"]]
    assert len(sums) > 8 and told["conserved"][-1]["node"] == "input"
    assert all(abs(layer / told["class"]["logit"] - 1) < 0.01 for layer in sums)
    assert abs(told["absorbed"]) < 0.01


@pytest.mark.parametrize("module", [Everything(), Functional(), Reused()], ids=lambda module: type(module).__name__)
def test_every_operation_hands_it_back(module: nn.Module) -> None:
    network = traced(module)
    x = noise(network)
    told = last(network, x, "lrp", target=1)
    assert told["map"].values["map"] == "good"
    logits = network.values(x, list(network.nodes))
    assert told["map"].values["class"]["logit"] in [float(value.flatten()[1]) for value in logits.values()]


def test_a_missing_class() -> None:
    with pytest.raises(AskError, match="has no class 1000: its 1000 classes count from 0 to 999"):
        last(small("resnet18"), noise(small("resnet18")), "lrp", target=1000)
