"""Surgery and equivariance: equal to a network that was really changed, and to motions that are known."""

import copy

import pytest
import torch
from torch import Tensor, nn

from app.explain.errors import AskError, UnknownNode, UnknownUnit
from app.explain.network import Network
from tests.explain.nets import Functional, noise, seeded, traced
from tests.explain.test_attribution import array, close, last

pytestmark = pytest.mark.usefixtures("one_thread")


def chain() -> nn.Sequential:
    module = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 4, 3), nn.Flatten(), nn.Linear(144, 5)
    )
    return seeded(module)


def test_a_kernel_is_edited_as_in_a_copy_of_the_network() -> None:
    module = chain()
    network, x = Network(module, (3, 16, 16), name="chain"), noise(Network(module, (3, 16, 16)))
    edited = copy.deepcopy(module)
    with torch.no_grad():
        edited[3].weight[2, 5, 1, 0] = 4.0
        edited[5].weight[:, 7] = -1.0
    edits = [
        {"node": "3", "unit": 2, "kind": "kernel", "channel": 5, "row": 1, "column": 0, "value": 4.0},
        {"node": "5", "kind": "kernel", "channel": 7, "value": -1.0},
    ]
    found = last(network, x, "surgery", edits=edits)
    assert close(array(network, x, "surgery", "after", edits=edits), edited(x)[0].detach())
    assert close(array(network, x, "surgery", "before", edits=edits), module(x)[0].detach())
    told = found["after"].values
    assert [layer["node"] for layer in told["layers"]] == ["3", "4", "5"]
    probabilities = edited(x).double().softmax(1)[0].detach()
    for row in told["classes"]:
        assert row["probability"]["after"] == pytest.approx(float(probabilities[row["index"]]), rel=1e-4)


def test_units_are_knocked_out_scaled_and_painted() -> None:
    module = chain()
    network, x = Network(module, (3, 16, 16), name="chain"), noise(Network(module, (3, 16, 16)))
    edits = [
        {"node": "1", "unit": 0},
        {"node": "1", "unit": 1, "value": 2.5},
        {"node": "2", "unit": 3, "kind": "paint", "row": 2, "column": 4, "radius": 1, "value": 9.0},
        {"node": "input", "kind": "paint", "row": 8, "column": 8, "radius": 2, "value": 1.0},
    ]
    painted = x.clone()
    for row in range(16):
        for column in range(16):
            if (row - 8) ** 2 + (column - 8) ** 2 <= 4:
                painted[:, :, row, column] = 1
    value = module[1](module[0](painted))
    value[:, 0], value[:, 1] = 0, value[:, 1] * 2.5
    value = module[2](value)
    for row, column in ((2, 4), (1, 4), (3, 4), (2, 3), (2, 5)):
        value[:, 3, row, column] = 9
    expected = module[3:](value)[0].detach()
    assert close(array(network, x, "surgery", "after", edits=edits, node="5"), expected)
    difference = array(network, x, "surgery", "difference", edits=edits, node="5")
    assert close(difference, expected - module(x)[0].detach())


def test_a_kernel_of_a_function_is_edited() -> None:
    module = Functional()
    network = traced(module)
    x, name = noise(network), next(n.name for n in network.nodes.values() if n.operation == "convolution")
    edits = [{"node": name, "unit": 1, "kind": "kernel", "channel": 2, "row": 0, "column": 1, "value": 3.0}]
    edited = copy.deepcopy(module)
    with torch.no_grad():
        edited.first[1, 2, 0, 1] = 3.0
    after = array(network, x, "surgery", "after", edits=edits, node=network.output)
    assert close(after, edited(x)[0].detach())
    assert not close(module(x)[0].detach(), edited(x)[0].detach())


@pytest.mark.parametrize(
    ("edit", "error", "sentence"),
    [
        ({"node": "nowhere"}, UnknownNode, "chain has no node “nowhere”"),
        ({"node": "1", "unit": 6}, UnknownUnit, "1 has no unit 6: its 6 units count from 0 to 5"),
        ({"node": "1", "kind": "kernel"}, AskError, "1 is no convolution or dense layer, so that it has no kernel."),
        ({"node": "5", "kind": "paint"}, AskError, "5 has no maps to paint on: scale its units instead."),
        (
            {"node": "2", "kind": "paint", "row": 8},
            AskError,
            "2 has no row 8, column 0 to change: there are 8 × 8 places",
        ),
        ({"node": "3", "kind": "kernel", "channel": 6}, AskError, "A kernel of 3 reads 6 channels, counted from 0;"),
    ],
)
def test_what_cannot_be_cut(edit: dict, error: type[AskError], sentence: str) -> None:
    network = Network(chain(), (3, 16, 16), name="chain")
    with pytest.raises(error, match=f"^{sentence}") as raised:
        last(network, noise(network), "surgery", edits=[edit])
    assert raised.value.field.startswith("params.edits.0.")


