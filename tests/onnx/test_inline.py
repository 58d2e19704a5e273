"""A file whose weights are beside it becomes one file, as the onnx package reads both."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from app.onnx.errors import BadOnnx
from app.onnx.importer import read_onnx
from app.onnx.inline import inlined
from app.onnx.limits import Limits
from tests.onnx.comparing import exported


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A network's file with its weights in another; its second constant is inside a node."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 6 * 6, 4))
    model = onnx.load_from_string(exported(net, (3, 8, 8)))
    path = tmp_path / "net.onnx"
    onnx.save_model(
        model, path, save_as_external_data=True, location="net.bin", size_threshold=0, convert_attribute=True
    )
    assert len(path.read_bytes()) < (tmp_path / "net.bin").stat().st_size
    return path


def test_all_weights_are_inside_and_nothing_else_is_changed(beside: Path) -> None:
    made, wanted = onnx.load_from_string(inlined(beside, Limits())), onnx.load(beside)
    pairs = list(zip(made.graph.initializer, wanted.graph.initializer, strict=True))
    assert len(pairs) == 4
    for ours, theirs in pairs:
        assert not ours.external_data
        assert np.array_equal(numpy_helper.to_array(ours), numpy_helper.to_array(theirs))
    for message in (made, wanted):
        for tensor in message.graph.initializer:
            tensor.ClearField("data_location")
    assert made == wanted
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(read_onnx(inlined(beside, Limits())).module(x), read_onnx(beside).module(x))


def test_a_file_that_is_whole_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(exported(nn.Sequential(nn.Conv2d(3, 5, 3)), (3, 8, 8)))
    assert inlined(path, Limits()) == path.read_bytes()


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/passwd", "link.bin", "missing.bin", ""])
def test_paths_that_leave_the_folder_are_refused(beside: Path, location: str) -> None:
    (beside.parent.parent / "secret.bin").write_bytes(bytes(4096))
    (beside.parent / "link.bin").symlink_to(beside.parent.parent / "secret.bin")
    model = onnx.load(beside, load_external_data=False)
    model.graph.initializer[0].external_data[0].value = location
    beside.write_bytes(model.SerializeToString())
    with pytest.raises(BadOnnx, match="no file in the network's folder"):
        inlined(beside, Limits())
