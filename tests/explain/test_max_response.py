"""max_response on the networks of the list: it climbs, it tells the truth about how far, and it leaves no trace."""

import gc
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import models
from app.explain.ascent import plan
from app.explain.ascent.climb import Ascent
from app.explain.ascent.params import MaxResponseParams
from app.explain.max_response import max_response
from app.explain.method import Frame
from app.explain.network import Network
from models.card import Preprocessing
from tests.explain.nets import LISTED

NETWORKS = LISTED

# Weights that are not trained are drawn once: what is asked for here holds of any weights.
SMALL = {"lenet5", "tiny_vgg", "cifar_resnet20"}


@cache
def module(name: str) -> nn.Module:
    return models.create(name, pretrained=models.find_weights(models.declaration(name)[0]) is not None).eval()


@cache
def network(name: str) -> Network:
    card, _ = models.declaration(name)
    return Network(
        module(name), card.preprocessing.input_shape, name=name, classes=card.classes, preprocessing=card.preprocessing
    )


def frames(where: Network, image: Tensor | None = None, **params: Any) -> list[Frame]:
    return list(max_response(where, image, MaxResponseParams(**params)))


def answer(where: Network, image: Tensor | None = None, **params: Any) -> tuple[Tensor, list[float], list[list[float]]]:
    """Pictures N×C×H×W, responses and curves."""
    frame = frames(where, image, **params)[-1]
    assert frame.array is not None
    return frame.array.permute(0, 3, 1, 2), frame.values["response"], frame.values["curve"]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_lecture_recipe_raises_the_response(name: str) -> None:
    where = network(name)

    @settings(max_examples=8 if name in SMALL else 2, derandomize=True)
    @given(st.data())
    def climbs(data: st.DataObject) -> None:
        node = where.nodes[data.draw(st.sampled_from(list(where.nodes)))]
        unit = data.draw(st.integers(0, node.units - 1))
        _, _, (curve,) = answer(where, node=node.name, units=[unit], preset="lecture", steps=6)
        # Behind a rectifier a unit may be silent from end to end: no picture nearby wakes it.
        silent = node.kind == "positive" and set(curve) == {0.0}
        assert curve[-1] > curve[0] or silent, (node.name, unit, curve)

    climbs()


@pytest.mark.parametrize("objective", ["norm", "mean", "centre"])
@pytest.mark.parametrize("preset", ["lecture", "readable"])
def test_every_objective_and_preset_climbs(objective: str, preset: str) -> None:
    where = network("tiny_vgg")
    params: dict[str, Any] = {
        "node": "conv_2_1",
        "units": range(10),
        "objective": objective,
        "preset": preset,
        "steps": 24,
    }
    _, _, curves = answer(where, **params)
    assert all(curve[-1] > curve[0] for curve in curves)


def test_readable_pictures_of_classes_are_mostly_taken_for_them() -> None:
    pictures, _, _ = answer(network("lenet5"), node="output", units=range(10), objective="logit", preset="readable")
    taken_for = module("lenet5")((pictures - 0.1307) / 0.3081).argmax(1)
    assert int((taken_for == torch.arange(10)).sum()) >= 8


