"""An even sample of a corpus, the same whatever order its texts come in; and how strong each head's
strongest edges are over all texts, which says where a text of the sample stands among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.kept_texts import Place

_STEPS: Final = 8  # bins of each halving
_HALVINGS: Final = 20  # towards 0 and towards 1
_BELOW: Final = 2.0 ** -(np.arange(_HALVINGS * _STEPS, 0, -1) / _STEPS + 1)
SCORE_EDGES: Final = np.concatenate([[0.0], _BELOW, [0.5], 1 - _BELOW[::-1]])
"""Lower edges of the bins that strongest edges are counted in: finer towards 0 and towards 1."""
DECILES: Final = 10
_MASK: Final = (1 << 64) - 1


def order_of(place: Place) -> int:
    """A number that looks random and that no other text has (splitmix64, Steele et al. 2014,
    https://doi.org/10.1145/2660193.2660195); those with the lowest are the sample."""
    mixed = (place[0] * (1 << 20) + place[1] + 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


@dataclass(frozen=True, eq=False)
class SampledText:
    """The strongest edge of each head in a text of the sample."""

    weights: NDArray[np.float32]  # (head,)
    queries: NDArray[np.int32]  # (head,)
    keys: NDArray[np.int32]  # (head,)
    rows: NDArray[np.float32]  # (head, key)


class Sample:
    """``count`` texts, and the counts (head, bin) of all texts' strongest edges."""

    def __init__(self, n_heads: int, count: int) -> None:
        self.count = count
        self.texts: dict[Place, SampledText] = {}
        self.scores = np.zeros((n_heads, len(SCORE_EDGES)), np.int64)
        self._last: Place | None = None  # the one that would go next
        self._order: list[Place] = []  # empty where it is to be found anew

    def wants(self, place: Place) -> bool:
        if len(self.texts) < self.count:
            return True
        return self._last is not None and order_of(place) < order_of(self._last)

    def add(self, findings: TextFindings) -> bool:
        """Whether the text is one of the sample now."""
        heads = np.flatnonzero(findings.queries >= 0)
        self.scores[heads, _bin_of(findings.weights[heads])] += 1
        place = findings.number, findings.piece
        if not self.wants(place):
            return False
        self._put(
            place,
            SampledText(
                np.array(findings.weights, np.float32),
                np.array(findings.queries, np.int32),
                np.array(findings.keys, np.int32),
                np.array(findings.rows, np.float32),
            ),
        )
        return True

    def merge(self, other: Sample) -> None:
        self.scores += other.scores
        for place, text in other.texts.items():
            if self.wants(place):
                self._put(place, text)

    def restore(self, place: Place, text: SampledText) -> None:
        """Put a text that was counted before."""
        self._put(place, text)

    def in_order(self) -> list[Place]:
        if len(self._order) != len(self.texts):
            self._order = sorted(self.texts, key=order_of)
        return self._order

    def deciles(self, head: int) -> dict[int, list[Place]]:
        """The texts of the sample by the decile (1–10) of their strongest edge among those of all
        texts, with borders known within 9 %; in the order of the sample."""
        counts = self.scores[head]
        below = np.cumsum(counts) - counts
        places = [place for place in self.in_order() if self.texts[place].queries[head] >= 0]
        bins = _bin_of(np.array([self.texts[place].weights[head] for place in places], np.float32))
        ranks = (below[bins] + counts[bins] / 2) / max(int(counts.sum()), 1)
        found: dict[int, list[Place]] = {}
        for place, decile in zip(places, (ranks * DECILES).astype(int).tolist(), strict=True):
            found.setdefault(min(decile + 1, DECILES), []).append(place)
        return found

    def _put(self, place: Place, text: SampledText) -> None:
        self.texts[place] = text
        self._order = []
        if len(self.texts) > self.count:
            del self.texts[max(self.texts, key=order_of)]
        self._last = max(self.texts, key=order_of, default=None)


def _bin_of(weights: NDArray[np.float32]) -> NDArray[np.intp]:
    bins: NDArray[np.intp] = np.searchsorted(SCORE_EDGES, weights.astype(np.float64), "right") - 1
    return np.clip(bins, 0, len(SCORE_EDGES) - 1)
