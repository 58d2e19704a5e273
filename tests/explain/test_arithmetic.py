"""arithmetic: every kind of node of every network adds up to the network's own value, down to the pixels."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import models
from app.explain.arithmetic import BREAKDOWNS
from app.explain.errors import AskError, UnknownNode, UnknownUnit
from app.explain.method import Frame, methods
from app.explain.network import Network
from app.explain.operations import FUNCTIONS, METHODS, MODULES
from app.explain.rewrite import Untraceable
from models.card import Card, Preprocessing
from tests.explain.nets import LISTED, Everything, Functional, Reused, card, listed, noise, small, traced

pytestmark = pytest.mark.usefixtures("one_thread")

TOYS = (Reused, Functional, Everything)


def unlisted() -> list[str]:
    """The smallest network of each file in `models` that holds none of the listed ones."""
    files: dict[str, list[Card]] = {}
    for known in sorted(models.cards(), key=lambda known: known.parameters):
        files.setdefault(models.declaration(known.id)[1].__module__, []).append(known)
    return [cards[0].id for cards in files.values() if not {known.id for known in cards} & set(LISTED)]


def asked(network: Network, x: Tensor, **params: Any) -> list[Frame]:
    method = methods()["arithmetic"]
    return list(method.run(network, x, method.params(**params)))


def values_of(network: Network, x: Tensor, **params: Any) -> dict[str, Any]:
    return asked(network, x, **params)[0].values


@cache
def computed(name: str) -> tuple[Network, Tensor, dict[str, Tensor]]:
    """A network, a picture, and all its values."""
    toys = {toy.__name__: toy for toy in TOYS}
    try:
        network = traced(toys[name]()) if name in toys else small(name)
    except Untraceable:
        # Some dense layers take pictures of one size only.
        network = listed(name)
    x = noise(network, 1)
    return network, x, {node: value[0] for node, value in network.values(x, list(network.nodes)).items()}


def close(told: float, truth: float, size: float) -> bool:
    """Within 1e-4 of the value, or within float32's rounding of terms that cancel."""
    return abs(told - truth) <= 1e-4 * abs(truth) + 2e-6 * size


def check(name: str, node: str, at: tuple[int, ...]) -> dict[str, Any]:
    """One value adds up: to the network's own, and from its terms and groups."""
    network, x, truth = computed(name)
    place = dict(zip(("unit", "row", "column"), at, strict=False))
    told = values_of(network, x, node=node, top=65536, **place)
    value = float(truth[node][at])
    assert told["value"] == value
    assert (told["unit"], told["row"], told["column"]) == (*at, 0, 0)[:3]
    size = sum(abs(term["value"]) for term in told["terms"]) + abs(told.get("bias") or 0)
    assert close(told["sum"], value, size), (node, told["sum"], value)
    assert told["difference"] == pytest.approx(told["sum"] - value, abs=1e-12)
    assert told["count"] == len(told["terms"])
    sizes = [abs(term["value"]) for term in told["terms"]]
    assert sizes == sorted(sizes, reverse=True)
    for term in told["terms"][:20]:
        if "node" not in term:
            assert term["label"] == "padding" or told["operation"] in {"multiply", "divide"}
            continue
        # Each term is what the network has at the place that it names.
        source = truth[term["node"]]
        assert term["node"] in network.nodes[node].inputs
        assert term["input"] == pytest.approx(
            float(source[(term["unit"], term["row"], term["column"])[: source.dim()]])
        )
        if "weight" in term:
            assert term["value"] == pytest.approx(term["weight"] * term["input"], rel=1e-9)
    if any("weight" in term for term in told["terms"]):
        added = sum(term["value"] for term in told["terms"]) + (told.get("bias") or 0)
        assert added == pytest.approx(told["sum"], abs=1e-9 * max(size, 1))
    if told["groups"]:
        folded = sum(group["value"] for group in told["groups"])
        assert folded == pytest.approx(sum(term["value"] for term in told["terms"]), abs=1e-9 * max(size, 1))
    json.dumps(told, allow_nan=False)
    return told


def places(network: Network, node: str) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(0, side - 1) for side in network.nodes[node].shape))


@pytest.mark.parametrize("name", [*LISTED, *(toy.__name__ for toy in TOYS)])
def test_every_node_adds_up(name: str) -> None:
    """One place of every node, the last one: corners are where padding is."""
    network, _, _ = computed(name)
    for node in network.nodes.values():
        check(name, node.name, tuple(side - 1 for side in node.shape))


