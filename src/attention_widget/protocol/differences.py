"""Tensors of the difference that edits make: those of the pass after them minus those before.

All are float32: also the small pictures of heads, which are bytes in a single pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.differences import (
    Pair,
    count_lost,
    difference_edges,
    difference_margins,
    difference_thumbnails,
    difference_tile,
    largest_change,
)
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.summaries import SAMPLED_QUERIES
from attention_widget.protocol.catalogue import (
    CACHE_BYTES,
    COMPUTED,
    Catalogue,
    edges_tensor,
    grouped,
)
from attention_widget.protocol.checks import either
from attention_widget.protocol.keys import TENSORS, read_key
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

_SUBTRACTED: Final = ("attention", "attention_row", "attention_received", "summaries")
"""Whose difference is that of the tensors."""


def _edges(pair: Pair, layer: int, **choices: Any) -> Array:
    return edges_tensor(difference_edges(pair, layer, **choices))


def _thumbnails(pair: Pair, kind: Kind, layer: int) -> Array:
    queries = own_queries(pair[0], layer, kind, SAMPLED_QUERIES)
    return difference_thumbnails(pair, layer, kind, queries=queries)


def _largest(pair: Pair, units: str, special: str) -> Array:
    before, after = (grouped(trace, units, special) for trace in pair)
    return np.array([largest_change((before, after))], np.float32)


def _layer_largest(pair: Pair, kind: Kind, layer: int) -> Array:
    both = zip(*(in_chunks(trace.operation(layer, kind)) for trace in pair), strict=True)
    changes = (after.weights - before.weights for before, after in both)
    sizes = [float(np.abs(each[~np.isnan(each)]).max(initial=0.0)) for each in changes]
    return np.array([max(sizes, default=0.0)], np.float32)


DIFFERENCES: Final[dict[str, Callable[..., NDArray[Any]]]] = {
    "count_nan": count_lost,
    "edges": _edges,
    "thumbnails": _thumbnails,
    "map_tile": difference_tile,
    "map_margins": difference_margins,
    "largest": _largest,
    "layer_largest": _layer_largest,
}
"""What makes a tensor of a difference, of both passes and of the axes of its key by their names."""


class Differences(Catalogue):
    """Answers about two passes of one text."""

    def __init__(self, before: Trace, after: Trace, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(before, cache_bytes)
        self._pair = before, after

    def _compute(self, key: str) -> NDArray[Any]:
        return difference(self._pair, key)


def difference(pair: Pair, text: str) -> NDArray[Any]:
    """The array that a key stands for; raises as :meth:`Catalogue.answer` does, and LookupError for
    a tensor that has no difference."""
    key = read_key(text)
    known = (*_SUBTRACTED, *DIFFERENCES)
    if key.name not in known or key.window is not None:
        raise NotFoundError(
            f"a difference is of {either(known)}, got {text!r}; ask for after/{{edits}}/{text}"
        )
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    before, after = (grouped(trace, key.units, key.special) for trace in pair)
    if key.name in DIFFERENCES:
        return DIFFERENCES[key.name]((before, after), **axes)
    made = COMPUTED[key.name]
    change: Array = made(after, **axes) - made(before, **axes)
    return change
