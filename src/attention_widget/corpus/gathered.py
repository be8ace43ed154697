"""What is gathered of a layer's weights while its chunks pass."""

from __future__ import annotations

import math
from typing import Final

import torch

from attention_widget.corpus.knots import Knots
from attention_widget.measures.detectors import CASES, HEAD_SUMMARIES

LOGIT, BEND, PREVIOUS, NEXT, SELF, BEST, SHARE = range(7)
"""Of each query: the mean of its logits in base 2; what bends change, as ``Knots`` has it; its
weights to the tokens beside it and to itself; its largest weight to another token that is neither
special nor the text's first; and the weight of a 1 among its exponentials."""
LN_2: Final = math.log(2)
SORTS: Final = ("first", "delimiter", "special")
"""Sorts of keys."""
_ORDER: Final = (
    *("entropy", "distance", "distance_variance", "previous", "next", "self"),
    *CASES,
    *SORTS,
    "sink",
)
assert _ORDER == HEAD_SUMMARIES


class Gathered:
    """Of one layer in some texts; a map is a head in a text."""

    def __init__(self, n_texts: int, n_heads: int, n: int, device: torch.device) -> None:
        self._shape = n_texts, n_heads, n
        n_maps = n_texts * n_heads
        self.of_queries = torch.zeros((SHARE + 1, n_maps, n), dtype=torch.float32, device=device)
        n_cases = n_texts * len(CASES)
        self.cases = torch.zeros((n_heads, n_cases), dtype=torch.float64, device=device)

    def clear(self) -> None:
        """Begin another layer."""
        self.of_queries.zero_()
        self.cases.zero_()

    def sums(self, columns: torch.Tensor, knots: Knots, own: torch.Tensor | None) -> torch.Tensor:
        """The sums over the texts' own queries (text, query), all where that is None: (text,
        summary, head). ``columns`` are the sums of each query's exponentials times those of the
        knots, and those of each sort of keys (column, map, query). All become those of weights."""
        n_texts, n_heads, n = self._shape
        rows = self.of_queries
        rows[:SHARE] *= rows[SHARE]
        columns *= rows[SHARE]
        # with logits s in base 2: H = ln 2 · (log2 Σ 2^s - Σ p s)
        entropy = (rows[SHARE].log2() + rows[LOGIT]).mul_(-LN_2).clamp_(min=0)
        n_sorts = len(SORTS)
        distance, variance = knots.distances(columns[:-n_sorts], rows[BEND])
        near = rows[PREVIOUS : SELF + 1]
        added = torch.stack([entropy, distance, variance, *near, *columns[-n_sorts:]])
        added = added.view(-1, n_texts, n_heads, n)
        if own is not None:
            added *= own[:, None]
        sums = added.sum(-1, dtype=torch.float64).transpose(0, 1)  # (text, summary, head)
        sinks = torch.zeros_like(sums[:, :1])  # there are none
        cases = self.cases.view(n_heads, n_texts, len(CASES)).permute(1, 2, 0)
        return torch.cat([sums[:, :-n_sorts], cases, sums[:, -n_sorts:], sinks], 1)