@pytest.mark.parametrize("name", unlisted())
def test_every_kind_of_node_adds_up(name: str) -> None:
    """Two places of one node of each kind: in the middle, and in the corner."""
    network, _, _ = computed(name)
    for node in {(node.operation, str(node.details)): node for node in network.nodes.values()}.values():
        for at in (tuple(side // 2 for side in node.shape), tuple(side - 1 for side in node.shape)):
            check(name, node.name, at)


@pytest.mark.parametrize("name", ["lenet5", "tiny_vgg", "cifar_resnet20", *(toy.__name__ for toy in TOYS)])
def test_places_that_hypothesis_chooses(name: str) -> None:
    network, _, _ = computed(name)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def run(data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(list(network.nodes)))
        check(name, node, data.draw(places(network, node)))

    run()


def test_every_known_operation_has_a_breakdown() -> None:
    known = {*MODULES.values(), *FUNCTIONS.values(), *METHODS.values()}
    assert known <= set(BREAKDOWNS)


def test_convolution_in_full() -> None:
    network, x, truth = computed("tiny_vgg")
    frames = asked(network, x, node="conv_1_2", unit=3, row=7, column=11)
    arrays = {frame.name: frame.array for frame in frames}
    kernel = network.module.conv_1_2.weight[3]
    patch = truth["relu_1_1"][:, 7:10, 11:14]
    assert torch.equal(arrays["weights"], kernel)
    assert torch.equal(arrays["window"], patch)
    torch.testing.assert_close(arrays["products"], kernel * patch)
    assert {frame.axes for frame in frames} == {("input", "row", "column")}
    assert [frame.kind for frame in frames] == ["positive", "weight", "signed"]
    told = frames[0].values
    assert (
        told["window"] | {"node": "relu_1_1", "top": 7, "left": 11, "rows": 3, "columns": 3, "channels": 10}
        == told["window"]
    )
    groups = {group["unit"]: group["value"] for group in told["groups"]}
    assert groups == pytest.approx(dict(enumerate((kernel * patch).double().sum((1, 2)).tolist())), abs=1e-6)
    assert told["bias"] == pytest.approx(float(network.module.conv_1_2.bias[3]))


def test_lecture_example_of_a_convolution(truth: Path) -> None:
    example = json.loads((truth / "lectures.json").read_text(encoding="utf-8"))["convolution_as_matrix"]
    module = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False))
    module[0].weight.data = torch.tensor(example["u"], dtype=torch.float32)[None, None]
    network = Network(module, (1, 4, 4))
    x = torch.tensor(example["x"], dtype=torch.float32)[None, None]
    for row, sums in enumerate(example["y"]):
        for column, y in enumerate(sums):
            assert values_of(network, x, node="0", row=row, column=column)["sum"] == y


def test_lecture_example_of_max_pooling(truth: Path) -> None:
    example = json.loads((truth / "lectures.json").read_text(encoding="utf-8"))["max_pooling"]
    network = Network(nn.Sequential(nn.MaxPool2d(example["size"], example["stride"])), (1, 6, 6))
    x = torch.tensor(example["x"], dtype=torch.float32)[None, None]
    for row, maxima in enumerate(example["y"]):
        for column, y in enumerate(maxima):
            told = values_of(network, x, node="0", row=row, column=column)
            winner = told["facts"]["winner"]
            assert told["sum"] == y == float(x[0, 0, winner["row"], winner["column"]])
            assert [term["weight"] for term in told["terms"]] == [1, 0, 0, 0]


def test_padding_is_named() -> None:
    network, x, _ = computed("cifar_resnet20")
    told = values_of(network, x, node="conv1", unit=2, row=0, column=0, top=100)
    padding = [term for term in told["terms"] if "node" not in term]
    assert len(padding) == 5 * 3
    assert {term["label"] for term in padding} == {"padding"}
    assert {term["value"] for term in padding} == {0}
    assert (told["window"]["top"], told["window"]["left"]) == (-1, -1)
    assert {group["count"] for group in told["groups"]} == {4}


def test_dense_layers_are_folded_by_map() -> None:
    told = check("tiny_vgg", "output", (6,))
    assert {group["label"] for group in told["groups"]} == {f"max_pool_2 unit {unit}" for unit in range(10)}
    assert {group["count"] for group in told["groups"]} == {169}


def test_the_addends_of_a_skip() -> None:
    told = check("resnet18", "layer2.0.add", (5, 3, 4))
    assert {term["node"] for term in told["terms"]} == {"layer2.0.bn2", "layer2.0.downsample.1"}
    assert told["formula"] == "y = x₁ + x₂"


