"""Shapes, counts, receptive fields and cards of the listed networks against published figures."""

import json
import re
from pathlib import Path

import pytest
import torch

from app.explain.node import Node
from models import Card, cards, declaration
from tests.explain.nets import structure

TRUTH = Path(__file__).parent.parent / "truth"


def read(name: str) -> dict:
    return json.loads((TRUTH / name).read_text(encoding="utf-8"))


COUNTS, FIELDS = read("counts.json"), read("receptive_fields.json")
PUBLISHED = {row["url"]: row for row in read("published_weights.json")["weights"]}
CARDS = {card.id: card for card in cards()}
FROM_TORCHVISION = [card for card in CARDS.values() if card.published and card.published.url in PUBLISHED]


def parametrised(cards: list[Card]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.id)


def counted(nodes: list[Node]) -> tuple[int, int]:
    """Parameters and multiply-adds without those of auxiliary heads, which published figures leave out."""
    own = [node for node in nodes if not node.module.startswith("aux")]
    return sum(node.parameters for node in own), sum(node.macs for node in own)


@parametrised(list(CARDS.values()))
def test_parameters_of_the_card(card: Card) -> None:
    with torch.device("meta"):
        module = declaration(card.id)[1]()
    assert sum(parameter.numel() for parameter in module.parameters()) == card.parameters


@pytest.mark.parametrize("model_id", COUNTS["totals"])
def test_totals(model_id: str) -> None:
    total, nodes = COUNTS["totals"][model_id], structure(model_id).nodes.values()
    assert CARDS[model_id].preprocessing.crop == total["input"]
    assert sum(node.parameters for node in nodes) == total["params_noaux"] == structure(model_id).parameters
    assert sum(node.macs for node in nodes) == total["macs"]
    assert sum(node.macs for node in nodes if node.operation == "convolution") == total["conv_macs"]
    assert sum(node.size for node in nodes if node.operation in {"convolution", "linear"}) == total["conv_linear_acts"]


@parametrised(FROM_TORCHVISION)
def test_published_figures(card: Card) -> None:
    row, network = PUBLISHED[card.published.url], structure(card.id)
    parameters, macs = counted(list(network.nodes.values()))
    assert (parameters, round(macs / 1e9, 3)) == (row["num_params"], row["gflops"])
    assert network.nodes[network.output].shape == (len(card.classes),)


@parametrised(FROM_TORCHVISION)
def test_cards_of_published_weights(card: Card) -> None:
    row, published, preprocessing = PUBLISHED[card.published.url], card.published, card.preprocessing
    assert card.id.removesuffix("_auxiliary") == row["model"]
    assert published.url.endswith(f"{published.sha256_prefix}.pth")
    assert (published.accuracy.top1, published.accuracy.top5) == (row["acc1"], row["acc5"])
    assert published.megabytes == pytest.approx(row["mb"], abs=0.06)
    told = (preprocessing.resize, preprocessing.crop, preprocessing.interpolation)
    assert told == (row["resize"], row["crop"], row["interp"].lower())


def test_every_listed_imagenet_network_has_its_published_weights() -> None:
    known = {card.id for card in FROM_TORCHVISION}
    imagenet = {card.id for card in CARDS.values() if len(card.classes) == 1000}
    # Of these two no publisher of weights is known.
    assert imagenet - known == {"alexnet_grouped", "zfnet"}


