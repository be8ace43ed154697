"""The wire format: an array as a header (dtype, shape) and bytes, little-endian and C-ordered,
and numbers that JSON lacks.

The other half: js/trace/tensor.ts. This is the only place that narrows dtypes: JavaScript has no
typed array of half floats everywhere, no cheap 64-bit integers, and draws nothing that needs
double precision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

Dtype = Literal["float32", "int32", "uint8"]

_ON_WIRE: Final[dict[Dtype, np.dtype[Any]]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "uint8": np.dtype("u1"),
}


NotFinite = Literal["NaN", "Infinity", "-Infinity"]
"""What JavaScript's Number() reads."""


def number(value: float) -> float | NotFinite:
    """A number as it stands in JSON, which has none that is not finite."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


class Header(TypedDict):
    """What the browser must know to read the bytes."""

    dtype: Dtype
    shape: list[int]


def encode(array: ArrayLike) -> tuple[Header, bytes]:
    """Header and bytes of an array.

    Floats of any width become float32, bool becomes uint8, uint8 stays, other integers become
    int32.

    Raises:
        TypeError: the array holds something other than numbers or booleans.
        OverflowError: a finite number does not fit the narrower dtype.
    """
    array = np.asarray(array)
    name = _dtype_on_wire(array.dtype)
    with np.errstate(over="ignore"):  # told apart from a true infinity in _check_range
        narrow = array.astype(_ON_WIRE[name], order="C", copy=False)
    _check_range(array, narrow, name)
    return {"dtype": name, "shape": list(array.shape)}, narrow.tobytes()


def decode(header: Mapping[str, Any], data: bytes | bytearray | memoryview) -> NDArray[Any]:
    """The array that :func:`encode` was given, in the dtype it travelled in.

    Raises:
        ValueError: the dtype is unknown, or the bytes are not as many as the shape needs.
    """
    name, shape = header["dtype"], tuple(header["shape"])
    if name not in _ON_WIRE:
        raise ValueError(f"unknown dtype {name!r}; allowed: {', '.join(_ON_WIRE)}")
    dtype = _ON_WIRE[name]
    given, needed = memoryview(data).nbytes, math.prod(shape) * dtype.itemsize
    if given != needed:
        raise ValueError(f"{given} bytes for a {name} array of shape {shape}; it needs {needed}")
    return np.frombuffer(data, dtype).reshape(shape)


def _dtype_on_wire(dtype: np.dtype[Any]) -> Dtype:
    if dtype.kind == "f":
        return "float32"
    if dtype.kind == "b" or dtype == np.uint8:
        return "uint8"
    if dtype.kind in "iu":
        return "int32"
    raise TypeError(f"an array of dtype {dtype} cannot be sent; allowed: floats, integers, bool")


def _check_range(array: NDArray[Any], narrow: NDArray[Any], name: Dtype) -> None:
    if array.dtype.itemsize < narrow.dtype.itemsize or array.dtype == narrow.dtype:
        return
    if name == "float32":
        fits = bool((np.isfinite(array) == np.isfinite(narrow)).all())
    else:
        fits = bool((array == narrow).all())
    if not fits:
        raise OverflowError(f"a number of this {array.dtype} array does not fit {name}")
