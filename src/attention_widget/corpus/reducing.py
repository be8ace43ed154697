"""Queries and keys of one layer, reduced to summaries and edges on the device where they are.

The definitions are those of :func:`attention_widget.measures.head_summaries`. Weights are held a
chunk at a time, and never a whole layer's. Short texts are reduced together, padded behind: a call
of PyTorch costs as much as what it computes with thousands of weights. What has a number for each
query is gathered over the chunks (``Gathered``), and only then added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.chunk import Chunk, Given
from attention_widget.corpus.gathered import BEST, LN_2, SHARE, Gathered
from attention_widget.corpus.knots import Knots
from attention_widget.corpus.pairs import Pairs
from attention_widget.corpus.places import Places
from attention_widget.corpus.row_sums import sum_products

_AT_ONCE: Final = {"cpu": 2**19}  # weights: twice as many numbers are near a core
_AT_ONCE_ELSEWHERE: Final = 2**24  # where a call costs more
_CAUSAL_ROWS: Final = 128  # queries at once where later keys are hidden, which are not computed
_HIDDEN: Final = -1e30  # of a logit: its exponential is 0, and 0 times it is 0
_WITHIN: Final = 90  # logits in base 2: 2^90 and what it is multiplied with are finite
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


@dataclass(frozen=True, eq=False)
class _Layer:
    given: Given
    gathered: Gathered
    products: list[tuple[slice, torch.Tensor]]  # of some rows: (map, row, dim)
    chunks: list[Chunk]


class Reducer:
    """Reduces the attention of the layers of some texts, which are padded to the longest."""

    def __init__(
        self, places: Sequence[Places], device: torch.device, buffers: Buffers, name: str = ""
    ) -> None:
        """No two that are at work at a time with the same ``buffers`` have the same ``name``."""
        self._buffers, self._device, self._name = buffers, device, name
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
        self._knots = Knots(n, device)
        knots = self._knots.columns.expand(len(places), -1, -1)
        self._columns = torch.cat([knots, held[1:4].permute(1, 2, 0).float()], 2)
        self._queries_allowed = (held[0] & ~held[3]).float()
        self._keys_allowed = held[4].float()
        self._tokens = torch.arange(n, dtype=torch.long, device=device)
        self._pairs = Pairs(places, device)
        self._triangles: dict[int, torch.Tensor] = {}
        self._layers: dict[tuple[object, ...], _Layer] = {}

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
        n_heads = query.shape[1]
        dims = query.shape[3], 0 if mixing is None else mixing.value.shape[3]
        layer = self._layer(n_heads, dims, visible.is_causal)
        given, gathered = layer.given, layer.gathered
        torch.mul(self._maps(query, n_heads), scale / LN_2, out=given.query)
        given.key.copy_(self._maps(key, n_heads))
        if mixing is not None:
            given.factors[..., : dims[1]] = self._maps(mixing.value, n_heads)
        gathered.clear()
        is_large = self._are_large(given)
        for chunk in layer.chunks:
            chunk.multiply()
            self._hide(chunk, visible)
            chunk.weigh(shift=any(is_large[chunk.maps]))
            chunk.look_for_edges(self._no_edges, self._keys_allowed[:, None, None])
        columns = []
        for rows, products in layer.products:
            if mixing is not None:
                of_texts = products[..., : dims[1]].unflatten(0, (-1, n_heads))
                share = gathered.of_queries[SHARE, :, rows, None].unflatten(0, (-1, n_heads))
                torch.mul(of_texts, share, out=mixing.output[:, :, rows])
            columns.append(products[..., dims[1] :].movedim(-1, 0))
        own = None if self._padding is None else self._own
        sums = gathered.sums(torch.cat(columns, -1), self._knots, own)
        return self._edges(given, visible, sums, gathered.of_queries[BEST])

    def _layer(self, n_heads: int, dims: tuple[int, int], causal: bool) -> _Layer:
        """The memory and the chunks of layers of so many heads with so many numbers of a query and
        of a value."""
        asked = (n_heads, dims, causal)
        if asked not in self._layers:
            n_texts, n, device = len(self._own), self._n, self._device
            n_maps, width = n_texts * n_heads, dims[1] + self._columns.shape[2]
            given = Given(
                self._buffers.of("query", (n_maps, n, dims[0]), device),
                self._buffers.of("key", (n_maps, n, dims[0]), device),
                # of each reducer its own, as most columns stay the same in all layers
                self._buffers.of(f"factors {self._name} {asked}", (n_maps, n, width), device),
            )
            of_texts = given.factors[..., dims[1] :].unflatten(0, (-1, n_heads))
            of_texts[:] = self._columns[:, None]
            layer = _Layer(given, Gathered(n_texts, n_heads, n, device), [], [])
            for rows, several in self._chunks(n_maps, causal):
                shape = n_maps, rows.stop - rows.start, width
                products = self._buffers.of(f"products from {rows.start}", shape, device)
                layer.products.append((rows, products))
                keys = rows.stop if causal else n
                layer.chunks.extend(
                    Chunk(
                        *(maps, rows, keys, given, products, layer.gathered),
                        *(self._knots, self._pairs, self._buffers),
                    )
                    for maps in several
                )
            self._layers[asked] = layer
        return self._layers[asked]

    def _maps(self, given: torch.Tensor, n_heads: int) -> torch.Tensor:
        """Of each head of each text (map, token, dim) in single precision, padding as 0."""
        given = given.float()
        groups = n_heads // given.shape[1]
        if groups > 1:
            given = given.repeat_interleave(groups, 1)
        if self._padding is not None:
            given = given.masked_fill(self._padding[:, None, :, None], 0)
        return given.flatten(0, 1)

    def _chunks(self, n_maps: int, causal: bool) -> Iterator[tuple[slice, list[slice]]]:
        """Rows, and the maps of each chunk of them: all maps where there are several texts."""
        n, several = self._n, len(self._own) > 1
        height = n if several else min(n, self._at_once // n)
        if causal and n > 2 * _CAUSAL_ROWS:
            height = min(height, _CAUSAL_ROWS)
        if height < n:  # each begins at a knot
            height = max(1, height // self._knots.apart) * self._knots.apart
        for start in range(0, n, height):
            rows = slice(start, min(start + height, n))
            width = rows.stop if causal else n
            maps = max(1, self._at_once // ((rows.stop - start) * width))
            maps = n_maps if several else min(maps, n_maps)
            yield (
                rows,
                [slice(first, min(first + maps, n_maps)) for first in range(0, n_maps, maps)],
            )

    def _are_large(self, given: Given) -> list[bool]:
        """In which maps logits might be so large, of either sign, that their exponentials must be
        shifted: as queries and keys are long (Cauchy-Schwarz)."""
        if self._device.type != "cpu":  # to shift them takes less time than to wait for an answer
            return [True] * len(given.query)
        longest = []
        squares = self._buffers.of("squares", tuple(given.query.shape[:2]), self._device)
        for vectors in (given.query, given.key):
            sum_products(vectors, vectors, squares)
            longest.append(squares.amax(-1))
        large: list[bool] = (~(longest[0] * longest[1] <= _WITHIN**2)).tolist()
        return large

    def _hide(self, chunk: Chunk, visible: Visible) -> None:
        """Of the logits of a chunk."""
        rows, width = chunk.rows, chunk.logits.shape[2]
        if visible.hidden is not None:
            hidden = visible.hidden
            hidden = hidden if hidden.shape[1] == 1 or len(hidden) > 1 else hidden[:, chunk.maps]
            logits = chunk.logits.unflatten(0, (len(self._own), -1))
            logits.masked_fill_(hidden[:, :, rows, :width], _HIDDEN)
        elif visible.is_causal:
            size = rows.stop - rows.start
            chunk.logits[..., rows.start :].masked_fill_(self._triangle(size), _HIDDEN)
        elif self._padding is not None:
            logits = chunk.logits.unflatten(0, (len(self._own), -1))
            logits.masked_fill_(self._padding[:, None, None], _HIDDEN)

    def _triangle(self, size: int) -> torch.Tensor:
        if size not in self._triangles:
            every = torch.ones((size, size), dtype=torch.bool, device=self._device)
            self._triangles[size] = every.triu(1)
        return self._triangles[size]

    def _edges(
        self, given: Given, visible: Visible, sums: torch.Tensor, best: torch.Tensor
    ) -> Reduced:
        """The sums, and each head's strongest edge; ``best`` is that of each query (map, query)."""
        query, key = given.query, given.key
        n_texts, _, n_heads = sums.shape
        best = best.view(n_texts, n_heads, self._n)
        best, place = (best * self._queries_allowed[:, None]).max(-1)  # (text, head)
        asked = query.gather(1, place.view(-1, 1, 1).expand(-1, 1, query.shape[2]))
        logits = torch.bmm(asked, key.transpose(1, 2))[:, 0].view(n_texts, n_heads, -1)
        if visible.hidden is not None:
            at = place[..., None, None].expand(-1, -1, 1, self._n)
            hidden = visible.hidden.expand(-1, n_heads, -1, -1).gather(2, at)
            logits.masked_fill_(hidden[:, :, 0], _HIDDEN)
        elif visible.is_causal:
            logits.masked_fill_(self._tokens > place[..., None], _HIDDEN)
        elif self._padding is not None:
            logits.masked_fill_(self._padding[:, None], _HIDDEN)
        row = logits.mul_(LN_2).softmax(-1)
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
