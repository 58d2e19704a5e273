"""Files that nobody should have brought: each gets a sentence; none runs, fills the memory or leaves a trace."""

import io
import json
import os
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import helper
from safetensors.torch import save
from torch import Tensor, nn

from app.explain.errors import AskError
from app.onnx.limits import Limits
from app.store.blobs import FolderBlobs
from app.store.database import Database
from app.store.door import Door
from app.store.own import OwnModels
from app.store.wishes import read_wishes
from models import create
from tests.onnx.comparing import exported
from tests.onnx.single import model, random, single

CANARY = "canary"


class Runs:
    """Unpickled with all of pickle's powers, it writes a file."""

    def __init__(self, function: Callable[..., Any] = os.system, argument: str = f"touch {CANARY}") -> None:
        self.call = (function, (argument,))

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def state(**changes: Any) -> dict[str, Any]:
    """LeNet-5's weights with some changed, or left out where they are None."""
    whole = {**create("lenet5").state_dict(), **changes}
    return {name: value for name, value in whole.items() if value is not None}


def torched(content: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def deflated(data: bytes) -> bytes:
    """The same archive, compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return buffer.getvalue()


def scripted() -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Sequential(nn.Conv2d(3, 2, 3))), buffer)
    return buffer.getvalue()


def tensors(header: dict[str, Any], data: bytes = b"") -> bytes:
    """A safetensors file of any header."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[int], begin: int, end: int, kind: str = "F32") -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def twice() -> bytes:
    text = b'{"output.bias":%s,"output.bias":%s}' % ((json.dumps(entry([1], 0, 4)).encode(),) * 2)
    return struct.pack("<Q", len(text)) + text + bytes(4)


def small(shape: tuple[int, int, int] = (3, 8, 8)) -> bytes:
    return exported(nn.Sequential(nn.Conv2d(shape[0], 4, 3), nn.Flatten(), nn.Linear(144, 5)), shape)


def nan_weights() -> bytes:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 5))
    with torch.no_grad():
        module[0].weight[0, 0, 0, 0] = float("nan")
    return exported(module, (3, 8, 8))


WHOLE = torched(state())
ONNX = model([helper.make_node("Flatten", ["x"], ["y"])], (1, 3, 8, 8), 13)
VAST: Tensor = torch.zeros(1).as_strided((1_000_000,) * 2, (0, 0))

