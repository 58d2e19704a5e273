"""Faithfulness: its curves by hand, true attributions that beat a random order, and maps that say nothing."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

import models
from app.explain.errors import AskError
from app.explain.network import Network
from app.explain.perturbation.cells import Cells
from app.explain.preprocess import tensor
from tests.explain.nets import card, noise, seeded
from tests.explain.test_attribution import Once, array, last

pytestmark = pytest.mark.usefixtures("one_thread")


def test_curves_by_hand() -> None:
    """Piece by piece, each picture made and classified on its own."""
    module = seeded(Once())
    network = Network(module, (3, 8, 8), name="once")
    x = noise(network)

    def probability(picture: Tensor) -> float:
        return float(module(picture).softmax(1)[0, 1].detach())

    found = last(network, x, "faithfulness", attributions=("saliency",), cells=2, steps=4, target=1)
    told = found["deletion"].values
    map_ = array(network, x, "saliency", "map", target=1)
    boxes = [(slice(r, r + 4), slice(c, c + 4)) for r in (0, 4) for c in (0, 4)]
    order = sorted(range(4), key=lambda i: -float(map_[boxes[i]].mean()))
    for name in ("deletion", "insertion"):
        picture, other = (x, torch.zeros_like(x)) if name == "deletion" else (torch.zeros_like(x), x)
        expected = [probability(picture)]
        picture = picture.clone()
        for piece in order:
            rows, columns = boxes[piece]
            picture[..., rows, columns] = other[..., rows, columns]
            expected.append(probability(picture))
        assert told["curves"]["saliency"][name] == pytest.approx(expected, rel=1e-4)
        area = sum((a + b) / 8 for a, b in itertools.pairwise(expected))
        assert told["curves"]["saliency"][f"{name}_area"] == pytest.approx(area, rel=1e-4)
        assert found[name].array is not None and found[name].array.shape == (2, 5)
    assert told["shares"] == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(("height", "width", "wanted"), [(8, 8, 3), (5, 9, 7), (3, 3, 14)])
def test_pieces_cover_the_picture(height: int, width: int, wanted: int) -> None:
    cells = Cells(height, width, wanted)
    assert set(cells.of_pixel.flatten().tolist()) == set(range(cells.count))
    masks = cells.masks(torch.randperm(cells.count), list(range(cells.count + 1)))
    assert not masks[0].any() and masks[-1].all()
    assert all(bool((later >= earlier).all()) for earlier, later in itertools.pairwise(masks))


def test_attributions_beat_a_random_order(shared: Callable[[str], Path]) -> None:
    known = card("squeezenet1_1")
    module = models.create("squeezenet1_1", pretrained=True, folders=[shared("weights/squeezenet1_1.pth").parent])
    network = Network(module, known.preprocessing.input_shape, preprocessing=known.preprocessing)
    picture = ImageOps.exif_transpose(Image.open(shared("photos/zebra.jpg"))).convert("RGB")
    asked = {"attributions": ("grad_cam", "lrp"), "steps": 5, "cells": 7, "random": 2}
    curves = last(network, tensor(picture, known.preprocessing), "faithfulness", **asked)["deletion"].values["curves"]
    baseline = curves.pop("random")
    assert len(curves) == 2
    assert all(curve["deletion_area"] < baseline["deletion_area"] for curve in curves.values())
    assert curves["grad_cam"]["insertion_area"] > baseline["insertion_area"]


def test_a_map_that_says_nothing_is_called_so() -> None:
    module = Once()
    nn.init.zeros_(module.dense.weight)
    network = Network(module, (3, 8, 8), name="once")
    found = last(network, noise(network), "faithfulness", attributions=("saliency",), steps=2)
    told = found["deletion"].values["curves"]["saliency"]
    assert told["map"] == "flat" and told["reason"].startswith("Every pixel has the same value")
    assert "deletion" not in told
    lines = found["deletion"].array
    assert lines is not None and lines[0].isnan().all() and lines[1].isfinite().all()


def test_an_attribution_that_is_impossible_says_why() -> None:
    class NoMaps(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean((2, 3))

    network = Network(NoMaps(), (3, 1, 1), name="none")
    told = last(network, noise(network), "faithfulness", attributions=("grad_cam",), cells=2)["deletion"].values
    assert told["curves"]["grad_cam"]["map"] == "impossible"
    assert told["curves"]["grad_cam"]["reason"].startswith("No layer of none has maps")


def test_a_missing_attribution() -> None:
    network = Network(seeded(Once()), (3, 8, 8), name="once")
    with pytest.raises(AskError, match=r"^There is no attribution “classify”\. The attributions are: ablation_cam, "):
        last(network, noise(network), "faithfulness", attributions=("classify",))
