"""Tensors by key: what the browser may ask of a trace, and the latest answers.

The keys are those of js/trace/contract.ts. A new one is a line in ``TENSORS``.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures import attention_received, count_nan
from attention_widget.measures.edges import Combine, strongest_edges
from attention_widget.measures.heatmaps import Scale, Together, map_margins, map_tile
from attention_widget.measures.summaries import SAMPLED_QUERIES, evenly, head_summaries, thumbnails
from attention_widget.protocol.options import values_of
from attention_widget.protocol.tensors import Header, encode
from attention_widget.trace.block import Array, Block, Maps, kept_array
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.mask import Mask
from attention_widget.trace.trace import Trace

CACHE_BYTES: Final = 64 * 2**20
"""Answers kept for a second asking (another view, a reloaded page): some five layers of 12
heads at 512 tokens."""

MAX_BYTES: Final = 256 * 2**20
"""A larger map would take the browser seconds to receive and could end the kernel."""


def _attention(trace: Trace, kind: Kind, layer: int) -> Array:
    block = trace.operation(layer, kind)
    size = 4 * block.n_heads * block.n_queries * block.n_keys
    if size > MAX_BYTES:
        raise ValueError(
            f"the attention of layer {layer} takes {size / 2**20:,.0f} MiB; allowed: "
            f"{MAX_BYTES // 2**20} MiB; ask for attention_row/{kind}/{layer}/{{token}}"
        )
    return block.attention()


def _attention_row(trace: Trace, kind: Kind, layer: int, tokens: tuple[int, ...]) -> Array:
    row: Array = trace.attention(layer, kind, queries=tokens).mean(1)
    return row


def _attention_received(trace: Trace, kind: Kind, layer: int) -> Array:
    return attention_received(trace, layer, kind)


def _count_nan(trace: Trace, kind: Kind, layer: int) -> NDArray[np.int32]:
    return count_nan(trace, layer, kind)


def _edges(
    trace: Trace,
    kind: Kind,
    layer: int,
    combine: Combine,
    heads: tuple[int, ...],
    top_p: float,
    threshold: float,
    segments: str,
) -> Array:
    lines, left_out, mass, attention = strongest_edges(
        trace,
        layer,
        heads,
        combine=combine,
        top_p=top_p,
        threshold=threshold,
        segments=segments,
        kind=kind,
    )
    # A float32 counts to 16 million; a long text has more.
    whole = [[attention, left_out // 1_000_000, left_out % 1_000_000, mass]]
    return np.concatenate([np.array(whole, np.float32), lines])


def _thumbnails(trace: Trace, kind: Kind, layer: int) -> NDArray[np.uint8]:
    queries = evenly(trace.operation(layer, kind).n_queries, SAMPLED_QUERIES)
    return thumbnails(trace, layer, kind, queries=queries)


def _summaries(trace: Trace, kind: Kind, layer: int) -> Array:
    queries = evenly(trace.operation(layer, kind).n_queries, SAMPLED_QUERIES)
    return head_summaries(trace, layer, kind, queries=queries)


def _map_tile(
    trace: Trace,
    kind: Kind,
    layer: int,
    together: Together,
    heads: tuple[int, ...],
    scale: Scale,
    pooling: int,
    row: int,
    column: int,
) -> Array:
    return map_tile(trace, layer, heads, together, scale, pooling, row, column, kind)


def _map_margins(
    trace: Trace, kind: Kind, layer: int, together: Together, heads: tuple[int, ...]
) -> Array:
    return map_margins(trace, layer, heads, together, kind)


def _query(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    block = trace.block(layer, kind)
    return kept_array(block.query[index_of("head", head, block.n_heads)])


def _key(trace: Trace, kind: Kind, layer: int, head: int) -> Array:
    block = trace.block(layer, kind)
    head = index_of("head", head, block.n_heads)
    return kept_array(block.key[head // (block.n_heads // block.n_kv_heads)])


def _scores(trace: Trace, kind: Kind, layer: int, head: int, token: int) -> Array:
    block = trace.block(layer, kind)
    rows = block.scores([head], [token])[0, 0], block.logits([head], [token])[0, 0]
    return np.stack(rows)  # (2, key)


def _mask(trace: Trace, kind: Kind, layer: int) -> NDArray[np.int32]:
    of = trace.operation(layer, kind)
    if isinstance(of, Block):
        mask = of.mask
    elif isinstance(of, Maps):  # what is known: where no head puts any weight
        mask = Mask.from_visible((of.probabilities != 0).any(0, keepdim=True))
    else:
        raise LookupError("a mask is between the model's own tokens; ask for it without grouped/")
    runs: NDArray[np.int32] = mask.runs().numpy()
    if runs.nbytes > MAX_BYTES:
        raise ValueError(
            f"the mask of layer {layer} takes {runs.nbytes / 2**20:,.0f} MiB; allowed: "
            f"{MAX_BYTES // 2**20} MiB"
        )
    return runs


def _hidden_states(trace: Trace, kind: Kind, index: int) -> Array:
    return trace.hidden_states(index, kind)


def _image(trace: Trace) -> NDArray[np.uint8]:
    if trace.image is None:
        raise LookupError(f"{trace.model_name} was given no image")
    return trace.image


TENSORS: Final[dict[str, Callable[..., NDArray[Any]]]] = {
    "attention/{kind}/{layer}": _attention,
    "attention_row/{kind}/{layer}/{token,...}": _attention_row,
    "attention_received/{kind}/{layer}": _attention_received,
    "count_nan/{kind}/{layer}": _count_nan,
    "edges/{kind}/{layer}/{combine}/{head,...}/{top_p}/{threshold}/{segments}": _edges,
    "thumbnails/{kind}/{layer}": _thumbnails,
    "summaries/{kind}/{layer}": _summaries,
    "map_tile/{kind}/{layer}/{together}/{head,...}/{scale}/{pooling}/{row}/{column}": _map_tile,
    "map_margins/{kind}/{layer}/{together}/{head,...}": _map_margins,
    "query/{kind}/{layer}/{head}": _query,
    "key/{kind}/{layer}/{head}": _key,
    "scores/{kind}/{layer}/{head}/{token}": _scores,
    "mask/{kind}/{layer}": _mask,
    "hidden_states/{kind}/{index}": _hidden_states,
    "image": _image,
}
"""``window/{window}/`` in front of a key asks the trace of that window, and
``grouped/{units}/{special}/`` after that its attention between words, without special tokens."""

_ENTRIES = {pattern.split("/")[0]: (pattern, compute) for pattern, compute in TENSORS.items()}
_NUMBER = re.compile(r"[0-9]{1,9}")
_NAMES: Final = {
    "{kind}": KINDS,
    "{together}": get_args(Together),
    "{scale}": get_args(Scale),
    "{combine}": get_args(Combine),
    "{segments}": values_of("segments"),
}
_SHARES: Final = ("{top_p}", "{threshold}")
_SHARE = re.compile(r"[01](\.[0-9]{1,25})?(e-[0-9]{1,3})?|[0-9](\.[0-9]{1,25})?e-[0-9]{1,3}")


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
        """Header and bytes of a tensor.

        Raises:
            ValueError: the key is none of ``TENSORS``, or the tensor is too large to send.
            LookupError: the trace has no such layer, head or token.
        """
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
        answer = encode(compute(self._trace, key))
        with self._lock:
            self._keep(key, answer)
        return answer

    def _keep(self, key: str, answer: tuple[Header, bytes]) -> None:
        if key in self._answers or len(answer[1]) > self._limit:
            return
        self._answers[key] = answer
        self._bytes += len(answer[1])
        while self._bytes > self._limit:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._bytes -= len(oldest)


def compute(trace: Trace, key: str) -> NDArray[Any]:
    """The array that a key stands for; raises as :meth:`Catalogue.answer` does."""
    name, *given = key.split("/")
    if name == "window" and len(given) > 1 and trace.windows:
        (window,) = _numbers(key, given[0], "window/{window}/...")
        window = index_of("window", window, len(trace.windows))
        return compute(trace.windows[window].trace, "/".join(given[1:]))
    if name == "grouped" and len(given) > 2:
        return compute(_grouped(trace, *given[:2]), "/".join(given[2:]))
    pattern, function = _ENTRIES.get(name, (None, None))
    if pattern is None or function is None:
        raise ValueError(f"unknown tensor {key!r}; allowed: {', '.join(TENSORS)}")
    wanted = pattern.split("/")[1:]
    if len(given) != len(wanted):
        raise ValueError(f"malformed tensor key {key!r}; allowed: {pattern}")
    arguments: list[str | int | float | tuple[int, ...]] = []
    for part, axis in zip(given, wanted, strict=True):
        if axis in _NAMES:
            if part not in _NAMES[axis]:
                allowed = f"{pattern}, {axis} one of {', '.join(_NAMES[axis])}"
                raise ValueError(f"malformed tensor key {key!r}; allowed: {allowed}")
            arguments.append(part)
            continue
        if axis in _SHARES:
            if not _SHARE.fullmatch(part) or float(part) > 1:
                allowed = f"{pattern}, {axis} a number from 0 to 1"
                raise ValueError(f"malformed tensor key {key!r}; allowed: {allowed}")
            arguments.append(float(part))
            continue
        numbers = _numbers(key, part, pattern)
        if "," not in axis and len(numbers) > 1:
            raise ValueError(f"malformed tensor key {key!r}; allowed: {pattern}")
        arguments.append(numbers if "," in axis else numbers[0])
    return function(trace, *arguments)


def _grouped(trace: Trace, units: str, special: str) -> Trace:
    values = values_of("special_tokens")
    if units not in ("tokens", "words") or special not in values:
        allowed = f"grouped/{{tokens or words}}/{{{', '.join(values)}}}/..."
        raise ValueError(f"malformed tensor key grouped/{units}/{special}; allowed: {allowed}")
    # Of hidden states nothing is asked here, and the means of all layers would take a while.
    target = trace.target and replace(trace.target, hidden=())
    trace = replace(trace, hidden=(), target=target)
    if special != "show":
        trace = trace.without_special(renormalise=special == "renormalise")
    return trace.words() if units == "words" else trace


def _numbers(key: str, part: str, pattern: str) -> tuple[int, ...]:
    numbers = part.split(",")
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise ValueError(f"malformed tensor key {key!r}; allowed: {pattern}")
    return tuple(map(int, numbers))
