"""What a head attends to, query by query, as vectors that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.coding import units
from attention_widget.corpus.turned_back import Turn
from attention_widget.trace.block import Array, Block
from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False)
class HeadEdges:
    """Edges of one head in one text."""

    queries: NDArray[np.int32]  # (edge,)
    keys: NDArray[np.int32]  # (edge,)
    weights: Array  # (edge,)
    vectors: Array  # (edge, 2 · dim), of length 1


def strongest_edges(
    block: Block, head: int, tokens: Sequence[Token], turn: Turn | None
) -> HeadEdges:
    """Of each query its strongest edge to another token: neither is special nor padding, and the
    key is not the text's first token, where attention goes that is not needed (Xiao et al. 2023,
    https://arxiv.org/abs/2309.17453). Queries without one are left out."""
    weights = block.attention(heads=head)[0]
    own = np.array([not (token.special or token.padding) for token in tokens], np.bool_)
    allowed = own & (np.arange(len(tokens)) > 0) & own[:, None]
    np.fill_diagonal(allowed, False)
    held = np.where(allowed, np.nan_to_num(weights), 0)
    keys = held.argmax(-1)
    strongest = held.max(-1, initial=0)
    queries = np.flatnonzero(strongest > 0)
    return edges_at(block, head, queries, keys[queries], strongest[queries], turn)


def edges_at(
    block: Block,
    head: int,
    queries: NDArray[np.intp],
    keys: NDArray[np.intp],
    weights: Array,
    turn: Turn | None,
) -> HeadEdges:
    """The edges from these queries to these keys.

    The vector of an edge (i, j) is ``[q / |q|, k / |k|] / √2`` with the query and the key as they
    enter the product, both turned back by the position i where the layer turns them. So the product
    of two such vectors is half the sum of the cosine of the queries and that of the keys.
    """
    group = block.n_heads // block.n_kv_heads
    query = block.query[head].float().cpu().numpy()[queries]
    key = block.key[head // group].float().cpu().numpy()[keys]
    if turn is not None:
        query, key = turn.back(query, queries), turn.back(key, queries)
    both = np.concatenate([units(query), units(key)], 1) / np.float32(np.sqrt(2))
    return HeadEdges(
        queries.astype(np.int32), keys.astype(np.int32), weights.astype(np.float32), both
    )
