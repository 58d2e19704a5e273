"""What max_response can be asked, and the sentence that a wrong ask gets."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError

import models
from app.explain.ascent.params import PRESETS, MaxResponseParams
from app.explain.ascent.plan import batch_size, memory, picture_shape, work
from app.explain.errors import AskError, ImageRequired, UnknownNode, UnknownUnit
from app.explain.max_response import max_response
from app.explain.method import methods
from app.explain.network import Network


@pytest.fixture(scope="module")
def lenet5() -> Network:
    return Network(models.create("lenet5"), (1, 32, 32), name="lenet5")


@pytest.fixture(scope="module")
def resnet18() -> Network:
    return Network(models.create("resnet18"), (3, 224, 224), name="resnet18")


def test_a_preset_fills_in_what_is_not_given() -> None:
    for preset, values in PRESETS.items():
        assert MaxResponseParams(node="x", preset=preset).model_dump().items() >= values.items()
        blurred = MaxResponseParams.model_validate({"node": "x", "preset": preset, "blur": 2.5}).model_dump()
        assert blurred.items() >= {**values, "blur": 2.5}.items()


def test_the_lecture_recipe_has_no_regulariser() -> None:
    lecture = MaxResponseParams(node="x", preset="lecture")
    assert lecture.start == "uniform"
    assert not any([lecture.jitter, lecture.scale, lecture.rotate, lecture.blur, lecture.decay])
    assert not lecture.fourier and not lecture.decorrelate


def test_an_ask_as_understood_is_understood_the_same_again() -> None:
    for preset in PRESETS:
        params = MaxResponseParams.model_validate({"node": "x", "preset": preset, "steps": 7})
        assert MaxResponseParams.model_validate(params.model_dump(mode="json")) == params


def test_the_form_learns_titles_bounds_units_and_presets() -> None:
    properties = methods()["max_response"].params.model_json_schema()["properties"]
    assert all(field["title"] for field in properties.values())
    assert properties["jitter"]["unit"] == "px"
    assert properties["jitter"]["presets"] == {"readable": PRESETS["readable"]["jitter"], "lecture": 0.0}
    assert (properties["steps"]["minimum"], properties["steps"]["maximum"]) == (1, 2000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("units", []),
        ("units", list(range(65))),
        ("objective", "loudest"),
        ("preset", "beautiful"),
        ("preset", ["readable"]),
        ("start", "photo"),
        ("steps", 0),
        ("steps", 2001),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("size", 0),
        ("size", 513),
        ("seed", -1),
        ("seed", 2**32),
        ("jitter", -1),
        ("jitter", float("nan")),
        ("scale", 0.51),
        ("rotate", 181),
        ("blur", 9),
        ("decay", 1),
        ("unknown", 1),
    ],
)
def test_what_is_out_of_bounds_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        MaxResponseParams.model_validate({"node": "conv1", field: value})
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


@pytest.mark.parametrize(
    ("given", "kind", "field", "sentence"),
    [
        (
            {"node": "conv9"},
            UnknownNode,
            "params.node",
            "lenet5 has no node “conv9”. Its nodes are: input, conv1, relu1, pool1, conv2, relu2, pool2, flatten, fc3, "
            "relu3, fc4, relu4, … (13 in all).",
        ),
        (
            {"node": "conv1", "units": [0, 6]},
            UnknownUnit,
            "params.units",
            "conv1 has no unit 6: its 6 units count from 0 to 5.",
        ),
        (
            {"node": "conv1", "units": [-1]},
            UnknownUnit,
            "params.units",
            "conv1 has no unit -1: its 6 units count from 0 to 5.",
        ),
        (
            {"node": "conv1", "objective": "logit"},
            AskError,
            "params.objective",
            "objective is “logit”, which is a class's, so that node must be the last, “output”; given was “conv1”. "
            "Climb norm, mean or centre there.",
        ),
        (
            {"node": "conv2", "size": 9},
            AskError,
            "params.size",
            "size is 9, but conv2 sees 14 × 14 pixels: a picture of at least 14 is needed.",
        ),
        (
            {"node": "fc3", "size": 20},
            AskError,
            "params.size",
            "size is 20, but fc3 sees the whole input, so that its pictures have the network's own 32 × 32 pixels: "
            "leave size out.",
        ),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_runs(
    lenet5: Network, given: dict[str, Any], kind: type[AskError], field: str, sentence: str
) -> None:
    params = MaxResponseParams.model_validate(given)
    with pytest.raises(kind) as estimated:
        memory(lenet5, params)
    with pytest.raises(kind) as run:
        next(max_response(lenet5, None, params))
    assert estimated.value.detail == run.value.detail == sentence
    assert estimated.value.field == field


def test_a_start_from_a_picture_needs_one(lenet5: Network) -> None:
    with pytest.raises(ImageRequired) as caught:
        next(max_response(lenet5, None, MaxResponseParams(node="conv1", start="image")))
    assert caught.value.detail == "start is “image”, so that a picture is needed: name one as “image”."


def test_the_size_follows_the_receptive_field(resnet18: Network) -> None:
    def shape(node: str, size: int | None = None) -> tuple[int, int, int]:
        return picture_shape(resnet18, resnet18.node(node), size)

    assert shape("conv1") == (3, 64, 64)
    assert shape("layer1.1.conv2") == (3, 86, 86)
    assert shape("layer2.0.conv1") == (3, 102, 102)
    assert shape("layer4.1.conv2") == (3, 224, 224)
    assert shape("fc") == (3, 224, 224)
    assert shape("conv1", 7) == (3, 7, 7)


def test_the_smallest_picture_is_large_enough(resnet18: Network) -> None:
    """Torch agrees, at the last node of every receptive field."""
    for network in (resnet18, Network(models.create("cifar_resnet20"), (3, 32, 32))):
        local = [node for node in network.nodes.values() if not node.receptive_field.whole]
        for size, name in {node.receptive_field.size[0]: node.name for node in local}.items():
            shape = picture_shape(network, network.node(name), min(network.input_shape[1], size))
            with torch.no_grad():
                assert network.values(torch.zeros(1, *shape), [name])[name].numel() > 0


def test_work_counts_only_what_the_node_needs(lenet5: Network) -> None:
    macs, values = work(lenet5, lenet5.node("relu1"), (1, 32, 32))
    assert macs == 28 * 28 * 6 * 25
    assert values == 32 * 32 + 2 * 6 * 28 * 28


def test_memory_grows_with_the_units_until_a_batch_is_full(resnet18: Network) -> None:
    def needed(units: int) -> int:
        return memory(resnet18, MaxResponseParams(node="layer2.0.conv1", units=tuple(range(units))))

    most = batch_size(resnet18, resnet18.node("layer2.0.conv1"), (3, 118, 118))
    assert 1 < most < 32
    assert needed(1) < needed(2) < needed(most)
    assert needed(64) - needed(most) < needed(most) - needed(1)
