"""Tensors of a comparison by key: of each side between its own tokens, of both between the same.

Each answers ``divergence/{kind}/{layer}`` too, as it is of both sides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.contrast.pair import Contrast
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.differences import difference_margins
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.summaries import SAMPLED_QUERIES, head_summaries
from attention_widget.protocol.catalogue import Catalogue, compute, grouped
from attention_widget.protocol.differences import Differences, difference
from attention_widget.protocol.keys import TENSORS, Key, read_key
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask
from attention_widget.trace.trace import Trace


class SideTensors(Catalogue):
    """Those of a side."""

    def __init__(self, contrast: Contrast, side: int) -> None:
        super().__init__(contrast.traces[side])
        self._contrast = contrast

    def _compute(self, key: str) -> NDArray[Any]:
        of_both = _divergence(self._contrast, key)
        return super()._compute(key) if of_both is None else of_both


class PlacedTensors(Catalogue):
    """Those of a side between the tokens of both."""

    def __init__(self, contrast: Contrast, side: int) -> None:
        super().__init__(contrast.placed[side])
        self._contrast, self._side = contrast, side

    def tensor(self, key: str) -> NDArray[Any]:
        """The array that a key stands for."""
        return self._compute(key)

    def _compute(self, key: str) -> NDArray[Any]:
        of_both = _divergence(self._contrast, key)
        if of_both is not None:
            return of_both
        if read_key(key).name == "mask" and not self._contrast.is_whole:
            return _mask(self._contrast.placed[self._side], read_key(key))
        own = _own(self._contrast, self._side, key)
        return compute(self._contrast.placed[self._side], key) if own is None else own


class PlacedDifferences(Differences):
    """Those of the second side minus those of the first, between the tokens of both."""

    def __init__(self, contrast: Contrast) -> None:
        super().__init__(*contrast.placed)
        self._contrast = contrast

    def _compute(self, key: str) -> NDArray[Any]:
        asked = read_key(key)
        if asked.name == "map_margins" and not self._contrast.is_whole:
            axes = dict(zip(TENSORS[asked.name], asked.axes, strict=True))
            first, second = (
                grouped(trace, asked.units, asked.special) for trace in self._contrast.placed
            )
            return difference_margins((first, second), **axes, leaves_out=True)  # type: ignore[arg-type]
        before, after = (_own(self._contrast, side, key) for side in (0, 1))
        if before is None or after is None:
            return difference(self._contrast.placed, key)
        change: NDArray[Any] = after - before
        return change


def _divergence(contrast: Contrast, text: str) -> Array | None:
    key = read_key(text)
    if key.name != "divergence":
        return None
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    return contrast.divergence(sampled=True, **axes)  # type: ignore[arg-type]


def _own(contrast: Contrast, side: int, text: str) -> Array | None:
    """What tokens that stand alone must not change: means over the queries that a side has; None
    for all else, and where each token has a partner."""
    key = read_key(text)
    if contrast.is_whole or key.name not in ("summaries", "attention_received"):
        return None
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    if key.name == "summaries":
        trace = grouped(contrast.traces[side], key.units, key.special)
        queries = own_queries(trace, **axes, most=SAMPLED_QUERIES)  # type: ignore[arg-type]
        return head_summaries(trace, **axes, queries=queries)  # type: ignore[arg-type]
    placed = grouped(contrast.placed[side], key.units, key.special)
    return received_means(placed, **axes)  # type: ignore[arg-type]


def _mask(trace: Trace, key: Key) -> NDArray[Any]:
    """Where some head puts any weight."""
    kind, layer = key.axes
    weights = trace.attention(layer, kind)  # type: ignore[arg-type]
    visible = (np.nan_to_num(weights) != 0).any(0, keepdims=True)
    runs: NDArray[Any] = Mask.from_visible(torch.from_numpy(visible)).runs().numpy()
    return runs


def received_means(trace: Trace, kind: Kind, layer: int) -> Array:
    """As ``attention_received``, of the queries that are there and no padding."""
    operation = trace.operation(layer, kind)
    sums = np.zeros((operation.n_heads, operation.n_keys))
    counts = np.zeros((operation.n_heads, 1))
    for chunk in in_chunks(operation, queries=own_queries(trace, layer, kind)):
        there = ~np.isnan(chunk.weights).all(2, keepdims=True)
        sums[chunk.heads] += np.where(there, chunk.weights, 0.0).sum(1)
        counts[chunk.heads] += there.sum(1)
    mean: Array = (sums / np.maximum(counts, 1)).astype(np.float32)
    return mean