def test_the_lecture_recipe_is_plain_gradient_ascent() -> None:
    """p ← clamp(p + η · g / rms(g)), written out with torch alone, on a unit's map of LeNet-5's second convolution."""
    pictures, _, _ = answer(network("lenet5"), node="conv2", units=[5], preset="lecture", steps=5, seed=3)
    plain = module("lenet5")
    expected = torch.rand((1, 1, 32, 32), generator=torch.Generator().manual_seed(3))
    for _ in range(5):
        p = expected.clone().requires_grad_()
        x = plain.get_submodule("pool1")(torch.relu(plain.get_submodule("conv1")((p - 0.1307) / 0.3081)))
        (g,) = torch.autograd.grad(plain.get_submodule("conv2")(x)[0, 5].square().sum().sqrt(), p)
        expected = (expected + 0.02 * g / g.square().mean().sqrt()).clamp(0, 1)
    torch.testing.assert_close(pictures, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", sorted(SMALL))
@pytest.mark.parametrize("preset", ["lecture", "readable"])
def test_the_response_is_the_networks_own_in_float32(name: str, preset: str) -> None:
    """The bare module, given the pictures, gives the responses that were reported, whatever showed the way up."""
    node = network(name).output
    pictures, response, _ = answer(network(name), node=node, units=[0, 7], preset=preset, steps=12)
    preprocessing = network(name).preprocessing
    assert preprocessing is not None
    mean, std = (torch.tensor(numbers).reshape(-1, 1, 1) for numbers in (preprocessing.mean, preprocessing.std))
    with torch.no_grad():
        logits = module(name)((pictures - mean) / std)
    torch.testing.assert_close(torch.tensor(response), torch.stack([logits[0, 0], logits[1, 7]]), rtol=1e-4, atol=1e-4)


def test_frames_grow_from_the_start_to_the_answer() -> None:
    shown = frames(network("lenet5"), node="conv1", units=[0, 1], steps=20, preset="lecture", seed=7)
    first, last = shown[0], shown[-1]
    assert first.array is not None and last.array is not None
    start = torch.rand((1, 1, 32, 32), generator=torch.Generator().manual_seed(7))
    assert torch.equal(first.array, start.permute(0, 2, 3, 1).expand(2, 32, 32, 1))
    assert (first.step, last.step, last.steps) == (0, 20, 20)
    assert last.axes == ("unit", "row", "column", "colour") and last.kind == "picture"
    assert last.values["curve_steps"] == [0, 8, 16, 20]
    assert [len(curve) for curve in last.values["curve"]] == [4, 4]
    assert [curve[-1] for curve in last.values["curve"]] == last.values["response"]
    assert float(last.array.min()) >= 0 and float(last.array.max()) <= 1


def test_units_climb_alone_or_together_to_the_same_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    ask: dict[str, Any] = {"node": "relu2", "preset": "readable", "steps": 4}
    where = network("lenet5")
    together, responses, _ = answer(where, units=[2, 9, 11], **ask)
    alone = [answer(where, units=[unit], **ask) for unit in (2, 9, 11)]
    torch.testing.assert_close(together, torch.cat([pictures for pictures, _, _ in alone]), atol=1e-3, rtol=0)
    assert responses == pytest.approx([response[0] for _, response, _ in alone], rel=1e-2)
    monkeypatch.setattr(plan, "BATCH_MACS", 1)
    torch.testing.assert_close(answer(where, units=[2, 9, 11], **ask)[0], together, atol=1e-3, rtol=0)


def test_the_seed_decides() -> None:
    ask: dict[str, Any] = {"node": "conv_1_2", "units": [3], "steps": 5}
    first, again, other = (answer(network("tiny_vgg"), seed=seed, **ask)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=0.01)


@pytest.mark.parametrize("preset", ["lecture", "readable"])
def test_two_threads_get_what_one_gets(preset: str) -> None:
    asks: list[dict[str, Any]] = [
        {"node": "relu_2_1", "units": [unit], "preset": preset, "steps": 6} for unit in range(4)
    ] * 2
    one = [answer(network("tiny_vgg"), **ask)[0] for ask in asks]
    with ThreadPoolExecutor(2) as pool:
        two = list(pool.map(lambda ask: answer(network("tiny_vgg"), **ask)[0], asks))
    for expected, found in zip(one, two, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_leaving_early_leaves_nothing() -> None:
    where = network("lenet5")
    before = {name: tensor.clone() for name, tensor in where.module.state_dict().items()}
    climb = max_response(where, None, MaxResponseParams(node="conv2", steps=2000))
    next(climb)
    assert torch.is_grad_enabled()
    next(climb)
    climb.close()  # type: ignore[attr-defined]
    gc.collect()
    assert not [kept for kept in gc.get_objects() if type(kept) is Ascent]
    assert torch.is_grad_enabled()
    assert all(torch.equal(tensor, before[name]) for name, tensor in where.module.state_dict().items())
    assert all(parameter.grad is None for parameter in where.module.parameters())


def test_it_climbs_where_gradients_are_switched_off() -> None:
    with torch.no_grad():
        _, _, (curve,) = answer(network("lenet5"), node="conv1", preset="lecture", steps=8)
        assert not torch.is_grad_enabled()
    assert curve[-1] > curve[0]


def test_a_silent_unit_is_woken() -> None:
    """From grey this unit's map is zero, and so is its gradient; only a bright dot in dark surroundings drives it."""
    convolution = nn.Conv2d(1, 1, 3, padding=1)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]))
        convolution.bias.fill_(-4.0)  # type: ignore[union-attr]
    where = Network(nn.Sequential(convolution, nn.ReLU()), (1, 16, 16))
    _, _, (curve,) = answer(where, node="1", preset="lecture", start="noise")
    assert curve[0] == 0 < curve[-1]


def test_pictures_may_be_smaller_than_the_network_wants_them() -> None:
    pictures, _, (curve,) = answer(network("resnet18"), node="layer1.0.conv1", preset="lecture", steps=4, size=40)
    assert pictures.shape == (1, 3, 40, 40)
    assert curve[-1] > curve[0]
    pictures, _, _ = answer(network("resnet18"), node="conv1", preset="lecture", steps=1)
    assert pictures.shape == (1, 3, 64, 64)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("preset", ["lecture", "readable"])
def test_any_number_of_channels_and_any_shape(channels: int, preset: str) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(channels)
        where = Network(nn.Sequential(nn.Conv2d(channels, 4, 3), nn.Tanh()), (channels, 21, 34))
    pictures, _, curves = answer(where, node="1", units=[0, 3], preset=preset, steps=20)
    assert pictures.shape == (2, channels, 21, 34)
    assert all(curve[-1] > curve[0] for curve in curves)


def test_it_can_start_from_the_picture_at_hand() -> None:
    picture = torch.rand((1, 1, 32, 32), generator=torch.Generator().manual_seed(0))
    image = (picture - 0.1307) / 0.3081
    for preset in ("lecture", "readable"):
        first = frames(network("lenet5"), image, node="conv1", start="image", preset=preset, steps=1)[0]
        assert first.array is not None
        torch.testing.assert_close(first.array[..., 0], picture[0], atol=0.011, rtol=0)


def test_weights_that_are_no_numbers_give_no_numbers() -> None:
    broken = nn.Conv2d(1, 1, 3)
    nn.init.constant_(broken.weight, math.nan)
    where = Network(
        nn.Sequential(broken),
        (1, 16, 16),
        preprocessing=Preprocessing(resize=16, crop=16, channels=1, mean=(0.5,), std=(1.0,)),
    )
    frame = frames(where, node="0", steps=2)[-1]
    assert frame.values["response"] == [None]
