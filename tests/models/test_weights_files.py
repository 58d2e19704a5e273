"""Weights come out of their usual wrappings, into the network that they fit, and nothing in them is run."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from app.explain.preprocess import tensor
from app.store.errors import BadWeights
from app.store.models import ModelStore
from app.train.datasets import read_sheet, read_tiny_part
from models import WeightsMismatch, create, declaration
from models.imagenet import CLASSES
from models.weights_files import load_weights
from tests.explain.test_photographs import SHOWN


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is looked through for weights, and nothing else but what ships."""
    monkeypatch.setenv("CONVSCOPE_WEIGHTS", str(tmp_path))
    return tmp_path


def same(left: nn.Module, right: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(left.parameters(), right.parameters(), strict=True))


def wrapped(name: str, state: dict[str, Tensor]) -> object:
    """What frameworks make of a state dict when they save it."""
    shapes = {
        "plain": state,
        "checkpoint": {"epoch": 3, "state_dict": state, "best": 91.73},
        "parallel": {"state_dict": {f"module.{key}": value for key, value in state.items()}},
        "compiled": {"model": {f"_orig_mod.{key}": value for key, value in state.items()}, "optimizer": {"lr": 1}},
        "trainer": {"state_dict": {f"model.{key}": value for key, value in state.items()}, "hyper_parameters": {}},
        "half": {key: value.half() for key, value in state.items()},
    }
    return shapes[name]


@pytest.mark.parametrize("name", ["plain", "checkpoint", "parallel", "compiled", "trainer"])
def test_wrappings_are_taken_off(name: str, tmp_path: Path) -> None:
    shipped, fresh = create("lenet5", pretrained=True), create("lenet5")
    torch.save(wrapped(name, shipped.state_dict()), tmp_path / "lenet5.pth")
    assert not same(shipped, fresh)
    load_weights(fresh, tmp_path / "lenet5.pth")
    assert same(shipped, fresh)


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    shipped, fresh = create("lenet5", pretrained=True), create("lenet5")
    torch.save(wrapped("half", shipped.state_dict()), tmp_path / "lenet5.pth")
    load_weights(fresh, tmp_path / "lenet5.pth")
    assert same(shipped.half().float(), fresh)
    assert fresh.output.weight.dtype == torch.float32


def test_published_names_are_translated(tmp_path: Path) -> None:
    """DenseNet's file says norm.1 for norm1; GoogLeNet's holds heads that the network has not."""
    dense, fresh = create("densenet121").state_dict(), create("densenet121")
    old = {name.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): value for name, value in dense.items()}
    old = {name: value + 1 for name, value in old.items()}
    assert set(old) != set(dense)
    torch.save(old, tmp_path / "densenet121.pth")
    load_weights(fresh, tmp_path / "densenet121.pth")
    assert all(torch.equal(value, dense[name] + 1) for name, value in fresh.state_dict().items())
    with_heads, without = create("googlenet_auxiliary").state_dict(), create("googlenet")
    torch.save({name: value + 1 for name, value in with_heads.items()}, tmp_path / "googlenet.pth")
    load_weights(without, tmp_path / "googlenet.pth")
    assert torch.equal(without.fc.bias, with_heads["fc.bias"] + 1)
    torch.save(without.state_dict(), tmp_path / "googlenet.pth")
    fresh = create("googlenet_auxiliary")
    with pytest.raises(WeightsMismatch, match=r"aux1\.conv\.conv\.weight is missing"):
        load_weights(fresh, tmp_path / "googlenet.pth")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "is not a state dict"),
        ({}, "is not a state dict"),
        ({"state_dict": {"a": 3}}, "is not a state dict"),
        ({1: torch.zeros(2)}, "is not a state dict"),
        ({"conv1.weight": torch.zeros(3, 3).to_sparse()}, r"conv1\.weight is no plain tensor"),
        ({"conv1.weight": torch.zeros(6, 1, 5, 5, dtype=torch.int8)}, r"conv1\.weight holds int8, not decimal numbers"),
        ({"conv1.weight": torch.zeros(1).expand(10**6, 10**6)}, r"conv1\.weight claims 1,000,000,000,000 values"),
    ],
)
def test_what_is_no_state_dict_is_refused(content: object, sentence: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "lenet5.pth")
    with pytest.raises(WeightsMismatch, match=sentence):
        load_weights(create("lenet5"), tmp_path / "lenet5.pth")


def test_a_checkpoint_inside_itself_ends(tmp_path: Path) -> None:
    loop: dict[str, object] = {}
    loop["model"] = loop
    torch.save(loop, tmp_path / "lenet5.pth")
    with pytest.raises(WeightsMismatch, match="is not a state dict"):
        load_weights(create("lenet5"), tmp_path / "lenet5.pth")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_told(value: float, tmp_path: Path) -> None:
    state = create("lenet5").state_dict()
    state["fc3.bias"][7] = value
    torch.save(state, tmp_path / "lenet5.pth")
    with pytest.raises(WeightsMismatch, match=r"no numbers .*first in fc3\.bias"):
        load_weights(create("lenet5"), tmp_path / "lenet5.pth")


