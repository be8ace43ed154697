"""What goes over the wire comes back, or is refused."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.wire import decode

from attention_widget.protocol.tensors import encode

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
BYTE_ORDERS = st.sampled_from("<>")


def arrays(dtype: st.SearchStrategy[np.dtype[Any]], **kwargs: Any) -> st.SearchStrategy[Any]:
    return dtype.flatmap(lambda chosen: hnp.arrays(chosen, SHAPES, **kwargs))


def round_trip(array: NDArray[Any]) -> NDArray[Any]:
    header, data = encode(array)
    assert json.loads(json.dumps(header)) == header
    return decode(header, data)


@given(arrays(hnp.floating_dtypes(sizes=(16, 32), endianness="?")))
def test_floats_up_to_32_bits_are_exact(array: NDArray[Any]) -> None:
    back = round_trip(array)
    assert back.dtype == np.float32
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)


@given(hnp.arrays(np.float64, SHAPES, elements=st.floats(width=64)))
def test_doubles_become_the_nearest_float32_or_are_refused(array: NDArray[Any]) -> None:
    with np.errstate(over="ignore"):
        nearest = array.astype(np.float32)
    if (np.isinf(nearest) & np.isfinite(array)).any():
        with pytest.raises(OverflowError, match="float64 array does not fit float32"):
            encode(array)
    else:
        np.testing.assert_array_equal(round_trip(array), nearest)


@given(arrays(hnp.integer_dtypes(endianness="?") | hnp.unsigned_integer_dtypes(endianness="?")))
def test_integers_are_exact_or_refused(array: NDArray[Any]) -> None:
    wide = [int(value) for value in array.flat]
    if all(-(2**31) <= value < 2**31 for value in wide):
        back = round_trip(array)
        assert back.dtype == (np.uint8 if array.dtype == np.uint8 else np.int32)
        assert back.shape == array.shape
        assert [int(value) for value in back.flat] == wide
    else:
        with pytest.raises(OverflowError, match="does not fit int32"):
            encode(array)


@given(hnp.arrays(np.bool_, SHAPES))
def test_booleans_become_bytes(array: NDArray[Any]) -> None:
    back = round_trip(array)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, array)


def test_the_bytes_are_little_endian_and_c_ordered() -> None:
    fortran = np.asfortranarray(np.array([[1, 2], [3, 4]], ">i8"))
    header, data = encode(fortran)
    assert header == {"dtype": "int32", "shape": [2, 2]}
    assert data == b"\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0"


def test_a_view_of_a_larger_array_sends_its_own_numbers_only() -> None:
    array = np.arange(24, dtype=np.float32).reshape(4, 6)[::2, 1::2]
    header, data = encode(array)
    assert len(data) == 4 * array.size
    np.testing.assert_array_equal(decode(header, data), array)


def test_the_bytes_do_not_follow_later_changes() -> None:
    array = np.zeros(3, np.float32)
    header, data = encode(array)
    array[:] = 7
    np.testing.assert_array_equal(decode(header, data), [0, 0, 0])


def test_infinities_and_nan_survive() -> None:
    given_ = np.array([-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(round_trip(given_), given_)


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([1j]), np.array([None])])
def test_what_is_not_a_number_is_refused(array: NDArray[Any]) -> None:
    with pytest.raises(TypeError, match="must hold floats, integers or booleans, got"):
        encode(array)
