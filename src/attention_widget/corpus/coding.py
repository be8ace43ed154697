"""Vectors of length 1 as bytes, and how far they lie from what was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError
from attention_widget.trace.block import Array

Precision = Literal["float16", "8bit"]
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
_LEVELS: Final = 127


@dataclass(frozen=True)
class Coding:
    """Vectors of ``dim`` numbers in half precision, or in 8 bits: each vector as integers from
    -127 to 127 and one float32 that they are multiplied by, its largest number / 127.

    >>> Coding("float16", 384).nbytes, Coding("8bit", 384).nbytes
    (768, 388)
    """

    precision: Precision
    dim: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of one vector."""
        if self.precision == "float16":
            return np.dtype(("<f2", (self.dim,)))
        return np.dtype([("codes", "i1", (self.dim,)), ("scale", "<f4")])

    @property
    def nbytes(self) -> int:
        """Bytes of one vector."""
        return self.dtype.itemsize

    def encoded(self, vectors: Array) -> NDArray[Any]:
        """Vectors (vector, dim) as they are kept."""
        if self.precision == "float16":
            return vectors.astype("<f2")
        held = np.empty(len(vectors), self.dtype)
        held["scale"] = np.abs(vectors).max(-1, initial=0) / _LEVELS
        least = np.maximum(held["scale"], np.finfo(np.float32).tiny)[:, None]
        held["codes"] = np.rint(vectors / least)
        return held

    def decoded(self, held: NDArray[Any]) -> Array:
        """Vectors (vector, dim) that are kept, in float32."""
        if self.precision == "float16":
            return held.astype(np.float32)
        decoded: Array = held["codes"].astype(np.float32)
        decoded *= held["scale"][:, None]
        return decoded

    def error(self, vectors: Array, held: NDArray[Any]) -> float:
        """The largest distance between a vector and what is kept of it. No product with a vector
        of length 1 differs by more (Cauchy and Schwarz)."""
        away = vectors.astype(np.float64) - self.decoded(held)
        return float(np.sqrt(np.square(away).sum(-1).max(initial=0)))


def checked_precision(given: Any) -> Precision:
    """ValueError if it is none."""
    for precision in PRECISIONS:
        if given == precision:
            return precision
    raise InvalidValueError(f"precision must be {' or '.join(PRECISIONS)}, got {given!r:.80}")


def units(vectors: Array) -> Array:
    """Each vector (vector, dim) divided by its length; one of length 0, or with NaN, is 0."""
    numbers = vectors.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.square(numbers).sum(-1, keepdims=True))
        known = np.isfinite(lengths) & (lengths > 0)
        found: Array = np.where(known, numbers / np.where(known, lengths, 1), 0).astype(np.float32)
    return found
