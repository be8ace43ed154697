"""What is sent of one head: its vectors, its output and the scores of a query."""

from __future__ import annotations

from typing import Final

import numpy as np

from attention_widget.trace.block import Array, kept_array
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

QUERIES_AT_ONCE: Final = 256


def query_of(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    block = trace.block(layer, kind)
    return kept_array(block.query[index_of("head", head, block.n_heads)])


def key_of(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    block = trace.block(layer, kind)
    head = index_of("head", head, block.n_heads)
    return kept_array(block.key[head // (block.n_heads // block.n_kv_heads)])


def value_of(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    block = trace.block(layer, kind)
    head = index_of("head", head, block.n_heads)
    values: Array = trace.values(layer, kind)[head // (block.n_heads // block.n_kv_heads)]
    return values


def head_output_of(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    """What a head gives out for each query, before the output projection: Σ α v (query, dim)."""
    values = value_of(trace, kind, layer, head).astype(np.float64)
    made = np.empty((trace.block(layer, kind).n_queries, values.shape[1]), np.float32)
    for first in range(0, len(made), QUERIES_AT_ONCE):
        queries = range(first, min(first + QUERIES_AT_ONCE, len(made)))
        weights = trace.attention(layer, kind, heads=head, queries=queries)[0]
        made[queries.start : queries.stop] = weights.astype(np.float64) @ values
    return made


def scores_of(trace: Trace, kind: Kind, layer: int, head: int, token: int) -> Array:
    block = trace.block(layer, kind)
    rows = block.scores([head], [token])[0, 0], block.logits([head], [token])[0, 0]
    return np.stack(rows)  # (2, key)
