"""Attributions equal Captum's, or their rule by hand where Captum is wrong."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from captum import attr
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.explain.errors import AskError
from app.explain.method import Frame, methods
from app.explain.network import Network
from app.explain.preprocess import tensor
from tests.explain.nets import card, noise, seeded, small

pytestmark = pytest.mark.usefixtures("one_thread")


def last(network: Network, x: Tensor | None, name: str, **params: Any) -> dict[str, Frame]:
    """The last frame of each name."""
    method = methods()[name]
    return {frame.name: frame for frame in method.run(network, x, method.params(**params))}


def array(network: Network, x: Tensor | None, name: str, of: str = "channels", **params: Any) -> Tensor:
    found = last(network, x, name, **params)[of].array
    assert found is not None
    return found


def close(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> bool:
    """Whether the largest difference is small beside the largest value."""
    return float((found - expected).abs().max()) <= tolerance * float(expected.abs().max())


@pytest.fixture(scope="module", params=["squeezenet1_1", "mobilenet_v2"])
def real(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> tuple[nn.Module, Network, Tensor]:
    """A published network with its weights, and a photograph as it sees it."""
    known = card(request.param)
    folder = shared(f"weights/{request.param}.pth").parent
    module = models.create(request.param, pretrained=True, folders=[folder]).eval()
    picture = ImageOps.exif_transpose(Image.open(shared("photos/zebra.jpg"))).convert("RGB")
    network = Network(
        module,
        known.preprocessing.input_shape,
        name=known.id,
        classes=known.classes,
        preprocessing=known.preprocessing,
    )
    return module, network, tensor(picture, known.preprocessing)


CAPTUM: dict[str, Callable[[nn.Module, Tensor, int], Tensor]] = {
    "saliency": lambda module, x, target: attr.Saliency(module).attribute(x, target=target),
    "gradient_x_input": lambda module, x, target: attr.InputXGradient(module).attribute(x, target=target),
    "integrated_gradients": lambda module, x, target: attr.IntegratedGradients(module).attribute(
        x, target=target, n_steps=8, internal_batch_size=2
    ),
    "guided_backprop": lambda module, x, target: attr.GuidedBackprop(module).attribute(x, target=target),
    "deconvnet": lambda module, x, target: attr.Deconvolution(module).attribute(x, target=target),
}
LEAST: dict[str, dict[str, Any]] = {"integrated_gradients": {"steps": 8}}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CAPTUM)
def test_equal_to_captum(name: str, real: tuple[nn.Module, Network, Tensor]) -> None:
    module, network, x = real
    if network.name == "mobilenet_v2" and name in ("guided_backprop", "deconvnet"):
        pytest.skip("Captum leaves the rectifiers of MobileNet, which end at 6, as they are")
    module = out_of_place(module)
    if name == "integrated_gradients":
        # In float32 points of the path fall on either side of a rectifier's bend by their rounding.
        module, x = copy.deepcopy(module).double(), x.double()
        network = Network(module, network.input_shape)
    target = int(module(x).argmax())
    expected = CAPTUM[name](module, x.clone().requires_grad_(), target).detach()[0]
    assert close(array(network, x, name, **LEAST.get(name, {})), expected)


def out_of_place(module: nn.Module) -> nn.Module:
    """Captum's hooks fail on rectifiers in place."""
    for part in module.modules():
        if isinstance(part, (nn.ReLU, nn.ReLU6)):
            part.inplace = False
    return module


class Once(nn.Module):
    """A network without rectifier modules, whose rule is written down below."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.dense = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 3), nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.second(torch.relu(self.first(x))))
        logits: Tensor = self.dense(x.amax((2, 3)))
        return logits


@pytest.mark.parametrize("name", ["guided_backprop", "deconvnet"])
def test_functional_rectifiers_by_the_jacobian(name: str) -> None:
    """R_l = J_lᵀ R_{l+1}, a rectifier's J replaced by the rule, in float64."""
    module = Once().double()
    seeded(module)
    x = torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    before_1 = module.first(x)
    before_2 = module.second(before_1.relu())
    relevance = torch.autograd.functional.jacobian(lambda a: module.dense(a.amax((2, 3)))[0, 2], before_2.relu())
    for before, layer, inside in ((before_2, module.second, before_1.relu()), (before_1, module.first, x)):
        relevance = relevance.relu() * ((before > 0) if name == "guided_backprop" else 1)
        jacobian = torch.autograd.functional.jacobian(layer, inside).flatten(0, 3).flatten(1)
        relevance = (relevance.flatten() @ jacobian).view_as(inside)
    network = Network(module, (3, 8, 8))
    assert close(array(network, x, name, target=2), relevance[0].detach(), 1e-10)


def test_guided_backpropagation_is_not_the_gradient_on_googlenet() -> None:
    """Its rectifiers are functions: Captum gives the plain gradient."""
    network = small("googlenet")
    x = noise(network)
    guided = array(network, x, "guided_backprop", target=3)
    assert not close(guided.abs(), array(network, x, "saliency", target=3), 1e-2)


def test_strongest_values_go_back_one_by_one() -> None:
    network = Network(seeded(Once()), (3, 8, 8), name="once")
    x = noise(network)
    found = last(network, x, "deconvnet", node="second", unit=3, strongest=4)
    values = network.values(x, ["second"])["second"][0, 3]
    places = found["reconstructions"].values["places"]
    assert [place["value"] for place in places] == values.flatten().sort(descending=True).values[:4].tolist()
    assert all(values[place["row"], place["column"]] == place["value"] for place in places)
    first = found["reconstructions"].array
    assert first is not None
    # Nothing outside the receptive field.
    box = network.nodes["second"].receptive_field.box(places[0]["row"], places[0]["column"])
    first[0][:, box[0] : box[2] + 1, box[1] : box[3] + 1] = 0
    assert not first[0].any()


def test_integrated_gradients_are_complete(real: tuple[nn.Module, Network, Tensor]) -> None:
    if real[1].name == "mobilenet_v2":
        pytest.skip("its gradient jumps so often on the way that 50 steps are 2 % off")
    found = last(real[1], real[2], "integrated_gradients")["map"].values
    assert found["completeness"]["error"] < 0.01


def test_a_class_that_does_not_exist() -> None:
    network = Network(seeded(Once()), (3, 8, 8), name="once")
    for name in CAPTUM:
        with pytest.raises(AskError, match=r"^once has no class 4: its 4 classes count from 0 to 3\.$"):
            last(network, noise(network), name, target=4)


def test_a_network_without_a_gradient() -> None:
    class Rounded(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.argmax(3).float().mean(2)

    network = Network(Rounded(), (3, 8, 8), name="rounded")
    with pytest.raises(AskError, match=r"^No gradient reaches the input of rounded from "):
        last(network, noise(network), "saliency")


def test_a_flat_map_is_called_flat() -> None:
    module = Once()
    nn.init.zeros_(module.dense.weight)
    network = Network(module, (3, 8, 8), name="once")
    assert last(network, noise(network), "saliency")["map"].values["map"] == "flat"
    assert json.dumps(last(network, noise(network), "gradient_x_input")["map"].values, allow_nan=False)
