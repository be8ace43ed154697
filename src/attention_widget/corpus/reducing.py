"""Queries and keys of one layer, reduced to summaries and edges on the device where they are.

The definitions are those of :func:`attention_widget.measures.head_summaries`. Weights are held a
chunk at a time, and never a whole layer's. Short texts are reduced together, padded behind: a call
of PyTorch costs as much as what it computes with thousands of weights. What has a number for each
query is gathered over the chunks (``Gathered``), and only then added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.gathered import (
    BEST,
    DISTANCE,
    LOGIT,
    NEXT,
    PREVIOUS,
    SELF,
    TOP,
    VARIANCE,
    Gathered,
)
from attention_widget.corpus.pairs import Pairs
from attention_widget.corpus.places import Places

_AT_ONCE: Final = {"cpu": 2**19}  # weights: twice as many numbers are near a core
_AT_ONCE_ELSEWHERE: Final = 2**24  # where a call costs more
_CAUSAL_ROWS: Final = 128  # queries at once where later keys are hidden, which are not computed
_HIDDEN: Final = -1e30  # of a logit: its exponential is 0, and 0 times it is 0
_FEW: Final = 8  # keys, looked at one by one


def at_once(device: torch.device) -> int:
    """How many weights are held at a time."""
    return _AT_ONCE.get(device.type, _AT_ONCE_ELSEWHERE)


@dataclass(frozen=True, eq=False)
class Visible:
    """Which keys the queries see."""

    is_causal: bool
    hidden: torch.Tensor | None = None
    """(text, head or 1, query, key), where that is neither all of them nor those up to the
    query."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """What becomes of the attention of one layer in some texts."""

    sums: torch.Tensor  # (text, summary, head) float64
    queries: torch.Tensor  # (text, head) of the strongest edges, -1 for none
    keys: torch.Tensor  # (text, head)
    weights: torch.Tensor  # (text, head)
    rows: torch.Tensor  # (text, head, key)


@dataclass(frozen=True, eq=False)
class Mixing:
    """Values (text, kv_head, token, dim), and where weights × values go: (text, head, token,
    dim)."""

    value: torch.Tensor
    output: torch.Tensor


class Reducer:
    """Reduces the attention of the layers of some texts, which are padded to the longest."""

    def __init__(self, places: Sequence[Places], device: torch.device, buffers: Buffers) -> None:
        self._buffers, self._device = buffers, device
        self._n = n = max(one.n_tokens for one in places)
        self._at_once = at_once(device)
        flags = np.zeros((5, len(places), n), np.bool_)
        own, first, delimiters, special, allowed = flags
        for text, one in enumerate(places):
            own[text, : one.n_tokens] = True
            delimiters[text, : one.n_tokens] = one.delimiters
            special[text, : one.n_tokens] = one.special
        first[:, 0] = True
        allowed[:] = own & ~special & ~first
        columns = np.flatnonzero(~allowed[0]).tolist()
        few = len(columns) <= _FEW and bool((allowed == allowed[0]).all())
        self._no_edges: list[int] | None = columns if few else None
        held = torch.from_numpy(flags).to(device)
        self._padding = None if own.all() else ~held[0]  # (text, token)
        self._own = held[0].float()
        self._columns = held[1:4].permute(1, 2, 0).float()  # (text, key, sort of keys)
        self._queries_allowed = (held[0] & ~held[3]).float()
        self._keys_allowed = held[4].float()
        self._tokens = torch.arange(n, dtype=torch.long, device=device)
        self._pairs = Pairs([one.pairs for one in places], device)
        self._triangles: dict[int, torch.Tensor] = {}
        self._away: dict[tuple[int, int], torch.Tensor] = {}

    def reduced(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        scale: float,
        visible: Visible,
        mixing: Mixing | None = None,
    ) -> Reduced:
        """Those of a layer's queries (text, head, token, dim) and keys (text, kv_head, token, dim);
        weights × values are written to where ``mixing`` says."""
        n_texts, n_heads = query.shape[:2]
        query, key = self._maps(query.float(), n_heads), self._maps(key.float(), n_heads)
        value = None if mixing is None else self._maps(mixing.value, n_heads)
        gathered = Gathered(n_texts, n_heads, self._n, self._device)
        own = self._own[:, None, None].expand(-1, n_heads, -1, -1).flatten(0, 1)
        for maps, rows in self._chunks(len(query), visible.is_causal):
            width = rows.stop if visible.is_causal else self._n
            shape = (maps.stop - maps.start, rows.stop - rows.start, width)
            logits = self._buffers.of("logits", shape, self._device)
            sought = key[maps, :width].transpose(1, 2)
            torch.baddbmm(logits, query[maps, rows], sought, beta=0, alpha=scale, out=logits)
            self._hide(logits.view(n_texts, -1, *shape[1:]), maps, rows, visible)
            weights = self._weighed(logits, maps, rows, gathered)
            gathered.received[maps, :width] += torch.bmm(own[maps, :, rows], weights)[:, 0]
            self._pairs.add(weights, maps, rows, n_heads, gathered.cases)
            if mixing is not None and value is not None:
                mixed = self._buffers.of("mixed", (*shape[:2], value.shape[2]), self._device)
                torch.bmm(weights, value[maps, :width], out=mixed)
                where = maps if n_texts == 1 else slice(None)
                mixing.output[:, where, rows] = mixed.view(n_texts, -1, *mixed.shape[1:])
            self._look_near(weights, maps, rows, gathered)
        return self._edges(query, key, scale, visible, gathered)

    def _maps(self, given: torch.Tensor, n_heads: int) -> torch.Tensor:
        """Of each head of each text (map, token, dim), padding as 0."""
        groups = n_heads // given.shape[1]
        if groups > 1:
            given = given.repeat_interleave(groups, 1)
        if self._padding is not None:
            given = given.masked_fill(self._padding[:, None, :, None], 0)
        return given.flatten(0, 1)

    def _chunks(self, n_maps: int, causal: bool) -> Iterator[tuple[slice, slice]]:
        """Maps and rows: all maps where there are several texts."""
        n, several = self._n, len(self._own) > 1
        height = n if several else math.ceil(n / math.ceil(n * n / self._at_once))
        if causal and n > 2 * _CAUSAL_ROWS:
            height = min(height, _CAUSAL_ROWS)
        for start in range(0, n, height):
            rows = slice(start, min(start + height, n))
            width = rows.stop if causal else n
            maps = max(1, self._at_once // ((rows.stop - start) * width))
            maps = n_maps if several else min(maps, n_maps)
            for first in range(0, n_maps, maps):
                yield slice(first, min(first + maps, n_maps)), rows

    def _hide(self, logits: torch.Tensor, maps: slice, rows: slice, visible: Visible) -> None:
        """Of logits (text, head, query, key)."""
        width = logits.shape[3]
        if visible.hidden is not None:
            hidden = visible.hidden
            hidden = hidden if hidden.shape[1] == 1 or len(hidden) > 1 else hidden[:, maps]
            logits.masked_fill_(hidden[:, :, rows, :width], _HIDDEN)
        elif visible.is_causal:
            size = rows.stop - rows.start
            logits[..., rows.start :].masked_fill_(self._triangle(size), _HIDDEN)
        elif self._padding is not None:
            logits.masked_fill_(self._padding[:, None, None], _HIDDEN)

    def _triangle(self, size: int) -> torch.Tensor:
        if size not in self._triangles:
            every = torch.ones((size, size), dtype=torch.bool, device=self._device)
            self._triangles[size] = every.triu(1)
        return self._triangles[size]

    def _weighed(
        self, logits: torch.Tensor, maps: slice, rows: slice, gathered: Gathered
    ) -> torch.Tensor:
        """The weights of logits (map, query, key), once what needs them all is gathered; keys
        beyond are not seen. The logits are used up."""
        of_queries = gathered.of_queries[:, maps, rows]
        weights = self._buffers.of("weights", tuple(logits.shape), self._device)
        logits.sub_(logits.amax(-1, keepdim=True))
        torch.softmax(logits, -1, out=weights)
        torch.sum(logits.mul_(weights), -1, out=of_queries[LOGIT])
        away = self._distances(rows, logits.shape[2])
        distance = torch.mul(weights, away, out=logits).sum(-1, keepdim=True)
        of_queries[DISTANCE] = distance[..., 0]
        torch.sub(away, distance, out=logits).square_().mul_(weights)
        torch.sum(logits, -1, out=of_queries[VARIANCE])
        return weights

    def _look_near(
        self, weights: torch.Tensor, maps: slice, rows: slice, gathered: Gathered
    ) -> None:
        """Gather what goes to the token itself and beside it, and the largest weights of each
        query. All that is no edge is set to 0."""
        of_queries, width = gathered.of_queries[:, maps], weights.shape[2]
        for row, step in ((PREVIOUS, -1), (NEXT, 1), (SELF, 0)):
            first = max(rows.start, -step)
            last = min(rows.stop, width - step)
            if first < last:
                of_queries[row, :, first:last] = weights.diagonal(rows.start + step, 1, 2)
        weights.diagonal(rows.start, 1, 2).zero_()
        best, top = of_queries[BEST, :, rows], of_queries[TOP, :, rows]
        if self._no_edges is None:
            torch.amax(weights, -1, out=top)
            of_texts = weights.view(len(self._own), -1, *weights.shape[1:])
            of_texts.mul_(self._keys_allowed[:, None, None, :width])
        else:
            for column in self._no_edges:
                if column < width:
                    torch.maximum(top, weights[:, :, column], out=top)
                    weights[:, :, column].zero_()
        torch.amax(weights, -1, out=best)

    def _edges(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        scale: float,
        visible: Visible,
        gathered: Gathered,
    ) -> Reduced:
        """What is left of what was gathered: sums, and each head's strongest edge."""
        sums = gathered.sums(self._columns, None if self._padding is None else self._own)
        n_texts, _, n_heads = sums.shape
        best = gathered.of_queries[BEST].view(n_texts, n_heads, self._n)
        best, place = (best * self._queries_allowed[:, None]).max(-1)  # (text, head)
        asked = query.gather(1, place.view(-1, 1, 1).expand(-1, 1, query.shape[2]))
        logits = torch.bmm(asked, key.transpose(1, 2)).mul_(scale)[:, 0].view(n_texts, n_heads, -1)
        if visible.hidden is not None:
            at = place[..., None, None].expand(-1, -1, 1, self._n)
            hidden = visible.hidden.expand(-1, n_heads, -1, -1).gather(2, at)
            logits.masked_fill_(hidden[:, :, 0], _HIDDEN)
        elif visible.is_causal:
            logits.masked_fill_(self._tokens > place[..., None], _HIDDEN)
        elif self._padding is not None:
            logits.masked_fill_(self._padding[:, None], _HIDDEN)
        row = logits.softmax(-1)
        allowed = self._keys_allowed[:, None] * (self._tokens != place[..., None])
        keys = (row * allowed).argmax(-1)
        lacking = best <= 0
        return Reduced(
            sums,
            place.masked_fill_(lacking, -1),
            keys.masked_fill(lacking, -1),
            row.gather(-1, keys[..., None])[..., 0].masked_fill_(lacking, 0),
            row.masked_fill_(lacking[..., None], 0),
        )

    def _distances(self, rows: slice, width: int) -> torch.Tensor:
        key = (rows.start, rows.stop)
        if key not in self._away:
            query = torch.arange(rows.start, rows.stop, dtype=torch.float32, device=self._device)
            keys = torch.arange(width, dtype=torch.float32, device=self._device)
            self._away[key] = (query[:, None] - keys).abs_()
        return self._away[key]
