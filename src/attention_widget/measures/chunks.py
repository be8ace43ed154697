"""Attention of a layer in chunks: the whole maps of a long text would not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation

CHUNK_BYTES: Final = 16 * 2**20
"""Attention held at a time: 12 heads at 512 tokens."""


class Chunk(NamedTuple):
    """Some rows of some heads."""

    heads: list[int]
    queries: NDArray[np.intp]
    weights: Array  # (head, query, key)


def rows_in_chunk(operation: Operation) -> int:
    """How many rows of a head fit into a chunk."""
    return max(1, CHUNK_BYTES // max(1, 4 * operation.n_keys))


def in_chunks(
    operation: Operation,
    heads: Sequence[int] | None = None,
    queries: Sequence[int] | NDArray[np.intp] | None = None,
    *,
    all_heads: bool = False,
    multiple: int = 1,
) -> Iterator[Chunk]:
    """The attention of heads and queries (all by default), in order, ``CHUNK_BYTES`` at a time.

    A chunk holds all queries of as many heads as fit, or of one head as many queries as fit; with
    ``all_heads`` as many queries of all heads as fit. It has at least one row of each of its
    heads, and ``multiple`` queries or a multiple of that, but for the last.
    """
    chosen = list(range(operation.n_heads) if heads is None else heads)
    rows = np.arange(operation.n_queries) if queries is None else np.asarray(queries, np.intp)
    most = CHUNK_BYTES // max(1, 4 * operation.n_keys)  # rows; all keys may be hidden
    heads_at_once = max(1, len(chosen) if all_heads else most // max(1, len(rows)))
    rows_at_once = max(1, most // heads_at_once // multiple) * multiple
    for first in range(0, len(chosen), heads_at_once):
        some = chosen[first : first + heads_at_once]
        for start in range(0, len(rows), rows_at_once):
            part = rows[start : start + rows_at_once]
            yield Chunk(some, part, operation.attention(some, part.tolist()))
