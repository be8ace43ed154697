"""How far apart the attention of two passes is, head by head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import rows_in_chunk
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

Pairs = Sequence[tuple[int, int]]
"""Tokens that stand for each other: the index in the one, and in the other."""


def head_divergence(
    one: Trace,
    other: Trace,
    layer: int,
    kind: Kind | None = None,
    *,
    queries: Pairs,
    keys: Pairs,
) -> Array:
    """How far the attention of each head of a layer is from that in another pass: (head,), in bits,
    from 0 (the same) to 1 (no key in common).

    It is the mean over the pairs of ``queries`` of the Jensen–Shannon divergence (Lin 1991,
    https://doi.org/10.1109/18.61115) of the two rows ``p`` and ``q``::

        JS(p, q) = H((p + q) / 2) - (H(p) + H(q)) / 2,   H(p) = -Σ p log₂ p

    A row has a place for each pair of ``keys`` and one more for all the rest of its weight, which
    goes to keys that have no partner and to a sink: rows are not scaled. NaN where a weight is NaN,
    and where there are no queries.

    >>> from attention_widget import from_attentions
    >>> one = from_attentions([[[[1, 0], [0.5, 0.5]]]], ["a", "novel"])
    >>> other = from_attentions([[[[1, 0], [1, 0]]]], ["a", "novel"])
    >>> both = [(0, 0), (1, 1)]
    >>> head_divergence(one, other, 0, queries=both, keys=both).round(3)
    array([0.156], dtype=float32)
    """
    of = one.operation(layer, kind), other.operation(layer, kind)
    rows, columns = (np.array(pairs, np.intp).reshape(-1, 2).T for pairs in (queries, keys))
    sums = np.zeros(of[0].n_heads)
    at_once = min(map(rows_in_chunk, of))
    for start in range(0, rows.shape[1], at_once):
        part = rows[:, start : start + at_once]
        for head in range(of[0].n_heads):
            p, q = (
                _with_rest(one.attention([head], each.tolist())[0], side)
                for one, each, side in zip(of, part, columns, strict=True)
            )
            sums[head] += _divergence(p, q).sum()
    if not rows.shape[1]:
        return np.full(of[0].n_heads, np.nan, np.float32)
    mean: Array = (sums / rows.shape[1]).astype(np.float32)
    return mean


def _with_rest(weights: Array, keys: NDArray[np.intp]) -> NDArray[np.float64]:
    """The weights of these keys, and what is left of 1: (query, key + 1)."""
    kept = weights[..., keys].astype(np.float64)
    rest = np.maximum(0.0, 1.0 - kept.sum(1, keepdims=True))
    return np.concatenate([kept, rest], 1)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row: (query,)."""
    middle = _entropy((p + q) / 2)
    found: NDArray[np.float64] = middle - (_entropy(p) + _entropy(q)) / 2
    return np.clip(found, 0.0, 1.0)


def _entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    logs = np.log2(p, out=np.zeros_like(p), where=p != 0)  # of NaN it is NaN
    entropy: NDArray[np.float64] = -(p * logs).sum(-1)
    return entropy