HOSTILE: dict[str, tuple[str, bytes, str, str]] = {
    "a pickle that runs a command": ("a.pth", torched({"a": Runs()}), "unsafe_model", "system"),
    "a bare pickle that runs a command": ("a.pt", pickle.dumps({"a": Runs()}, 2), "unsafe_model", "system"),
    "an old archive that runs a command": (
        "a.pth", torched({"a": Runs()}, _use_new_zipfile_serialization=False), "unsafe_model", "system",
    ),
    "a pickle that evaluates": ("a.bin", torched(Runs(eval, "1/0")), "unsafe_model", "eval"),
    "one beside good weights": ("a.ckpt", torched({"model": state(), "hook": Runs()}), "unsafe_model", "system"),
    "a whole network": ("a.pth", torched(create("lenet5")), "unsafe_model", "state_dict()"),
    "a program": ("a.pt", scripted(), "unsafe_model", "TorchScript"),
    "an empty file": ("a.pth", b"", "bad_weights", "cannot be read as weights"),
    "random bytes": ("a.pth", os.urandom(4096), "bad_weights", "cannot be read as weights"),
    "half a file": ("a.pth", WHOLE[: len(WHOLE) // 2], "bad_weights", "cannot be read as weights"),
    "a zip bomb": ("a.pth", deflated(torched(state(output=torch.zeros(10_000_000)))), "bad_weights", "compressed"),
    "an empty table": ("a.pt", torched({}), "bad_weights", "not a state dict"),
    "a list": ("a.pth", torched([1, 2]), "bad_weights", "not a state dict"),
    "a table of numbers": ("a.pth", torched({"a": 1}), "bad_weights", "not a state dict"),
    "a tensor of 10¹² values": ("a.pth", torched(state(extra=VAST)), "bad_weights", "claims 1,000,000,000,000 values"),
    "a sparse tensor": ("a.pth", torched(state(extra=torch.eye(3).to_sparse())), "bad_weights", "no plain tensor"),
    "whole numbers": (
        "a.pth", torched(state(**{"output.bias": torch.zeros(10, dtype=torch.int8)})), "bad_model", "fits none",
    ),
    "values that are none": (
        "a.pth", torched(state(**{"output.bias": torch.full((10,), torch.nan)})), "bad_weights", "no numbers",
    ),
    "values without end": (
        "a.safetensors", save(state(**{"output.bias": torch.full((10,), torch.inf)})), "bad_weights", "no numbers",
    ),
    "names of nothing": ("a.pth", torched({"<img src=x onerror=alert(1)>": torch.zeros(3)}), "bad_model", "fits"),
    "a name of 10 KB": ("a.pth", torched(state(**{"x" * 10_000: torch.zeros(1)})), "bad_model", "fits none"),
    "a header of 2⁶⁰ bytes": ("a.safetensors", struct.pack("<Q", 1 << 60), "bad_weights", "cannot be read"),
    "a header that is cut": ("a.safetensors", struct.pack("<Q", 99) + b"{", "bad_weights", "cannot be read"),
    "a header that is no JSON": ("a.safetensors", struct.pack("<Q", 4) + b"nope", "bad_weights", "cannot be read"),
    "a header of 50,000 brackets": (
        "a.safetensors", struct.pack("<Q", 50_000) + b"[" * 50_000, "bad_weights", "cannot be read",
    ),
    "tensors that overlap": (
        "a.safetensors", tensors({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)), "bad_weights", "cannot",
    ),
    "sizes that overflow": (
        "a.safetensors", tensors({"a": entry([1 << 33, 1 << 33], 0, 8)}, bytes(8)), "bad_weights", "cannot be read",
    ),
    "bytes behind the end": ("a.safetensors", tensors({"a": entry([1], 0, 4)}, bytes(64)), "bad_weights", "cannot be"),
    "a name twice": ("a.safetensors", twice(), "bad_weights", "stands in it twice"),
    "no name at all": ("", ONNX, "bad_model", "neither an ONNX file"),
    "another ending": ("../../etc/passwd.exe", ONNX, "bad_model", "passwd.exe is neither"),
    "an ending in a long name": ("x" * 4000 + ".\x00onnx", ONNX, "bad_model", "neither"),
    "no ONNX": ("a.onnx", b"\x89PNG\r\n\x1a\n", "bad_onnx", "ONNX file"),
    "half an ONNX file": ("a.onnx", ONNX[:-20], "bad_onnx", "ONNX file"),
    "NaN in an ONNX file": ("a.onnx", nan_weights(), "bad_onnx", "not finite"),
    "maps for an answer": ("a.onnx", single("Conv", (1, 3, 8, 8), random(4, 3, 3, 3)), "bad_model", "ends in 4×6×6"),
    "a strip for a picture": (
        "a.onnx", model([helper.make_node("Flatten", ["x"], ["y"])], (1, 3, 8, 16), 13), "bad_model", "squares",
    ),
    "a cycle": (
        "a.onnx",
        model([helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])], (1, 3, 8, 8), 13,
              outputs=["b"]),
        "bad_onnx", "without cycles",
    ),
    "a convolution beyond all measure": (
        "a.onnx", single("Conv", (1, 3, 4096, 4096), random(512, 3, 3, 3), pads=[1] * 4), "bad_onnx", "One pass takes",
    ),
}  # fmt: skip


@pytest.fixture
def door(tmp_path: Path, database: Database) -> Door:
    limits = Limits(file_bytes=64 << 20, memory_bytes=256 << 20, macs=2_000_000_000)
    return Door(OwnModels(database, FolderBlobs(tmp_path / "blobs")), limits)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_gets_its_sentence(
    case: str, door: Door, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, data, code, sentence = HOSTILE[case]
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "upload").write_bytes(data)
    before = most_memory()
    with pytest.raises(AskError) as caught:
        door.admit(folder / "upload", name, read_wishes({}))
    assert (caught.value.code, sentence in caught.value.detail) == (code, True), caught.value.detail
    assert caught.value.detail.endswith(".") and len(caught.value.detail) < 1500
    assert not (tmp_path / CANARY).exists()
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert OwnModels(database, FolderBlobs(tmp_path / "blobs")).all() == []
    # torch itself loads more of its own at its first use.
    assert most_memory() - before < 256 << 20


def test_a_size_beyond_the_limits_is_refused_before_anything_is_computed(door: Door, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(save(dict(create("squeezenet1_1").state_dict())))
    with pytest.raises(AskError, match="One pass takes"):
        door.admit(tmp_path / "upload", "net.safetensors", read_wishes({"size": "4096"}))


def test_names_in_a_file_are_shown_and_do_nothing(door: Door, tmp_path: Path) -> None:
    proto = onnx.load_from_string(small())
    for node, name in zip(proto.graph.node, ("<img src=x onerror=alert(1)>", "../../x", "/etc/passwd"), strict=False):
        node.name = name
    (tmp_path / "upload").write_bytes(proto.SerializeToString())
    card, new = door.admit(tmp_path / "upload", "C:\\nets\\<b>\u202e.onnx", read_wishes({}))
    assert new and card.title == "<b>�" and card.id.startswith("b-")
    assert [path.suffix for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [".onnx"]


def most_memory() -> int:
    """The most bytes that this process ever had, torch's among them; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
