"""A published network on real photographs: what they show is among its five most probable classes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

import models
from app.explain.method import methods
from app.explain.network import Network
from app.explain.preprocess import tensor
from tests.explain.nets import card

SHOWN = {
    "african_elephants.jpg": {"African elephant", "tusker"},
    "cat_chelsea.png": {"Egyptian cat", "tabby", "tiger cat"},
    "dog_cat_both.png": {"boxer", "bull mastiff"},
    "espresso_coffee.png": {"espresso"},
    "macaw.jpg": {"macaw"},
    "rocket.jpg": {"missile", "projectile"},
    "samoyed_dog.jpg": {"Samoyed"},
    "zebra.jpg": {"zebra"},
}


@pytest.fixture(scope="module")
def squeezenet(shared: Callable[[str], Path]) -> Network:
    known = card("squeezenet1_1")
    module = models.create("squeezenet1_1", pretrained=True, folders=[shared("weights/squeezenet1_1.pth").parent])
    return Network(module, known.preprocessing.input_shape, name=known.id, classes=known.classes)


@pytest.mark.parametrize("name", SHOWN)
def test_top_five(name: str, squeezenet: Network, shared: Callable[[str], Path]) -> None:
    picture = ImageOps.exif_transpose(Image.open(shared(f"photos/{name}"))).convert("RGB")
    method = methods()["classify"]
    frames = list(method.run(squeezenet, tensor(picture, card("squeezenet1_1").preprocessing), method.params(k=5)))
    assert SHOWN[name] & {row["label"] for row in frames[0].values["top"]}
