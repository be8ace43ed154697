"""The strongest edge of each head of a text: an example of what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False)
class Edges:
    """Of each head of one layer, as :class:`~attention_widget.corpus.TextFindings` has them."""

    queries: NDArray[np.int32]  # (head,)
    keys: NDArray[np.int32]  # (head,)
    weights: Array  # (head,)
    rows: Array  # (head, key)


def edges_of(operation: Operation, tokens: Sequence[Token]) -> Edges:
    """The edges of attention between the tokens of one text."""
    n_heads, n_keys = operation.n_heads, operation.n_keys
    special = np.array([token.special for token in tokens], np.bool_)
    found = Edges(
        np.full(n_heads, -1, np.int32),
        np.full(n_heads, -1, np.int32),
        np.zeros(n_heads, np.float32),
        np.zeros((n_heads, n_keys), np.float32),
    )
    for heads, queries, weights in in_chunks(operation):
        allowed = ~special & (np.arange(n_keys) > 0) & ~special[queries, None]
        allowed &= queries[:, None] != np.arange(n_keys)
        held = np.where(allowed, np.nan_to_num(weights), 0).reshape(len(heads), -1)
        place = held.argmax(-1)
        for at, head in enumerate(heads):
            weight = held[at, place[at]]
            if weight > found.weights[head]:
                query, key = divmod(int(place[at]), n_keys)
                found.queries[head], found.keys[head] = queries[query], key
                found.weights[head] = weight
                found.rows[head] = weights[at, query]
    return found
