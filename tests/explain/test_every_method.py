"""What every registered method keeps to, those of later files included: it is asked with the least it needs."""

import copy
import gc
import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from app.explain.method import Frame, Params, methods
from app.explain.network import Network
from tests.explain.nets import noise, seeded

# Fewer than the defaults of fields that say how long a method works.
SHORT = {"steps": 3, "samples": 2, "iterations": 3}

NODE = "features.0"


class Small(nn.Module):
    """A network of the usual parts, with an in-place rectifier, a skip, dropout and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        )
        self.block = nn.Conv2d(8, 8, 3, padding=1)
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(8, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = torch.relu(x + self.block(x))
        logits: Tensor = self.classifier(x)
        return logits


def params_of(name: str) -> Params:
    """The least that a method can be asked: the node where it wants one, and little work."""
    fields = methods()[name].params.model_fields
    least: dict[str, Any] = {field: NODE for field in ("node",) if field in fields and fields[field].is_required()}
    return methods()[name].params(**least, **{field: value for field, value in SHORT.items() if field in fields})


def frames(network: Network, x: Tensor, name: str) -> Iterator[Frame]:
    return methods()[name].run(network, x, params_of(name))


def answer(network: Network, x: Tensor, name: str) -> dict[str, Frame]:
    """The last frame of each name: how many come before is a matter of time."""
    return {frame.name: frame for frame in frames(network, x, name)}


def same(left: dict[str, Frame], right: dict[str, Frame]) -> bool:
    return list(left) == list(right) and all(
        json.dumps(a.values) == json.dumps(b.values)
        and (torch.equal(a.array, b.array) if a.array is not None and b.array is not None else a.array is b.array)
        for a, b in zip(left.values(), right.values(), strict=True)
    )


@pytest.fixture
def module() -> nn.Module:
    return seeded(Small()).train()


@pytest.fixture
def network(module: nn.Module) -> Network:
    return Network(module, (3, 24, 24), name="small")


EVERY = pytest.mark.parametrize("name", list(methods()))


@EVERY
def test_the_callers_module_is_untouched(name: str, module: nn.Module) -> None:
    state = copy.deepcopy(module.state_dict())
    flags = [(parameter.requires_grad, parameter.grad) for parameter in module.parameters()]
    network = Network(module, (3, 24, 24), name="small")
    answer(network, noise(network), name)
    assert all(torch.equal(value, state[key]) for key, value in module.state_dict().items())
    assert [(parameter.requires_grad, parameter.grad) for parameter in module.parameters()] == flags
    assert all(part.training for part in module.modules())
    assert not any(parameter.requires_grad for parameter in network.module.parameters())
    for part in (*module.modules(), *network.module.modules()):
        assert not (part._forward_hooks or part._forward_pre_hooks or part._backward_hooks)


@EVERY
def test_the_picture_is_untouched(name: str, network: Network) -> None:
    x = noise(network)
    before = x.clone()
    answer(network, x, name)
    assert torch.equal(x, before) and not x.requires_grad and x.grad is None


@EVERY
def test_two_threads_get_what_one_gets(name: str, network: Network) -> None:
    pictures = [noise(network, seed) for seed in range(3)]
    alone = [answer(network, x, name) for x in pictures]
    order = [0, 1, 2, 0, 1, 2]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda i: answer(network, pictures[i], name), order))
    assert all(same(found, alone[i]) for i, found in zip(order, together, strict=True))


@pytest.fixture
def rest_set_aside() -> Iterator[None]:
    """Keeps what other tests left from being counted again and again, which takes longer than the test."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@EVERY
@pytest.mark.usefixtures("rest_set_aside")
def test_leaving_after_any_frame_leaves_nothing_behind(name: str, network: Network) -> None:
    x = noise(network)
    whole = answer(network, x, name)
    for taken in range(1, 4):
        tensors, threads, gradients = live_tensors(), threading.active_count(), torch.is_grad_enabled()
        with closing(cast("Any", frames(network, x, name))) as begun:
            for _ in itertools.islice(begun, taken):
                assert torch.is_grad_enabled() == gradients
        del begun, _
        assert (live_tensors(), threading.active_count(), torch.is_grad_enabled()) == (tensors, threads, gradients)
    assert same(answer(network, x, name), whole)


def live_tensors() -> int:
    """How many tensors Python holds, but for those set aside."""
    gc.collect()
    return sum(type(kept) in (Tensor, nn.Parameter) for kept in gc.get_objects())


@EVERY
def test_gradients_may_be_on_or_off_outside(name: str, network: Network) -> None:
    x = noise(network)
    with torch.no_grad():
        off = answer(network, x, name)
        assert not torch.is_grad_enabled()
    with torch.enable_grad():
        assert same(answer(network, x, name), off)
        assert torch.is_grad_enabled()


@EVERY
def test_frames_are_as_declared(name: str, network: Network) -> None:
    """Axes name every dimension, arrays carry no gradients, values are JSON without NaN, steps are counted."""
    for frame in frames(network, noise(network), name):
        assert frame.array is None or len(frame.axes) == frame.array.dim()
        assert frame.array is None or not frame.array.requires_grad
        json.dumps(frame.values, allow_nan=False)
        assert 0 <= frame.step <= frame.steps
        assert frame.node is None or frame.node in network.nodes


@EVERY
def test_memory_is_estimated_and_help_is_there(name: str, network: Network) -> None:
    method = methods()[name]
    assert method.memory(network, params_of(name)) > 0
    assert method.title and method.source and len(method.summary) > 80
    assert all(field.title for field in method.params.model_fields.values())


@EVERY
def test_what_is_shown_over_the_picture_is_told(name: str, network: Network) -> None:
    """A method with a map of the picture declares it, and what is declared is a map or a picture."""
    found = answer(network, noise(network), name)
    shows = methods()[name].shows
    assert shows or "map" not in found
    if shows:
        assert found[shows].axes in (("row", "column"), ("row", "column", "colour"))
        assert (found[shows].kind == "picture") == ("colour" in found[shows].axes)


def test_a_few_methods_lead() -> None:
    leading = [method for method in methods().values() if method.leads]
    assert 2 <= len(leading) <= 4
    assert all(method.shows for method in leading)
