"""An array of a method as a binary frame tells all that is needed to read it."""

import numpy as np
import pytest
import torch

from app.explain.method import Frame
from app.render.carry import carry
from app.render.frames import decode_frame
from app.render.quantise import dequantise


@pytest.fixture
def maps():
    array = torch.randn(20, 100, 90, generator=torch.Generator().manual_seed(1))
    return Frame("conv", array, ("unit", "row", "column"), "signed", node="conv", step=2, steps=5)


def test_true_pixels_as_bytes(maps):
    header, data = decode_frame(carry(maps, "a1"))
    assert header["id"] == "a1" and header["node"] == "conv" and header["detail"] == "map"
    assert header["shape"] == header["full_shape"] == [20, 100, 90]
    assert header["units"] == list(range(20)) and header["nonfinite"] == 0
    low, high = np.array(header["range"]).T
    values = dequantise(data, low, high, "signed")
    assert np.abs(values - maps.array.numpy()).max() <= high.max() / 254 + 1e-4


def test_some_units_made_small(maps):
    header, data = decode_frame(carry(maps, "a1", units=[7, 3], size=64))
    assert header["units"] == [7, 3] and header["detail"] == "strip"
    assert data.shape == (2, 50, 45) and header["full_shape"] == [20, 100, 90]
    peaks = maps.array[[7, 3]].abs().amax((1, 2))
    assert np.allclose(np.array(header["range"])[:, 1], peaks, rtol=1e-6)


def test_a_size_that_needs_no_shrinking_says_map(maps):
    assert decode_frame(carry(maps, "a1", units=[0], size=100))[0]["detail"] == "map"


def test_floats_are_exact(maps):
    header, data = decode_frame(carry(maps, "a1", dtype="f32", units=[5]))
    assert np.array_equal(data[0], maps.array[5].numpy())
    assert header["range"][0][1] == pytest.approx(float(maps.array[5].abs().max()), rel=1e-6)
    assert np.array_equal(decode_frame(carry(maps, "a1", dtype="f16"))[1], maps.array.half().numpy())


def test_an_array_without_units_has_one_range():
    frame = Frame("effective", torch.tensor([[0.0, 2.0], [1.0, 4.0]]), ("row", "column"), "positive")
    header, data = decode_frame(carry(frame, "a1"))
    assert header["range"] == [0.0, 4.0] and "units" not in header
    assert data.tolist() == [[1, 128], [65, 255]]


def test_channels_last_memory_is_no_matter():
    array = torch.randn(1, 6, 9, 9)
    other = array.contiguous(memory_format=torch.channels_last)
    frames = [Frame("conv", value[0], ("unit", "row", "column")) for value in (array, other)]
    assert carry(frames[0], "a1") == carry(frames[1], "a1")


def test_what_is_not_finite_is_counted_and_the_header_stays_json():
    array = torch.tensor([[[1.0, float("nan")], [float("inf"), -2.0]]])
    header, data = decode_frame(carry(Frame("conv", array, ("unit", "row", "column")), "a1"))
    assert header["nonfinite"] == 2 and header["range"] == [[-2.0, 2.0]]
    assert data.tolist() == [[[192, 0], [0, 1]]]
