"""Heads at a glance: what each does in a few numbers, and a small picture of its attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.detectors import CASES, FEWEST_CASES, HEAD_SUMMARIES
from attention_widget.measures.key_sets import KeySets, key_sets
from attention_widget.measures.own_tokens import own_queries, own_tokens
from attention_widget.trace.block import Array, Block
from attention_widget.trace.grouping import Grouped, Operation
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

SAMPLED_QUERIES: Final = 512
"""Of a longer text the browser gets what so many queries tell, evenly spaced: a layer of 12 heads
at 4,000 tokens then takes 0.2 s. The browser says so; see js/trace/tensor_key.ts."""

THUMBNAIL_SIDE: Final = 32
"""Cells of a thumbnail along each side, at most."""

THUMBNAIL_NAN: Final = 255
THUMBNAIL_LEVELS: Final = 254
"""A thumbnail's cell is ``round(254 · √weight)``: roots, as half of the range would otherwise
go to weights that few heads have."""

_ROUNDING: Final = 0.01
"""Finished maps may be rounded: half floats of a long row sum to 1 within this."""

_LEAST: Final = np.finfo(np.float32).tiny


def head_summaries(
    trace: Trace,
    layer: int,
    kind: Kind | None = None,
    *,
    queries: Indices | None = None,
) -> Array:
    """What each head of a layer does, in numbers (summary, head), in the order of
    ``HEAD_SUMMARIES``; means over the queries that are no padding, or over those that are named.

    With the weights ``a[q, k]`` of a head and ``p[q, k] = a[q, k] / Σₖ a[q, k]``:

    - entropy: ``-Σₖ p ln p`` in nats, from 0 (all attention on one key) to ln(keys) (on all
      alike); Clark et al. 2019 (https://arxiv.org/abs/1906.04341, section 3.3).
    - distance: ``d = Σₖ p |q - k|`` in tokens; Vig and Belinkov 2019
      (https://arxiv.org/abs/1906.04284, section 4.3).
    - distance_variance: ``Σₖ p (|q - k| - d)²``, how much the distance varies within a query, in
      tokens². HeadVis's ``qk_distance_variance`` is over all queries at once.
    - previous, next, self: ``a[q, q - 1]``, ``a[q, q + 1]``, ``a[q, q]``, over the queries that
      have such a key; the heads of Clark et al., section 3.1, and Voita et al. 2019
      (https://arxiv.org/abs/1905.09418, section 5.2).
    - duplicate: ``Σ a[q, k]`` over the other tokens ``k > 0`` that are the same as ``q``, in a
      decoder over the earlier ones (Wang et al. 2022, https://arxiv.org/abs/2211.00593, section 3).
    - induction: ``Σ a[q, k + 1]`` over the ``k`` that are the same as ``q``, in a decoder the
      earlier ones, ``k + 1`` being another than ``q``: prefix matching (Olsson et al. 2022,
      https://arxiv.org/abs/2209.11895). HeadVis's ``induction_score`` counts special tokens and
      ``q`` itself too; see :func:`attention_widget.corpus.headvis_metrics`.
    - same_word: ``Σ a[q, k]`` over the other tokens of the word of ``q``, in a decoder the earlier
      ones (Correia et al. 2019, https://arxiv.org/abs/1909.00015, section 5.2).
    - first: ``a[q, 0]``, where attention that is not needed often goes (Xiao et al. 2023,
      https://arxiv.org/abs/2309.17453); of a padded row, to the first token that is no padding.
    - delimiter: ``Σ a[q, k]`` over tokens ``k`` of punctuation or line breaks alone (Clark et al.,
      section 3.2); NaN where the text has none.
    - special: ``Σ a[q, k]`` over the special tokens ``k`` (Clark et al., section 3.2).
    - sink: what goes to no token at all, to a sink of the model's own (Xiao et al., section
      3.3). Of finished maps it is known by what is missing, if that is more than 0.01.

    Queries whose weights are NaN, or that see no key, are left out; NaN where no query is left.
    Duplicate, induction and same_word are over the queries that have such a key, and NaN where
    fewer than three have: the text repeats too little. Special tokens repeat nothing.
    In cross-attention all that compares queries with keys is NaN: the two lists are not one.
    In a trace by words, or without special tokens, its words and tokens are counted.

    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[[1, 0], [0.5, 0.5]]]]], ["a", "novel"])
    >>> dict(zip(HEAD_SUMMARIES, head_summaries(trace, 0)[:, 0].round(2).tolist()))["previous"]
    0.5

    Raises:
        LookupError: the layer has no attention, or a query does not exist.
    """
    block = trace.operation(layer, kind)
    rows = _rows(trace, block, queries)
    sets = key_sets(trace.sides(block.kind)[1], block.kind)
    total, count = summary_sums(block, sets, rows)
    means = np.full(total.shape, np.nan, np.float32)
    least = np.array([[FEWEST_CASES if name in CASES else 1] for name in HEAD_SUMMARIES])
    return np.divide(total, count, out=means, where=count >= least, casting="same_kind")


def summary_sums(
    block: Operation, sets: KeySets, rows: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What :func:`head_summaries` are the means of: the sums over the queries ``rows``, and over
    how many of them, each (summary, head)."""
    total = np.zeros((len(HEAD_SUMMARIES), block.n_heads))
    count = np.zeros_like(total)
    for heads, chosen, weights in in_chunks(block, queries=rows):
        found = _of_rows(weights, chosen, sets)
        found.append(_sinks(block, heads, chosen, weights))
        left = weights.sum(-1) > 0  # not of NaN
        for summary, values in enumerate(found):
            known = left & ~np.isnan(values)
            total[summary, heads] += np.where(known, values, 0).sum(-1)
            count[summary, heads] += known.sum(-1)
    return total, count


def thumbnails(
    trace: Trace,
    layer: int,
    kind: Kind | None = None,
    *,
    queries: Indices | None = None,
) -> NDArray[np.uint8]:
    """Small pictures of the attention of a layer's heads (head, y, x), queries down, keys right.

    Up to ``THUMBNAIL_SIDE`` queries and keys each cell is one weight; beyond that it is the
    largest of those it stands for, as a mean would wash out the diagonals and columns that heads
    are known by. Padding has no place in it; where ``queries`` are named, in order, the
    others are left out. A cell is ``round(254 · √weight)``, and 255 where all weights are NaN.

    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[[1, 0], [0.25, 0.75]]]]], ["a", "novel"])
    >>> thumbnails(trace, 0)
    array([[[254,   0],
            [127, 220]]], dtype=uint8)

    Raises:
        LookupError: the layer has no attention, or a query does not exist.
    """
    block = trace.operation(layer, kind)
    rows, keys = _rows(trace, block, queries), own_tokens(trace.sides(block.kind)[1])
    height = min(THUMBNAIL_SIDE, len(rows))
    width = min(THUMBNAIL_SIDE, len(keys))
    columns = np.arange(width) * len(keys) // width
    bands = np.arange(height) * len(rows) // height
    largest = np.full((block.n_heads, len(rows), width), np.nan, np.float32)
    for heads, chosen, weights in in_chunks(block, queries=rows):
        place = np.searchsorted(rows, chosen)
        largest[np.ix_(np.array(heads), place)] = np.fmax.reduceat(weights[..., keys], columns, -1)
    pooled = np.fmax.reduceat(largest, bands, 1)
    levels = np.round(THUMBNAIL_LEVELS * np.sqrt(np.clip(pooled, 0, 1)))
    pictures: NDArray[np.uint8] = np.nan_to_num(levels, nan=THUMBNAIL_NAN).astype(np.uint8)
    return pictures


def _rows(trace: Trace, of: Operation, queries: Indices | None) -> NDArray[np.intp]:
    if queries is None:
        queries = own_queries(trace, of.layer, of.kind)
    return np.array(indices_of("query", queries, of.n_queries), np.intp)


def _of_rows(weights: Array, rows: NDArray[np.intp], sets: KeySets) -> list[NDArray[np.float64]]:
    """All summaries but the sink, of each query (head, query)."""
    sums = weights.sum(-1, dtype=np.float64)
    unknown = np.full(sums.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = (weights * np.log(weights + _LEAST)).sum(-1, dtype=np.float64)  # 0 ln 0 is 0
        entropy = np.maximum(np.log(sums) - logs / sums, 0)  # rounding
        distance, variance = unknown, unknown
        if not sets.is_cross:
            away = np.abs(rows[:, None] - np.arange(weights.shape[-1])).astype(np.float64)
            distance = np.einsum("hqk,qk->hq", weights, away) / sums
            squares = np.einsum("hqk,qk->hq", weights, away * away) / sums
            variance = np.maximum(squares - distance**2, 0)  # rounding
    near = [
        unknown if sets.is_cross else _at(weights, rows + step, sets.own) for step in (-1, 1, 0)
    ]
    alike = [_over(weights, which) for which in sets.of_rows(rows)]
    first = weights[:, :, sets.first : sets.first + 1].sum(-1, dtype=np.float64)
    delimiters = weights[:, :, sets.delimiters].sum(-1, dtype=np.float64)
    if not len(sets.delimiters):
        delimiters = unknown
    special = weights[:, :, sets.special].sum(-1, dtype=np.float64)
    return [entropy, distance, variance, *near, *alike, first, delimiters, special]


def _over(weights: Array, which: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The sum over some keys of each query, NaN where it has none."""
    found = np.full(weights.shape[:2], np.nan)
    rows = np.flatnonzero(which.any(-1))
    if len(rows):
        found[:, rows] = np.where(which[rows], weights[:, rows], 0).sum(-1, dtype=np.float64)
    return found


def _at(weights: Array, keys: NDArray[np.intp], own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The weight of one key for each query, NaN where there is no such key, or it is padding."""
    exists = (keys >= 0) & (keys < weights.shape[-1])
    exists[exists] = own[keys[exists]]
    found = np.full(weights.shape[:2], np.nan)
    found[:, exists] = weights[:, np.flatnonzero(exists), keys[exists]]
    return found


def _sinks(
    block: Operation, heads: Sequence[int], rows: NDArray[np.intp], weights: Array | None = None
) -> NDArray[np.float64]:
    """What each query leaves to no token (head, query), hidden ones counted as tokens."""
    if isinstance(block, Grouped):
        if block.renormalise:
            return np.zeros((len(heads), len(rows)))
        groups = [block.query_groups[row] for row in rows]
        inner = np.array([token for group in groups for token in group], np.intp)
        rest = _sinks(block.of, heads, inner)
        ends = np.cumsum([len(group) for group in groups])
        parts = np.split(rest, ends[:-1], axis=-1)
        return np.stack([part.sum(-1) / max(1, part.shape[-1]) for part in parts], -1)
    if isinstance(block, Block) and block.sinks is None:
        return np.zeros((len(heads), len(rows)))
    weights = block.attention(heads, rows.tolist()) if weights is None else weights
    rest = 1 - weights.sum(-1, dtype=np.float64)
    return np.maximum(rest, 0) if isinstance(block, Block) else np.where(rest > _ROUNDING, rest, 0)
