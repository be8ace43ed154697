"""The attention after edits minus that before, read in chunks as any attention is.

Of several heads it is the difference of what they make together: their means, or their maxima.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.edges import (
    MOST_EDGES,
    Combine,
    Edges,
    Rows,
    edges_of,
    within_segments,
    without_padding,
)
from attention_widget.measures.heatmaps import (
    Scale,
    Together,
    combined,
    farther,
    margins_of,
    not_empty,
    span,
    tile_of,
)
from attention_widget.measures.own_tokens import evenly, own_tokens
from attention_widget.measures.summaries import THUMBNAIL_SIDE
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

Pair = tuple[Trace, Trace]
"""The trace before edits, and the one after."""


def difference_edges(
    pair: Pair,
    layer: int,
    heads: Sequence[int],
    *,
    combine: Combine,
    top_p: float,
    threshold: float,
    segments: str,
    most: int = MOST_EDGES,
    kind: Kind | None = None,
) -> Edges:
    """The differences that are worth a line, with their signs: for each query the largest, up to
    the share ``top_p`` of all that changed for it; see ``strongest_edges``."""
    of = pair[0].operation(layer, kind)
    own = own_tokens(pair[0].sides(of.kind)[0])
    rows = _rows(_operations(pair, layer, kind), not_empty(heads), combine)
    return edges_of(
        without_padding(rows, own, of.n_queries),
        heads if combine == "each" else [-1],
        of.n_queries,
        of.n_keys,
        between=within_segments(pair[0], of, segments),
        top_p=top_p,
        threshold=threshold,
        most=most,
        signed=True,
    )


def difference_tile(
    pair: Pair,
    layer: int,
    heads: Sequence[int],
    together: Together,
    scale: Scale,
    pooling: int,
    row: int,
    column: int,
    kind: Kind | None = None,
) -> Array:
    """A tile as ``map_tile`` gives it: of pooled differences the one farthest from 0, and shares
    are of the one farthest from 0 in their row."""
    of = _operations(pair, layer, kind)
    keys = span(column, "column", pooling, of[0].n_keys)
    queries = span(row, "row", pooling, of[0].n_queries)
    rows = _rows(of, not_empty(heads), together, queries, pooling)
    return tile_of((maps[0] for _, maps in rows), keys, scale, pooling)


def difference_margins(
    pair: Pair,
    layer: int,
    heads: Sequence[int],
    together: Together,
    kind: Kind | None = None,
    *,
    leaves_out: bool = False,
) -> Array:
    """Margins as ``map_margins`` gives them: sum, least, least above 0, most; with ``leaves_out``
    keys receive nothing from queries that one of the passes has not."""
    of = _operations(pair, layer, kind)
    rows = _rows(of, not_empty(heads), together)
    changes = (maps[0] for _, maps in rows)
    own = own_tokens(pair[0].sides(of[0].kind)[0])
    return margins_of(changes, of[0].n_keys, own, leaves_out=leaves_out)


def difference_thumbnails(
    pair: Pair, layer: int, kind: Kind | None = None, *, queries: Sequence[int]
) -> Array:
    """Small pictures (head, y, x) as ``thumbnails`` makes them, but of the differences themselves:
    of those that a cell stands for, the one farthest from 0; NaN where all are."""
    of = _operations(pair, layer, kind)
    rows = np.asarray(queries, np.intp)
    keys = own_tokens(pair[0].sides(of[0].kind)[1])
    height, width = min(THUMBNAIL_SIDE, len(rows)), min(THUMBNAIL_SIDE, len(keys))
    columns = np.arange(width) * len(keys) // width if width else np.arange(0)
    bands = np.arange(height) * len(rows) // height if height else np.arange(0)
    found = np.full((of[0].n_heads, len(rows), width), np.nan, np.float32)
    for before, after in zip(*(in_chunks(one, queries=rows) for one in of), strict=True):
        place = np.searchsorted(rows, after.queries)
        change = (after.weights - before.weights)[..., keys]
        found[np.ix_(np.array(after.heads), place)] = _farthest(change, columns, -1)
    return _farthest(found, bands, 1)


def count_lost(pair: Pair, layer: int, kind: Kind | None = None) -> NDArray[np.int32]:
    """How many differences of each head are NaN: (head,)."""
    of = _operations(pair, layer, kind)
    counts = np.zeros(of[0].n_heads, np.int32)
    for before, after in zip(*(in_chunks(one) for one in of), strict=True):
        lost = np.isnan(after.weights - before.weights)
        counts[after.heads] += lost.sum((1, 2), dtype=np.int32)
    return counts


LARGEST_QUERIES: Final = 128
"""Of a longer text the largest is that of so many queries, evenly spaced: it ends a colour scale,
which says that there may be more."""


def largest_change(pair: Pair) -> float:
    """The size of the largest difference of any head of the model; 0 where there is none."""
    return max((_largest(pair, layer, kind) for kind, layer in _layers(pair[0])), default=0.0)


def largest_weight(trace: Trace) -> float:
    """The same of the weights of a single pass."""
    return max((_largest((trace,), layer, kind) for kind, layer in _layers(trace)), default=0.0)


def _layers(trace: Trace) -> Iterator[tuple[Kind, int]]:
    for kind in trace.kinds:
        for layer in trace.layers_with_attention(kind):
            yield kind, layer


def _largest(traces: Pair | tuple[Trace], layer: int, kind: Kind) -> float:
    of = [trace.operation(layer, kind) for trace in traces]
    queries = evenly(of[0].n_queries, LARGEST_QUERIES)
    largest = 0.0
    for first, *rest in zip(*(in_chunks(one, queries=queries) for one in of), strict=True):
        change = rest[0].weights - first.weights if rest else first.weights
        size = np.abs(change[~np.isnan(change)])
        largest = max(largest, float(size.max(initial=0.0)))
    return largest


Operations = tuple[Operation, Operation]


def _operations(pair: Pair, layer: int, kind: Kind | None) -> Operations:
    return pair[0].operation(layer, kind), pair[1].operation(layer, kind)


def _rows(
    of: Operations,
    heads: Sequence[int],
    how: Combine,
    queries: Sequence[int] | None = None,
    multiple: int = 1,
) -> Rows:
    """Of each head, or the one map that the heads make: (slot, query, key)."""

    def parts(one: Operation) -> Iterator[tuple[NDArray[np.intp], Array]]:
        for _, rows, weights in in_chunks(one, heads, queries, all_heads=True, multiple=multiple):
            yield rows, weights if how == "each" else combined(weights, how)[None]

    before, after = of
    for (_, was), (rows, now) in zip(parts(before), parts(after), strict=True):
        yield rows, now - was


def _farthest(values: Array, starts: NDArray[np.intp], axis: int) -> Array:
    """Of each stretch of numbers from one start to the next the one farthest from 0; NaN counts
    where there is nothing else."""
    if not len(starts):
        return values[..., :0] if axis == -1 else values[:, :0]
    return farther(np.fmax.reduceat(values, starts, axis), np.fmin.reduceat(values, starts, axis))