def test_a_compressed_archive_is_not_unpacked(weights: Path) -> None:
    torch.save(create("lenet5").state_dict(), weights / "whole.pth")
    with (
        zipfile.ZipFile(weights / "whole.pth") as whole,
        zipfile.ZipFile(weights / "lenet5.pth", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in whole.namelist():
            bomb.writestr(name, whole.read(name))
        bomb.writestr("archive/data/99", bytes(10**7))
    with pytest.raises(BadWeights, match=r"lenet5\.pth is compressed"):
        ModelStore().network("lenet5")


def test_a_side_file_changes_the_card(weights: Path) -> None:
    torch.save(create("lenet5").state_dict(), weights / "lenet5.pth")
    plain = ModelStore()
    before = plain.weights_id("lenet5")
    assert plain.card("lenet5").training is None, "nobody measured these weights"
    names = [f"figure {i}" for i in range(10)]
    said = {"mean": [0.5], "std": [0.25], "resize": 40, "interpolation": "nearest", "classes": names, "note": "a test"}
    (weights / "lenet5.json").write_text(json.dumps(said), encoding="utf-8")
    store = ModelStore()
    card, network = store.card("lenet5"), store.network("lenet5")
    assert card.preprocessing == network.preprocessing
    assert (card.preprocessing.mean, card.preprocessing.std, card.preprocessing.crop) == ((0.5,), (0.25,), 32)
    assert (card.preprocessing.resize, card.preprocessing.interpolation) == (40, "nearest")
    assert list(card.classes) == list(network.classes) == names
    assert store.weights_id("lenet5") != before


def test_a_side_file_changes_the_size(weights: Path) -> None:
    torch.save(create("cifar_resnet20").state_dict(), weights / "cifar_resnet20.pth")
    (weights / "cifar_resnet20.json").write_text('{"size": 16}', encoding="utf-8")
    network = ModelStore().network("cifar_resnet20")
    assert network.input_shape == (3, 16, 16)
    assert network.preprocessing is not None and network.preprocessing.resize == 16


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{", "EOF"),
        ("[]", "object"),
        ('{"means": [0.5]}', "means"),
        ('{"mean": [0.5, 0.5, 0.5]}', "mean has 3 entries, but the network wants 1"),
        ('{"std": [0]}', "std.0"),
        ('{"mean": [NaN]}', "mean"),
        ('{"mean": "dark"}', "mean"),
        ('{"classes": ["a", "b"]}', "classes has 2 entries, but the network wants 10"),
        ('{"size": 32, "resize": 16}', "resize is 16, but must be at least the size 32"),
        ('{"resize": 16}', "resize is 16, but must be at least the size 32"),
        ('{"size": 10000000}', "size"),
        ('{"size": 64}', "An input of 1×64×64 does not fit"),
    ],
)
def test_a_bad_side_file_is_told(weights: Path, said: str, reason: str) -> None:
    torch.save(create("lenet5").state_dict(), weights / "lenet5.pth")
    (weights / "lenet5.json").write_text(said, encoding="utf-8")
    with pytest.raises(BadWeights) as caught:
        ModelStore().network("lenet5")
    assert "lenet5.json" in caught.value.detail
    assert reason in caught.value.detail


def test_accuracy_is_told_of_the_published_file_alone(weights: Path) -> None:
    plain = declaration("squeezenet1_1")[0]
    assert ModelStore().card("squeezenet1_1") == plain
    (weights / "squeezenet1_1-b8a52dc0.pth").touch()
    assert ModelStore().card("squeezenet1_1").published == plain.published
    (weights / "squeezenet1_1.pth").touch()
    assert ModelStore().card("squeezenet1_1").published is None


def test_side_files_of_shipped_weights_are_reports(weights: Path) -> None:
    """What ships has its training report under the same name; a file without weights beside it says nothing."""
    (weights / "lenet5.json").write_text('{"mean": [0.9]}', encoding="utf-8")
    assert ModelStore().card("lenet5") == declaration("lenet5")[0]


def test_mobilenet_with_its_side_file_knows_the_photographs(
    shared: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVSCOPE_WEIGHTS", str(shared("weights/mobilenet_v2.json").parent))
    network = ModelStore().network("mobilenet_v2")
    assert network.preprocessing is not None and network.preprocessing.mean == (0.5, 0.5, 0.5)
    for name, shown in SHOWN.items():
        picture = ImageOps.exif_transpose(Image.open(shared(f"photos/{name}"))).convert("RGB")
        with torch.inference_mode():
            best = network.logits(tensor(picture, network.preprocessing))[0].topk(5).indices
        assert shown & {CLASSES[i] for i in best.tolist()}, name


def accuracy(module: nn.Module, pictures: Tensor, labels: Tensor) -> float:
    """Percent right of prepared pictures, N×C×H×W."""
    with torch.inference_mode():
        found = torch.cat([module.eval()(part).argmax(1) for part in pictures.split(250)])
    return 100 * float((found == labels).float().mean())


def test_the_published_cifar_resnet20(shared: Callable[[str], Path]) -> None:
    """91.73 % of all 10,000; the first thousand are within chance of it."""
    folder, module = shared("data/cifar10"), create("cifar_resnet20")
    load_weights(module, shared("weights/cifar_resnet20-akamaster.th"))
    labels = torch.from_numpy(np.load(folder / "labels.npz")["test"][:1000].astype(np.int64))
    # Its weights were trained with ImageNet's mean and deviation, as those of its larger siblings.
    preprocessing = declaration("cifar_resnet32")[0].preprocessing
    mean, std = (torch.tensor(numbers)[:, None, None] for numbers in (preprocessing.mean, preprocessing.std))
    pictures = (read_sheet(folder / "test_00.webp") / 255 - mean) / std
    assert accuracy(module, pictures, labels) == pytest.approx(91.73, abs=1.5)


def test_the_published_tiny_vgg(shared: Callable[[str], Path]) -> None:
    pictures, labels = read_tiny_part(shared("data/tiny-imagenet-10"), "val")
    module = create("tiny_vgg")
    load_weights(module, shared("weights/tiny_vgg-cnn_explainer.pth"))
    assert accuracy(module, pictures / 255, labels) == pytest.approx(68.8)
