"""A chunk of a layer's weights: some rows of some maps, and where what is found in them goes.

The exponentials of a row are not divided by their sum one by one: what is found in them is.
Logits are in base 2, which takes less time than base e.

To find a part of a tensor costs as much as a hundred thousand weights, so a chunk keeps its parts
for the layers that follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.gathered import (
    BEND,
    BEST,
    LOGIT,
    NEXT,
    PREVIOUS,
    SELF,
    SHARE,
    Gathered,
)
from attention_widget.corpus.knots import Knots
from attention_widget.corpus.pairs import Pairs
from attention_widget.corpus.row_sums import summing


@dataclass(frozen=True, eq=False)
class Given:
    """What weights are made of and multiplied with, in memory that every layer uses: (map, token,
    dim) each; a map is a head in a text."""

    query: torch.Tensor  # scaled, so that logits are in base 2
    key: torch.Tensor
    factors: torch.Tensor  # values, if they are asked for, and columns of the summaries


class Chunk:
    """The weights of some rows in some maps, to the first ``width`` keys."""

    def __init__(
        self,
        maps: slice,
        rows: slice,
        width: int,
        given: Given,
        products: torch.Tensor,
        gathered: Gathered,
        knots: Knots,
        pairs: Pairs,
        buffers: Buffers,
    ) -> None:
        """``products`` (map, row, dim) are those of the rows in all maps."""
        self.maps, self.rows = maps, rows
        device = products.device
        shape = (maps.stop - maps.start, rows.stop - rows.start, width)
        self.logits = buffers.of("logits", shape, device)
        self.weights = weights = buffers.of("weights", shape, device)
        self._query = given.query[maps, rows]
        self._sought = given.key[maps, :width].transpose(1, 2)
        self._factors, self._products = given.factors[maps, :width], products[maps]
        of_queries = gathered.of_queries[:, maps, rows]
        self._best, self._into = of_queries[BEST], of_queries[SHARE]
        self._highest = buffers.of("highest", (*shape[:2], 1), device)
        self._share = buffers.of("share", shape[:2], device)
        self._sums = [summing(weights, self.logits, of_queries[LOGIT])]
        for own, bend, into in knots.stretches(weights, rows.start, of_queries[BEND]):
            self._sums.append(summing(own, bend, into))
        self._near: list[tuple[torch.Tensor, torch.Tensor]] = []
        for row, step in ((PREVIOUS, -1), (NEXT, 1), (SELF, 0)):
            first, last = max(rows.start, -step), min(rows.stop, width - step)
            if first < last:
                into = gathered.of_queries[row, maps, first:last]
                self._near.append((into, weights.diagonal(rows.start + step, 1, 2)))
        self._own = weights.diagonal(rows.start, 1, 2)
        self._columns: dict[int, torch.Tensor] = {}
        n_heads = len(gathered.cases)
        first = maps.start % n_heads
        heads = slice(first, first + min(shape[0], n_heads))
        self._pairs = pairs.among(rows, width, heads.stop - heads.start)
        self._cases = gathered.cases[heads]

    def multiply(self) -> None:
        """Make the logits."""
        torch.bmm(self._query, self._sought, out=self.logits)

    def weigh(self, *, shift: bool) -> None:
        """Make the exponentials of the logits, and take what needs them all. They are ``shift``ed,
        so that each row's highest is 1, where they might be too large or small otherwise."""
        if shift:
            torch.amax(self.logits, -1, keepdim=True, out=self._highest)
            self.logits.sub_(self._highest)
        torch.exp2(self.logits, out=self.weights)
        torch.sum(self.weights, -1, out=self._share)
        self._into.copy_(self._share.reciprocal_())
        for add_up in self._sums:
            add_up()
        torch.bmm(self.weights, self._factors, out=self._products)
        for into, diagonal in self._near:
            into.copy_(diagonal)
        self._pairs.add(self.weights, self._share, self._cases)

    def look_for_edges(self, columns: Sequence[int] | None, allowed: torch.Tensor) -> None:
        """Take the largest weight of each query to keys that may be of an edge: not those of the
        ``columns``, or where these are None those that are ``allowed`` (text, 1, 1, key). All
        that is no edge is set to 0."""
        self._own.zero_()
        weights, width = self.weights, self.weights.shape[2]
        if columns is None:
            weights.view(len(allowed), -1, *weights.shape[1:]).mul_(allowed[..., :width])
        else:
            for column in columns:
                if column < width:
                    if column not in self._columns:
                        self._columns[column] = weights[:, :, column]
                    self._columns[column].zero_()
        torch.amax(weights, -1, out=self._best)
