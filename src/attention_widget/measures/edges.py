"""Attention as lines: for each query the strongest keys, and of all lines the strongest.

js/measures/strongest_edges.ts finds the same lines in the browser, where a layer is small enough to
be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.heatmaps import combined
from attention_widget.measures.own_tokens import own_tokens
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

Combine = Literal["each", "mean", "maximum"]

MOST_EDGES: Final = 32_768
"""Lines sent at once: 512 KiB. Of a long text eight times as many as the view draws, since it
shows a stretch of it; what a single query attends to it asks for by itself."""


class Edges(NamedTuple):
    """``lines`` (edge, 4) holds head, query, key and weight of each; ``left_out`` is how many
    more there were, all of them weaker, and ``left_out_mass`` the sum of their weights.

    ``attention`` is all that the queries have to give, worth a line or not: 1 for each row that
    holds any, or its sum where that is more."""

    lines: Array
    left_out: int
    left_out_mass: float
    attention: float


def strongest_edges(
    trace: Trace,
    layer: int,
    heads: Indices | None = None,
    *,
    combine: Combine = "each",
    top_p: float = 1.0,
    threshold: float = 0.0,
    segments: str = "all",
    most: int = MOST_EDGES,
    kind: Kind | None = None,
) -> Edges:
    """The attention weights of a layer that are worth a line, in order of head, query, key.

    For each query of each head (all heads by default) these are the smallest set of strongest
    keys that holds at least the share ``top_p`` of the query's attention, one key at least: the
    nucleus of Holtzman et al. 2020 (https://arxiv.org/abs/1904.09751, section 3.1). Of them,
    weights below ``threshold`` are left out, and with ``segments`` (such as "a_b") those that do
    not go from a token of the first segment to one of the second. Where more than ``most`` are
    left, the strongest stay. Of equal weights the first in order go first; weights of zero or
    NaN make no line.

    Padding makes no lines. With ``combine`` "mean" or "maximum" that of the heads' maps is read,
    and head is -1. Whole maps are never held: see
    :func:`~attention_widget.measures.chunks.in_chunks`.
    """
    if most < 1:
        raise InvalidValueError(f"most must be 1 or more, got {most}")
    block = trace.operation(layer, kind)
    chosen = indices_of("head", heads, block.n_heads)
    if combine != "each" and not chosen:
        raise InvalidValueError(f"the {combine} of no heads is not defined; name at least one head")
    chunks = in_chunks(block, chosen, all_heads=True)
    own = own_tokens(trace.sides(block.kind)[0])
    rows = (
        (part, of if combine == "each" else combined(of, combine)[None]) for _, part, of in chunks
    )
    return edges_of(
        without_padding(rows, own, block.n_queries),
        chosen if combine == "each" else [-1],
        block.n_queries,
        block.n_keys,
        between=within_segments(trace, block, segments),
        top_p=top_p,
        threshold=threshold,
        most=most,
    )


Rows = Iterable[tuple[NDArray[np.intp], Array]]
"""Queries, and what they give in each slot: (slot, query, key)."""


def without_padding(rows: Rows, own: NDArray[np.intp], n_queries: int) -> Rows:
    """The same rows, nothing in those of queries that only fill the row of a batch."""
    for queries, weights in rows:
        if len(own) == n_queries:
            yield queries, weights
        else:
            yield queries, np.where(np.isin(queries, own)[:, None], weights, np.float32(0))


def edges_of(
    rows: Rows,
    names: Sequence[int],
    n_queries: int,
    n_keys: int,
    *,
    between: NDArray[np.bool_],
    top_p: float,
    threshold: float,
    most: int,
    signed: bool = False,
) -> Edges:
    """The lines of rows whose slots have these names. With ``signed`` rows hold differences: their
    sizes count, the lines keep the signs, and ``attention`` is the sum of all sizes."""
    least = _at_least(threshold)
    shape = (len(names), n_queries, n_keys)
    place, weight = np.empty(0, np.int64), np.empty(0, np.float32)
    count, mass, attention = 0, 0.0, 0.0
    for queries, weights in rows:
        sizes = np.abs(weights) if signed else weights
        first = int(queries[0])
        attention += float(np.nansum(sizes, dtype=np.float64)) if signed else _attention_of(sizes)
        worthy = nucleus(sizes, top_p) & (sizes >= least) & between[first : first + len(queries)]
        found = sizes[worthy]
        count += found.size
        mass += float(found.sum(dtype=np.float64))
        if found.size > most:  # most of many need no place
            worthy &= sizes >= _nth_largest(found, most)
        slot, query, key = np.nonzero(worthy)
        place = np.concatenate([place, np.ravel_multi_index((slot, query + first, key), shape)])
        weight = np.concatenate([weight, weights[worthy]])
        place, weight = _strongest(place, weight, most)
    order = np.argsort(place)
    slot, query, key = np.unravel_index(place[order], shape)
    lines = np.empty((place.size, 4), np.float32)
    lines[:, 0] = np.array(names, np.float32)[slot]
    lines[:, 1], lines[:, 2], lines[:, 3] = query, key, weight[order]
    shown = float(np.abs(weight).sum(dtype=np.float64))
    return Edges(lines, count - place.size, max(0.0, mass - shown), attention)


def _attention_of(weights: Array) -> float:
    """What rows (..., key) hold; a row of nothing but zeros and NaN holds none."""
    sums = np.fmax(weights, 0).sum(-1, dtype=np.float64)
    return float(np.maximum(sums, 1)[sums > 0].sum())


def nucleus(weights: Array, top_p: float) -> NDArray[np.bool_]:
    """Which keys of each row (..., key) are its nucleus: the smallest set of strongest weights
    whose sum reaches the share ``top_p`` of the row's, one at least; all positive ones for 1."""
    weights = np.fmax(weights, 0)  # NaN holds nothing
    if top_p >= 1 or not weights.shape[-1]:
        return weights > 0
    ordered = np.sort(weights, -1)[..., ::-1]
    mass = np.cumsum(ordered, -1, dtype=np.float64)
    count = (mass < top_p * mass[..., -1:]).sum(-1, keepdims=True)  # and the one that reaches it
    least = np.take_along_axis(ordered, np.minimum(count, ordered.shape[-1] - 1), -1)
    kept = weights > least
    equal = (weights == least) & (weights > 0)
    wanted = count + 1 - kept.sum(-1, keepdims=True)
    crowded = equal.sum(-1) > wanted[..., 0]  # rows in which not all equal ones are wanted
    equal[crowded] &= np.cumsum(equal[crowded], -1) <= wanted[crowded]
    both: NDArray[np.bool_] = kept | equal
    return both


def within_segments(trace: Trace, block: Operation, segments: str) -> NDArray[np.bool_]:
    """Whether a query may be joined to a key (query, key); a single row and column where any
    may."""
    if segments == "all":
        return np.ones((1, 1), np.bool_).repeat(block.n_queries, 0)
    masks = []
    for side, letter in zip(trace.sides(block.kind), segments.split("_"), strict=True):
        wanted = "ab".index(letter)
        masks.append(np.array([token.segment == wanted for token in side], np.bool_))
    queries, keys = masks
    return queries[:, None] & keys


def _at_least(threshold: float) -> np.float32:
    """The least float32 that is not below: comparing with float32 rounds the threshold."""
    near = np.float32(threshold)
    next_up: np.float32 = np.nextafter(near, np.float32(np.inf))
    return near if float(near) >= threshold else next_up


def _nth_largest(weight: Array, n: int) -> np.float32:
    largest: np.float32 = np.partition(weight, weight.size - n)[weight.size - n]
    return largest


def _strongest(
    place: NDArray[np.int64], weight: Array, most: int
) -> tuple[NDArray[np.int64], Array]:
    """The ``most`` strongest; of equal weights the first places."""
    if weight.size <= most:
        return place, weight
    size = np.abs(weight)
    least = _nth_largest(size, most)
    above = np.flatnonzero(size > least)
    equal = np.flatnonzero(size == least)
    equal = equal[np.argsort(place[equal])][: most - above.size]
    index = np.concatenate([above, equal])
    return place[index], weight[index]
