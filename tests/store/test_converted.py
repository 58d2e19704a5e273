"""Local weights are read once, kept as safetensors in the server's own folder, and mapped into memory from there."""

import os
import threading
from pathlib import Path
from unittest import mock

import pytest
import torch
from safetensors.torch import load_file

from app.store.converted import Converted
from app.store.models import ModelStore
from models import WeightsMismatch, create

MODEL = "squeezenet1_1"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that nobody may write to, with weights as torch saves them."""
    folder = tmp_path / "weights"
    folder.mkdir()
    torch.save(create(MODEL).state_dict(), folder / f"{MODEL}.pth")
    folder.chmod(0o555)
    monkeypatch.setenv("CONVSCOPE_WEIGHTS", str(folder))
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_read_once_and_mapped_from_then_on(weights: Path, tmp_path: Path) -> None:
    first = ModelStore(converted=tmp_path / "converted")
    plain = ModelStore()
    assert first.weights_id(MODEL) == plain.weights_id(MODEL)
    assert len(files(tmp_path / "converted")) == 1
    assert files(weights) == [f"{MODEL}.pth"]
    with mock.patch("app.store.converted.fitting_state", side_effect=AssertionError("it was read again")):
        second = ModelStore(converted=tmp_path / "converted")
        network = second.network(MODEL)
    assert second.weights_id(MODEL) == plain.weights_id(MODEL)
    x = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    assert torch.equal(network.logits(x), plain.network(MODEL).logits(x))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Only Linux tells what is mapped.")
def test_its_memory_is_the_files(weights: Path, tmp_path: Path) -> None:
    module, _ = Converted(tmp_path / "converted").module(MODEL, weights / f"{MODEL}.pth")
    (name,) = files(tmp_path / "converted")
    mapped = [
        tuple(int(end, 16) for end in line.split()[0].split("-"))
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        if line.endswith(name)
    ]
    assert mapped
    for value in module.parameters():
        assert any(begin <= value.data_ptr() < end for begin, end in mapped)


def test_a_changed_file_is_converted_anew_and_the_stale_one_removed(weights: Path, tmp_path: Path) -> None:
    path = weights / f"{MODEL}.pth"
    converted = Converted(tmp_path / "converted")
    _, before = converted.module(MODEL, path)
    stale = files(converted.folder)
    state = create(MODEL).state_dict()
    state["classifier.1.bias"] += 1
    torch.save(state, path)
    module, after = converted.module(MODEL, path)
    assert before != after
    assert torch.equal(module.state_dict()["classifier.1.bias"], state["classifier.1.bias"])
    assert len(files(converted.folder)) == 1
    assert files(converted.folder) != stale


def test_a_file_of_the_same_size_and_another_time_is_looked_at_again(weights: Path, tmp_path: Path) -> None:
    path = weights / f"{MODEL}.pth"
    converted = Converted(tmp_path / "converted")
    converted.module(MODEL, path)
    os.utime(path, ns=(1, 1))
    again = mock.patch("app.store.converted.fitting_state", side_effect=WeightsMismatch("read again"))
    with again, pytest.raises(WeightsMismatch, match="read again"):
        converted.module(MODEL, path)


def test_what_was_cut_is_made_anew(weights: Path, tmp_path: Path) -> None:
    converted = Converted(tmp_path / "converted")
    converted.module(MODEL, weights / f"{MODEL}.pth")
    (name,) = files(converted.folder)
    kept = converted.folder / name
    kept.write_bytes(kept.read_bytes()[:-1000])
    module, _ = converted.module(MODEL, weights / f"{MODEL}.pth")
    assert set(load_file(kept)) == set(module.state_dict())


def test_without_room_it_works_from_memory(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("no folder")
    module, _ = Converted(tmp_path / "full").module(MODEL, weights / f"{MODEL}.pth")
    assert all(not value.is_meta for value in module.state_dict().values())
    converted = Converted(tmp_path / "converted")
    with mock.patch("os.replace", side_effect=OSError(28, "No space left on device")):
        converted.module(MODEL, weights / f"{MODEL}.pth")
    assert files(converted.folder) == []


def test_two_servers_at_once_keep_one_whole_file(weights: Path, tmp_path: Path) -> None:
    found: list[str] = []

    def build() -> None:
        found.append(ModelStore(converted=tmp_path / "converted").weights_id(MODEL))

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert len(files(tmp_path / "converted")) == 1


def test_another_networks_weights_leave_nothing(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatch, match="does not fit"):
        Converted(tmp_path / "converted").module("lenet5", weights / f"{MODEL}.pth")
    assert not (tmp_path / "converted").exists()