def test_counts_of_the_papers() -> None:
    """Networks that torchvision has not: the two-stream AlexNet of 2012, ZFNet, LeNet-1, the CIFAR family."""
    figures = {"alexnet_grouped": 60_965_224, "zfnet": 62_357_608, "lenet1": 3_246, "cifar_resnet110": 1_727_962}
    assert {name: counted(list(structure(name).nodes.values()))[0] for name in figures} == figures
    # Krizhevsky et al. 2012, figure 2: the neurons of the layers, 253,440 printed for the first being a known slip.
    neurons = [node.size for node in structure("alexnet_grouped").nodes.values() if node.macs]
    assert neurons == [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
    # Zeiler & Fergus 2014, figure 3: sides of the maps behind each convolution and pooling.
    shown = [node for node in structure("zfnet").nodes.values() if node.operation in {"convolution", "max_pool"}]
    assert [node.shape[1] for node in shown] == [110, 55, 26, 13, 13, 13, 13, 6]


@pytest.mark.parametrize("model_id", COUNTS["layers"])
def test_layers(model_id: str) -> None:
    rows = COUNTS["layers"][model_id]
    nodes = {node.name: node for node in structure(model_id).nodes.values()}
    assert [name for name, node in nodes.items() if node.parameters] == [r["name"] for r in rows if r["params"]]
    for row in rows:
        node = nodes[row["name"]]
        assert [list(node.shape), node.parameters, node.macs] == [row["shape"], row["params"], row["macs"]], node.name


def described(node: Node) -> tuple[int, int, int]:
    """Size, stride and padding, the same on both axes."""
    field = node.receptive_field
    assert field.rows == field.columns
    return field.size[0], int(field.step[0]), int(-field.start[0])


@pytest.mark.parametrize("model_id", FIELDS["torchvision"])
def test_receptive_fields(model_id: str) -> None:
    rows = FIELDS["torchvision"][model_id]
    nodes = [node for node in structure(model_id).nodes.values() if node.name != "input"][: len(rows)]
    operations = {"merge": {"add", "concat"}, "conv": {"convolution"}, "pool": {"max_pool"}}
    for row, node in zip(rows, nodes, strict=True):
        assert node.operation in operations.get(row["kind"], {node.operation})
        # Functions have no path in torch.fx.
        if not re.fullmatch(r"(add|cat|relu)(_\d+)?", row["node"]):
            assert node.name.replace(".", "_") == row["node"]
        assert described(node) == (row["rf"], row["stride"], row["pad"]), node.name


@pytest.mark.parametrize(("model_id", "prefix"), [("vgg11", "vgg_a"), ("vgg16", "vgg_16")])
def test_receptive_fields_of_tf_slim(model_id: str, prefix: str) -> None:
    known, block, convolutions = {}, 1, 0
    for node in structure(model_id).nodes.values():
        if node.operation == "convolution":
            convolutions += 1
            known[f"{prefix}/conv{block}/conv{block}_{convolutions}"] = node
        elif node.operation == "max_pool":
            known[f"{prefix}/pool{block}"] = node
            block, convolutions = block + 1, 0
    told = {row["end_point"]: row for row in FIELDS["published"] if row["end_point"] in known}
    assert len(told) == 13
    for name, row in told.items():
        assert described(known[name]) == (int(row["rf"]), int(row["stride"]), int(row["padding"])), name


def test_squeeze_and_excite_is_told() -> None:
    """The convolutional path is as wide as it is; that every pixel has a say all the same is told."""
    nodes = structure("efficientnet_b0").nodes
    before, gated = nodes["features.1.0.block.0.2"], nodes["features.1.0.block.1.multiply"]
    assert not before.receptive_field.gated
    assert gated.receptive_field.gated and not gated.receptive_field.whole
    assert gated.receptive_field.size == before.receptive_field.size == (7, 7)
    assert nodes["features.1.0.block.1.fc1"].receptive_field.whole


def test_lecture_table_of_vgg16() -> None:
    table = read("lectures.json")["vgg16_table"]
    layers = [node for node in structure("vgg16").nodes.values() if node.parameters]
    assert len(layers) == len(table["parameters"]) == 16
    units = {"k": 1e3, "M": 1e6}
    for layer, told in zip(layers, table["parameters"], strict=True):
        assert layer.parameters == pytest.approx(float(told[:-1]) * units[told[-1]], rel=0.06)
