"""Arrays travel in parts: every unit once, no part larger than it was announced."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.explain.method import Frame
from app.render.frames import decode_frame
from app.web.stream_portion import FRAME_BYTES, portions

AXES = {
    1: ("unit",),
    2: ("row", "column"),
    3: ("unit", "row", "column"),
    4: ("unit", "input", "row", "column"),
}


@st.composite
def frames(draw):
    rank = draw(st.integers(1, 4))
    shape = draw(
        st.tuples(*[st.integers(1, 300 if rank < 3 else 40)] * min(rank, 3), *[st.integers(1, 3)] * (rank - 3))
    )
    scale = draw(st.sampled_from([1e-38, 1e-3, 1.0, 1e38]))
    array = torch.randn(shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 9)))) * scale
    name = draw(st.text(max_size=40))
    kind = draw(st.sampled_from(["signed", "positive", "weight", "attribution", "picture"]))
    return Frame(name, array, AXES[rank], kind, unit="µ", node=draw(st.none() | st.just(name)))


@settings(max_examples=60)
@given(frames(), st.sampled_from(["u8", "f16", "f32"]), st.none() | st.integers(1, 64))
def test_no_part_is_larger_than_announced_and_each_unit_comes_once(frame, dtype, size):
    units = []
    for portion in portions(frame, "ask", dtype, set(), None, size):
        assert portion.open()
        data = portion.encode()
        assert len(data) <= portion.largest
        header, array = decode_frame(data)
        units += header.get("units", [])
        assert array.nbytes <= FRAME_BYTES or header["shape"][0] == 1 or "units" not in header
        portion.sent()
    assert units == (list(range(len(frame.array))) if len(frame.axes) > 2 else [])


def test_many_units_of_large_maps_come_in_several_frames_that_make_up_the_array():
    array = torch.randn(100, 90, 90, generator=torch.Generator().manual_seed(0))
    frame = Frame("conv", array, ("unit", "row", "column"))
    parts = [decode_frame(portion.encode()) for portion in portions(frame, "ask", "f32", set())]
    assert len(parts) > 1
    assert np.array_equal(np.concatenate([data for _, data in parts]), array.numpy())


def test_units_that_the_client_has_are_left_out():
    frame = Frame("conv", torch.randn(4, 3, 3), ("unit", "row", "column"))
    known: set[int] = set()
    first, second, third = (next(portions(frame, "ask", "u8", known, units)) for units in ([2, 0], [0, 1, 2], [2]))
    assert first.open()
    first.sent()
    assert second.open()
    assert decode_frame(second.encode())[0]["units"] == [1]
    assert not third.open()


def test_a_strip_does_not_count_as_the_true_pixels():
    frame = Frame("conv", torch.randn(2, 9, 9), ("unit", "row", "column"))
    known: set[int] = set()
    strip = next(portions(frame, "ask", "u8", known, [0, 1], 3))
    strip.open()
    assert decode_frame(strip.encode())[0]["detail"] == "strip"
    strip.sent()
    assert known == set()
    unreduced = next(portions(frame, "ask", "u8", known, [0, 1], 9))
    unreduced.open()
    unreduced.sent()
    assert known == {0, 1}