class Layers(nn.Module):
    """A convolution, a stride of two, and an average over everything."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 5, 3, padding=1), nn.Conv2d(5, 5, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = torch.relu(self.second(torch.relu(self.first(x)))).mean((2, 3))
        return logits


def smooth(network: Network) -> Tensor:
    """A blob in the middle of the picture on grey, which no motion takes to the edge."""
    _, rows, columns = network.input_shape
    away = (torch.arange(rows)[:, None] - rows / 2) ** 2 + 2 * (torch.arange(columns) - columns / 2 + 3) ** 2
    return (0.5 + 0.4 * torch.exp(-away / 30)).expand(1, 3, -1, -1).clone()


def measured(motion: str, **params: float) -> dict[str, dict[str, float]]:
    network = Network(seeded(Layers()), (3, 48, 48), name="layers")
    found = last(network, smooth(network), "equivariance", motion=motion, **params)
    return {layer["node"]: layer for layer in found["layers"].values["layers"]}


def test_convolutions_follow_a_shift_and_strides_their_multiples() -> None:
    even, odd = measured("shift", pixels=4), measured("shift", pixels=3)
    assert even["first"]["equivariance"] < 1e-4 and odd["first"]["equivariance"] < 1e-4
    assert even["second"]["equivariance"] < 1e-4 < 1e-3 < odd["second"]["equivariance"]
    assert even["mean"]["equivariance"] is None
    # Nothing but the edge's padding knows where the blob is.
    assert even["mean"]["invariance"] < 1e-3 < 0.01 < even["second"]["invariance"]


def test_no_motion_is_no_error_and_a_turn_is_one() -> None:
    still, turned = measured("rotate", degrees=0), measured("rotate", degrees=30)
    assert all(layer["invariance"] < 1e-4 for layer in still.values())
    assert all(layer["equivariance"] < 1e-4 for layer in still.values() if layer["equivariance"] is not None)
    assert turned["first"]["equivariance"] > 1e-3


@pytest.mark.parametrize(("motion", "params"), [("rotate", {"degrees": 40.0}), ("scale", {"factor": 1.5})])
def test_a_layer_without_direction_follows_any_motion(motion: str, params: dict[str, float]) -> None:
    """Its maps stand on the picture where their middles are: a stride's rows begin at the edge."""
    module = nn.Sequential(nn.Conv2d(3, 2, 1, stride=2), nn.Conv2d(2, 2, 1), nn.Flatten(), nn.Linear(1152, 2))
    network = Network(seeded(module), (3, 48, 48), name="plain")
    told = last(network, smooth(network), "equivariance", motion=motion, **params)["layers"].values["layers"]
    # What is left is that values between places are interpolated.
    assert all(layer["equivariance"] < 0.12 * layer["invariance"] for layer in told[:2])


def test_every_layer_and_the_classes_of_an_operated_network_are_those_of_a_changed_copy() -> None:
    module = chain()
    network, x = Network(module, (3, 16, 16), name="chain"), noise(Network(module, (3, 16, 16)))
    edited = copy.deepcopy(module)
    with torch.no_grad():
        edited[3].weight[2, 5, 1, 0] = 4.0
        edited[0].weight[4], edited[0].bias[4] = 0, 0
    edits = [
        {"node": "3", "unit": 2, "kind": "kernel", "channel": 5, "row": 1, "column": 0, "value": 4.0},
        {"node": "0", "unit": 4},
    ]
    expected, found = x, last(network, x, "operated", edits=edits)
    for name, part in enumerate(edited):
        expected = part(expected)
        assert close(found[str(name)].array, expected[0].detach())
    classes = last(network, x, "operated", edits=edits, wanted="classes")
    assert close(classes["logits"].array, expected[0].detach())
    assert close(last(network, x, "operated")["5"].array, module(x)[0].detach())
