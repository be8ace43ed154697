"""The layouts in which models with local attention report it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attention_widget.trace.block import Array


def is_blocked(shape: Sequence[int]) -> bool:
    """Whether a shape is LongT5's (batch, block, head, query, key) with the keys of 3 blocks."""
    return len(shape) == 5 and shape[-1] == 3 * shape[-2]


def as_reported(attention: Array, shape: Sequence[int]) -> Array | None:
    """Attention (head, query, key) in the layout of another shape; None where it is not one of
    its layouts: (head, query, key), (head, query, offset) as Longformer has it, with the token
    itself in the middle, or (block, head, query, key) as LongT5 has it."""
    if attention.shape == tuple(shape):
        return attention
    n_heads, n_queries, n_keys = attention.shape
    if n_queries != n_keys or len(shape) not in (3, 4):
        return None
    found = np.zeros(shape, dtype=np.float32)
    if len(shape) == 3:
        if tuple(shape[:2]) != (n_heads, n_queries) or shape[2] % 2 == 0:
            return None
        for offset in range(-(shape[2] // 2), shape[2] // 2 + 1):
            diagonal = np.diagonal(attention, offset, 1, 2)  # (head, token)
            first = max(0, -offset)
            found[:, first : first + diagonal.shape[1], offset + shape[2] // 2] = diagonal
        return found
    n_blocks, heads, size, width = shape
    if heads != n_heads or width != 3 * size or n_blocks * size < n_queries:
        return None
    for query in range(n_queries):
        block, row = divmod(query, size)
        first = (block - 1) * size
        for key in range(max(0, first), min(n_keys, first + width)):
            found[block, :, row, key - first] = attention[:, query, key]
    return found
