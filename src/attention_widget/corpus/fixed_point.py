"""Sums that do not depend on the order of what is added: whole multiples of a power of two.

A float sum of many numbers depends on their order in its last bits, so two halves of a corpus would
not add up to the whole. Here each text's sums are rounded once to multiples of ``2**quantum`` and
added as integers, in two words so that no corpus is too large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError

_LOW_BITS: Final = 32
_LOW: Final = np.int64((1 << _LOW_BITS) - 1)
_MOST: Final = float(1 << 62)  # units in one text


def in_units(
    sums: NDArray[np.float64], quanta: Sequence[int], names: Sequence[str], number: int
) -> NDArray[np.int64]:
    """The sums (summary, head) of one text in units of ``2**quantum`` of each summary.

    Raises:
        ValueError: one is not finite, or too large for its units.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(np.ldexp(sums, -np.asarray(quanta, np.int64)[:, None]))
        fits = np.abs(scaled) < _MOST  # not of NaN
    if not fits.all():
        summary, head = np.argwhere(~fits)[0].tolist()
        most = _MOST * 2.0 ** quanta[summary]
        raise InvalidValueError(
            f"the sum of {names[summary]!r} over a text must be finite and below {most:.3g}, got "
            f"{sums[summary, head]} in text {number} at row {head} of the heads; divide what the "
            f"function gives"
        )
    units: NDArray[np.int64] = scaled.astype(np.int64)
    return units


class Totals:
    """Sums of units, of any shape; equal totals have equal words, in whatever order they came."""

    def __init__(self, high: NDArray[np.int64], low: NDArray[np.int64]) -> None:
        self.high, self.low = high, low

    @classmethod
    def zeros(cls, shape: tuple[int, ...]) -> Totals:
        return cls(np.zeros(shape, np.int64), np.zeros(shape, np.int64))

    def add(self, units: NDArray[np.int64]) -> None:
        self._carry(units >> _LOW_BITS, units & _LOW)

    def merge(self, other: Totals) -> None:
        self._carry(other.high, other.low)

    def copy(self) -> Totals:
        return Totals(self.high.copy(), self.low.copy())

    def as_floats(self, quanta: Sequence[int]) -> NDArray[np.float64]:
        """The totals (summary, head) as numbers, each within a rounding of the exact sum."""
        exponents = np.asarray(quanta, np.int64)[:, None]
        whole = np.ldexp(self.high.astype(np.float64), _LOW_BITS) + self.low
        found: NDArray[np.float64] = np.ldexp(whole, exponents)
        return found

    def _carry(self, high: NDArray[np.int64], low: NDArray[np.int64]) -> None:
        low = self.low + low
        self.high += high + (low >> _LOW_BITS)
        self.low[...] = low & _LOW
