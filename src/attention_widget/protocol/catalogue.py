"""Tensors by key: what the browser may ask of a trace, and the latest answers.

A new key is a line in ``keys.TENSORS``, one in js/trace/tensor_key.ts, and its function here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.measures import attention_received, count_nan
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.differences import largest_weight
from attention_widget.measures.edges import Edges, strongest_edges
from attention_widget.measures.heatmaps import map_margins, map_tile
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.receivers import FEWEST, is_of_passages, receiver_scores
from attention_widget.measures.summaries import SAMPLED_QUERIES, head_summaries, thumbnails
from attention_widget.protocol.calculation_tensors import step_line, step_map, step_tensor
from attention_widget.protocol.head_tensors import (
    head_output_of,
    key_of,
    query_of,
    scores_of,
    value_of,
)
from attention_widget.protocol.keys import TENSORS, read_key
from attention_widget.protocol.position_tensors import position_pairs, position_table
from attention_widget.protocol.tensors import Header, check_size, encode
from attention_widget.trace.block import Array, Block, Maps
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask
from attention_widget.trace.trace import Trace

CACHE_BYTES: Final = 64 * 2**20
"""Answers kept for a second asking (another view, a reloaded page): some five layers of 12
heads at 512 tokens."""


def _attention(trace: Trace, kind: Kind, layer: int) -> Array:
    block = trace.operation(layer, kind)
    size = 4 * block.n_heads * block.n_queries * block.n_keys
    advice = f"; ask for attention_row/{kind}/{layer}/{{token}}"
    check_size("the attention of a layer", size, advice)
    return block.attention()


def _attention_row(trace: Trace, kind: Kind, layer: int, tokens: tuple[int, ...]) -> Array:
    row: Array = trace.attention(layer, kind, queries=tokens).mean(1)
    return row


def _edges(trace: Trace, layer: int, **choices: Any) -> Array:
    return edges_tensor(strongest_edges(trace, layer, **choices))


def edges_tensor(edges: Edges) -> Array:
    """Lines as they are sent, below a row that tells of all together."""
    lines, left_out, mass, attention = edges
    # A float32 counts to 16 million; a long text has more.
    whole = [[attention, left_out // 1_000_000, left_out % 1_000_000, mass]]
    return np.concatenate([np.array(whole, np.float32), lines])


def _thumbnails(trace: Trace, kind: Kind, layer: int) -> NDArray[np.uint8]:
    queries = own_queries(trace, layer, kind, SAMPLED_QUERIES)
    return thumbnails(trace, layer, kind, queries=queries)


def _summaries(trace: Trace, kind: Kind, layer: int) -> Array:
    queries = own_queries(trace, layer, kind, SAMPLED_QUERIES)
    return head_summaries(trace, layer, kind, queries=queries)


def _receivers(trace: Trace, kind: Kind, layer: int) -> Array:
    if len(trace.passages) < FEWEST or not is_of_passages(trace, kind):
        return np.full(trace.count_heads(layer, kind), np.nan, np.float32)
    return receiver_scores(trace, layer, kind)


def _divergence(trace: Trace, kind: Kind, layer: int) -> Array:
    raise NotFoundError("a divergence is between two passes; compare them: compare(a, b)")


def _mask(trace: Trace, kind: Kind, layer: int) -> NDArray[np.int32]:
    of = trace.operation(layer, kind)
    if isinstance(of, Block):
        mask = of.mask
    elif isinstance(of, Maps):  # what is known: where no head puts any weight
        mask = Mask.from_visible((of.probabilities != 0).any(0, keepdim=True))
    else:
        raise NotFoundError("a mask is between the model's own tokens; ask for it without grouped/")
    runs: NDArray[np.int32] = mask.runs().numpy()
    check_size("the mask of a layer", runs.nbytes)
    return runs


def _largest(trace: Trace, units: str, special: str) -> Array:
    return np.array([largest_weight(grouped(trace, units, special))], np.float32)


def layer_largest(trace: Trace, kind: Kind, layer: int) -> Array:
    """The weight of a layer that is farthest from 0, in any head."""
    sizes = [
        float(np.abs(weights[~np.isnan(weights)]).max(initial=0.0))
        for _, _, weights in in_chunks(trace.operation(layer, kind))
    ]
    return np.array([max(sizes, default=0.0)], np.float32)


def _image(trace: Trace) -> NDArray[np.uint8]:
    if trace.image is None:
        raise NotFoundError(f"{trace.model_name} was given no image")
    return trace.image


COMPUTED: Final[dict[str, Callable[..., NDArray[Any]]]] = {
    "attention": _attention,
    "attention_row": _attention_row,
    "attention_received": attention_received,
    "count_nan": count_nan,
    "edges": _edges,
    "thumbnails": _thumbnails,
    "summaries": _summaries,
    "receivers": _receivers,
    "divergence": _divergence,
    "map_tile": map_tile,
    "map_margins": map_margins,
    "query": query_of,
    "key": key_of,
    "scores": scores_of,
    "value": value_of,
    "head_output": head_output_of,
    "calculation": step_tensor,
    "calculation_map": step_map,
    "calculation_line": step_line,
    "mask": _mask,
    "largest": _largest,
    "layer_largest": layer_largest,
    "hidden_states": Trace.hidden_states,
    "word_embeddings": Trace.word_embeddings,
    "image": _image,
    "position_table": position_table,
    "position_pairs": position_pairs,
}
"""What makes a tensor of a trace, and of the axes of its key by their names."""


class Catalogue:
    """Answers of one trace. Any thread may ask; nothing is locked while a tensor is computed."""

    def __init__(self, trace: Trace, cache_bytes: int = CACHE_BYTES) -> None:
        self._trace = trace
        self._limit = cache_bytes
        self._answers: OrderedDict[str, tuple[Header, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of the kept answers."""
        return self._bytes

    def answer(self, key: str) -> tuple[Header, bytes]:
        """Header and bytes of a tensor; ValueError for another key or a tensor that is too large to
        send, LookupError if the trace has no such layer, head or token."""
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
        answer = encode(self._compute(key))
        with self._lock:
            self._keep(key, answer)
        return answer

    def _compute(self, key: str) -> NDArray[Any]:
        return compute(self._trace, key)

    def _keep(self, key: str, answer: tuple[Header, bytes]) -> None:
        if key in self._answers or len(answer[1]) > self._limit:
            return
        self._answers[key] = answer
        self._bytes += len(answer[1])
        while self._bytes > self._limit:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._bytes -= len(oldest)


def compute(trace: Trace, text: str) -> NDArray[Any]:
    """The array that a key stands for; raises as :meth:`Catalogue.answer` does."""
    key = read_key(text)
    if key.window is not None:
        window = index_of("window", key.window, len(trace.windows))
        trace = trace.windows[window].trace
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    return COMPUTED[key.name](grouped(trace, key.units, key.special), **axes)


def grouped(trace: Trace, units: str, special: str) -> Trace:
    """The attention of a trace between tokens, words or passages, with or without special
    tokens."""
    if (units, special) == ("tokens", "show"):
        return trace
    # Of hidden states nothing is asked here, and the means of all layers would take a while.
    target = trace.target and replace(trace.target, hidden=(), word_rows=None)
    trace = replace(trace, hidden=(), word_rows=None, target=target)
    if special != "show":
        trace = trace.without_special(renormalise=special == "renormalise")
    if units == "passages":
        return trace.by_passages() if trace.passages else trace  # a window may have none
    return trace.words() if units == "words" else trace
