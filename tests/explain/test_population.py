"""Whole data sets: counts and patches equal to what is found picture by picture."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import models
from app.explain.ascent.climb import denormalised
from app.explain.errors import AskError, UnknownUnit
from app.explain.network import Network
from app.explain.population.pictures import DataParams, pictures, shapes
from tests.explain.nets import card, noise
from tests.explain.test_attribution import last
from tests.train.test_labelled import TWO, packed, picture, unpacked

pytestmark = pytest.mark.usefixtures("one_thread")

NODE = "relu_1_2"


@pytest.fixture(scope="module")
def network() -> Network:
    known = card("tiny_vgg")
    module = models.create("tiny_vgg", pretrained=True)
    return Network(module, known.preprocessing.input_shape, name=known.id, preprocessing=known.preprocessing)


@pytest.fixture(scope="module")
def one_by_one(network: Network) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, a layer's values and classes of twenty pictures."""
    found = list(shapes(20, 1).batches(network, 1))
    inputs = torch.cat([x for x, _ in found])
    values = torch.cat([network.values(x, [NODE])[NODE] for x in inputs[:, None]])
    return inputs, values, torch.cat([label for _, label in found])


def test_counts_are_those_of_single_pictures(network: Network, one_by_one: tuple[Tensor, Tensor, Tensor]) -> None:
    inputs, values, labels = one_by_one
    found = last(network, inputs[:1], "population", node=NODE, samples=20, bins=10)["histogram"]
    told, flat = found.values, values.transpose(0, 1).flatten(1).double()
    assert told["pictures"] == 20
    assert told["mean"] == pytest.approx(flat.mean(1).tolist(), rel=1e-4)
    assert told["variance"] == pytest.approx(flat.var(1, correction=0).tolist(), rel=1e-4)
    assert told["zeros"] == pytest.approx((flat == 0).double().mean(1).tolist(), rel=1e-3)
    assert told["greatest"] == pytest.approx(flat.amax(1).tolist(), rel=1e-5)
    assert told["dead"] == [unit for unit in range(len(flat)) if not flat[unit].any()]
    assert told["here"] == pytest.approx(values[0].double().mean((1, 2)).tolist(), rel=1e-4, abs=1e-7)
    assert found.array is not None
    for unit in range(len(flat)):
        counts, _ = np.histogram(flat[unit].numpy(), np.array(told["edges"]))
        assert np.abs(counts - found.array[unit].numpy()).sum() <= 4
        means = [float(values[labels == label][:, unit].double().mean()) for label in range(4)]
        best = max(range(4), key=means.__getitem__)
        rest = (sum(means) - means[best]) / 3
        if means[best] + rest > 1e-6:
            assert told["class"][unit] == best
            assert told["selectivity"][unit] == pytest.approx((means[best] - rest) / (means[best] + rest), rel=1e-3)


def test_patches_are_the_fields_of_the_strongest_values(
    network: Network, one_by_one: tuple[Tensor, Tensor, Tensor]
) -> None:
    inputs, values, _ = one_by_one
    found = last(network, None, "top_patches", node=NODE, samples=20, first=2, count=4, k=3)["patches"]
    told, node = found.values, network.nodes[NODE]
    assert told["units"] == [2, 3, 4, 5]
    assert found.array is not None and found.array.shape == (4, 3, *node.receptive_field.size, 3)
    for place, unit in enumerate(told["units"]):
        best = values[:, unit].flatten(1).amax(1).sort(descending=True)
        assert told["response"][place] == pytest.approx(best.values[:3].tolist(), rel=1e-4)
        for rank in range(3):
            picture, row, column = (told[name][place][rank] for name in ("picture", "row", "column"))
            assert float(values[picture, unit, row, column]) == pytest.approx(told["response"][place][rank], rel=1e-4)
            top, left, bottom, right = node.receptive_field.box(row, column)
            seen = denormalised(network, inputs[picture : picture + 1])[0]
            if top >= 0 and left >= 0 and bottom < 64 and right < 64:
                expected = seen[:, top : bottom + 1, left : right + 1].permute(1, 2, 0)
                assert torch.allclose(found.array[place, rank], expected, atol=1e-5)


def test_patches_of_a_layer_that_sees_all_are_whole_pictures(network: Network) -> None:
    found = last(network, None, "top_patches", node="output", samples=8, count=2, k=2)["patches"]
    assert found.array is not None and found.array.shape == (2, 2, 64, 64, 3)
    with pytest.raises(UnknownUnit, match="output has no unit 10: its 10 units count from 0 to 9"):
        last(network, None, "top_patches", node="output", first=10)


def test_a_data_set_is_read_from_its_folder(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    pixels = torch.randint(0, 256, (5, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    for part in ("train", "t10k"):
        for name, array in (("images-idx3", pixels.numpy()), ("labels-idx1", np.arange(5, dtype=np.uint8))):
            header = struct.pack(">I", 0x0800 + array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path))
    found = pictures(DataParams(data="mnist", samples=3))
    assert torch.equal(found.images[:, 0, 2:30, 2:30], pixels[:3]) and found.labels.tolist() == [0, 1, 2]
    told = last(network, None, "population", node=NODE, data="mnist", samples=3)["histogram"].values
    assert told["pictures"] == 3


def test_ones_own_folder_or_zip(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path / "pets.zip", TWO)
    packed(tmp_path / "cats.zip", {"cat/1.png": picture()})
    unpacked(tmp_path / "my pets", TWO)
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path))
    for own in ("pets.zip", "my pets"):
        found = pictures(DataParams(own=own, part="train"))
        assert found.classes == ("cat", "dog") and found.labels.tolist() == [0] * 4 + [1] * 4
        told = last(network, None, "population", node=NODE, own=own)["histogram"].values
        assert told["pictures"] == 2 and told["class"]
    with pytest.raises(AskError, match=r"cats\.zip holds only one class with pictures, “cat”"):
        pictures(DataParams(own="cats.zip"))
    with pytest.raises(AskError, match=r"“birds” is not there: .* has no folder of this name"):
        pictures(DataParams(own="birds"))
    for hostile in ("../shared", "/etc", ".ssh", "a/b", ""):
        with pytest.raises(ValueError, match="String should match pattern"):
            DataParams(own=hostile)


def test_a_data_set_that_is_not_there(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)
    with pytest.raises(AskError, match=r"^The data set “cifar10” is not there: CONVSCOPE_DATA names no folder\."):
        last(network, noise(network), "population", node=NODE, data="cifar10")
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path))
    with pytest.raises(AskError, match=r"^The data set “mnist” is not there: .* has no folder of this name\."):
        last(network, None, "top_patches", node=NODE, data="mnist")
