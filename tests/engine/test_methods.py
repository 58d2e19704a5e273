"""The product's own methods give through the engine what they give alone, shared passes included."""

import asyncio
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from app.engine.ask import Answer, Ask, merge
from app.engine.local import LocalEngine
from app.explain.framing import Framing
from app.explain.method import methods
from app.explain.network import Network
from models import create, declaration
from models.card import Preprocessing
from tests.engine.toys import Gate, finish

IMAGES = 7


class Shipped:
    """A ModelSource of networks with seeded random weights."""

    def __init__(self) -> None:
        self._networks: dict[str, Network] = {}

    def network(self, model_id: str) -> Network:
        if model_id not in self._networks:
            card, _ = declaration(model_id)
            shape, preprocessing = card.preprocessing.input_shape, card.preprocessing
            self._networks[model_id] = Network(create(model_id), shape, name=model_id, preprocessing=preprocessing)
        return self._networks[model_id]

    def weights_id(self, model_id: str) -> str:
        return model_id


class Noise:
    """An ImageSource of seeded noise."""

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
        generator = torch.Generator().manual_seed(int(image_id))
        return torch.rand((1, *preprocessing.input_shape), generator=generator)


MODELS = Shipped()


def alone(ask: Ask) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Last arrays and merged values of a method that is called directly."""
    method, network = methods()[ask.method], MODELS.network(ask.model)
    assert network.preprocessing is not None
    image = Noise().tensor(ask.image, network.preprocessing) if ask.image else None
    arrays: dict[str, Tensor] = {}
    values: dict[str, Any] = {}
    for frame in method.run(network, image, method.params.model_validate(ask.params)):
        merge(values, frame.values)
        if frame.array is not None:
            arrays[frame.name] = frame.array
    return arrays, values


def assert_close(found: object, expected: object, where: str = "values") -> None:
    """Equal tables, numbers within float32."""
    if isinstance(expected, dict):
        assert isinstance(found, dict)
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            assert_close(found[key], value, f"{where}.{key}")
    elif isinstance(expected, float):
        assert isinstance(found, float)
        assert math.isclose(found, expected, rel_tol=1e-3, abs_tol=1e-4), (where, found, expected)
    elif isinstance(expected, list) and not where.endswith((".counts", ".order")):
        assert isinstance(found, list)
        assert len(found) == len(expected), where
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, where)
    elif where.endswith(".counts"):
        # A value at the edge of two bins may fall into either, when its last bit differs.
        assert isinstance(found, list)
        assert isinstance(expected, list)
        assert sum(found) == sum(expected), where


def assert_answers(answer: Answer, ask: Ask) -> None:
    arrays, values = alone(ask)
    assert list(answer.arrays) == list(arrays)
    for name, array in arrays.items():
        torch.testing.assert_close(answer.arrays[name].array, array, rtol=1e-4, atol=1e-5, equal_nan=True)
    assert_close(answer.values, values)


@pytest.mark.parametrize("model", ["lenet5", "tiny_vgg"])
@pytest.mark.parametrize("method", ["activations", "classify"])
@pytest.mark.parametrize("params", [{}, {"special": True}])
def test_asks_that_share_a_pass_are_answered_as_if_each_had_its_own(
    gate: Gate, method: str, model: str, params: dict[str, Any]
) -> None:
    network = MODELS.network(model)
    if params:
        first = next(node.name for node in network.nodes.values() if node.operation == "convolution")
        params = {"k": 3} if method == "classify" else {"nodes": [first], "units": [3, 0]}
    asks = [Ask(method=method, model=model, image=str(image), params=params) for image in range(IMAGES)]

    async def main(engine: LocalEngine) -> list[Answer]:
        async with await engine.ask(Ask(method="steps", model=model), client="holds the worker"):
            answers = [asyncio.create_task(engine.answer(ask, client=ask.image or "")) for ask in asks]
            while engine.metrics().queued < IMAGES:
                await asyncio.sleep(0.001)
            gate.open()
            return [await answer for answer in answers]

    engine = LocalEngine(MODELS, Noise(), workers=1)
    with engine:
        answers = finish(main(engine))
    assert engine.metrics().batched == IMAGES
    for ask, answer in zip(asks, answers, strict=True):
        assert_answers(answer, ask)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("filters", {"node": "conv_1_1"}),
        ("receptive_field", {"node": "conv_2_1", "row": 3, "column": 4, "effective": True, "samples": 2}),
        ("max_response", {"node": "conv_1_2", "units": [1, 4], "steps": 3, "preset": "lecture"}),
        ("arithmetic", {"node": "conv_1_2", "unit": 2, "row": 5, "column": 6}),
    ],
)
def test_every_other_method_runs_on_the_engine(method: str, params: dict[str, Any]) -> None:
    image = None if methods()[method].image == "none" else "1"
    ask = Ask(method=method, model="tiny_vgg", image=image, params=params)
    with LocalEngine(MODELS, Noise()) as engine:
        assert_answers(finish(engine.answer(ask, client="one")), ask)