def test_softmax_tells_the_exps_and_their_sum() -> None:
    told = check("Functional", "softmax", (3,))
    assert sum(term["value"] for term in told["terms"]) == pytest.approx(told["facts"]["denominator"])
    assert told["sum"] == pytest.approx(told["facts"]["exp"] / told["facts"]["denominator"])


def test_top_keeps_the_largest() -> None:
    network, x, _ = computed("lenet5")
    every = values_of(network, x, node="fc3", unit=4, top=1000)
    few = values_of(network, x, node="fc3", unit=4, top=3)
    assert few["terms"] == every["terms"][:3]
    assert few["count"] == every["count"] == 400
    assert few["sum"] == every["sum"]


@pytest.mark.parametrize("name", ["lenet5", "cifar_resnet20", "squeezenet1_1"])
def test_the_walk_ends_at_a_pixel(name: str) -> None:
    """Asking for the largest input of each value leads to the picture, whose byte is told."""
    network = small(name)
    preprocessing = card(name).preprocessing
    generator = torch.Generator().manual_seed(3)
    picture = torch.randint(0, 256, (1, *network.input_shape), generator=generator)
    mean, std = (torch.tensor(numbers).view(1, -1, 1, 1) for numbers in (preprocessing.mean, preprocessing.std))
    x = (picture / 255 - mean) / std
    told = values_of(network, x, node=network.output, unit=int(network.logits(x).argmax()))
    for _ in range(200):
        if told["node"] == "input":
            break
        term = max((term for term in told["terms"] if "node" in term), key=lambda term: abs(term["input"]))
        before, told = told, values_of(network, x, **{key: term[key] for key in ("node", "unit", "row", "column")})
        assert told["value"] == pytest.approx(term["input"], rel=1e-9), before["node"]
    assert told["node"] == "input"
    assert told["difference"] == pytest.approx(0, abs=1e-6)
    pixel = told["pixel"]
    assert pixel["byte"] == int(picture[0, told["unit"], pixel["row"], pixel["column"]])
    assert pixel["colour"] == (("grey",) if name == "lenet5" else ("red", "green", "blue"))[told["unit"]]


def test_pixels_without_a_picture() -> None:
    network = Network(nn.Conv2d(4, 2, 1), (4, 3, 3))
    told = values_of(network, noise(network), node="input", unit=3, row=1, column=2)
    assert told["pixel"] == {"row": 1, "column": 2, "colour": "channel 3"}
    assert told["sum"] == told["value"]
    odd = Network(
        nn.Conv2d(1, 2, 1), (1, 3, 3), preprocessing=Preprocessing(resize=3, crop=3, mean=(0.5,), std=(0.25,))
    )
    told = values_of(odd, torch.full((1, 1, 3, 3), 0.123), node="input")
    assert told["pixel"]["byte"] == pytest.approx(255 * (0.123 * 0.25 + 0.5))


def test_not_finite() -> None:
    network = listed("lenet5")
    x = torch.zeros(1, 1, 32, 32)
    x[0, 0, 4, 4] = torch.nan
    for node in network.nodes:
        told = (
            values_of(network, x, node=node, row=0, column=0)
            if network.nodes[node].spatial
            else values_of(network, x, node=node)
        )
        json.dumps(told, allow_nan=False)
    assert values_of(network, x, node="conv1", row=0, column=0)["sum"] is None


def test_only_what_is_needed_is_computed() -> None:
    network = Network(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4)), (3, 6, 6))
    ran: list[str] = []
    network.module[3].register_forward_hook(lambda *_: ran.append("3"))
    asked(network, noise(network), node="1")
    assert ran == []


def test_bad_names_and_places() -> None:
    network, x, _ = computed("lenet5")
    with pytest.raises(UnknownNode, match=r"^lenet5 has no node “conv9”\. Its nodes are: input, conv1, ") as node:
        asked(network, x, node="conv9")
    assert node.value.field == "params.node"
    with pytest.raises(UnknownUnit, match=r"^fc4 has no unit 84: its 84 units count from 0 to 83\.$") as unit:
        asked(network, x, node="fc4", unit=84)
    assert unit.value.field == "params.unit"
    with pytest.raises(AskError, match=r"^pool1 has no row 14: its 14 rows count from 0 to 13\.$") as row:
        asked(network, x, node="pool1", row=14)
    assert row.value.field == "params.row"
    with pytest.raises(AskError, match=r"^fc4 has no column 2: it has but one, so that column 0 is right\.$"):
        asked(network, x, node="fc4", column=2)
    deep = Network(nn.Unflatten(1, (1, 3)), (3, 4, 5))
    with pytest.raises(AskError, match=r"have 4 axes; a value is found by unit, row and column\.$"):
        asked(deep, noise(deep), node=deep.output)
