"""Attention as a picture, query × key: whole maps of long texts are read in chunks, never held.

A picture of 4,096 tokens has 17 million weights, of which a screen shows a few hundred thousand:
what is sent are tiles, pooled as far as the screen does anyway, and exact where it is zoomed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.integers import within
from attention_widget.errors import InvalidValueError, OutOfRangeError
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.own_tokens import own_tokens
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

Together = Literal["mean", "maximum"]
"""What is made of the maps of several heads, before anything else."""

Scale = Literal["weight", "share"]
"""Attention weights, or what share they are of the largest in their row."""

TILE: Final = 512
"""Rows and columns of a tile: 1 MiB, which arrives within some 30 ms."""


def map_tile(
    trace: Trace,
    layer: int,
    heads: Sequence[int],
    together: Together,
    scale: Scale,
    pooling: int,
    row: int,
    column: int,
    kind: Kind | None = None,
) -> Array:
    """A tile (row, column) of the map of the heads together.

    Each of its numbers is the largest of ``pooling`` × ``pooling`` weights (fewer at the border),
    NaN where one of them is; tiles are counted from 0 and hold ``TILE`` × ``TILE`` numbers.
    LookupError if there is no such layer, head or tile.
    """
    block = trace.operation(layer, kind)
    keys = span(column, "column", pooling, block.n_keys)
    queries = span(row, "row", pooling, block.n_queries)
    parts = in_chunks(block, not_empty(heads), queries, all_heads=True, multiple=pooling)
    return tile_of((combined(of, together) for _, _, of in parts), keys, scale, pooling)


def tile_of(maps: Iterable[Array], keys: range, scale: Scale, pooling: int) -> Array:
    """A tile of these keys, of maps (query, key) one below the other. Of differences, which may lie
    below 0, the one farthest from it counts."""
    tiles = [np.empty((0, -(-len(keys) // pooling)), np.float32)]
    for weights in maps:
        scaled = _shares(weights) if scale == "share" else weights
        tiles.append(_pooled(scaled[:, keys.start : keys.stop], pooling))
    return np.concatenate(tiles)


def map_margins(
    trace: Trace,
    layer: int,
    heads: Sequence[int],
    together: Together,
    kind: Kind | None = None,
) -> Array:
    """Of each query's weights, then of each key's (query + key, 4): their sum, the smallest, the
    smallest above 0 (NaN where there is none), and the largest; NaN counts in the sum alone. Keys
    receive nothing from padding."""
    block = trace.operation(layer, kind)
    parts = in_chunks(block, not_empty(heads), all_heads=True)
    own = own_tokens(trace.sides(block.kind)[0])
    return margins_of((combined(of, together) for _, _, of in parts), block.n_keys, own)


def margins_of(
    maps: Iterable[Array], n_keys: int, own: NDArray[np.intp], *, leaves_out: bool = False
) -> Array:
    """The same of maps (query, key) one below the other, in which ``own`` are the queries that are
    no padding. With ``leaves_out`` keys receive nothing from queries that have no number at all."""
    of_queries = [np.empty((0, 4))]
    of_keys = [np.full((n_keys, 4), [0.0, np.nan, np.nan, np.nan])]
    first = 0
    for weights in maps:
        of_queries.append(_margin(weights, 1))
        there = weights[np.isin(np.arange(first, first + len(weights)), own)]
        first += len(weights)
        if leaves_out:
            there = there[~np.isnan(there).all(1)]
        of_keys.append(_margin(there, 0))
    parts = np.stack(of_keys)  # (chunk, key, 4)
    merged = [merge.reduce(parts[..., i], 0) for i, merge in enumerate(_MERGE)]
    return np.concatenate([*of_queries, np.stack(merged, -1)]).astype(np.float32)


_MERGE: Final = (np.add, np.fmin, np.fmin, np.fmax)


def _margin(weights: Array, axis: int) -> NDArray[np.float64]:
    positive = np.where(weights > 0, weights, np.nan)
    parts = [
        weights.sum(axis, dtype=np.float64),
        np.fmin.reduce(weights, axis, initial=np.nan),
        np.fmin.reduce(positive, axis, initial=np.nan),
        np.fmax.reduce(weights, axis, initial=np.nan),
    ]
    return np.stack(parts, -1)


def span(index: int, noun: str, pooling: int, size: int) -> range:
    """The queries or keys of a tile."""
    if pooling < 1:
        raise InvalidValueError(f"pooling must be 1 or more, got {pooling}")
    count = max(1, -(-size // (TILE * pooling)))
    if not 0 <= index < count:
        raise OutOfRangeError(f"{noun} of tiles must be {within(count)}, got {index}")
    return range(index * TILE * pooling, min(size, (index + 1) * TILE * pooling))


def not_empty(heads: Sequence[int]) -> Sequence[int]:
    if not heads:
        raise InvalidValueError("a map of no heads is not defined; name at least one head")
    return heads


def combined(maps: Array, how: Together) -> Array:
    """The map (query, key) that maps of heads (head, query, key) make."""
    if how == "maximum":
        most: Array = maps.max(0)
        return most
    total = np.zeros(maps.shape[1:], np.float64)
    for one in maps:  # in this order and precision, as the browser sums
        total += one
    return (total / len(maps)).astype(np.float32)


def _shares(weights: Array) -> Array:
    largest = np.fmax.reduce(np.abs(weights), 1, initial=np.nan)[:, None]
    shares: Array = np.divide(weights, largest, out=weights * 0, where=largest > 0)
    return shares  # NaN stays NaN


def _pooled(weights: Array, pooling: int) -> Array:
    if pooling == 1:
        return weights
    for axis in (0, 1):
        starts = np.arange(0, weights.shape[axis], pooling)
        most = np.maximum.reduceat(weights, starts, axis)
        weights = farther(most, np.minimum.reduceat(weights, starts, axis)).astype(np.float32)
    return weights


def farther(most: Array, least: Array) -> Array:
    """Of the largest and the smallest of some numbers the one farther from 0."""
    return np.where(least < -most, least, most)
