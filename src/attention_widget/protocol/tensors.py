"""The wire format: an array as a header (dtype, shape) and bytes, little-endian and C-ordered,
and numbers that JSON lacks.

The other half: js/trace/tensor.ts. This is the only place that narrows dtypes: JavaScript has no
typed array of half floats everywhere, no cheap 64-bit integers, and draws nothing that needs
double precision.
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attention_widget.errors import InvalidTypeError, InvalidValueError

Dtype = Literal["float32", "int32", "uint8"]

_ON_WIRE: Final[dict[Dtype, np.dtype[Any]]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "uint8": np.dtype("u1"),
}


MAX_BYTES: Final = 256 * 2**20
"""A larger map would take the browser seconds to receive and could end the kernel."""


def check_size(what: str, nbytes: int, advice: str = "") -> None:
    """ValueError with advice for a tensor that is too large to send."""
    if nbytes > MAX_BYTES:
        raise InvalidValueError(
            f"{what} must take at most {MAX_BYTES // 2**20} MiB, got {nbytes / 2**20:,.0f}{advice}"
        )


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
    int32. TypeError for anything else, OverflowError for a finite number that does not fit.
    """
    array = np.asarray(array)
    name = _dtype_on_wire(array.dtype)
    with np.errstate(over="ignore"):  # told apart from a true infinity in _check_range
        narrow = array.astype(_ON_WIRE[name], order="C", copy=False)
    _check_range(array, narrow, name)
    return {"dtype": name, "shape": list(array.shape)}, narrow.tobytes()


def _dtype_on_wire(dtype: np.dtype[Any]) -> Dtype:
    if dtype.kind == "f":
        return "float32"
    if dtype.kind == "b" or dtype == np.uint8:
        return "uint8"
    if dtype.kind in "iu":
        return "int32"
    raise InvalidTypeError(f"a tensor must hold floats, integers or booleans, got {dtype}")


def _check_range(array: NDArray[Any], narrow: NDArray[Any], name: Dtype) -> None:
    if array.dtype.itemsize < narrow.dtype.itemsize or array.dtype == narrow.dtype:
        return
    if name == "float32":
        fits = bool((np.isfinite(array) == np.isfinite(narrow)).all())
    else:
        fits = bool((array == narrow).all())
    if not fits:
        raise OverflowError(f"a number of this {array.dtype} array does not fit {name}")
