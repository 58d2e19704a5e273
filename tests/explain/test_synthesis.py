"""Dreams, class images, inversions and walls: each gets nearer to what it says it looks for."""

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import models
from app.explain.errors import AskError, UnknownUnit
from app.explain.network import Network
from app.explain.preprocess import tensor
from tests.explain.nets import card, noise, small
from tests.explain.test_attribution import array, last

pytestmark = pytest.mark.usefixtures("one_thread")


@cache
def trained() -> Network:
    known = card("tiny_vgg")
    module = models.create("tiny_vgg", pretrained=True)
    shape, preprocessing = known.preprocessing.input_shape, known.preprocessing
    return Network(module, shape, name=known.id, classes=known.classes, preprocessing=preprocessing)


@pytest.fixture
def photo(shared: Callable[[str], Path]) -> Tensor:
    picture = Image.open(shared("photos/zebra.jpg")).convert("RGB")
    return tensor(picture, card("tiny_vgg").preprocessing)


@pytest.mark.parametrize(("node", "unit"), [("conv_1_1", None), ("relu_2_2", None), ("conv_2_1", 3)])
def test_a_dream_raises_its_layers_norm(node: str, unit: int | None, photo: Tensor) -> None:
    network = trained()
    found = last(network, photo, "deep_dream", node=node, unit=unit, steps=6)["picture"]
    told, picture = found.values, found.array
    assert picture is not None and picture.min() >= 0 and picture.max() <= 1
    assert told["norm"] > 1.1 * told["start"]
    assert len(told["curve"]) == 1 + 6 * told["octave"]["of"] and told["octave"]["of"] > 1
    # What is told is what the network makes of the picture.
    mean, deviation = (
        torch.tensor(v).reshape(3, 1, 1) for v in (network.preprocessing.mean, network.preprocessing.std)
    )
    value = network.values((picture.permute(2, 0, 1)[None] - mean) / deviation, [node])[node]
    value = value if unit is None else value[:, unit]
    assert told["norm"] == pytest.approx(float(value.norm()), rel=1e-4)


def test_a_film_flies_into_the_dream() -> None:
    """Each picture of a film is the one before it, nearer, but for what was dreamed into it."""
    network = trained()
    asked = {"node": "relu_2_2", "steps": 2, "octaves": 1, "jitter": 0}
    still = last(network, noise(network), "deep_dream", **asked)["picture"].array
    film = last(network, noise(network), "deep_dream", film=6, **asked)["film"].array
    assert still is not None and film is not None and film.shape == (6, 64, 64, 3)
    for before, after in itertools.pairwise([still, *film]):
        nearer = torch.from_numpy(zoomed(before))
        change = (after - nearer)[4:-4, 4:-4]
        # One step moves an average pixel by the learning rate, 0.01.
        assert 0.002 < float(change.abs().mean()) < 0.02
    assert "film" not in last(network, noise(network), "deep_dream", **asked)


def zoomed(picture: Tensor) -> np.ndarray:
    """The middle of a picture, 1.04 times as large, by Pillow."""
    left = 32 - 32 / 1.04
    parts = [
        Image.fromarray(channel.numpy(), "F").resize(
            (64, 64), Image.Resampling.BILINEAR, box=(left, left, 64 - left, 64 - left)
        )
        for channel in picture.permute(2, 0, 1)
    ]
    return np.stack([np.asarray(part) for part in parts], 2)


def test_octaves_of_a_layer_that_sees_all() -> None:
    network = trained()
    with pytest.raises(AskError, match=r"^octaves is 2, but output sees the whole input, so that the picture keeps"):
        last(network, noise(network), "deep_dream", node="output", octaves=2)
    told = last(network, noise(network), "deep_dream", node="output", unit=2, steps=2)["picture"].values
    assert told["octave"] == {"number": 1, "of": 1, "height": 64, "width": 64}


def test_early_layers_know_the_picture_better_than_late_ones(photo: Tensor) -> None:
    told = [
        last(trained(), photo, "inversion", node=node, steps=80)["picture"].values
        for node in ("relu_1_1", "max_pool_1", "max_pool_2")
    ]
    assert [part["distance"] for part in told] == sorted(part["distance"] for part in told)
    assert told[0]["distance"] < 0.12
    assert all(part["curve"][-1] < 0.7 * part["curve"][0] for part in told)


def test_a_class_image_is_of_its_class() -> None:
    network = trained()
    found = last(network, None, "class_image", target=6, steps=40)["picture"]
    assert found.values["class"]["probability"] > 0.9
    assert found.values["curve"][-1] == pytest.approx(found.values["class"]["logit"], rel=1e-4)
    with pytest.raises(AskError, match="has no class 10: its 10 classes count from 0 to 9"):
        last(network, None, "class_image", target=10)


def test_a_wall_is_the_max_response_pictures_side_by_side() -> None:
    network = small("resnet18")
    asked = {"node": "layer1.0.conv1", "steps": 3, "size": 32}
    found = last(network, None, "wall", first=60, count=70, **asked)["sheet"]
    told = found.values
    assert told["units"] == [60, 61, 62, 63] and told["columns"] == 2 and told["side"] == 32
    pictures = array(network, None, "max_response", "pictures", units=(60, 61, 62, 63), **asked)
    assert found.array is not None and found.array.shape == (66, 66, 3)
    for picture, (top, left) in zip(pictures, [(0, 0), (0, 34), (34, 0), (34, 34)], strict=True):
        assert torch.equal(found.array[top : top + 32, left : left + 32], picture)
    assert len(told["response"]) == 4
    with pytest.raises(UnknownUnit, match=r"layer1\.0\.conv1 has no unit 64: its 64 units count from 0 to 63"):
        last(network, None, "wall", first=64, **asked)
