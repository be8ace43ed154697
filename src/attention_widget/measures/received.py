"""What each key receives, and which weights are not finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.own_tokens import own_queries
from attention_widget.trace.block import Array, Block
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def attention_received(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """Mean attention that each key gets from all queries: (head, key).

    ``received[h, k] = mean over q of attention[h, q, k]``: the accumulated attention score of
    Zhang et al. 2023 (H2O, https://arxiv.org/abs/2306.14048) divided by the number of queries.
    With a causal mask the queries before a key count as 0, so early keys get more. Padding does
    not count.

    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[[1, 0], [0.5, 0.5]]]]], ["a", "novel"])
    >>> attention_received(trace, 0)
    array([[0.75, 0.25]], dtype=float32)

    Raises:
        LookupError: the layer has no attention.
    """
    block = trace.operation(layer, kind)
    total = np.zeros((block.n_heads, block.n_keys), np.float32)
    queries = own_queries(trace, layer, kind)
    for heads, _, weights in in_chunks(block, queries=queries):
        total[heads] += weights.sum(1)
    total /= max(1, len(queries))
    return total


def count_nan(trace: Trace, layer: int, kind: Kind | None = None) -> NDArray[np.int32]:
    """How many attention weights of each head are NaN: (head,).

    In half precision a model's logits may overflow, and its probabilities are NaN then. Maps
    are computed only where something in the block is not finite, or so large that a product of
    it may not be.

    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[[1, 0], [float("nan"), float("nan")]]]]], ["a", "novel"])
    >>> count_nan(trace, 0)
    array([2], dtype=int32)

    Raises:
        LookupError: the layer has no attention.
    """
    block = trace.operation(layer, kind)
    counts = np.zeros(block.n_heads, np.int32)
    if isinstance(block, Block) and _stays_finite(block):
        return counts
    for heads, _, weights in in_chunks(block):
        counts[heads] += np.isnan(weights).sum((1, 2), dtype=np.int32)
    return counts


def _stays_finite(block: Block) -> bool:
    """Whether no attention weight can be NaN: the largest possible score is a float32."""
    largest = [float(part.abs().max()) for part in (block.query, block.key)]  # NaN stays NaN
    others = [part for part in (block.bias, block.sinks) if part is not None]
    score = largest[0] * largest[1] * block.query.shape[2] * max(1.0, abs(block.scale))
    return score < 1e37 and all(bool(part.isfinite().all()) for part in others)
