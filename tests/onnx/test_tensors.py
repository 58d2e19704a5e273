"""Stored tensors of every type and in every way that the format has, as onnx itself reads them."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from app.onnx import wire
from app.onnx.messages import read_tensor
from app.onnx.tensors import Sources

TYPES = [
    np.float32,
    np.float16,
    np.float64,
    np.int8,
    np.uint8,
    np.int16,
    np.uint16,
    np.int32,
    np.int64,
    np.uint32,
    np.bool_,
]


def read(proto: TensorProto) -> np.ndarray:
    return Sources(None, 0).tensor(read_tensor(memoryview(proto.SerializeToString()))).numpy()


@pytest.mark.parametrize("kind", [*TYPES, ml_dtypes.bfloat16])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4), (2, 3, 4)])
def test_every_type_raw_and_in_numbers(kind: type, shape: tuple[int, ...]) -> None:
    array = (
        (np.random.default_rng(0).standard_normal(shape) * 50)
        .clip(0 if "u" in np.dtype(kind).name else -99)
        .astype(kind)
    )
    raw = numpy_helper.from_array(array, "t")
    in_numbers = helper.make_tensor("t", raw.data_type, shape, array.flatten().tolist())
    for proto in (raw, in_numbers):
        found = read(proto)
        assert found.shape == shape
        assert np.array_equal(found, numpy_helper.to_array(proto).astype(found.dtype))


@settings(max_examples=200)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_packed_numbers_are_protobufs(numbers: list[int]) -> None:
    proto = TensorProto(int64_data=numbers)
    (packed,) = [value for number, value in wire.fields(memoryview(proto.SerializeToString())) if number == 7] or [
        memoryview(b"")
    ]
    assert not isinstance(packed, int)
    assert wire.varints(packed).tolist() == numbers
