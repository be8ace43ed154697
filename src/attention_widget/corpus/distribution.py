"""How a number is spread over texts: counts in bins whose edges do not depend on the order of the
texts.

The bins of a summary are ``2**e`` wide. Where a number lies beyond the last bin, ``e`` grows by one
and neighbours are joined, until it fits. So the bins that are left depend on the largest number
alone, and two distributions merge without a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.detectors import HEAD_SUMMARIES

_HALF: Final = 64  # bins below 0, and as many above
BINS: Final = 2 * _HALF
_FRACTION: Final = -6  # 64 bins from 0 to 1
_FINEST: Final = -10
_UNBOUNDED: Final = ("entropy", "distance", "distance_variance")
FRACTIONS: Final = tuple(name for name in HEAD_SUMMARIES if name not in _UNBOUNDED)
"""Summaries from 0 to 1."""


class Distribution:
    """Counts (summary, head, bin), and of each summary the ``exponents`` of its bins' width."""

    def __init__(
        self, names: Sequence[str], exponents: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> None:
        self.names = tuple(names)
        self.exponents, self.counts = exponents, counts
        self._bounded = np.array([name in FRACTIONS for name in self.names], bool)

    @classmethod
    def empty(cls, names: Sequence[str], n_heads: int) -> Distribution:
        finest = [_FRACTION if name in FRACTIONS else _FINEST for name in names]
        counts = np.zeros((len(names), n_heads, 2 * _HALF), np.int64)
        return cls(names, np.array(finest, np.int64), counts)

    def add(self, values: NDArray[np.float64]) -> None:
        """One number of each summary and head (summary, head); NaN is left out."""
        known = np.isfinite(values)
        values = np.where(known, values, 0)
        at = _bins(values, self.exponents)
        at[self._bounded] = np.clip(at[self._bounded], 0, _HALF - 1)  # 1 itself, and rounding
        while True:
            beyond: NDArray[np.bool_] = np.any((at < -_HALF) | (at >= _HALF), axis=-1)
            if not beyond.any():
                break
            for summary in np.flatnonzero(beyond):
                self._widen(int(summary))
            at = np.where(beyond[:, None], _bins(values, self.exponents), at)
        summaries, heads = np.nonzero(known)
        self.counts[summaries, heads, at[known] + _HALF] += 1

    def merge(self, other: Distribution) -> None:
        other = other.copy()
        for mine, its in ((self, other), (other, self)):
            for summary in range(len(self.names)):
                while mine.exponents[summary] < its.exponents[summary]:
                    mine._widen(summary)
        self.counts += other.counts

    def copy(self) -> Distribution:
        return Distribution(self.names, self.exponents.copy(), self.counts.copy())

    def histogram(self, summary: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The edges (bin + 1,) and the counts (head, bin) of one, from the first bin to the last
        that any head needs; a summary from 0 to 1 has all of these bins."""
        counts = self.counts[summary]
        used = np.flatnonzero(counts.any(0))
        first, last = (int(used[0]), int(used[-1])) if len(used) else (_HALF, _HALF)
        if self._bounded[summary]:
            first, last = _HALF, 2 * _HALF - 1
        first = min(first, _HALF)  # 0 is always an edge
        last = max(last, _HALF)
        edges = np.arange(first - _HALF, last - _HALF + 2, dtype=np.float64)
        width = int(self.exponents[summary])
        return np.ldexp(edges, width), counts[:, first : last + 1].copy()

    def _widen(self, summary: int) -> None:
        """Bins of twice the width: each holds two of the bins before."""
        joined = self.counts[summary].reshape(-1, _HALF, 2).sum(-1)
        self.counts[summary] = 0
        self.counts[summary][:, _HALF // 2 : _HALF // 2 + _HALF] = joined
        self.exponents[summary] += 1


def _bins(values: NDArray[np.float64], exponents: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bin of each value, from 0 upwards where it is positive; exact, as a width is a power of
    two."""
    scaled = np.floor(np.ldexp(values, -exponents[:, None]))
    return np.clip(scaled, -4 * _HALF, 4 * _HALF).astype(np.int64)
