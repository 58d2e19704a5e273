"""Shapes, counts and receptive fields of the listed networks against published figures."""

import json
from pathlib import Path

import pytest

from app.explain.node import Node
from tests.explain.nets import LISTED, card, listed

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
PUBLISHED = (*RESNETS, "squeezenet1_1", "vgg16")


@pytest.fixture(scope="module")
def counts(truth: Path) -> dict:
    return json.loads((truth / "counts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fields(truth: Path) -> dict:
    return json.loads((truth / "receptive_fields.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("model_id", PUBLISHED)
def test_totals(model_id: str, counts: dict) -> None:
    total, nodes = counts["totals"][model_id], listed(model_id).nodes.values()
    assert sum(node.parameters for node in nodes) == total["params"] == listed(model_id).parameters
    assert sum(node.macs for node in nodes) == total["macs"]
    assert sum(node.macs for node in nodes if node.operation == "convolution") == total["conv_macs"]
    assert sum(node.size for node in nodes if node.operation in {"convolution", "linear"}) == total["conv_linear_acts"]


@pytest.mark.parametrize("model_id", ["resnet18", "vgg16"])
def test_layers(model_id: str, counts: dict) -> None:
    truth = counts["layers"][model_id]
    modules = [
        node for node in listed(model_id).nodes.values() if node.module and node.operation not in {"add", "flatten"}
    ]
    assert [node.module for node in modules] == [layer["name"] for layer in truth]
    assert [list(node.shape) for node in modules] == [layer["shape"] for layer in truth]
    assert [node.parameters for node in modules] == [layer["params"] for layer in truth]
    assert [node.macs for node in modules] == [layer["macs"] for layer in truth]


@pytest.mark.parametrize("model_id", sorted({*LISTED, *PUBLISHED}))
def test_parameters_of_the_card(model_id: str) -> None:
    assert sum(node.parameters for node in listed(model_id).nodes.values()) == card(model_id).parameters


@pytest.mark.parametrize("model_id", PUBLISHED)
def test_cards_of_published_weights(model_id: str, truth: Path) -> None:
    rows = json.loads((truth / "published_weights.json").read_text(encoding="utf-8"))["weights"]
    published = card(model_id).published
    assert published
    (row,) = [row for row in rows if row["url"] == published.url]
    assert row["model"] == model_id
    assert published.url.endswith(f"-{published.sha256_prefix}.pth")
    assert (published.accuracy.top1, published.accuracy.top5) == (row["acc1"], row["acc5"])
    assert published.megabytes == pytest.approx(row["mb"], abs=0.06)
    preprocessing = card(model_id).preprocessing
    assert (preprocessing.resize, preprocessing.crop, preprocessing.interpolation) == (
        row["resize"],
        row["crop"],
        row["interp"],
    )


def described(node: Node) -> tuple[int, int, int]:
    """Size, stride and padding, the same on both axes."""
    field = node.receptive_field
    assert field.rows == field.columns
    return field.size[0], int(field.step[0]), int(-field.start[0])


@pytest.mark.parametrize("model_id", ["resnet18", "resnet50", "squeezenet1_1", "vgg16"])
def test_receptive_fields(model_id: str, fields: dict) -> None:
    rows = fields["torchvision"][model_id]
    nodes = [node for node in listed(model_id).nodes.values() if node.name != "input"][: len(rows)]
    merges = {"merge": {"add", "concat"}, "conv": {"convolution"}, "pool": {"max_pool"}}
    for row, node in zip(rows, nodes, strict=True):
        assert node.operation in merges.get(row["kind"], {node.operation})
        if row["kind"] != "merge":
            assert node.name.replace(".", "_") == row["node"]
        assert described(node) == (row["rf"], row["stride"], row["pad"]), node.name


def test_receptive_fields_of_tf_slim(fields: dict) -> None:
    nodes = list(listed("vgg16").nodes.values())
    pools = [node for node in nodes if node.operation == "max_pool"]
    convolutions = [node for node in nodes if node.operation == "convolution"]
    first_of_block = (0, 2, 4, 7, 10)
    known = {f"vgg_16/pool{block + 1}": pool for block, pool in enumerate(pools)}
    for block, first in enumerate(first_of_block, 1):
        for number in (1, 2):
            known[f"vgg_16/conv{block}/conv{block}_{number}"] = convolutions[first + number - 1]
    rows = [row for row in fields["published"] if row["end_point"] in known]
    assert len({row["end_point"] for row in rows}) == 13
    for row in rows:
        assert described(known[row["end_point"]]) == (int(row["rf"]), int(row["stride"]), int(row["padding"]))


def test_lecture_table_of_vgg16(truth: Path) -> None:
    table = json.loads((truth / "lectures.json").read_text(encoding="utf-8"))["vgg16_table"]
    layers = [node for node in listed("vgg16").nodes.values() if node.parameters]
    assert len(layers) == len(table["parameters"]) == 16
    units = {"k": 1e3, "M": 1e6}
    for layer, told in zip(layers, table["parameters"], strict=True):
        assert layer.parameters == pytest.approx(float(told[:-1]) * units[told[-1]], rel=0.06)
