"""What is gathered of a layer's weights while its chunks pass."""

from __future__ import annotations

from typing import Final

import torch

from attention_widget.measures.detectors import CASES, HEAD_SUMMARIES

LOGIT, DISTANCE, VARIANCE, PREVIOUS, NEXT, SELF, TOP, BEST = range(8)
"""Of each query: the means of what its logits are below the largest, of the distance, and its
variance; its weights to the tokens beside it and to itself; its largest weight to another token
that is special or the text's first; and that to another token that is neither."""
_ORDER: Final = (
    *("entropy", "distance", "distance_variance", "previous", "next", "self"),
    *CASES,
    *("first", "delimiter", "special", "sink"),
)
assert _ORDER == HEAD_SUMMARIES


class Gathered:
    """Of one layer in some texts; a map is a head in a text."""

    def __init__(self, n_texts: int, n_heads: int, n: int, device: torch.device) -> None:
        self._shape = n_texts, n_heads, n
        n_maps = n_texts * n_heads
        self.of_queries = torch.zeros((8, n_maps, n), dtype=torch.float32, device=device)
        self.received = torch.zeros((n_maps, n), dtype=torch.float32, device=device)
        """What all queries give to each key."""
        n_cases = n_texts * len(CASES)
        self.cases = torch.zeros((n_heads, n_cases), dtype=torch.float64, device=device)

    def sums(self, columns: torch.Tensor, own: torch.Tensor | None) -> torch.Tensor:
        """The sums over the texts' own queries (text, query), all where that is None: (text,
        summary, head), with the sorts of keys (text, key, sort)."""
        n_texts, n_heads, n = self._shape
        rows = self.of_queries
        # with z the logits below the largest of their row: H = ln Σ exp z - Σ p z, and the largest
        # weight is 1 / Σ exp z
        largest = torch.maximum(torch.maximum(rows[TOP], rows[BEST]), rows[SELF])
        rows[LOGIT].add_(largest.log_()).neg_().clamp_(min=0)
        rows = rows.view(8, n_texts, n_heads, n)
        added = rows[:TOP] if own is None else rows[:TOP] * own[:, None]
        cases = self.cases.view(n_heads, n_texts, len(CASES))
        sorts = self.received.view(n_texts, n_heads, n) @ columns  # (text, head, sort)
        nothing = torch.zeros((n_texts, 1, n_heads), dtype=torch.float64, device=rows.device)
        return torch.cat(
            [
                added.sum(-1, dtype=torch.float64).transpose(0, 1),
                cases.permute(1, 2, 0),
                sorts.transpose(1, 2).double(),
                nothing,  # these have no sinks
            ],
            1,
        )
