"""What a scan found in one text, and what it is a scan of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.kind import Kind

BLOCK: Final = 64
"""Consecutive texts that are read and counted together: batches are made of the texts of one block,
so that no number of a text depends on where a shard begins."""


@dataclass(frozen=True)
class Scanned:
    """What a scan is of: the model, its heads and what is asked of them. Scans of which this
    differs are not one.

    The heads are in the order of :func:`attention_widget.measures.head_table`: by kind, layer and
    head."""

    model_name: str
    model: str
    """SHA-256, in hexadecimal digits, of its configuration and of what its weights hold."""
    tokenizer: str
    """SHA-256 of what its tokenizer makes of texts; empty where token ids are read."""
    kinds: tuple[Kind, ...]  # (head,)
    layers: tuple[int, ...]  # (head,)
    heads: tuple[int, ...]  # (head,)
    names: tuple[str, ...]  # of the summaries
    quanta: tuple[int, ...]  # of each summary: its sums are multiples of 2**quantum
    reading: tuple[tuple[str, str], ...]  # names and values of what else changes the numbers

    @property
    def n_heads(self) -> int:
        return len(self.heads)

    @cached_property
    def rows(self) -> Mapping[tuple[int, int], tuple[int, ...]]:
        """Of each layer and head their rows, one for each kind that has them."""
        found: dict[tuple[int, int], tuple[int, ...]] = {}
        for row, place in enumerate(zip(self.layers, self.heads, strict=True)):
            found[place] = (*found.get(place, ()), row)
        return found


@dataclass(frozen=True, eq=False)
class TextFindings:
    """What each head did in one text. Heads are in the order of :class:`Scanned`."""

    number: int
    """Of the text in the corpus, from 0."""
    text: str
    """Empty where token ids were given."""
    token_ids: NDArray[np.int32]  # (token,) as the model read them, without padding
    labels: tuple[str, ...]  # (token,)
    sums: NDArray[np.float64]  # (summary, head), over the queries that count
    counts: NDArray[np.int64]  # (summary, head), how many those are
    queries: NDArray[np.int32]
    """Of each head the query of its strongest edge (head,): the highest weight between two
    different tokens, neither special, of a key that is not the text's first token. The first such
    query and key in order where several have that weight; -1 where there is none."""
    keys: NDArray[np.int32]  # (head,), -1 where there is none
    weights: NDArray[np.float32]  # (head,), 0 where there is none
    rows: NDArray[np.float32]
    """The whole row of that query (head, key), for the lines of an example; 0 where there is
    none."""
    piece: int = 0
    """Which stretch of the text, from 0, where it was longer than the model reads and was split:
    each stretch has findings of its own under the text's number."""

    @property
    def block(self) -> int:
        """The block of texts that it belongs to."""
        return self.number // BLOCK
