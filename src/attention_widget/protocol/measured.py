"""Tensors of another measure than attention, by the keys that those of attention have.

What a query takes from a key by a measure stands in the place of its attention. Shares of a row are
shown as attention is; other numbers have no common scale, and may lie below 0: of these tensors are
made as of a difference, so that nothing is cut off at 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, Literal

import torch
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.protocol.catalogue import CACHE_BYTES, COMPUTED, Catalogue, grouped
from attention_widget.protocol.checks import either
from attention_widget.protocol.differences import DIFFERENCES
from attention_widget.protocol.keys import MEASURED, TENSORS, Key, read_key
from attention_widget.trace.block import Array, Maps
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

Scale = Literal["share", "size", "signed"]
SCALES: Final[dict[str, Scale]] = {
    "attention": "share",
    "value_weighted": "size",
    "norm": "size",
    "norm_residual": "size",
    "rollout": "share",
    "alti": "share",
    "gradient_attention": "signed",
    "chefer": "size",
}
"""Whether the numbers of a row are shares of 1, sizes from 0 on, or may lie below 0."""

OF_LAYERS: Final = ("norm_residual", "rollout", "alti", "chefer")
"""Measures of a whole layer, not of each head."""

OF_LOGIT: Final = ("gradient_attention", "chefer")
"""Measures that are of a logit: they are asked for with a token and another candidate."""

Values = Callable[[Trace, Kind, int], Array]
"""Of a trace, a kind and a layer, those of a measure: (head, query, key), or (query, key) of a
whole layer."""


class MeasuredCatalogue(Catalogue):
    """Answers about a measure in one pass."""

    def __init__(
        self, trace: Trace, name: str, values: Values, cache_bytes: int = CACHE_BYTES
    ) -> None:
        super().__init__(trace, cache_bytes)
        self._name, self._values = name, values

    def _compute(self, key: str) -> NDArray[Any]:
        return measured(self._trace, self._name, self._values, key)


class MeasuredDifferences(Catalogue):
    """Answers about a measure in the pass after edits, minus that before."""

    def __init__(
        self, before: Trace, after: Trace, name: str, values: Values, cache_bytes: int = CACHE_BYTES
    ) -> None:
        super().__init__(before, cache_bytes)
        self._after, self._name, self._values = after, name, values

    def _compute(self, key: str) -> NDArray[Any]:
        asked = _read(key)
        pair = [
            grouped_by(self._name, measured_trace(trace, asked, self._values), asked)
            for trace in (self._trace, self._after)
        ]
        return _of_pair((pair[0], pair[1]), asked)


def measured(trace: Trace, name: str, values: Values, text: str) -> NDArray[Any]:
    """The array that a key stands for, of a measure; raises as :meth:`Catalogue.answer` does."""
    key = _read(text)
    one = grouped_by(name, measured_trace(trace, key, values), key)
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    if SCALES[name] == "share":
        return COMPUTED[key.name](one, **axes)
    return _of_pair((nothing_of(one), one), key)


def measured_trace(trace: Trace, key: Key, values: Values) -> Trace:
    """The tokens of a trace, or of a window of it, with a measure in the place of the attention of
    the layer that a key is of: each head has what a whole layer has."""
    if key.window is not None:
        trace = trace.windows[index_of("window", key.window, len(trace.windows))].trace
    kind, layer = _place(key)
    return with_maps(trace, [of_layer(trace, kind, layer, values(trace, kind, layer))])


def of_layer(trace: Trace, kind: Kind, layer: int, values: Array) -> Maps:
    """What a measure gave, as attention of the layer's heads."""
    found = torch.from_numpy(values)
    if found.ndim == 2:  # of a whole layer: no copies
        found = found.expand(trace.count_heads(layer, kind), *found.shape)
    return Maps(layer, kind, found)


def with_maps(trace: Trace, maps: Iterable[Maps]) -> Trace:
    """The same tokens with other attention, and without hidden states."""
    target = trace.target and replace(trace.target, hidden=())
    return replace(trace, blocks=(), maps=tuple(maps), hidden=(), target=target)


def grouped_by(name: str, trace: Trace, key: Key) -> Trace:
    """Between words, or without special tokens: shares of a row can be divided by what is left of
    it, other numbers stay as they are."""
    return grouped(trace, key.units, special_of(name, key.special))


def special_of(name: str, special: str) -> str:
    """What is done with special tokens, where a measure is shown."""
    return "hide" if special == "renormalise" and SCALES[name] != "share" else special


def nothing_of(trace: Trace) -> Trace:
    """The same with 0 everywhere."""
    zero = torch.zeros((1, 1, 1), dtype=torch.float32, device="cpu")
    sizes = [(one, (one.n_heads, one.n_queries, one.n_keys)) for one in trace.operations]
    return replace(
        trace,
        blocks=(),
        maps=tuple(Maps(one.layer, one.kind, zero.expand(size)) for one, size in sizes),
    )


def _of_pair(pair: tuple[Trace, Trace], key: Key) -> NDArray[Any]:
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    if key.name in DIFFERENCES:
        return DIFFERENCES[key.name](pair, **axes)
    made = COMPUTED[key.name]
    change: Array = made(pair[1], **axes) - made(pair[0], **axes)
    return change


def _read(text: str) -> Key:
    key = read_key(text)
    if key.name not in MEASURED:
        raise NotFoundError(f"a measure has {either(MEASURED)}, got {text!r}; ask for {text}")
    return key


def _place(key: Key) -> tuple[Kind, int]:
    axes = dict(zip(TENSORS[key.name], key.axes, strict=True))
    kind: Any = axes["kind"]
    layer: Any = axes["layer"]
    return kind, layer
