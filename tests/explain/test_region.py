"""What a region does: held against the module itself, with the region painted over by hand."""

import pytest
import torch
from torch import Tensor, nn

import models
from app.explain.errors import AskError
from app.explain.network import Network
from tests.explain.nets import noise, small
from tests.explain.test_attribution import last, real

__all__ = ["real"]

pytestmark = pytest.mark.usefixtures("one_thread")


def test_it_is_what_the_module_loses_when_the_region_is_painted_over() -> None:
    network = small("resnet18")
    module, x = models.create("resnet18").eval(), noise(network)
    kept: list[Tensor] = []
    module.layer2.register_forward_hook(lambda _module, _inputs, output: kept.append(output[0]))
    hidden, alone = x.clone(), torch.zeros_like(x)
    hidden[:, :, 10:26, 30:46] = 0
    alone[:, :, 10:26, 30:46] = x[:, :, 10:26, 30:46]
    with torch.no_grad():
        plain, without, only = (module(picture)[0] for picture in (x, hidden, alone))
    frame = last(
        network, x, "region", row=18, column=38, size=16, target=4, node="layer2.1.relu.1", units=5, fill="mean"
    )["change"]
    told = frame.values
    assert told["box"] == {"top": 10, "left": 30, "bottom": 26, "right": 46}
    assert told["loss"] == pytest.approx(float(plain[4] - without[4]), abs=1e-4)
    assert told["hidden"]["logit"] == pytest.approx(float(without[4]), abs=1e-4)
    assert told["alone"]["logit"] == pytest.approx(float(only[4]), abs=1e-4)
    assert told["alone"]["top"][0]["index"] == int(only.argmax())
    change = kept[0] - kept[1]
    distances = change.flatten(1).norm(dim=1)
    assert [unit["unit"] for unit in told["units"]] == distances.argsort(descending=True)[:5].tolist()
    assert frame.array is not None
    for index, unit in enumerate(told["units"]):
        assert torch.allclose(frame.array[index], change[unit["unit"]], atol=1e-4)
        assert unit["distance"] == pytest.approx(float(distances[unit["unit"]]), rel=1e-3)


def test_hiding_all_of_the_picture_leaves_nothing_of_it() -> None:
    network = small("resnet18")
    x = noise(network)
    told = last(network, x, "region", size=64)["change"].values
    alike = last(network, torch.zeros_like(x), "classify", k=1)["logits"].array
    assert alike is not None
    assert told["hidden"]["logit"] == pytest.approx(float(alike[told["class"]["index"]]), abs=1e-4)
    assert told["alone"]["logit"] == pytest.approx(told["class"]["logit"], abs=1e-4)


@pytest.mark.parametrize(("row", "box"), [(0, (0, 16)), (63, (48, 64)), (None, (24, 40))])
def test_it_stays_within_the_picture(row: int | None, box: tuple[int, int]) -> None:
    network = small("resnet18")
    told = last(network, noise(network), "region", row=row)["change"].values["box"]
    assert (told["top"], told["bottom"]) == box


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"row": 64}, "^row is 64, but the network's input has 64 rows, which count from 0 to 63\\.$"),
        ({"column": 99}, "^column is 99, but the network's input has 64 columns"),
        ({"size": 65}, "^size is 65 pixels, but the network's input has 64 × 64: at most 64 is right\\.$"),
        ({"target": 1000}, "has no class 1000"),
        ({"node": "fc"}, "no rows and columns"),
    ],
)
def test_places_that_are_not_there(params: dict[str, object], message: str) -> None:
    network = small("resnet18")
    with pytest.raises(AskError, match=message):
        last(network, noise(network), "region", **params)


def test_the_zebras_stripes_make_the_zebra(real: tuple[nn.Module, Network, Tensor]) -> None:
    """The region that occlusion calls strongest costs the class more than a corner of the picture does."""
    _, network, x = real
    box = last(network, x, "occlusion", stride=32)["map"].values["strongest"]
    middle = {"row": box["top"] + 16, "column": box["left"] + 16}
    there = last(network, x, "region", size=32, **middle)["change"].values
    assert there["loss"] == pytest.approx(box["loss"], abs=1e-3)
    corner = last(network, x, "region", size=32, row=0, column=0)["change"].values
    assert there["loss"] > corner["loss"]
