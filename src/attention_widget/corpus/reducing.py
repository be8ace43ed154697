"""Queries and keys of one layer, reduced to summaries and edges on the device where they are.

The definitions are those of :func:`attention_widget.measures.head_summaries`. Weights are held a
chunk at a time, and never a whole map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import torch

from attention_widget.corpus.places import Places
from attention_widget.measures.detectors import CASES, HEAD_SUMMARIES

_ROW: Final = {name: row for row, name in enumerate(HEAD_SUMMARIES)}
_AT_ONCE: Final = 2**19  # weights: what a core's own cache holds
_CAUSAL_ROWS: Final = 128  # queries at once where later keys are hidden, which are not computed
_HIDDEN: Final = -1e30  # of a logit: its exponential is 0, and 0 times it is 0


@dataclass(frozen=True, eq=False)
class Visible:
    """Which keys the queries of a text see."""

    is_causal: bool
    hidden: torch.Tensor | None = None
    """(head or 1, query, key), where that is neither all of them nor those up to the query."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """What becomes of the attention of one layer in one text."""

    sums: torch.Tensor  # (summary, head) float64
    queries: torch.Tensor  # (head,) of the strongest edges, -1 for none
    keys: torch.Tensor  # (head,)
    weights: torch.Tensor  # (head,)
    rows: torch.Tensor  # (head, key)


@dataclass(frozen=True, eq=False)
class Mixing:
    """Values (kv_head, token, dim), and where weights × values go: (head, token, dim)."""

    value: torch.Tensor
    output: torch.Tensor


class Buffers:
    """Memory for chunks of weights, taken once: to take it anew for each costs as much as what is
    computed in it."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, torch.device], torch.Tensor] = {}

    def of(self, name: str, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
        """Float32 of this shape, with whatever was left in it."""
        size = math.prod(shape)
        held = self._held.get((name, device))
        if held is None or len(held) < size:
            held = torch.empty(max(size, _AT_ONCE), dtype=torch.float32, device=device)
            self._held[name, device] = held
        return held[:size].view(shape)


class Reducer:
    """Reduces the attention of the layers of one text."""

    def __init__(self, places: Places, device: torch.device, buffers: Buffers) -> None:
        self._places, self._buffers = places, buffers
        n = places.n_tokens
        self._n = n
        special = torch.from_numpy(places.special).to(device)
        self._columns = torch.stack(
            [
                torch.arange(n, dtype=torch.long, device=device) == 0,
                torch.from_numpy(places.delimiters).to(device),
                special,
            ],
            1,
        ).float()  # (key, sort of keys)
        self._keys_allowed = ~special
        self._keys_allowed[0] = False
        self._queries_allowed = (~special).float()
        self._keys_allowed = self._keys_allowed.float()
        self.counts = places.counts
        self._device = device
        self._pairs: dict[tuple[int, int, int], tuple[torch.Tensor, list[int]]] = {}
        self._triangles: dict[tuple[int, int], torch.Tensor] = {}
        self._away: dict[tuple[int, int], torch.Tensor] = {}

    def reduced(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        scale: float,
        visible: Visible,
        mixing: Mixing | None = None,
    ) -> Reduced:
        """Those of a layer's queries (head, token, dim) and keys (kv_head, token, dim); weights ×
        values are written to where ``mixing`` says."""
        n_heads, n = query.shape[:2]
        groups = n_heads // len(key)
        out = Reduced(
            torch.zeros((len(HEAD_SUMMARIES), n_heads), dtype=torch.float64, device=self._device),
            torch.full((n_heads,), -1, dtype=torch.long, device=self._device),
            torch.full((n_heads,), -1, dtype=torch.long, device=self._device),
            torch.zeros(n_heads, dtype=torch.float32, device=self._device),
            torch.zeros((n_heads, n), dtype=torch.float32, device=self._device),
        )
        query, key = query.float(), key.float()
        for heads, rows in self._chunks(n_heads, groups, visible.is_causal):
            width = rows.stop if visible.is_causal else n
            keys = _of_heads(key, heads, groups)[:, :width]
            shape = (heads.stop - heads.start, rows.stop - rows.start, width)
            logits = self._buffers.of("logits", shape, self._device)
            asked, sought = query[heads, rows], keys.transpose(1, 2)
            torch.baddbmm(logits, asked, sought, beta=0, alpha=scale, out=logits)
            self._hide(logits, heads, rows, visible)
            weights = self._weighed(logits, heads, rows, out)
            if mixing is not None:
                value = _of_heads(mixing.value, heads, groups)[:, :width]
                mixed = self._buffers.of("mixed", (*shape[:2], value.shape[2]), self._device)
                torch.bmm(weights, value, out=mixed)
                mixing.output[heads, rows].copy_(mixed)
            self._edges(logits, weights, heads, rows, out)
        return out

    def _chunks(self, n_heads: int, groups: int, causal: bool) -> Iterator[tuple[slice, slice]]:
        n = self._n
        height = n
        if causal and n > 2 * _CAUSAL_ROWS:
            height = _CAUSAL_ROWS
        height = max(1, min(height, _AT_ONCE // n))
        for start in range(0, n, height):
            rows = slice(start, min(start + height, n))
            width = rows.stop if causal else n
            at_once = max(1, _AT_ONCE // ((rows.stop - start) * width))
            for first in range(0, n_heads, at_once):
                yield slice(first, min(first + at_once, n_heads)), rows

    def _hide(self, logits: torch.Tensor, heads: slice, rows: slice, visible: Visible) -> None:
        if visible.hidden is not None:
            hidden = visible.hidden
            hidden = hidden if len(hidden) == 1 else hidden[heads]
            logits.masked_fill_(hidden[:, rows, : logits.shape[2]], _HIDDEN)
        elif visible.is_causal:
            size = rows.stop - rows.start
            logits[:, :, rows.start :].masked_fill_(self._triangle(size), _HIDDEN)

    def _triangle(self, size: int) -> torch.Tensor:
        key = (size, size)
        if key not in self._triangles:
            every = torch.ones(key, dtype=torch.bool, device=self._device)
            self._triangles[key] = every.triu(1)
        return self._triangles[key]

    def _weighed(
        self, logits: torch.Tensor, heads: slice, rows: slice, out: Reduced
    ) -> torch.Tensor:
        """The weights of logits (head, query, key) of some heads and rows, once their summaries are
        added; keys beyond are not seen."""
        sums, width = out.sums[:, heads], logits.shape[2]
        logits.sub_(logits.amax(-1, keepdim=True))
        weights = self._buffers.of("weights", tuple(logits.shape), self._device)
        torch.softmax(logits, -1, out=weights)
        held = self._buffers.of("held", tuple(logits.shape), self._device)
        # with z the logits below the largest of their row: H = ln Σ exp z - Σ p z
        total = weights.amax(-1).log_().neg_()  # ln Σ exp z, as the largest weight is 1 / Σ exp z
        entropy = total.sub_(torch.mul(weights, logits, out=held).sum(-1)).clamp_(min=0)
        self._add(sums, "entropy", entropy)
        away = self._distances(rows, width)
        distance = torch.mul(weights, away, out=held).sum(-1)
        self._add(sums, "distance", distance)
        torch.sub(away, distance[..., None], out=held)
        self._add(sums, "distance_variance", held.mul_(held).mul_(weights).sum(-1))
        for name, step in (("previous", -1), ("next", 1), ("self", 0)):
            if -(rows.stop - rows.start) < rows.start + step < width:
                self._add(sums, name, weights.diagonal(rows.start + step, 1, 2))
        received = weights.sum(1)  # (head, key)
        sorts = (received @ self._columns[:width]).double()  # (head, sort)
        for index, name in enumerate(("first", "delimiter", "special")):
            sums[_ROW[name]] += sorts[:, index]
        places, counts = self._pairs_of(rows, width)
        if len(places):
            found = weights.flatten(1).index_select(1, places)
            for name, part in zip(CASES, found.split(counts, 1), strict=True):
                self._add(sums, name, part)
        return weights

    def _edges(
        self,
        logits: torch.Tensor,
        weights: torch.Tensor,
        heads: slice,
        rows: slice,
        out: Reduced,
    ) -> None:
        """The strongest edge so far; the weights are used up."""
        width = logits.shape[2]
        weights.mul_(self._keys_allowed[:width])
        weights.diagonal(rows.start, 1, 2).zero_()
        best, place = weights.amax(-1).mul_(self._queries_allowed[rows]).max(-1)  # (head,)
        better = best > out.weights[heads]
        each = torch.arange(len(weights), dtype=torch.long, device=self._device)
        row = weights[each, place]
        out.queries[heads] = torch.where(better, place + rows.start, out.queries[heads])
        out.keys[heads] = torch.where(better, row.argmax(-1), out.keys[heads])
        out.weights[heads] = torch.where(better, best, out.weights[heads])
        whole = logits[each, place].softmax(-1)
        held = out.rows[heads]
        held[:, :width] = torch.where(better[:, None], whole, held[:, :width])
        if width < self._n:
            held[:, width:].masked_fill_(better[:, None], 0.0)

    def _add(self, sums: torch.Tensor, name: str, values: torch.Tensor) -> None:
        sums[_ROW[name]] += values.sum(-1, dtype=torch.float64)

    def _distances(self, rows: slice, width: int) -> torch.Tensor:
        key = (rows.start, rows.stop)
        if key not in self._away:
            query = torch.arange(rows.start, rows.stop, dtype=torch.float32, device=self._device)
            keys = torch.arange(width, dtype=torch.float32, device=self._device)
            self._away[key] = (query[:, None] - keys).abs_()
        return self._away[key]

    def _pairs_of(self, rows: slice, width: int) -> tuple[torch.Tensor, list[int]]:
        """Where in the rows, flattened, the pairs are, and how many of each case."""
        key = (rows.start, rows.stop, width)
        if key not in self._pairs:
            parts, counts = [], []
            for queries, keys in self._places.pairs:
                first, last = queries.searchsorted([rows.start, rows.stop])
                flat = (queries[first:last] - rows.start) * width + keys[first:last]
                parts.append(torch.from_numpy(flat))
                counts.append(len(flat))
            self._pairs[key] = torch.cat(parts).to(self._device), counts
        return self._pairs[key]


def _of_heads(grouped: torch.Tensor, heads: slice, groups: int) -> torch.Tensor:
    """The keys or values (head, token, dim) of some heads, each of which a group shares."""
    if groups == 1:
        return grouped[heads]
    own = grouped[heads.start // groups : (heads.stop - 1) // groups + 1]
    return own.repeat_interleave(groups, 0)[heads.start % groups :][: heads.stop - heads.start]
