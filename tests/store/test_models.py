"""Networks are built once, say whose weights they have, and refuse files that are none."""

import shutil
import threading
from pathlib import Path

import pytest
import torch

from app.store.errors import BadWeights
from app.store.models import ModelStore
from models import UnknownModel, cards, create, declaration
from models.registry import SHIPPED_WEIGHTS


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is looked through for weights, and nothing else but what ships."""
    monkeypatch.setenv("CONVSCOPE_WEIGHTS", str(tmp_path))
    return tmp_path


def test_threads_share_one_network() -> None:
    store, found = ModelStore(), []
    threads = [threading.Thread(target=lambda: found.append(store.network("lenet5"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(network) for network in found}) == 1
    assert store.is_built("lenet5")
    assert not store.is_built("tiny_vgg")


def test_it_says_where_weights_come_from(weights: Path) -> None:
    store = ModelStore()
    assert store.weights(declaration("lenet5")[0]) == "shipped"
    assert store.weights(declaration("resnet18")[0]) == "random"
    torch.save(create("squeezenet1_1").state_dict(), weights / "squeezenet1_1.pth")
    assert store.weights(declaration("squeezenet1_1")[0]) == "local"


def test_random_weights_are_the_same_every_time(weights: Path) -> None:
    first, second = ModelStore(), ModelStore()
    assert first.weights_id("squeezenet1_1") == second.weights_id("squeezenet1_1")
    pairs = zip(
        first.network("squeezenet1_1").module.parameters(),
        second.network("squeezenet1_1").module.parameters(),
        strict=True,
    )
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_single_other_weight_is_another_identity(weights: Path) -> None:
    shipped = ModelStore().weights_id("lenet5")
    state = create("lenet5", pretrained=True).state_dict()
    state["output.bias"][3] += 1e-3
    torch.save(state, weights / "lenet5.pth")
    changed = ModelStore()
    assert changed.weights_id("lenet5") != shipped
    assert torch.equal(changed.network("lenet5").module.state_dict()["output.bias"], state["output.bias"])


def test_identities_differ_between_networks() -> None:
    store = ModelStore()
    assert len({store.weights_id(name) for name in ("lenet5", "tiny_vgg")}) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 and so on", (1 << 60).to_bytes(8, "little")])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_broken_files_are_refused_with_a_sentence(weights: Path, content: bytes, suffix: str) -> None:
    (weights / f"lenet5.{suffix}").write_bytes(content)
    with pytest.raises(BadWeights) as caught:
        ModelStore().network("lenet5")
    assert caught.value.detail.startswith(f"lenet5.{suffix} cannot be read as weights: it must be")


def test_a_truncated_file_is_refused(weights: Path) -> None:
    data = (SHIPPED_WEIGHTS / "lenet5.safetensors").read_bytes()
    (weights / "lenet5.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadWeights):
        ModelStore().network("lenet5")


def test_another_networks_weights_are_refused(weights: Path) -> None:
    shutil.copy(SHIPPED_WEIGHTS / "tiny_vgg.safetensors", weights / "lenet5.safetensors")
    with pytest.raises(BadWeights, match="does not fit"):
        ModelStore().network("lenet5")


def test_a_pickle_with_code_is_not_run(weights: Path) -> None:
    import pickle

    canary = weights / "canary"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (canary,)

    (weights / "lenet5.pth").write_bytes(pickle.dumps({"a": Evil()}))
    with pytest.raises(BadWeights):
        ModelStore().network("lenet5")
    assert not canary.exists()


def test_every_card_can_be_told_without_building_anything() -> None:
    store = ModelStore()
    assert {store.weights(card) for card in cards()} <= {"shipped", "local", "random"}
    assert not any(store.is_built(card.id) for card in cards())


def test_unknown_networks_are_unknown() -> None:
    with pytest.raises(UnknownModel, match="There is no network called “nothing”"):
        ModelStore().network("nothing")
