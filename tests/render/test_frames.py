"""The binary frame travels both ways unchanged, and what is no frame is refused with a reason."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.render.frames import DATA_TYPES, FrameError, decode_frame, encode_frame

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
HEADERS = st.dictionaries(st.text(max_size=20).filter(lambda key: key not in {"dtype", "shape"}), JSON, max_size=6)
ARRAYS = st.sampled_from(list(DATA_TYPES.values())).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


@given(HEADERS, ARRAYS)
def test_what_was_written_is_read(header, array):
    data = encode_frame(header, array)
    read_header, read_array = decode_frame(data)
    assert {key: read_header[key] for key in header} == header
    assert read_array.dtype == array.dtype
    assert read_array.shape == array.shape
    assert read_array.tobytes() == array.tobytes()


@given(HEADERS, ARRAYS)
def test_the_array_begins_at_a_multiple_of_eight(header, array):
    data = encode_frame(header, array)
    (length,) = struct.unpack_from("<I", data)
    start = len(data) - array.nbytes
    assert start % 8 == 0
    assert 0 <= start - 4 - length < 8
    assert not any(data[4 + length : start])


@given(arrays.arrays(np.float32, (3, 4, 5)), st.permutations([0, 1, 2]))
def test_arrays_in_another_order_in_memory_travel_in_c_order(array, axes):
    turned = array.transpose(axes)
    assert decode_frame(encode_frame({}, turned))[1].tobytes() == turned.tobytes(order="C")


@given(HEADERS, ARRAYS, st.data())
def test_a_frame_cut_short_is_refused(header, array, data):
    frame = encode_frame(header, array)
    # An empty array may follow padding only, of which nothing is missed.
    end = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(FrameError):
        decode_frame(frame[:end])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        header, array = decode_frame(data)
    except FrameError:
        return
    assert list(array.shape) == header["shape"]


def frame_of(header: object, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return struct.pack("<I", len(text)) + text + bytes(-(4 + len(text)) % 8) + body


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"ab", "4 bytes of length; there are 2"),
        (struct.pack("<I", 2**32 - 1), "header should be 4294967295 bytes"),
        (frame_of(b"\xff\xfe"), "not UTF-8 JSON"),
        (frame_of(b"[" * 100_000), "not UTF-8 JSON"),
        (frame_of([1]), "an object with a dtype out of u8, f16, f32"),
        (frame_of({"dtype": "f64", "shape": []}), "an object with a dtype out of u8, f16, f32"),
        (frame_of({"dtype": "u8"}), "should have a shape"),
        (frame_of({"dtype": "u8", "shape": [-1]}), "should have a shape"),
        (frame_of({"dtype": "u8", "shape": [True]}), "should have a shape"),
        (frame_of({"dtype": "u8", "shape": [1] * 9}), "at most 8"),
        (frame_of({"dtype": "f32", "shape": [2]}, bytes(7)), "takes 8 bytes; there are 7"),
        (frame_of({"dtype": "f32", "shape": [2**30, 2**30, 2**30]}), "takes"),
    ],
)
def test_what_is_no_frame_is_refused_with_its_reason(data, reason):
    with pytest.raises(FrameError, match=reason):
        decode_frame(data)


def test_what_cannot_travel_is_refused():
    with pytest.raises(FrameError, match="float64"):
        encode_frame({}, np.zeros(3))
    with pytest.raises(FrameError, match="not JSON"):
        encode_frame({"range": [0.0, float("nan")]}, np.zeros(3, np.float32))
